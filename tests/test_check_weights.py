"""Weights out of a run: of which listing, start and epochs they are, and which mistake comes to them."""

import subprocess
import sys
import time
from itertools import islice

import numpy as np
import planted_dense
import pytest
from closeness import assert_within
from planted import planted

from deltarule import data, matlab
from deltarule.check import LISTINGS, CheckError, check_file, mistakes
from deltarule.check.catalogue.start import data_mistakes, starts
from deltarule.check.compare import TOLERANCE
from deltarule.check.forms import Run
from deltarule.check.weights.beside import groups
from deltarule.check.weights.order import order
from deltarule.check.weights.reading import digits
from deltarule.listings.experiments import EXPERIMENTS

X, D = data.xor()
LINEAR = data.linear()[1]


def start(listing, seed="default"):
    """The start of a script, drawn here: 2*rand - 1, in order."""
    rng = matlab.rng(seed)
    return [2 * rng.rand(*shape) - 1 for shape in EXPERIMENTS[listing].shapes()]


def trained(listing, epochs, weights, *changes, samples=None, targets=None):
    """Weights by a plain port, some of whose lines are changed."""
    function = planted(listing, *changes)
    given, right = EXPERIMENTS[listing].samples()
    samples = given if samples is None else samples
    for _ in range(epochs):
        new = function(*weights, samples, right if targets is None else targets)
        weights = new if isinstance(new, tuple) else (new,)
    return weights


def saved(folder, weights, kind="npz", **more):
    """A file of weights."""
    names = ("W",) if len(weights) == 1 else ("W1", "W2", "W3", "W4")[: len(weights)]
    file = folder / f"weights.{kind}"
    content = dict(zip(names, weights, strict=True)) | more
    if kind == "mat":
        matlab.save(file, content)
    elif kind == "npz":
        np.savez(file, **content)
    elif kind == "npy":
        np.save(file, weights[0])
    else:
        rows = ["\n".join(",".join(map(repr, row)) for row in W.tolist()) for W in weights]
        file.write_text("\n\n".join(rows), encoding="utf-8")
    return file


@pytest.mark.parametrize("listing", ["delta_sgd", "backprop_xor", "backprop_ce", "multi_class"])
@pytest.mark.parametrize("kind", ["mat", "npz", "csv"])
def test_weights_of_a_right_run_are_right(listing, kind, tmp_path):
    script = EXPERIMENTS[listing]
    file = saved(tmp_path, trained(listing, 40, start(listing, script.seed)), kind)
    found = check_file(file, listing, seed=script.seed, epochs=40)
    assert (found.verdict, found.epochs) == ("RIGHT", (40,))


@pytest.mark.parametrize("listing", ["deep_relu", "deep_dropout"])
def test_weights_of_deep_networks_are_told_apart_by_training_both(listing, tmp_path):
    script = EXPERIMENTS[listing]
    weights, rng = script.start()
    for _ in range(2):
        weights = script.epoch(weights, *script.samples(), rng)
    found = check_file(saved(tmp_path, weights), epochs=2)
    assert (found.listing, found.verdict) == (listing, "RIGHT")
    assert f"the weights fit deep_relu, deep_dropout by their shapes: {listing} explains them" in found.notes


def test_a_mistake_in_dropout_is_named_from_the_weights_alone(tmp_path):
    weights, rng = EXPERIMENTS["deep_dropout"].start()
    (mistake,) = (m for m in mistakes("deep_dropout") if m.id == "unscaled")
    run = Run(LISTINGS["deep_dropout"].changed(mistake.steps), *EXPERIMENTS["deep_dropout"].samples(), rng)
    weights = run.epoch(run.epoch(weights))
    found = check_file(saved(tmp_path, weights), "deep_dropout", seed="default", epochs=2)
    assert found.mistakes == ("unscaled",)


def test_a_single_matrix_is_right_in_a_file_of_one_array(tmp_path):
    assert check_file(saved(tmp_path, trained("delta_sgd", 20, start("delta_sgd")), "npy"), "delta_sgd",
                      seed="default", epochs=20).right  # fmt: skip


PLANTED = [
    ("backprop_xor", id)
    for id in ("slope-half-of-output-delta1", "after-update-e1", "error-twice", "no-output-slope", "first-alone",
               "sum-a-pass", "alpha-0.1", "tanh-y1")
] + [
    ("delta_sgd", id)
    for id in ("no-output-slope", "error-of-v", "output-slope-tanh", "not-summed-W", "backwards", "bias", "last-alone",
               "alpha-0.1")
] + [
    ("backprop_ce", id)
    for id in ("output-slope", "slope-half-of-output-delta1", "after-update-e1", "exp-plus-everywhere", "never-W1",
               "mean-a-pass", "targets-exchanged", "no-alpha")
]  # fmt: skip


@pytest.mark.parametrize(("listing", "id"), PLANTED)
def test_a_mistake_is_named_from_the_weights_alone(listing, id, tmp_path):
    changes = planted_dense.plants(listing)[id]
    file = saved(tmp_path, trained(listing, 100, start(listing), *changes))
    found = check_file(file, listing, seed="default", epochs=100)
    assert (found.verdict, found.mistakes) == ("WRONG", (id,))


def swapped(seed="default"):
    rng = matlab.rng(seed)
    W2 = 2 * rng.rand(1, 4) - 1
    return 2 * rng.rand(4, 3) - 1, W2


def of_numpy(seed):
    rng = np.random.RandomState(seed)
    return 2 * rng.rand(4, 3) - 1, 2 * rng.rand(1, 4) - 1


def drawn(rand, *, order="F", turn=lambda u: 2 * u - 1):
    """A start of 16 numbers in a row, by what draws them, what becomes of each and how they fill the matrices."""
    W1, W2 = (np.asarray(rand(n)).reshape(shape, order=order) for n, shape in ((12, (4, 3)), (4, (1, 4))))
    return turn(W1), turn(W2)


def uniform(rng):
    return lambda n: rng.rand(n, 1)


def normal(rng):
    return lambda n: rng.randn(n, 1)


def run_later(runs):
    """The start of a later run, where the stream was not seeded anew."""
    rng = matlab.rng(3)
    rng.rand(16 * runs, 1)
    return drawn(uniform(rng))


WRONG_STARTS = {
    "last-first": lambda: swapped(3),
    "seeded-again": lambda: (2 * matlab.rng(3).rand(4, 3) - 1, 2 * matlab.rng(3).rand(1, 4) - 1),
    "filled-row-by-row": lambda: of_numpy(3),
    "octave-stream": lambda: drawn(np.random.RandomState([3]).random_sample),
    "default-rng": lambda: drawn(np.random.default_rng(3).random, order="C"),
    "generator-v4": lambda: drawn(uniform(matlab.rng(3, "v4"))),
    "rand-alone": lambda: drawn(uniform(matlab.rng(3)), turn=lambda u: u),
    "rand-half": lambda: drawn(uniform(matlab.rng(3)), turn=lambda u: u - 0.5),
    "rand-minus-1": lambda: drawn(uniform(matlab.rng(3)), turn=lambda u: u - 1),
    "one-minus-2-rand": lambda: drawn(uniform(matlab.rng(3)), turn=lambda u: 1 - 2 * u),
    "randn": lambda: drawn(normal(matlab.rng(3)), turn=lambda z: z),
    "randn-range": lambda: drawn(normal(matlab.rng(3))),
    "randn-small": lambda: drawn(normal(matlab.rng(3)), turn=lambda z: 0.01 * z),
    "zeros": lambda: (np.zeros((4, 3)), np.zeros((1, 4))),
    "not-seeded-1": lambda: run_later(1),
    "not-seeded-2": lambda: run_later(2),
    "not-seeded-3": lambda: run_later(3),
}


@pytest.mark.parametrize("listing", ["backprop_xor", "backprop_ce", "backprop_mmt"])
def test_variants_beside_each_other_come_to_the_weights_of_each_alone(listing):
    form, script = LISTINGS[listing], EXPERIMENTS[listing]
    variants = [{}, *(m.steps for m in mistakes(listing))]
    begun, samples = [script.start(), script.start(7)], script.samples()
    seen = []
    with np.errstate(all="ignore"):
        for group in groups(form, variants, *samples, begun):
            together = next(islice(group.epochs(), 3, None))
            for k, index in enumerate(group.indices):
                seen.append(index)
                for s, (weights, rng) in enumerate(begun):
                    run = Run(form.changed(variants[index]), *samples, rng)
                    for _ in range(3):
                        weights = run.epoch(weights)
                    for W, alone in zip(together, weights, strict=True):
                        there = np.isfinite(alone)
                        assert np.array_equal(there, np.isfinite(W[k, s]))
                        if there.any():
                            assert_within(W[k, s][there], alone[there], absolute=1e-13, relative=1e-12)
    assert sorted(seen) == list(range(len(variants)))


def test_dropout_draws_the_same_nodes_in_variants_beside_each_other():
    script, form = EXPERIMENTS["deep_dropout"], LISTINGS["deep_dropout"]
    weights, rng = script.start()
    those = {m.id: m.steps for m in mistakes("deep_dropout")}
    variants = [those[id] for id in ("unscaled", "mask-twice-delta2", "one-mask", "ratio-0.5", "error-twice")]
    for group in groups(form, variants, *script.samples(), [(weights, rng)]):
        together = next(islice(group.epochs(), 2, None))
        for k, index in enumerate(group.indices):
            run = Run(form.changed(variants[index]), *script.samples(), rng)
            for W, alone in zip(together, run.epoch(run.epoch(weights)), strict=True):
                assert_within(W[k, 0], alone, absolute=1e-13, relative=1e-12)


@pytest.mark.parametrize("id", WRONG_STARTS)
def test_a_wrong_start_is_named(id, tmp_path):
    file = saved(tmp_path, trained("backprop_xor", 30, WRONG_STARTS[id]()))
    assert check_file(file, "backprop_xor", seed=3, epochs=30).mistakes == (id,)


def test_each_wrong_start_that_is_looked_for_is_planted_above():
    looked_for = {s.mistakes[0].id for s in starts("backprop_xor", 3) if len(s.mistakes) == 1}
    assert looked_for == set(WRONG_STARTS)


def test_seed_0_is_named_where_matlab_takes_another(tmp_path):
    file = saved(tmp_path, trained("backprop_xor", 30, of_numpy(0)))
    for seed in ("default", 0):
        assert check_file(file, "backprop_xor", seed=seed, epochs=30).mistakes == ("seed-0",)


def test_numpys_normal_numbers_are_named(tmp_path):
    rng = np.random.RandomState(3)
    file = saved(tmp_path, trained("backprop_xor", 30, (rng.randn(4, 3), rng.randn(1, 4))))
    assert check_file(file, "backprop_xor", seed=3, epochs=30).mistakes == ("numpy-normal+randn",)


ONE = np.ones((4, 1))
INPUTS = {
    "inputs-exchanged": X[[0, 2, 1, 3]],
    "constant-first": np.hstack((ONE, X[:, :2])),
    "inputs-bipolar": np.hstack((2 * X[:, :2] - 1, ONE)),
    "constant-minus": np.hstack((X[:, :2], -ONE)),
}
TARGETS = {
    "targets-separable": [0, 0, 1, 1], "targets-xor": [0, 1, 1, 0], "targets-and": [0, 0, 0, 1],
    "targets-or": [0, 1, 1, 1], "targets-xnor": [1, 0, 0, 1],
}  # fmt: skip


@pytest.mark.parametrize("script", ["delta_sgd", "backprop_xor"])
def test_each_mistake_of_the_data_is_named(script, tmp_path):
    for mistake in data_mistakes(script):
        samples = INPUTS.get(mistake.id)
        targets = np.reshape(TARGETS[mistake.id], (4, 1)) if samples is None else None
        file = saved(tmp_path, trained(script, 20, start(script), samples=samples, targets=targets))
        assert check_file(file, script, seed="default", epochs=20).mistakes == (mistake.id,)


def test_the_authors_port_of_cross_entropy_which_trains_on_the_separable_targets_is_named(tmp_path):
    # a published port of BackpropCE has D = [0 0 1 1] where its MATLAB original has XOR's targets
    weights = trained("backprop_ce", 500, start("backprop_ce"), targets=LINEAR)
    found = check_file(saved(tmp_path, weights), "backprop_ce", seed="default", epochs=500)
    assert found.mistakes == ("targets-separable",)
    assert "the targets are the separable [0 0 1 1]; they should be XOR's [0 1 1 0]" in str(found)


def test_the_authors_port_is_named_from_numpys_numbers_and_from_four_decimals(tmp_path):
    weights = trained("backprop_ce", 100, of_numpy(4), targets=LINEAR)
    file = saved(tmp_path, [W.round(4) for W in weights], "csv")
    found = check_file(file, "backprop_ce", seed=4, epochs=100)
    assert found.mistakes == ("filled-row-by-row+targets-separable",)
    assert "W1, W2 written with 4 decimals" in found.notes


def test_xors_targets_in_the_delta_rule_are_named_and_are_right_for_the_script_that_has_them(tmp_path):
    file = saved(tmp_path, trained("delta_sgd", 50, start("delta_sgd"), targets=D))
    assert check_file(file, "delta_sgd", seed="default", epochs=50).mistakes == ("targets-xor",)
    assert check_file(file, "delta_xor", seed="default", epochs=50).right


@pytest.mark.parametrize(("id", "draw"), [
    ("rand-half", lambda rng: rng.rand(1, 3) - 0.5),
    ("randn", lambda rng: rng.randn(1, 3)),
    ("zeros", lambda rng: np.zeros((1, 3))),
    ("not-seeded-1", lambda rng: 2 * (rng.rand(1, 3), rng.rand(1, 3))[1] - 1),
])  # fmt: skip
def test_a_wrong_start_of_the_delta_rule_is_named(id, draw, tmp_path):
    file = saved(tmp_path, trained("delta_sgd", 30, [draw(matlab.rng(3))]))
    assert check_file(file, "delta_sgd", seed=3, epochs=30).mistakes == (id,)


def test_the_legacy_generator_is_named(tmp_path):
    rng = matlab.rng(3, "v4")
    weights = trained("delta_sgd", 30, [2 * rng.rand(1, 3) - 1])
    assert check_file(saved(tmp_path, weights), "delta_sgd", seed=3, epochs=30).mistakes == ("generator-v4",)


def test_another_seed_than_the_one_told_is_named_with_the_epochs_that_are_off(tmp_path):
    file = saved(tmp_path, trained("backprop_xor", 25, start("backprop_xor", 7)))
    assert check_file(file, "backprop_xor", seed=3, epochs=25).mistakes == ("seed-7",)
    assert check_file(file, "backprop_xor", seed=3, epochs=40).mistakes == ("seed-7+other-epochs",)


def test_weights_after_more_epochs_than_told_are_known_up_to_as_many_as_the_script_has(tmp_path):
    first = start("delta_sgd", 3)
    file = saved(tmp_path, trained("delta_sgd", 300, first))
    (reason,) = check_file(file, "delta_sgd", seed=3, epochs=20).reasons
    assert [m.says for m in reason.mistakes] == ["the weights are those after 300 epochs, 280 more than told"]
    most = EXPERIMENTS["delta_sgd"].epochs
    last, beyond = trained("delta_sgd", most, first), trained("delta_sgd", most + 2, first)
    told = {"listing": "delta_sgd", "seed": 3, "epochs": 20}
    assert check_file(saved(tmp_path, last), **told).mistakes == ("other-epochs",)
    assert check_file(saved(tmp_path, beyond), **told).mistakes == ()
    assert (
        check_file(
            saved(tmp_path, trained("delta_sgd", 300, first, *planted_dense.plants("delta_sgd")["error-twice"])), **told
        ).mistakes
        == ()
    )


def test_passes_made_twice_and_twice_the_epochs_are_both_told(tmp_path):
    twice = trained("delta_sgd", 40, start("delta_sgd", 3), *planted_dense.plants("delta_sgd")["pass-twice"])
    found = check_file(saved(tmp_path, twice), "delta_sgd", seed=3, epochs=40)
    assert found.mistakes == ("other-epochs", "pass-twice")


def test_a_start_that_is_not_trained_is_wrong_whether_epochs_are_told_or_not(tmp_path):
    file = saved(tmp_path, start("delta_sgd"))
    for epochs in (20, None):
        assert check_file(file, "delta_sgd", seed="default", epochs=epochs).mistakes == ("not-trained",)


def test_other_numbers_of_hidden_nodes_and_what_a_script_was_told_are_taken(tmp_path):
    rng = matlab.rng(2)
    weights = [2 * rng.rand(6, 3) - 1, 2 * rng.rand(1, 6) - 1]
    trained_so = trained("backprop_xor", 15, weights, *planted_dense.plants("backprop_xor")["alpha-0.5"])
    told = {"alpha": 0.5, "listing": "backprop_xor", "seed": 2, "epochs": 15}
    found = check_file(saved(tmp_path, trained_so, "mat", **told))
    assert found.right
    assert "6 hidden nodes, where the listing has 4" in found.notes
    assert "alpha is 0.5, as the file tells" in found.notes


def test_single_precision_is_said_and_held_to_what_it_can_do(tmp_path):
    weights = [W.astype(np.float32) for W in trained("delta_sgd", 3, start("delta_sgd"))]
    found = check_file(saved(tmp_path, weights), "delta_sgd", seed="default", epochs=3)
    assert found.right
    assert "computed or stored in float32" in found.notes
    weights[0][0, 0] += 1e-2
    assert not check_file(saved(tmp_path, weights), "delta_sgd", seed="default", epochs=3).right


def test_whole_numbers_are_said_to_be_of_one_digit_and_not_of_single_precision(tmp_path):
    for dtype in (int, float):
        found = check_file(saved(tmp_path, [np.array([[1, -2, 3]], dtype)]), "delta_sgd", seed="default", epochs=3)
        assert "W written with 1 digit" in found.notes
        assert "computed or stored in float32" not in found.notes


@pytest.mark.parametrize("separator", [",", ";", " ; ", "\t", " "])
def test_numbers_of_a_row_may_stand_apart_by_any_mark_and_a_row_end_with_one(separator, tmp_path):
    rows = trained("delta_sgd", 3, start("delta_sgd"))[0].tolist()
    for end in ("", ";", ","):
        text = "\n".join(separator.join(map(repr, row)) + end for row in rows)
        (tmp_path / "w.csv").write_text(text, encoding="utf-8")
        assert check_file(tmp_path / "w.csv", "delta_sgd", seed="default", epochs=3).right


@pytest.mark.parametrize("head", ["x1,x2,x3", '"Var1";"Var2";"Var3"', "a b c", "W_1,W_2,W_3,"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_row_that_names_the_columns_is_passed_over(head, end, tmp_path):
    row = ",".join(map(repr, trained("delta_sgd", 3, start("delta_sgd"))[0][0].tolist()))
    (tmp_path / "w.csv").write_bytes(f"{head}{end}{row}{end}".encode())
    assert check_file(tmp_path / "w.csv", "delta_sgd", seed="default", epochs=3).right


@pytest.mark.parametrize("head", ["x1,x2,3", "nan,inf,nan", "x1,,x3", "x.1,x.2,x.3"])
def test_a_row_with_what_is_no_name_is_a_row_of_the_matrix(head, tmp_path):
    (tmp_path / "w.csv").write_text(f"{head}\n1,2,3\n", encoding="utf-8")
    with pytest.raises(CheckError, match=r"w\.csv has|W in .*w\.csv|weights"):
        check_file(tmp_path / "w.csv", "delta_sgd", seed="default", epochs=3)


def test_weights_without_names_are_taken_in_the_listings_order(tmp_path):
    weights = trained("backprop_xor", 10, start("backprop_xor"))
    np.savez(tmp_path / "w.npz", *weights)
    assert check_file(tmp_path / "w.npz", "backprop_xor", seed="default", epochs=10).right


def test_a_table_of_names_and_matrices_is_read_in_any_order(tmp_path):
    W1, W2 = trained("backprop_xor", 10, start("backprop_xor"))
    blocks = ["\n".join(" ".join(map(repr, row)) for row in W.tolist()) for W in (W2, W1)]
    (tmp_path / "w.csv").write_text(f"W2\n{blocks[0]}\n\nW1 =\n\n{blocks[1]}\n", encoding="utf-8")
    assert check_file(tmp_path / "w.csv", "BackpropXOR", seed="default", epochs=10).right


@pytest.mark.parametrize(("numbers", "unit", "said"), [
    ([[1.25, -0.5, 12.1234]], 0.5e-4, "4 decimals"),
    ([[12.346, 0.98765]], 0.5e-3, "5 digits"),
    ([[1 / 3, 2 / 3]], 0.0, ""),
])  # fmt: skip
def test_the_digits_that_were_written_say_how_far_a_number_may_be_off(numbers, unit, said):
    units, text = digits(np.array(numbers))
    assert_within(np.max(units), unit, absolute=1e-15, relative=0)
    assert text == (f"written with {said}" if said else "")


def test_a_mistake_and_a_wrong_start_are_named_together(tmp_path):
    changes = planted_dense.plants("backprop_xor")["error-twice"]
    file = saved(tmp_path, trained("backprop_xor", 20, swapped(), *changes))
    found = check_file(file, "backprop_xor", seed="default", epochs=20)
    assert any(set(named.split("+")) == {"last-first", "error-twice"} for named in found.mistakes)


def test_the_seed_is_found_where_none_is_told(tmp_path):
    file = saved(tmp_path, trained("backprop_xor", 30, start("backprop_xor", 7)))
    found = check_file(file, "backprop_xor", epochs=30)
    assert found.right
    assert "rng(7)" in str(found)


def test_one_epoch_more_or_less_than_told_is_said(tmp_path):
    file = saved(tmp_path, trained("backprop_xor", 31, start("backprop_xor")))
    found = check_file(file, "backprop_xor", seed="default", epochs=30)
    assert "31" in str(found)


def test_what_a_script_saves_tells_its_listing_seed_and_epochs(tmp_path):
    file = tmp_path / "run.mat"
    command = [sys.executable, "-m", "deltarule", "backprop_xor", "--seed", "2", "--epochs", "60", "--save", str(file)]
    subprocess.run(command, check=False, capture_output=True)  # it has not converged, and exits with 1
    found = check_file(file)
    assert (found.listing, found.right, found.epochs) == ("backprop_xor", True, (60,))


def test_transposed_weights_are_said(tmp_path):
    file = saved(tmp_path, [W.T for W in trained("backprop_xor", 10, start("backprop_xor"))])
    found = check_file(file, "backprop_xor", seed="default", epochs=10)
    assert found.right
    assert "transposed" in str(found)


def nodes_moved(weights, rng):
    """The same network with its hidden nodes in another order."""
    moved = list(weights)
    for k in range(len(moved) - 1):
        order = rng.permutation(len(moved[k]))
        moved[k], moved[k + 1] = moved[k][order], moved[k + 1][:, order]
    return moved


@pytest.mark.parametrize(("listing", "epochs"), [("backprop_xor", 50), ("multi_class", 20), ("deep_relu", 2)])
def test_hidden_nodes_in_another_order_are_the_same_network_and_are_said(listing, epochs, tmp_path):
    weights = nodes_moved(trained(listing, epochs, start(listing)), np.random.RandomState(1))
    found = check_file(saved(tmp_path, weights), listing, "default", epochs)
    assert (found.verdict, found.mistakes) == ("RIGHT", ())
    assert "the hidden nodes are in another order than the listing's: it is the same network" in found.notes


def test_no_order_is_found_where_two_nodes_are_the_same_or_one_is_another():
    W1, W2 = trained("backprop_xor", 5, start("backprop_xor"))
    right = [W1, W2]
    assert [list(places) for places in order([W1[[2, 0, 3, 1]], W2], right)] == [[1, 3, 0, 2]]
    assert order([W1[[0, 0, 2, 3]], W2], right) is None
    assert order([W1 + 1, W2], right) is None
    assert order([W1[0]], [W1[0]]) == []


MOVED = [("backprop_xor", "slope-half-of-output-delta1", 300), ("backprop_xor", "alpha-0.1", 1),
         ("backprop_ce", "mean-a-pass", 40), ("multi_class", "error-twice", 5)]  # fmt: skip


@pytest.mark.parametrize(("listing", "id", "epochs"), MOVED)
def test_a_mistake_is_named_with_the_hidden_nodes_in_another_order(listing, id, epochs, tmp_path):
    script = EXPERIMENTS[listing]
    weights = trained(listing, epochs, start(listing, script.seed), *planted_dense.plants(listing)[id])
    moved = nodes_moved(weights, np.random.RandomState(1))
    found = check_file(saved(tmp_path, moved), listing, script.seed, epochs)
    assert (found.verdict, found.mistakes) == ("WRONG", (id,))
    assert "the hidden nodes are in another order than the listing's: it is the same network" in found.notes
    said = str(check_file(saved(tmp_path, weights), listing, script.seed, epochs).first)
    assert str(found.first) == said  # it is off as far as with its nodes in order


def test_a_mistake_is_named_with_its_nodes_in_another_order_only_if_each_weight_is_its_own(tmp_path):
    epochs, changes = 2, planted_dense.plants("backprop_xor")["error-twice"]
    begun = start("backprop_xor")
    W1, W2 = nodes_moved(trained("backprop_xor", epochs, begun, *changes), np.random.RandomState(1))
    largest = np.max(abs(W1 - nodes_moved(begun, np.random.RandomState(1))[0]))
    for times, names in ((0.5, ("error-twice",)), (5.0, ())):
        off = W1.copy()
        off[0, 0] += times * TOLERANCE * largest
        found = check_file(saved(tmp_path, [off, W2]), "backprop_xor", "default", epochs)
        assert found.mistakes == names
        assert any("another order" in note for note in found.notes) == bool(names)


@pytest.mark.slow
def test_hidden_nodes_in_another_order_must_take_both_their_weights_along(tmp_path):
    W1, W2 = trained("backprop_xor", 5, start("backprop_xor"))
    for wrong in ([W1[::-1], W2], [W1, W2[:, ::-1]], [W1[[0, 0, 2, 3]], W2], [W1[::-1] + 1e-6, W2[:, ::-1]]):
        found = check_file(saved(tmp_path, wrong), "backprop_xor", "default", 5)
        assert (found.verdict, any("another order" in note for note in found.notes)) == ("WRONG", False)


def test_weights_copied_with_four_decimals_are_compared_to_half_a_unit(tmp_path):
    weights = trained("backprop_xor", 200, start("backprop_xor"))
    file = saved(tmp_path, [W.round(4) for W in weights], "csv")
    assert check_file(file, "backprop_xor", seed="default", epochs=200).right
    off = [W.round(4) for W in weights]
    off[0][0, 0] += 2e-4
    assert not check_file(saved(tmp_path, off, "csv"), "backprop_xor", seed="default", epochs=200).right


def test_weights_that_nothing_comes_to_are_wrong_and_what_is_known_is_said(tmp_path):
    (W,) = trained("delta_sgd", 5, start("delta_sgd"))
    found = check_file(saved(tmp_path, [W + 0.01]), "delta_sgd", seed="default", epochs=5)
    assert (found.verdict, found.mistakes) == ("WRONG", ())
    tried, error, outputs = found.unexplained
    for what in ("the listing from the right start", "wrong starts", "pairs of mistakes from the right start"):
        assert what in tried
    y = (1 / (1 + np.exp(-X @ (W + 0.01).T))).ravel()
    assert error == f"the mean squared error of their outputs is {np.mean((y - LINEAR.ravel()) ** 2):.2g}"
    assert outputs.startswith(f"their outputs are {' '.join(f'{v:.4f}' for v in y)}, the targets 0.0000 0.0000")
    off = f"W is off by {100 * 0.01 / np.max(abs(W)):.2g} % of its largest element"
    assert off in str(found)


def test_a_search_of_every_pair_takes_seconds_where_few_epochs_are_trained(tmp_path):
    weights = [W + 0.01 for W in trained("backprop_xor", 2, start("backprop_xor"))]
    before = time.process_time()
    found = check_file(saved(tmp_path, weights), "backprop_xor", seed="default", epochs=2)
    assert not found.mistakes
    assert "pairs of mistakes from the right start" in found.unexplained[0]
    assert time.process_time() - before < 30


def test_listings_of_the_same_shapes_are_told_apart_by_training_them(tmp_path):
    file = saved(tmp_path, trained("backprop_mmt", 30, start("backprop_mmt")))
    found = check_file(file, epochs=30)
    assert (found.listing, found.verdict) == ("backprop_mmt", "RIGHT")
    fitting = "the weights fit backprop_xor, backprop_mmt, backprop_ce by their shapes: backprop_mmt explains them"
    assert fitting in found.notes


def test_of_listings_of_the_same_shapes_that_explain_nothing_one_is_asked_for(tmp_path):
    weights = [W + 0.01 for W in trained("delta_sgd", 1, start("delta_sgd"))]
    found = check_file(saved(tmp_path, weights), epochs=1, seed="default")
    fitting = "the weights fit delta_sgd, delta_batch, delta_minibatch by their shapes: name one of them"
    assert fitting in found.unexplained[0]


@pytest.mark.parametrize("kind", ["mat", "npz"])
def test_a_saved_workspace_may_hold_what_else_the_script_had(kind, tmp_path):
    weights = trained("backprop_xor", 15, start("backprop_xor"))
    more = {"X": X, "D": D, "epoch": 15, "k": 4, "N": 4, "y": 0.5, "v1": np.ones((4, 1))}
    assert check_file(saved(tmp_path, weights, kind, **more), seed="default", epochs=15).right


@pytest.mark.slow
@pytest.mark.parametrize("listing", ["delta_sgd", "backprop_xor", "backprop_ce"])
def test_every_third_mistake_of_a_listing_is_named_from_the_weights_alone(listing, tmp_path):
    for id, changes in list(planted_dense.plants(listing).items())[::3]:
        with np.errstate(all="ignore"):
            weights = trained(listing, 40, start(listing), *changes)
        if all(np.isfinite(W).all() for W in weights):
            named = check_file(saved(tmp_path, weights), listing, seed="default", epochs=40).mistakes
            assert id in named or named == ("not-trained",) == NOTHING.get((listing, id)), (id, named)


NOTHING = {("delta_sgd", "never-W"): ("not-trained",), ("backprop_xor", "threshold"): ("not-trained",)}
"""Mistakes with which no weight changes."""


@pytest.mark.slow
def test_a_mistake_is_named_after_all_epochs_of_the_listing(tmp_path):
    changes = planted_dense.plants("backprop_xor")["after-update-e1"]
    file = saved(tmp_path, trained("backprop_xor", 10_000, start("backprop_xor"), *changes))
    assert check_file(file, "backprop_xor", seed="default", epochs=10_000).mistakes == ("after-update-e1",)


@pytest.mark.slow
def test_the_authors_port_is_named_after_its_10000_epochs(tmp_path):
    # it prints outputs alone and seeds nothing, so its weights are trained here, by its targets
    weights = trained("backprop_ce", 10_000, start("backprop_ce"), targets=LINEAR)
    found = check_file(saved(tmp_path, weights), "backprop_ce", seed="default", epochs=10_000)
    assert found.mistakes == ("targets-separable",)


def test_each_wrong_start_and_each_mistake_of_the_data_has_an_id_of_its_own():
    for script in ("delta_sgd", "backprop_xor", "multi_class"):
        single = [s.mistakes[0].id for s in starts(script, 3) if len(s.mistakes) == 1]
        assert len(single) == len(set(single)) >= 8
        others = [m.id for m in data_mistakes(script)]
        assert not set(others) & {m.id for m in mistakes(script)}
        assert len(others) == len(set(others))


HUGE = b"\x93NUMPY\x01\x00v\x00" + b"{'descr': '<f8', 'fortran_order': False, 'shape': (10000000000000, 3)}".ljust(118)
BAD = {
    "nothing.npz": (None, "No such file"),
    "text.npz": (b"no archive", "is not a file of numpy.savez"),
    "weights.txt": (b"1,2,3", "must end in"),
    "damaged.mat": (b"MATLAB 5.0 MAT-file".ljust(124) + b"\x00\x01IM" + b"\x0f\x00", "damaged.mat"),
    "damaged.npy": (b"\x93NUMPY\x01\x00", "is damaged, or holds objects"),
    "empty.csv": (b"\n\n", "has no numbers"),
    "rows.csv": (b"1,2,3\n4,5\n", "rows of 2 and of 3 numbers"),
    "words.csv": (b"1,two,3\n", "no number"),
    "gap.csv": (b"1,,3,4\n", "a row with a number left out"),
    "first.csv": (b";1;2;3\n", "a row with a number left out"),
    "huge.npy": (HUGE, "is damaged, or holds objects"),
    "header.npy": (HUGE.replace(b"(10", b"((0"), "is damaged, or holds objects"),
    "comma.csv": (b"0,5;0,25;1\n", "has both commas and semicolons in a row; write numbers with a point, 0.5 for 0,5"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_file_that_cannot_be_read_is_said(name, tmp_path):
    content, words = BAD[name]
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(CheckError, match=words):
        check_file(tmp_path / name, "delta_sgd")


@pytest.mark.parametrize(("kind", "words"), [("mat", "is damaged or cut off"), ("npz", "is damaged")])
def test_a_file_that_is_cut_off_is_said(kind, words, tmp_path):
    file = saved(tmp_path, start("backprop_xor"), kind)
    file.write_bytes(file.read_bytes()[:-40])
    with pytest.raises(CheckError, match=words):
        check_file(file, "backprop_xor")


def test_weights_that_are_no_listings_are_refused(tmp_path):
    with pytest.raises(CheckError, match="weights of no listing"):
        check_file(saved(tmp_path, [np.ones((7, 7))]))
    with pytest.raises(CheckError, match="finite"):
        check_file(saved(tmp_path, [np.array([[1.0, np.nan, 2.0]])]), "delta_sgd")
    with pytest.raises(CheckError, match="listing must be one of"):
        check_file(saved(tmp_path, [np.ones((1, 3))]), "delta")
    with pytest.raises(CheckError, match=r"has W \(1, 4\); delta_sgd takes W \(1, 3\)"):
        check_file(saved(tmp_path, [np.ones((1, 4))]), "delta_sgd")
    with pytest.raises(CheckError, match=r"must have numbers, and has none: its shape is \(0, 3\)"):
        check_file(saved(tmp_path, [np.ones((0, 3)), np.ones((1, 0))]), "backprop_xor")
    with pytest.raises(CheckError, match=r"has W1 \(4, 3\), W2 \(1, 5\); backprop_xor takes W1 \(4, 3\), W2 \(1, 4\)"):
        check_file(saved(tmp_path, [np.ones((4, 3)), np.ones((1, 5))]), "backprop_xor")
    with pytest.raises(CheckError, match="must be real numbers, not of dtype complex128"):
        check_file(saved(tmp_path, [np.full((1, 3), 1j)]), "delta_sgd")
    pickled = tmp_path / "pickled.npy"
    np.save(pickled, np.array([{"W": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(CheckError, match="holds objects, which are not read"):
        check_file(pickled, "delta_sgd")


@pytest.mark.parametrize(("option", "value"), [("seed", 1.5), ("seed", -1), ("epochs", 0), ("epochs", 2.5)])
def test_a_seed_or_a_number_of_epochs_that_is_none_is_refused(option, value, tmp_path):
    file = saved(tmp_path, [np.ones((1, 3))])
    with pytest.raises(CheckError, match=option):
        check_file(file, "delta_sgd", **{option: value})
