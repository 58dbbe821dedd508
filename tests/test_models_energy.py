"""Restricted Boltzmann machines: exact likelihood, contrastive divergence, digits, and a network that begins there."""

import itertools

import numpy as np
import pytest
from closeness import assert_within
from models import GOLDEN, TOLERANCE, off_torch

from deltarule import matlab
from deltarule.evidence import networks
from deltarule.models import belief, energy, tasks
from deltarule.models.experiments import EXPERIMENTS, SEEDS

BARS = tasks.bars_and_stripes(3)


def machine(h=4, n=9, seed=1):
    """Random weights and biases."""
    rng = matlab.rng(seed)
    return rng.randn(h, n), rng.randn(n, 1), rng.randn(h, 1)


def all_states(n):
    """All states of n nodes, one a row."""
    return np.array(list(itertools.product([0.0, 1.0], repeat=n)))


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", ["rbm_exact", "rbm_digits", "glorot_digits"])
def test_the_run_ends_at_torchs_weights(name, seed):
    assert off_torch(name, seed) <= TOLERANCE


@pytest.mark.parametrize("seed", SEEDS)
def test_five_hundred_epochs_of_contrastive_divergence_end_at_torchs_weights(seed):
    """Measured: 3e-14. Later the draws multiply rounding: after 3,000 epochs it is 1e-12."""
    weights, rng = EXPERIMENTS["rbm_bars"].start(seed)
    found = dict(zip("Wbc", EXPERIMENTS["rbm_bars"].train(weights, 500, rng), strict=True))
    assert networks.judge(GOLDEN, "rbm_bars_500", seed, found)["deviation"] <= TOLERANCE


def test_the_likelihood_is_that_of_going_through_all_joint_states():
    W, b, c = machine()
    v, h = all_states(9), all_states(4)
    joint = np.exp(v @ W.T @ h.T + v @ b + (h @ c).T)  # exp(-energy), visible by hidden states
    assert_within(
        energy.rbm_log_likelihood(W, b, c, v), np.log(joint.sum(axis=1) / joint.sum()), absolute=1e-13, relative=0
    )


@pytest.mark.parametrize("h", [1, 4, 12])
def test_the_probabilities_of_all_visible_states_sum_to_1(h):
    p = np.exp(energy.rbm_log_likelihood(*machine(h), all_states(9)))
    assert_within(p.sum(), 1, absolute=1e-13, relative=0)


def test_the_nodes_are_drawn_with_the_probabilities_that_the_joint_states_have():
    W, b, c = machine(h=2, n=3)
    v, h = all_states(3), all_states(2)
    joint = np.exp(v @ W.T @ h.T + v @ b + (h @ c).T)
    expected = (joint / joint.sum(axis=1, keepdims=True)) @ h
    assert_within(energy.rbm_hidden(W, b, c, v), expected, absolute=1e-14, relative=0)
    visible = energy.rbm_samples(W, b, c, np.repeat(v, 2000, axis=0), rng=matlab.rng(1), steps=20)
    p = np.exp(energy.rbm_log_likelihood(W, b, c, v))
    found = (visible @ [4, 2, 1]).astype(int)
    share = np.bincount(found, minlength=8) / len(visible)
    assert_within(share, p, absolute=5 * np.sqrt(0.25 / len(visible)), relative=0)  # five deviations at most


def learned(options, count, epochs=1500, name="rbm_bars"):
    """The mean log-likelihoods of the bars and stripes, from so many starts."""
    experiment, found = EXPERIMENTS[name], []
    for seed in range(1, count + 1):
        weights, rng = experiment.start(seed)
        for _ in range(epochs):
            weights = experiment.routine(*weights, BARS, **options, **({"rng": rng} if experiment.random else {}))
        found.append(energy.rbm_log_likelihood(*weights, BARS).mean())
    return np.array(found)


def test_bars_and_stripes_are_fourteen_and_the_best_log_likelihood_is_minus_ln_14():
    assert BARS.shape == (14, 9)
    assert len(np.unique(BARS, axis=0)) == 14
    images = BARS.reshape(14, 3, 3)
    assert ((images == images[:, :1]).all(axis=(1, 2)) | (images == images[:, :, :1]).all(axis=(1, 2))).all()
    p = BARS.mean(axis=0)
    alone = (BARS * np.log(p) + (1 - BARS) * np.log(1 - p)).sum(axis=1).mean()
    assert_within([alone, -np.log(14)], [-6.238, -2.639], absolute=5e-4, relative=0)


@pytest.mark.slow
def test_one_step_of_contrastive_divergence_learns_bars_and_stripes():
    """20 of 20 above -3.6. Were the rate 0.97, fewer than 17 had a probability of 3e-3."""
    found = learned({"alpha": 0.3}, 20)
    assert (found > -3.6).sum() >= 17
    assert_within(np.median(found), -3.24, absolute=0.15, relative=0)


@pytest.mark.slow
def test_ten_steps_and_the_exact_gradient_learn_them_better():
    """Means of five starts; measured: -3.06, -3.00 and, for one step, -3.22."""
    ten = learned({"alpha": 0.1, "steps": 10}, 5, 3000)
    exact = learned({"alpha": 0.1}, 5, 3000, name="rbm_exact")
    assert ten.mean() > -3.2
    assert exact.mean() > -3.1
    assert learned({"alpha": 0.3}, 5, 3000).mean() < ten.mean()


def test_the_positive_phase_alone_drives_the_likelihood_down():
    """What the energy of the data is lowered by, without raising that of anything else, makes other states likelier."""
    (W, b, c), _ = EXPERIMENTS["rbm_bars"].start(1)
    before = energy.rbm_log_likelihood(W, b, c, BARS).mean()
    for _ in range(1000):
        h = energy.rbm_hidden(W, b, c, BARS)
        W, b, c = W + 0.3 / 14 * h.T @ BARS, b + 0.3 * BARS.mean(axis=0)[:, None], c + 0.3 * h.mean(axis=0)[:, None]
    assert_within(before, -6.26, absolute=0.05, relative=0)
    assert energy.rbm_log_likelihood(W, b, c, BARS).mean() < -1000


@pytest.mark.slow
def test_ten_hidden_nodes_describe_digits_better_than_pixels_alone_do():
    """By more than 25 from all of the starts 1 to 20. Were the rate 0.97, fewer than 6 of 8 had one of 0.0013."""
    experiment = EXPERIMENTS["rbm_digits"]
    X, _ = experiment.test()
    better = 0
    for seed in range(1, 9):
        weights, rng = experiment.start(seed)
        found = energy.rbm_log_likelihood(*experiment.train(weights, rng=rng), X).mean()
        _, b, _ = weights
        alone = (X @ b - np.log1p(np.exp(b)).sum()).mean()  # the start's visible biases are the pixels' odds
        better += found > alone + 25
    assert better >= 6


@pytest.mark.slow
def test_a_hundred_labels_go_further_from_where_machines_without_labels_end():
    """Measured from the seeds 1 to 3: 0.746 to 0.760 from the machines, 0.665 to 0.681 from Glorot's start."""
    experiment = EXPERIMENTS["dbn_digits"]
    X, D = experiment.test()

    def accuracies(experiment):
        trained = [experiment.train(experiment.start(seed)[0]) for seed in (1, 2, 3)]
        return [(experiment.outputs(W, X).argmax(axis=1) == D.argmax(axis=1)).mean() for W in trained]

    of_machines = accuracies(experiment)
    assert min(of_machines) > 0.72
    for name, most in (("Glorot", 0.71), ("softmax", 0.71)):
        assert max(accuracies(experiment.beside[name])) < most


def test_drawn_nodes_are_0_or_1_and_networks_share_the_draws():
    p = np.array([[0.0, 1.0, 0.5]])
    one = energy.drawn(p, matlab.rng(1))
    assert one.tolist()[0][:2] == [0.0, 1.0]
    both = energy.drawn(np.stack([p, p]), matlab.rng(1))
    assert np.array_equal(both, np.stack([one, one]))
    assert energy.drawn(p.astype(np.float32), matlab.rng(1)).dtype == np.float32


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("steps", [1, 3])
def test_the_changes_are_those_of_chains_whose_nodes_are_drawn_one_after_the_other(steps, dtype):
    W, b, c = (W.astype(dtype) for W in machine(h=5, n=9))
    d, alpha, h, n = BARS.T.astype(dtype), 0.25, matlab.rng(3), matlab.rng(3)

    def sigmoid(v):
        return 1 / (1 + np.exp(-v))

    h_d = h_v = sigmoid(W @ d + c)
    for _ in range(steps):
        hidden = (h.rand(5, 14).astype(dtype) < h_v).astype(dtype)
        v = (h.rand(9, 14).astype(dtype) < sigmoid(W.T @ hidden + b)).astype(dtype)
        h_v = sigmoid(W @ v + c)
    expected = h_d @ d.T - h_v @ v.T, (d - v).sum(axis=1, keepdims=True), (h_d - h_v).sum(axis=1, keepdims=True)
    found = energy.rbm_changes(W, b, c, d, d, alpha, steps, n)
    for one, other in zip(found, expected, strict=True):
        assert (one.dtype, one.shape) == (dtype, other.shape)
        assert_within(one, alpha * other, absolute=1e-13 if dtype is np.float64 else 1e-5, relative=0)
    assert np.array_equal(h.state["State"], n.state["State"])


def test_many_machines_have_the_changes_of_each_which_share_what_is_drawn():
    W, b, c = (np.stack(pair) for pair in zip(machine(h=5), machine(h=5, n=9), strict=True))
    W[1] *= 2
    together = energy.rbm_changes(W, b, c, BARS.T, BARS.T, 0.25, 2, matlab.rng(3))
    samples = energy.rbm_samples(W, b, c, BARS, rng=matlab.rng(3), steps=2)
    for k in range(2):
        alone = energy.rbm_changes(W[k], b[k], c[k], BARS.T, BARS.T, 0.25, 2, matlab.rng(3))
        for one, other in zip(together, alone, strict=True):
            assert_within(one[k], other, absolute=1e-13, relative=0)
        assert np.array_equal(samples[k], energy.rbm_samples(W[k], b[k], c[k], BARS, rng=matlab.rng(3), steps=2))


@pytest.mark.parametrize(
    ("name", "shape", "right"),
    [
        ("b", (9, 1), True),
        ("b", (2, 9, 1), True),
        ("b", (9,), False),
        ("b", (1, 9), False),
        ("b", (8, 1), False),
        ("b", (9, 2), False),
        ("b", (1, 1), False),
        ("c", (5, 1), True),
        ("c", (2, 5, 1), True),
        ("c", (5,), False),
        ("c", (1, 5), False),
        ("c", (4, 1), False),
        ("c", (5, 2), False),
        ("W", (2, 5, 9), True),
        ("W", (9,), False),
        ("W", (5, 8), False),
        ("W", (4, 9), False),
        ("X", (14, 9), True),
        ("X", (14, 3, 3), True),
        ("X", (9,), False),
        ("X", (14, 8), False),
        ("X", (14, 3, 2), False),
        ("X", (14, 1, 3, 3), False),
    ],
)
def test_of_one_machine_and_of_many_only_what_fits_is_taken(name, shape, right):
    given = {"W": np.ones((5, 9)), "b": np.ones((9, 1)), "c": np.ones((5, 1)), "X": BARS, name: np.ones(shape)}
    rng = matlab.rng(1)
    if right:
        many = (2,) if len(shape) == 3 and name != "X" else ()
        assert energy.rbm(**given, rng=rng)[0].shape == (*many, 5, 9)
        return
    before = rng.state["State"].copy()
    with pytest.raises(ValueError, match=r"^(W|b|c|X) must"):
        energy.rbm(**given, rng=rng)
    assert np.array_equal(rng.state["State"], before)


def test_shapes_that_hold_the_right_sizes_in_another_order_are_refused():
    W = np.ones((5, 9))
    for b, c in (((9,), (5, 1, 1)), ((9, 1, 1), (5,)), ((5, 1), (9, 1))):
        with pytest.raises(ValueError, match=r"^(b|c) must have the shape"):
            energy.rbm(W, np.ones(b), np.ones(c), BARS, rng=matlab.rng(1))


@pytest.mark.parametrize("wrong", [BARS / 2, BARS + 1, -BARS, BARS * 0.999])
def test_samples_that_are_not_binary_are_refused(wrong):
    weights, rng = EXPERIMENTS["rbm_bars"].start()
    calls = (
        lambda: energy.rbm(*weights, wrong, rng=rng),
        lambda: energy.rbm_exact(*weights, wrong),
        lambda: energy.rbm_log_likelihood(*weights, wrong),
        lambda: energy.rbm_hidden(*weights, wrong),
        lambda: belief.stacked_machines(wrong, (3,), rng=rng),
    )
    state = rng.state["State"].copy()
    for call in calls:
        with pytest.raises(ValueError, match=r"^X must be binary, 0 or 1, but it is -?[\d.]+ at \(\d+, \d+\)"):
            call()
    assert np.array_equal(rng.state["State"], state)


@pytest.mark.parametrize("worst", [np.nan, np.inf, -np.inf])
def test_a_sample_that_is_not_finite_is_not_binary_either(worst):
    weights, rng = EXPERIMENTS["rbm_bars"].start()
    with pytest.raises(ValueError, match=rf"^X must be binary, 0 or 1, but it is {worst} at \(0, 4\)"):
        energy.rbm(*weights, np.where(np.arange(9) == 4, worst, BARS), rng=rng)


def test_too_many_hidden_nodes_to_go_through_are_refused():
    weights = machine(h=17)
    for call in (lambda: energy.rbm_log_likelihood(*weights, BARS), lambda: energy.rbm_exact(*weights, BARS)):
        with pytest.raises(ValueError, match=r"^W must have at most 16 hidden nodes, .* not 17"):
            call()


def test_streams_steps_and_weights_that_do_not_fit_are_refused():
    weights, rng = EXPERIMENTS["rbm_bars"].start()
    with pytest.raises(TypeError, match=r"^rng must be a stream"):
        energy.rbm(*weights, BARS, rng=1)
    with pytest.raises(ValueError, match=r"^steps must be at least 1"):
        energy.rbm_samples(*weights, BARS, rng=rng, steps=0)
    with pytest.raises(ValueError, match=r"^size must be from 1 to 14, the number of samples of X, not 15"):
        energy.rbm(*weights, BARS, rng=rng, size=15)
    with pytest.raises(ValueError, match=r"^weights_X_D must have W and its biases for each layer, not 3"):
        belief.dbn_forward(*weights, BARS)
    with pytest.raises(ValueError, match=r"^side must be from 1 to 16, not 0$"):
        tasks.bars_and_stripes(0)


def test_what_comes_back_is_the_probability_of_each_visible_node():
    W, b, c = machine(h=3, n=4)
    H = all_states(3)
    v = all_states(4)
    for k, p in enumerate(energy.rbm_visible(W, b, c, H)):
        joint = np.exp(v @ (W.T @ H[k] + b[:, 0]))  # exp(-energy) for this hidden state, but for a factor
        assert_within(p, (joint / joint.sum()) @ v, absolute=1e-14, relative=1e-12)


@pytest.mark.parametrize("wrong", [np.zeros((2, 4)), np.zeros(3), np.full((2, 3), 1.001), np.full((2, 3), -0.001), "a"])
def test_hidden_nodes_that_do_not_fit_or_are_no_probabilities_are_named(wrong):
    W, b, c = machine(h=3, n=4)
    assert energy.rbm_visible(W, b, c, np.full((2, 3), 1.0)).shape == (2, 4)
    with pytest.raises((TypeError, ValueError), match=r"^H must"):
        energy.rbm_visible(W, b, c, wrong)


def test_the_exact_rule_climbs_the_mean_log_likelihood_by_its_slope():
    """Central differences of the likelihood itself: step**2 = 1e-8, rounding over step = 1e-11."""
    weights, alpha, step = machine(h=3, n=4), 0.7, 1e-4
    X = all_states(4)[[1, 6, 6, 11, 15]]
    for k, (W, after) in enumerate(zip(weights, energy.rbm_exact(*weights, X, alpha=alpha), strict=True)):
        slope = np.zeros_like(W)
        for index in np.ndindex(W.shape):
            costs = []
            for h in (step, -step):
                moved = [V.copy() for V in weights]
                moved[k][index] += h
                costs.append(energy.rbm_log_likelihood(*moved, X).mean())
            slope[index] = (costs[0] - costs[1]) / (2 * step)
        assert_within((after - W) / alpha, slope, absolute=1e-7, relative=0)


def test_a_batch_moves_a_softmax_layer_by_the_mean_of_its_changes():
    """Written out for one layer, batches of two samples, of which the fifth is left out."""
    rng = matlab.rng(1)
    W, c, X, D = rng.randn(3, 4), rng.randn(3, 1), rng.randn(5, 4), np.eye(3)[[0, 2, 1, 0, 2]]
    found = belief.dbn(W, c, X, D, alpha=0.4, size=2)
    for x, d in ((X[:2].T, D[:2].T), (X[2:4].T, D[2:4].T)):
        y = np.exp(W @ x + c)
        e = d - y / y.sum(axis=0)
        W, c = W + 0.4 * e @ x.T / 2, c + 0.4 * e.mean(axis=1, keepdims=True)
    for ours, expected in zip(found, (W, c), strict=True):
        assert_within(ours, expected, absolute=1e-15, relative=1e-13)


def test_samples_with_as_many_elements_as_there_are_hidden_nodes_are_refused_by_name():
    W, b, c = np.zeros((3, 2)), np.zeros((2, 1)), np.zeros((3, 1))
    with pytest.raises(ValueError, match=r"^W must have the shape \(\.\.\., nodes, 3\) for the 3 elements of a sample"):
        energy.rbm(W, b, c, np.zeros((4, 3)), rng=matlab.rng(1))


class Always:
    """A stream that gives one number alone."""

    def __init__(self, number):
        self.number = number

    def rand(self, rows, columns):
        return np.full((rows, columns), self.number)


def test_a_node_whose_number_is_its_probability_is_0_so_that_none_is_1_without_any():
    W, b = np.array([[0.0, 100.0]]), np.zeros((2, 1))
    for number, on in ((0.5, 0.0), (np.nextafter(0.5, 0), 1.0)):
        p = np.array([[0.5, 0.0, 1.0]])
        assert energy.drawn(p, Always(number)).tolist() == [[on, 0.0, 1.0]]
        # the second visible node follows the hidden one, the first has the probability 1/2
        assert energy.visible_nodes(W, b, p[:, :1], Always(number)).tolist() == [[on], [on]]
    assert energy.drawn(np.zeros((2, 1)), Always(0.0)).tolist() == [[0.0], [0.0]]
