"""Weights out of a run: of which listing, start and epochs they are, and which mistake comes to them."""

import subprocess
import sys

import numpy as np
import planted_dense
import pytest
from planted import planted

from deltarule import data, matlab
from deltarule.check import CheckError, check_file, mistakes
from deltarule.check.mistakes_start import data_mistakes, starts
from deltarule.listings.experiments import EXPERIMENTS

X, D = data.xor()
LINEAR = data.linear()[1]


def start(listing, seed="default"):
    """The start of a script, drawn here: 2*rand - 1, in order."""
    rng = matlab.rng(seed)
    return [2 * rng.rand(*shape) - 1 for shape in EXPERIMENTS[listing].shapes()]


def trained(listing, epochs, weights, *changes, targets=None):
    """Weights by a plain port, some of whose lines are changed."""
    function = planted(listing, *changes)
    samples, right = EXPERIMENTS[listing].samples()
    for _ in range(epochs):
        new = function(*weights, samples, right if targets is None else targets)
        weights = new if isinstance(new, tuple) else (new,)
    return weights


def saved(folder, listing, weights, kind="npz", **more):
    """A file of weights."""
    names = ("W",) if len(weights) == 1 else ("W1", "W2")
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
    file = saved(tmp_path, listing, trained(listing, 40, start(listing, script.seed)), kind)
    found = check_file(file, listing, seed=script.seed, epochs=40)
    assert (found.verdict, found.epochs) == ("RIGHT", (40,))


def test_a_single_matrix_is_right_in_a_file_of_one_array(tmp_path):
    assert check_file(saved(tmp_path, "delta_sgd", trained("delta_sgd", 20, start("delta_sgd")), "npy"), "delta_sgd",
                      seed="default", epochs=20).right  # fmt: skip


PLANTED = [
    ("backprop_xor", id)
    for id in ("slope-half-of-output-delta1", "after-update-e1", "error-twice", "no-output-slope", "first-alone",
               "sum-a-pass", "alpha-0.1", "tanh-y1")
] + [("delta_sgd", id) for id in ("no-output-slope", "backwards", "alpha-0.1")]  # fmt: skip


@pytest.mark.parametrize(("listing", "id"), PLANTED)
def test_a_mistake_is_named_from_the_weights_alone(listing, id, tmp_path):
    changes = planted_dense.plants(listing)[id]
    file = saved(tmp_path, listing, trained(listing, 100, start(listing), *changes))
    found = check_file(file, listing, seed="default", epochs=100)
    assert (found.verdict, found.mistakes) == ("WRONG", (id,))


def swapped():
    rng = matlab.rng()
    W2 = 2 * rng.rand(1, 4) - 1
    return 2 * rng.rand(4, 3) - 1, W2


def of_numpy(seed):
    rng = np.random.RandomState(seed)
    return 2 * rng.rand(4, 3) - 1, 2 * rng.rand(1, 4) - 1


def from_0_to_1():
    rng = matlab.rng()
    return rng.rand(4, 3), rng.rand(1, 4)


WRONG_STARTS = {
    "last-first": swapped,
    "rand-alone": from_0_to_1,
    "seed-0": lambda: of_numpy(0),
}


@pytest.mark.parametrize("id", WRONG_STARTS)
def test_a_wrong_start_is_named(id, tmp_path):
    file = saved(tmp_path, "backprop_xor", trained("backprop_xor", 30, WRONG_STARTS[id]()))
    found = check_file(file, "backprop_xor", seed="default", epochs=30)
    assert not found.right
    assert id in found.mistakes


def test_octaves_numbers_are_named(tmp_path):
    rng = np.random.RandomState([3])  # Octave's rng(3, 'twister'); it fills column by column
    weights = [2 * rng.rand(*shape[::-1]).T - 1 for shape in ((4, 3), (1, 4))]
    file = saved(tmp_path, "backprop_xor", trained("backprop_xor", 30, weights))
    assert check_file(file, "backprop_xor", seed=3, epochs=30).mistakes == ("octave-stream",)


def test_numpys_numbers_row_by_row_are_named(tmp_path):
    file = saved(tmp_path, "backprop_xor", trained("backprop_xor", 30, of_numpy(3)))
    assert check_file(file, "backprop_xor", seed=3, epochs=30).mistakes == ("filled-row-by-row",)


def test_the_authors_port_of_cross_entropy_which_trains_on_the_separable_targets_is_named(tmp_path):
    # a published port of BackpropCE has D = [0 0 1 1] where its MATLAB original has XOR's targets
    weights = trained("backprop_ce", 500, start("backprop_ce"), targets=LINEAR)
    found = check_file(saved(tmp_path, "backprop_ce", weights), "backprop_ce", seed="default", epochs=500)
    assert found.mistakes == ("targets-separable",)
    assert "the targets are the separable [0 0 1 1]; they should be XOR's [0 1 1 0]" in str(found)


def test_a_mistake_and_a_wrong_start_are_named_together(tmp_path):
    changes = planted_dense.plants("backprop_xor")["error-twice"]
    file = saved(tmp_path, "backprop_xor", trained("backprop_xor", 20, swapped(), *changes))
    found = check_file(file, "backprop_xor", seed="default", epochs=20)
    assert any(set(named.split("+")) == {"last-first", "error-twice"} for named in found.mistakes)


def test_the_seed_is_found_where_none_is_told(tmp_path):
    file = saved(tmp_path, "backprop_xor", trained("backprop_xor", 30, start("backprop_xor", 7)))
    found = check_file(file, "backprop_xor", epochs=30)
    assert found.right
    assert "rng(7)" in str(found)


def test_one_epoch_more_or_less_than_told_is_said(tmp_path):
    file = saved(tmp_path, "backprop_xor", trained("backprop_xor", 31, start("backprop_xor")))
    found = check_file(file, "backprop_xor", seed="default", epochs=30)
    assert "31" in str(found)


def test_what_a_script_saves_tells_its_listing_seed_and_epochs(tmp_path):
    file = tmp_path / "run.mat"
    command = [sys.executable, "-m", "deltarule", "backprop_xor", "--seed", "2", "--epochs", "60", "--save", str(file)]
    subprocess.run(command, check=False, capture_output=True)  # it has not converged, and exits with 1
    found = check_file(file)
    assert (found.listing, found.right, found.epochs) == ("backprop_xor", True, (60,))


def test_transposed_weights_are_said(tmp_path):
    file = saved(tmp_path, "backprop_xor", [W.T for W in trained("backprop_xor", 10, start("backprop_xor"))])
    found = check_file(file, "backprop_xor", seed="default", epochs=10)
    assert found.right
    assert "transposed" in str(found)


def test_weights_copied_with_four_decimals_are_compared_to_half_a_unit(tmp_path):
    weights = trained("backprop_xor", 200, start("backprop_xor"))
    file = saved(tmp_path, "backprop_xor", [W.round(4) for W in weights], "csv")
    assert check_file(file, "backprop_xor", seed="default", epochs=200).right
    off = [W.round(4) for W in weights]
    off[0][0, 0] += 2e-4
    assert not check_file(saved(tmp_path, "backprop_xor", off, "csv"), "backprop_xor", seed="default", epochs=200).right


def test_weights_that_nothing_comes_to_are_wrong_and_what_was_tried_is_said(tmp_path):
    weights = [W + 0.01 for W in trained("delta_sgd", 20, start("delta_sgd"))]
    found = check_file(saved(tmp_path, "delta_sgd", weights), "delta_sgd", seed="default", epochs=20)
    assert (found.verdict, found.mistakes) == ("WRONG", ())
    assert found.unexplained


@pytest.mark.slow
def test_a_mistake_is_named_after_all_epochs_of_the_listing(tmp_path):
    changes = planted_dense.plants("backprop_xor")["after-update-e1"]
    file = saved(tmp_path, "backprop_xor", trained("backprop_xor", 10_000, start("backprop_xor"), *changes))
    assert check_file(file, "backprop_xor", seed="default", epochs=10_000).mistakes == ("after-update-e1",)


def test_each_wrong_start_and_each_mistake_of_the_data_has_an_id_of_its_own():
    for script in ("delta_sgd", "backprop_xor", "multi_class"):
        single = [s.mistakes[0].id for s in starts(script, 3) if len(s.mistakes) == 1]
        assert len(single) == len(set(single)) >= 8
        others = [m.id for m in data_mistakes(script)]
        assert not set(others) & {m.id for m in mistakes(script)}
        assert len(others) == len(set(others))


BAD = {
    "nothing.npz": (None, "No such file"),
    "text.npz": (b"no archive", "is not a file of numpy.savez"),
    "weights.txt": (b"1,2,3", "must end in"),
    "rows.csv": (b"1,2,3\n4,5\n", "rows of 2 and of 3 numbers"),
    "words.csv": (b"1,two,3\n", "no number"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_file_that_cannot_be_read_is_said(name, tmp_path):
    content, words = BAD[name]
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(CheckError, match=words):
        check_file(tmp_path / name, "delta_sgd")


def test_weights_that_are_no_listings_are_refused(tmp_path):
    with pytest.raises(CheckError, match="weights of no listing"):
        check_file(saved(tmp_path, "", [np.ones((7, 7))]))
    with pytest.raises(CheckError, match="finite"):
        check_file(saved(tmp_path, "delta_sgd", [np.array([[1.0, np.nan, 2.0]])]), "delta_sgd")
    with pytest.raises(CheckError, match="listing must be one of"):
        check_file(saved(tmp_path, "delta_sgd", [np.ones((1, 3))]), "delta")
    pickled = tmp_path / "pickled.npy"
    np.save(pickled, np.array([{"W": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(CheckError):
        check_file(pickled, "delta_sgd")


@pytest.mark.parametrize(("option", "value"), [("seed", 1.5), ("seed", -1), ("epochs", 0), ("epochs", 2.5)])
def test_a_seed_or_a_number_of_epochs_that_is_none_is_refused(option, value, tmp_path):
    file = saved(tmp_path, "delta_sgd", [np.ones((1, 3))])
    with pytest.raises(CheckError, match=option):
        check_file(file, "delta_sgd", **{option: value})
