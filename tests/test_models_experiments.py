"""What the scripts of the other networks train: sizes, epochs and rates of the table, its starts and its samples."""

import inspect

import numpy as np
import pytest
from closeness import assert_within

from deltarule import data, matlab, models
from deltarule.models import belief, energy, experiments, tasks
from deltarule.models.experiments import EXPERIMENTS, IN_DEPTH, IN_TIME

MOMENTUM = {"alpha": 0.1, "beta": 0.9, "size": 20, "norm": 1.0}
EPOCHS_WEIGHTS_AND_OPTIONS = {  # as docs/networks.md has them; the numbers of weights are counted by hand
    "rnn_xor": (2000, 4 * 2 + 4 * 4 + 4, {"alpha": 0.3}),
    "lstm_adding": (40, 4 * 8 * 11 + 8, MOMENTUM | {"norm": 0.5}),
    "gru_adding": (40, 3 * 8 * 11 + 8, MOMENTUM),
    "rnn_adding": (40, 8 * 3 + 8 * 8 + 8, MOMENTUM | {"alpha": 0.03}),
    "batch_norm_depth": (200, 20 * 25 + 9 * 20 * 20 + 10 * 2 * 20 + 5 * 20, {"alpha": 0.1}),
    "deep_sigmoid": (200, 20 * 25 + 9 * 20 * 20 + 5 * 20, {"alpha": 0.1}),
    "attention_reversal": (20, 3 * 8 * 11 + 5 * 8, {"alpha": 0.1, "beta": 0.9, "size": 10}),
    "attention_placeless": (20, 3 * 8 * 5 + 5 * 8, {"alpha": 0.1, "beta": 0.9, "size": 10}),
    "transformer_parity": (60, 16 * 2 + 4 * (16 * 16 + 16) + 4 * 16 + 2 * 16 * 64 + 64 + 16 + 2 * 16, {"size": 50}),
    "transformer_one_head": (60, 16 * 2 + 4 * (16 * 16 + 16) + 4 * 16 + 2 * 16 * 64 + 64 + 16 + 2 * 16, {"size": 50}),
    "relation_dots": (100, 16 * 6 + 16 * 16 + 16 * 16 + 6 * 16, {"size": 20}),
    "row_dots": (100, 16 * 15 + 16 * 16 + 16 * 16 + 6 * 16, {"size": 20}),
    "gcn_karate": (300, 8 * 34 + 2 * 8, {"alpha": 0.5}),
    "rbm_bars": (1500, 8 * 9 + 9 + 8, {"alpha": 0.3, "steps": 1, "size": None}),
    "rbm_exact": (1500, 8 * 9 + 9 + 8, {"alpha": 0.1}),
    "rbm_digits": (5, 10 * 784 + 784 + 10, {"alpha": 0.05, "steps": 1, "size": 50}),
    "dbn_digits": (100, 100 * 785 + 50 * 101 + 10 * 51, {"alpha": 0.5, "size": 10}),
    "glorot_digits": (100, 100 * 785 + 50 * 101 + 10 * 51, {"alpha": 0.5, "size": 10}),
    "unet_digits": (6, 6 * 9 + 6 + 8 * 54 + 8 + 6 * 14 * 9 + 6 + 6 + 1, {"size": 20}),
    "unet_plain": (6, 6 * 9 + 6 + 8 * 54 + 8 + 6 * 8 * 9 + 6 + 6 + 1, {"size": 20}),
    "gan_gaussian": (40, 4 * 8 * 3 // 2, {"alpha": 0.1, "size": 64, "optimizers": None}),
}
BESIDE = {
    "lstm_adding": {"GRU": "gru_adding", "RNN": "rnn_adding"},
    "batch_norm_depth": {"plain": "deep_sigmoid"},
    "attention_reversal": {"without places": "attention_placeless"},
    "transformer_parity": {"one head": "transformer_one_head"},
    "relation_dots": {"all in a row": "row_dots"},
    "unet_digits": {"without skip": "unet_plain"},
}
NOT_AS_TORCH_TO_THE_END = {
    "rnn_adding",
    "transformer_parity",
    "transformer_one_head",
    "rbm_bars",
    "dbn_digits",
}


def test_epochs_weights_and_options_are_those_of_the_documentation():
    assert EXPERIMENTS.keys() == EPOCHS_WEIGHTS_AND_OPTIONS.keys()
    for name, (epochs, weights, options) in EPOCHS_WEIGHTS_AND_OPTIONS.items():
        experiment = EXPERIMENTS[name]
        found = experiment.epochs, sum(map(np.prod, experiment.shapes.values())), experiment.options
        assert (name, *found) == (name, epochs, weights, options)
        if name != "dbn_digits":  # whose start takes seconds
            assert [W.shape for W in experiment.start(1)[0]] == list(experiment.shapes.values())


def test_three_seeds_are_kept_of_all_that_rounding_does_not_decide():
    assert experiments.SEEDS == ("default", 1, 2)
    for name, experiment in EXPERIMENTS.items():
        assert experiment.seed == "default"
        assert experiment.seeds == (() if name in NOT_AS_TORCH_TO_THE_END else ("default", 1, 2)), name
        assert experiment.random == (name in {"rbm_bars", "rbm_digits", "gan_gaussian"}), name


def test_what_is_trained_beside_has_an_entry_of_its_own():
    for name, others in BESIDE.items():
        assert {key: EXPERIMENTS[other] for key, other in others.items()} == EXPERIMENTS[name].beside
    ten = EXPERIMENTS["rbm_bars"].beside["CD-10"]
    assert (ten.options, ten.epochs) == ({"alpha": 0.1, "steps": 10, "size": None}, 1500)
    assert EXPERIMENTS["rbm_bars"].beside["exact"] is EXPERIMENTS["rbm_exact"]
    dbn = EXPERIMENTS["dbn_digits"].beside
    assert dbn["Glorot"] is EXPERIMENTS["glorot_digits"]
    assert dbn["softmax"].shapes == {"Wo": (10, 784), "co": (10, 1)}


def test_the_rates_of_adam_are_those_of_the_documentation():
    rates = {"transformer_parity": 0.003, "transformer_one_head": 0.003, "relation_dots": 0.003, "row_dots": 0.003}
    rates |= {"unet_digits": 0.01, "unet_plain": 0.01}
    for name, experiment in EXPERIMENTS.items():
        assert (experiment.optimizer and experiment.optimizer().lr) == rates.get(name)
    assert [adam.lr for adam in experiments.two_adams()] == [0.01, 0.01]
    assert experiments.COLOUR == {"epochs": 4, "size": 50, "lr": 0.003}


def test_what_the_scripts_accept_is_that_of_the_documentation():
    squares = dict.fromkeys(("lstm_adding", "gru_adding", "rnn_adding"), 0.01)
    shares = dict.fromkeys(("attention_reversal", "attention_placeless"), 29 / 3000) | {"gcn_karate": 1 / 34}
    shares |= dict.fromkeys(("transformer_parity", "transformer_one_head", "relation_dots", "row_dots"), 0.01)
    for name, experiment in EXPERIMENTS.items():
        assert experiment.accepted == (squares | shares).get(name), name
        error = experiments.mean_square if name in squares else experiments.wrong_share if name in shares else None
        assert experiment.error is error, name


def test_the_share_of_wrong_answers_is_that_of_all_places_whose_target_is_not_the_largest_output():
    D = np.eye(3)[[[0, 1], [2, 0]]]  # two sequences of two places
    y = np.array([D, np.roll(D, 1, axis=-1), D])
    y[2, 1, 0] = [0.4, 0.5, 0.1]
    assert experiments.wrong_share(y, D).tolist() == [0, 1, 0.25]
    assert experiments.wrong_share(y[2], D) == 0.25
    assert experiments.wrong_share(y[:, 1], D[1]).tolist() == [0, 1, 0.5]


def test_the_mean_square_is_that_over_the_samples_of_each_network():
    D = np.array([1.0, 2.0])
    assert experiments.mean_square(np.array([[[1.0], [2.0]], [[0.0], [4.0]]]), D).tolist() == [0, 2.5]
    assert experiments.mean_square(np.array([[1.5], [1.5]]), D) == 0.25


def test_all_members_of_the_club_are_what_the_graph_network_is_tested_on():
    (X, known), (same, club) = experiments.karate_training(), experiments.karate_test()
    assert np.array_equal(X, same)
    assert np.array_equal(club.argmax(axis=1), data.karate()[1])
    assert (club[[0, 33]] == known[[0, 33]]).all()


@pytest.mark.parametrize(
    ("routine", "expected"),
    [
        (models.rbm, {"alpha": 0.3, "steps": 1, "size": None}),
        (models.rbm_exact, {"alpha": 0.1}),
        (models.dbn, {"alpha": 0.5, "size": 10}),
        (models.gan, {"alpha": 0.1, "size": 64, "optimizers": None}),
        (models.stacked_machines, {"epochs": 3, "alpha": 0.1, "size": 20}),
        (models.softmax_classifier, {"alpha": 0.1}),
        (models.overlap, {"threshold": 0.5}),
        (models.layered_network, {"a": 0.1, "dtype": np.float64}),
        (models.in_colour, {"side": 32}),
        (models.touching_dots, {"dots": 5, "side": 5}),
        (models.noisy_digits, {"noise": 0.4}),
        (models.reversal, {"with_places": True}),
        (models.side, {"stride": 1, "pad": 0}),
        (models.same_padding, {"stride": 1, "pad": "same"}),
    ],
)
def test_the_defaults_are_those_of_the_documentation(routine, expected):
    parameters = inspect.signature(routine).parameters.values()
    assert {p.name: p.default for p in parameters if p.default is not p.empty} == expected


def test_uniform_starts_fill_their_range_and_are_drawn_in_order():
    shapes = {"A": (3, 2), "B": (40, 30)}
    whole = experiments.uniform_start(matlab.rng(1), **shapes)
    rng = matlab.rng(1)
    for name, shape in shapes.items():
        assert_within(whole[name], 2 * rng.rand(*shape) - 1, absolute=0, relative=0)
    assert -1 <= whole["B"].min() < -0.99 < 0.99 < whole["B"].max() <= 1
    for start, share in ((experiments.small_start, 0.1), (experiments.half_start, 0.5)):
        found = start(matlab.rng(1), **shapes)
        assert list(found) == ["A", "B"]
        for name in shapes:
            assert_within(found[name], share * whole[name], absolute=0, relative=1e-15)


def test_normal_starts_have_a_deviation_of_a_tenth_and_biases_of_zero():
    found = experiments.normal_start(matlab.rng(1), W=(80, 90), b=(90, 1), c=(80, 1))
    assert_within(found["W"], 0.1 * matlab.rng(1).randn(80, 90), absolute=0, relative=1e-15)
    assert_within(found["W"].std(), 0.1, absolute=0.002, relative=0)
    assert (found["b"].shape, found["c"].shape) == ((90, 1), (80, 1))
    assert not found["b"].any()
    assert not found["c"].any()


@pytest.mark.parametrize(("constant", "least"), [(1, 0), (3, 2)])
def test_the_forget_gate_alone_starts_open_by_its_constant(constant, least):
    shapes = EXPERIMENTS["lstm_adding"].shapes
    found = experiments.remembering_start(matlab.rng(1), constant, **shapes)
    plain = experiments.uniform_start(matlab.rng(1), **shapes)
    assert_within(found["Wf"][:, 2], plain["Wf"][:, 2] + constant, absolute=0, relative=1e-15)
    assert found["Wf"][:, 2].min() > least
    plain["Wf"][:, 2] = found["Wf"][:, 2]
    for name in shapes:
        assert_within(found[name], plain[name], absolute=0, relative=0)
    if constant == 1:
        for W, given in zip(EXPERIMENTS["lstm_adding"].start(1)[0], found.values(), strict=True):
            assert_within(W, given, absolute=0, relative=0)


def test_scales_start_at_one_and_shifts_at_zero_and_neither_is_drawn():
    shapes = {"W1": (2, 3), "gamma1": (2, 1), "beta1": (2, 1), "W10": (4, 2), "gamma10": (4, 1), "beta10": (4, 1)}
    found = experiments.normalised_start(matlab.rng(1), **shapes)
    drawn = experiments.uniform_start(matlab.rng(1), W1=(2, 3), W10=(4, 2))
    for name, shape in shapes.items():
        expected = {"W": drawn.get(name), "g": np.ones(shape), "b": np.zeros(shape)}[name[0]]
        assert_within(found[name], expected, absolute=0, relative=0)


def test_scaled_starts_have_a_variance_of_one_over_the_columns():
    found = experiments.scaled_start(
        matlab.rng(1), Wq=(5, 30, 48), bq=(5, 30, 1), gamma1=(3, 1), beta1=(3, 1), G1=(4, 3)
    )
    assert_within(abs(found["Wq"]).max(), 0.25, absolute=1e-3, relative=0)  # sqrt(3 / 48)
    assert_within(found["Wq"].var(), 1 / 48, absolute=0, relative=0.03)
    assert_within(found["Wq"].mean(), 0, absolute=0.005, relative=0)
    assert abs(found["G1"]).max() <= 1
    for name, expected in (("bq", np.zeros((5, 30, 1))), ("gamma1", np.ones((3, 1))), ("beta1", np.zeros((3, 1)))):
        assert_within(found[name], expected, absolute=0, relative=0)


def test_filters_start_with_a_variance_of_two_over_what_a_node_sees():
    found = experiments.filter_start(matlab.rng(1), W1=(50, 6, 3, 3), b1=(6, 1), Wo=(2, 24))
    assert_within(abs(found["W1"]).max(), 1 / 3, absolute=1e-3, relative=0)  # sqrt(6 / 54)
    assert_within(found["W1"].var(), 2 / 54, absolute=0, relative=0.05)
    assert_within(found["W1"].mean(), 0, absolute=0.01, relative=0)
    assert abs(found["Wo"]).max() <= 0.5  # sqrt(6 / 24)
    assert not found["b1"].any()


def test_glorots_weights_are_the_uniform_ones_times_the_root_of_six_over_inputs_and_nodes():
    W1, c1, W2, c2 = belief.glorot(matlab.rng(1), (4, 2, 10))
    rng = matlab.rng(1)
    assert_within(W1, 2 * rng.rand(2, 4) - 1, absolute=0, relative=1e-15)  # sqrt(6 / (4 + 2)) = 1
    assert_within(W2, (2 * rng.rand(10, 2) - 1) * np.sqrt(0.5), absolute=0, relative=1e-15)
    assert (c1.shape, c2.shape) == ((2, 1), (10, 1))
    assert not c1.any()
    assert not c2.any()
    shapes = {"W1": (2, 4), "c1": (2, 1), "Wo": (10, 2), "co": (10, 1)}
    found = experiments.glorot_start(matlab.rng(1), **shapes)
    assert list(found) == list(shapes)
    for a, b in zip(found.values(), (W1, c1, W2, c2), strict=True):
        assert_within(a, b, absolute=0, relative=0)


def pixels(N, n):
    """N images of n pixels of ink or none, of which each pixel has its own share."""
    return (matlab.rng(7).rand(N, n) < np.arange(n) / n).astype(float)


def test_a_machine_begins_with_a_hundredth_of_what_is_drawn_and_the_pixels_own_odds():
    X = np.array([[1.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
    W, b, c = belief.machine_start(matlab.rng(1), X, 5)
    assert_within(W, matlab.rng(1).randn(5, 3) / 100, absolute=0, relative=1e-15)
    assert_within(b, np.log([[3.0], [1 / 3], [1.0]]), absolute=1e-15, relative=1e-14)  # 3 of 4 ones, 1 of 4, 2 of 4
    assert c.shape == (5, 1)
    assert not c.any()


def test_machines_are_trained_one_upon_the_other_three_epochs_each_unless_told_otherwise():
    X = pixels(47, 9)
    found = belief.stacked_machines(X, (5, 3), rng=matlab.rng(1))
    rng, x = matlab.rng(1), X
    for hidden, machine in zip((5, 3), found, strict=True):
        expected = belief.machine_start(rng, x, hidden)
        for _ in range(3):
            expected = energy.rbm(*expected, x, rng=rng, alpha=0.1, steps=1, size=20)
        for ours, W in zip(machine, expected, strict=True):
            assert_within(ours, W, absolute=0, relative=0)
        p = energy.rbm_hidden(*machine, x)
        x = (rng.rand(hidden, 47) < p.T).T.astype(float)
    once = belief.stacked_machines(X, (5,), rng=matlab.rng(1), epochs=1, alpha=0.2, size=40)
    rng = matlab.rng(1)
    expected = energy.rbm(*belief.machine_start(rng, X, 5), X, rng=rng, alpha=0.2, steps=1, size=40)
    for ours, W in zip(once[0], expected, strict=True):
        assert_within(ours, W, absolute=0, relative=0)


def test_a_belief_network_begins_where_its_machines_end_and_with_glorots_layer_on_top(monkeypatch):
    X = pixels(40, 9)
    monkeypatch.setattr(experiments, "binary_training", lambda: (X, None))
    shapes = {"W1": (5, 9), "c1": (5, 1), "W2": (4, 5), "c2": (4, 1), "Wo": (3, 4), "co": (3, 1)}
    found = experiments.belief_start(matlab.rng(1), **shapes)
    rng = matlab.rng(1)
    machines = belief.stacked_machines(X, (5, 4), rng=rng)
    Wo, co = belief.glorot(rng, (4, 3))
    expected = machines[0][0], machines[0][2], machines[1][0], machines[1][2], Wo, co
    assert list(found) == list(shapes)
    for name, W in zip(shapes, expected, strict=True):
        assert found[name].shape == shapes[name]
        assert_within(found[name], W, absolute=0, relative=0)
    machine = experiments.odds_start(matlab.rng(1), W=(5, 9), b=(9, 1), c=(5, 1))
    for name, W in zip("Wbc", belief.machine_start(matlab.rng(1), X, 5), strict=True):
        assert_within(machine[name], W, absolute=0, relative=0)


def test_the_samples_are_drawn_from_the_seeds_100_and_200():
    pairs = [
        (experiments.adding_training, experiments.adding_test, lambda rng: tasks.adding(rng, 1000, 20)),
        (experiments.dots_training, experiments.dots_test, lambda rng: tasks.touching_dots(rng, 1000)),
    ]
    for training, test, task in pairs:
        for samples, seed in ((training, 100), (test, 200)):
            for a, b in zip(samples(), task(matlab.rng(seed)), strict=True):
                assert_within(a, b, absolute=0, relative=0)
    several = [
        (experiments.lookups_training, 100, lambda rng: tasks.two_lookups(rng, 2000, 8)),
        (experiments.lookups_test, 200, lambda rng: tasks.two_lookups(rng, 500, 8)),
        (experiments.reversal_training, 100, lambda rng: tasks.reversal(rng, 200, 6, 5)),
        (experiments.reversal_test, 200, lambda rng: tasks.reversal(rng, 500, 6, 5)),
        (experiments.distant_steps, 100, lambda rng: tasks.adding(rng, 20, 30)),
        (experiments.masks_training, 100, lambda rng: tasks.noisy_digits(rng, 0, 600)),
        (experiments.masks_test, 200, lambda rng: tasks.noisy_digits(rng, 8000, 200)),
    ]
    for samples, seed, task in several:
        for a, b in zip(samples(), task(matlab.rng(seed)), strict=True):
            assert_within(a, b, absolute=0, relative=0)
    assert EXPERIMENTS["attention_placeless"].samples()[0].shape == (200, 6, 5)
    assert EXPERIMENTS["attention_placeless"].test()[0].shape == (500, 6, 5)
    X, D = experiments.gaussian_training()
    assert D is None
    assert_within(X, 3 + matlab.rng(100).randn(6400, 1) / 2, absolute=0, relative=1e-15)
    assert [a if a is None else a.shape for a in experiments.bars_training()] == [(14, 9), None]
    X, D = experiments.karate_training()
    assert np.array_equal(X, np.eye(34))
    assert np.argwhere(D).tolist() == [[0, 0], [33, 1]]
    assert D.sum() == 2


def test_ink_is_what_is_darker_than_a_half_and_the_last_2_000_images_are_for_testing():
    images, digits = data.mnist()
    X, D = experiments.binary_training()
    test, _ = experiments.binary_test()
    assert D is None
    assert (X.shape, test.shape) == ((8000, 784), (2000, 784))
    assert np.array_equal(X[17], (images[17] > 0.5).reshape(-1))
    assert np.array_equal(test[0], (images[8000] > 0.5).reshape(-1))
    X, D = experiments.labelled_training()
    assert (X.shape, D.shape) == ((100, 784), (100, 10))
    assert np.array_equal(X[99], (images[99] > 0.5).reshape(-1))
    assert np.array_equal(D, np.arange(10) == digits[:100, None])
    X, D = experiments.labelled_test()
    assert np.array_equal(X, test)
    assert np.array_equal(D, np.arange(10) == digits[8000:, None])


def test_errors_are_followed_in_time_and_depth_through_networks_of_these_sizes():
    nodes = {"RNN, 4 nodes, start 0.5": (4, 0.5), "RNN, 4 nodes, start 1": (4, 1), "RNN, 8 nodes, start 1": (8, 1)}
    for name, (count, most) in nodes.items():
        experiment, distances = IN_TIME[name]
        assert experiment.shapes == {"Wx": (count, 3), "Wh": (count, count), "Wo": (1, count)}
        assert distances is models.rnn_distances
        assert 0.95 * most < max(abs(W).max() for W in experiment.drawn(matlab.rng(1), 20)) <= most
    for constant in (0, 3):
        experiment, distances = IN_TIME[f"LSTM, forget gate + {constant}"]
        Wf, Wi, *_ = experiment.drawn(matlab.rng(1), 50)
        assert distances is models.lstm_distances
        assert_within(Wf[..., 2].mean(), constant, absolute=0.1, relative=0)
        assert_within(Wi[..., 2].mean(), 0, absolute=0.1, relative=0)
    assert len(IN_TIME) == 5
    assert experiments.DEPTHS == (3, 6, 10)
    for name, normalised in (("sigmoid layers", False), ("with batch normalisation", True)):
        networks, layers = IN_DEPTH[name]
        assert layers is (models.batch_norm_layers if normalised else models.deep_layers)
        assert list(networks) == [3, 6, 10]
        for count, experiment in networks.items():
            assert len(experiment.shapes) == count * (3 if normalised else 1) + 1
            assert experiment.shapes["W1"] == (20, 25)
            assert experiment.shapes[f"W{count}"] == (20, 20)
            assert experiment.shapes["Wo"] == (5, 20)


def test_many_drawn_from_one_stream_come_one_after_the_other():
    experiment = EXPERIMENTS["rnn_xor"]
    together, rng = experiment.drawn(matlab.rng(3), 2), matlab.rng(3)
    for k in range(2):
        for W, alone in zip(together, experiment.draw(rng, **experiment.shapes).values(), strict=True):
            assert_within(W[k], alone, absolute=0, relative=0)
    assert together[0].shape == (2, 4, 2)
