"""What the judges of `deltarule.evidence` compute with: costs by hand, epochs, bounds on either side, words in full."""

import dataclasses
import hashlib
import math

import numpy as np
import pytest
from closeness import assert_within
from runs import ROOT
from scipy.io import savemat

from deltarule import cross_entropy, sum_squared_error
from deltarule.basics.files import ReferenceFileError
from deltarule.evidence import golden, gradients, textbook
from deltarule.listings.experiments import EXPERIMENTS

GOLDEN = ROOT / "reference" / "golden"
TEXTBOOK = ROOT / "reference" / "textbook.toml"


def shortened(monkeypatch, name, epochs):
    """A script's experiment with another number of epochs, in the table that the judges read."""
    short = dataclasses.replace(EXPERIMENTS[name], epochs=epochs)
    monkeypatch.setitem(EXPERIMENTS, name, short)
    return short


@pytest.mark.parametrize(
    ("epochs", "kept"),
    [(1, [1]), (2, [1, 2]), (10, [1, 10]), (11, [1, 10, 11]), (100, [1, 10, 100]), (1001, [1, 10, 100, 1000, 1001])],
)
def test_weights_are_kept_after_powers_of_ten_and_after_the_last_epoch_once(epochs, kept, monkeypatch):
    shortened(monkeypatch, "delta_sgd", epochs)
    assert golden.kept_epochs("delta_sgd") == kept


@pytest.mark.parametrize("name", ["backprop_ce", "deep_dropout"])
def test_the_weights_after_each_kept_epoch_are_those_of_as_many_epochs(name, monkeypatch):
    experiment = shortened(monkeypatch, name, 11)
    weights, rng = experiment.start(2)
    right = {}
    for epoch in range(1, 12):
        weights = experiment.epoch(weights, *experiment.samples(), rng)
        right[epoch] = weights
    found = list(golden.trained(name, 2))
    assert [epoch for epoch, _ in found] == [1, 10, 11]
    assert all(golden.deviation(ours, right[epoch]) == 0 for epoch, ours in found)


def test_a_deviation_is_relative_to_the_largest_weight_of_octaves_whatever_its_sign_and_layer():
    octaves = [np.array([[1.0, -0.5]]), np.array([-8.0, 2.0])]
    for layer, place, by in ((0, (0, 1), 0.25), (0, (0, 0), -0.25), (1, (0,), 0.25), (1, (1,), -0.25)):
        ours = [W.copy() for W in octaves]
        ours[layer][place] += by
        assert golden.deviation(ours, octaves) == 0.25 / 8
    assert golden.deviation([-100.0 * octaves[1]], [octaves[1]]) == 101
    for ours, others in (((1, 2), (2, 1)), ((2, 1), (1, 2)), ((2,), (1, 2)), ((1, 2), (2,)), ((2, 2), (2,))):
        with pytest.raises(ValueError, match="are compared with"):
            golden.deviation([np.ones(ours)], [np.ones(others)])
    for ours, others in ((octaves, octaves[:1]), (octaves[:1], octaves)):
        with pytest.raises(ValueError, match="zip"):
            golden.deviation(ours, others)


def test_three_epochs_of_the_convolutional_network_are_judged_and_neither_fewer_nor_more(monkeypatch):
    seed = golden.MNIST_SEEDS[0]
    kept = golden.read_golden(GOLDEN / golden.file_name("mnist_conv_epochs", seed))
    monkeypatch.setattr(golden, "mnist_summary", lambda *W: {key: kept[f"{key}_epoch_3"] for key in ("W1", "Wo")})
    for epochs, found in ((2, None), (3, {"deviation": 0}), (np.int64(3), {"deviation": 0}), (4, None)):
        assert golden.judge(GOLDEN, "mnist_conv", seed, epochs, ()) == found


def test_a_number_that_matlab_keeps_in_a_byte_is_read_as_the_double_it_is(tmp_path):
    path = tmp_path / "delta_sgd_1.mat"
    savemat(path, {"name": "delta_sgd", "seed": 1, "n": np.ones((1, 2), np.uint8), "x": np.ones((2, 1))})
    content = bytearray(path.read_bytes())
    at = content.index(b"\x01\x00\x01\x00n") - 32  # MATLAB writes whole numbers of a double so, to take less room
    content[content.index(bytes([9]), at, at + 32)] = 6
    path.write_bytes(content)
    (tmp_path / golden.SUMS).write_text(f"{hashlib.sha256(content).hexdigest()}  {path.name}\n")
    held = golden.read_golden(path)
    assert {held["n"].dtype, held["x"].dtype} == {np.dtype(np.float64)}


def test_the_start_and_all_layers_of_an_epoch_are_found_in_their_order():
    held = {f"W{k}_{when}": np.full(1, k) for k in range(6) for when in ("start", "epoch_10")} | {"X": np.ones(1)}
    for when in ("start", 10):
        assert [float(W[0]) for W in golden.weights_at(held, when)] == [1, 2, 3, 4]
    assert len(golden.weights_at({"W1_start": 1, "W2_start": 2}, "start")) == 2
    with pytest.raises(ReferenceFileError, match=r"no weights W1_epoch_1; `python reference/regenerate\.py` computes"):
        golden.weights_at(held, 1)


@pytest.mark.parametrize("name", ["backprop_ce", "backprop_xor", "multi_class"])
def test_octaves_error_is_the_scripts_cost_at_the_weights_of_each_kept_epoch(name):
    name = "".join(list(name))  # another object, as from the command line
    experiment, seed = EXPERIMENTS[name], EXPERIMENTS[name].octave_seeds[0]
    held = golden.read_golden(GOLDEN / golden.file_name(name, seed))
    X, D = experiment.samples()
    found = golden.errors(GOLDEN, name, seed)
    assert [epoch for epoch, _ in found] == golden.kept_epochs(name)
    for epoch, error in found:
        y = experiment.forward(*golden.weights_at(held, epoch), X)
        right, other = cross_entropy(D, y), sum_squared_error(D, y)
        assert error == (right if name == "backprop_ce" else other)
        assert right != other


def test_the_probes_are_of_the_sizes_of_w5_and_lie_in_1_to_2():
    u, v = golden.probes()
    assert (u.shape, v.shape) == ((2000, 1), (100, 1))
    for a in (u, v):
        assert 1 < a.min() < 1.1
        assert 1.9 < a.max() < 2
    assert {key: a.shape for key, a in golden.mnist_summary(1, np.ones((100, 2000)), 2).items() if key[-1] == "5"} == {
        "v_W5": (1, 2000)
    }


def test_only_the_files_of_three_epochs_of_the_convolutional_network_have_a_command_of_their_own():
    assert golden.rebuild("mnist_conv_epochs_1.mat") == "python reference/regenerate.py --mnist"
    assert golden.rebuild("mnist_conv_1.mat") == golden.rebuild("delta_sgd_1.mat") == "python reference/regenerate.py"


D2, Y2 = np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([[0.5, 0.25], [0.125, 0.75]])


def test_the_costs_are_those_that_are_worked_out_by_hand():
    assert gradients.half_squared_error(D2, Y2) == (0.25 + 0.0625 + 0.015625 + 0.0625) / 2
    by_hand = -(math.log(0.5) + math.log(0.75) + math.log(0.875) + math.log(0.75))
    assert_within(gradients.binary_cross_entropy(D2, Y2), by_hand, absolute=1e-15, relative=0)
    by_hand = -(math.log(0.5) + math.log(0.75))
    assert_within(gradients.softmax_cross_entropy(D2, Y2), by_hand, absolute=1e-15, relative=0)


def test_a_gradient_error_is_relative_to_the_largest_slope_of_all_whatever_its_sign_and_layer():
    weights = [np.array([[1.0, 2.0]]), np.array([[3.0]])]

    def cost(W1, W2):
        return 2 * W1[0, 0] - 8 * W2[0, 0] + W1[0, 1]

    right = [np.array([[-2.0, -1.0]]), np.array([[8.0]])]
    assert gradients.gradient_error(right, cost, weights) < 1e-9
    for layer, place, by in ((0, (0, 0), 2), (0, (0, 1), -2), (1, (0, 0), 2), (1, (0, 0), -2)):
        wrong = [dW.copy() for dW in right]
        wrong[layer][place] += by
        assert_within(gradients.gradient_error(wrong, cost, weights), 0.25, absolute=1e-9, relative=0)
    for bad in (math.nan, math.inf):
        for wrong in ([right[0], np.array([[bad]])], [np.array([[bad, -1]]), right[1]]):
            assert gradients.gradient_error(wrong, cost, weights) == math.inf
    assert gradients.gradient_error(right, lambda W1, W2: W2[0, 0] * math.nan, weights) == math.inf
    with pytest.raises(ValueError, match="zip"):
        gradients.gradient_error(right[:1], cost, weights)


@pytest.mark.parametrize("name", gradients.CHECKS)
def test_each_seed_gives_a_check_its_own_weights_of_the_sizes_of_the_listing_and_its_own_target(name, monkeypatch):
    seen = []
    monkeypatch.setattr(gradients, "gradient_error", lambda changes, cost, weights: seen.append((changes, weights)))
    for seed in (1, 2):
        gradients.CHECKS[name](seed)
    (one, first), (two, second) = seen
    listing = name.partition(",")[0]
    small = {"deep_dropout": [(8, 6), (8, 8), (8, 8), (5, 8)], "mnist_conv": [(3, 3, 3), (20, 27), (10, 20)]}
    shapes = small.get(listing) or [tuple(shape) for shape in EXPERIMENTS[listing].shapes()]
    assert [W.shape for W in first] == [dW.shape for dW in one] == shapes
    for W, other in zip(first, second, strict=True):
        assert (other != W).all()
    for W in first[listing == "mnist_conv" :]:  # the filters are normal
        assert -1 < W.min() < 0 < W.max() < 1
        assert W.size < 20 or abs(W).max() > 0.8
    assert all(dW.any() for dW in (*one, *two))


def test_a_number_has_as_many_decimals_as_are_printed():
    for value, right, wrong in ((0.4, "0", "1"), (1.6, "2", "1"), (-0.26, "-0.3", "-0.2"), (12.3449, "12.34", "12.35")):
        assert textbook.same_digits(value, right)
        assert not textbook.same_digits(value, wrong)
        assert not textbook.same_digits(value, f" {right}")


WHOLE = TEXTBOOK.read_text(encoding="utf-8")


def with_digits(tmp_path, digits):
    path = tmp_path / "textbook.toml"
    assert '"0.0102"' in WHOLE
    path.write_text(WHOLE.replace('"0.0102"', f'"{digits}"', 1), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("1" * 30, "1" * 31), ("1." + "2" * 30, "1." + "2" * 31), ("-0", "--0"), ("0.0", "0."), ("0.5", ".5"),
     ("0.12", "0.12 "), ("7", "٧"), ("10", "1e1"), ("-1.5", "+1.5")],
)  # fmt: skip
def test_printed_digits_are_at_most_thirty_on_either_side_of_the_point(right, wrong, tmp_path):
    assert textbook.read_textbook(with_digits(tmp_path, right))["delta_sgd"][0].printed[0] == right
    with pytest.raises(ReferenceFileError, match="must have decimal digits for what is printed, not "):
        textbook.read_textbook(with_digits(tmp_path, wrong))


def test_a_file_of_a_mebibyte_is_read_and_one_byte_more_is_not(tmp_path):
    path = tmp_path / "textbook.toml"
    content = TEXTBOOK.read_bytes()
    path.write_bytes(content + b"#" * (2**20 - len(content)))
    assert textbook.read_textbook(path) == textbook.read_textbook(TEXTBOOK)
    path.write_bytes(content + b"#" * (2**20 - len(content) + 1))
    with pytest.raises(ReferenceFileError, match="not a reference file: longer than 1048576 bytes$"):
        textbook.read_textbook(path)


@pytest.mark.parametrize(
    ("first", "last", "inside"),
    [((1, 1), (5, 5), True), ((1, 5), (5, 1), True), ((1, 1), (5, 6), False), ((1, 1), (6, 5), False),
     ((0, 1), (5, 5), False), ((1, 0), (5, 5), False), ((1, -1), (5, 5), False), ((1, 1, 1), (5, 5), False)],
)  # fmt: skip
def test_the_first_and_the_last_place_may_be_printed_and_none_beyond(first, last, inside, tmp_path):
    path = tmp_path / "textbook.toml"
    head, entry, rest = WHOLE.partition("[[real_multi_class]]")
    lines = rest.splitlines(keepends=True)
    at = next(k for k, line in enumerate(lines) if line.startswith("at = "))
    printed = len(textbook.read_textbook(TEXTBOOK)["real_multi_class"][0].printed)
    places = [first, *[(3, k) for k in range(1, printed - 1)], last]
    lines[at] = f"at = {[list(place) for place in places]}\n"
    path.write_text(head + entry + "".join(lines), encoding="utf-8")
    if inside:
        assert textbook.read_textbook(path)["real_multi_class"][0].at == tuple(places)
    else:
        with pytest.raises(ReferenceFileError, match=r"must have places from \[1, 1\] to \[5, 5\], not"):
            textbook.read_textbook(path)


@pytest.mark.parametrize(
    ("seed", "epochs", "judged"),
    [("default", 10000, True), ("default", 9999, False), ("default", 10001, False), (1, 10000, False)],
)
def test_a_reference_judges_the_runs_of_its_own_seed_and_epochs(seed, epochs, judged):
    (reference,) = textbook.read_textbook(TEXTBOOK)["delta_sgd"]
    own = dataclasses.replace(reference, seed="default", epochs=int("10000"))
    assert own.judges(seed, epochs) is judged
    anyone = dataclasses.replace(reference, seed="any", epochs=10000)
    assert anyone.judges(seed, epochs) is (epochs == 10000)
    assert not dataclasses.replace(reference, seed="unknown").judges("default", 10000)


def test_as_many_values_as_are_printed_are_wanted_of_a_function():
    (first, *_) = textbook.read_functions(TEXTBOOK)
    n = len(first.printed)
    right = [float(digits) for digits in first.printed]
    assert first.matched(lambda *_: right) == [True] * n
    assert first.matched(lambda *_: right[:-1]) == first.matched(lambda *_: [*right, 0.0]) == [False] * n
    assert first.matched(lambda *_: [*right[:-1], right[-1] + 1e-3])[-1] is False


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("epochs = 10000", "epochs = 9999", "must have the script's epochs, 10000, not 9999"),
        ('"deep_relu",', '"deep_relu", "odd",', "odd is not a script, or stands in none_known as well"),
        ("at = [[1]]", "at = [[2]]", r"must have places from \[1\] to \[1\], not \[2\]"),
        ("at = [[1]]", "at = [[0]]", r"must have places from \[1\] to \[1\], not \[0\]"),
    ],
)
def test_a_file_that_is_off_by_a_little_is_refused(old, new, said, tmp_path):
    path = tmp_path / "textbook.toml"
    assert old in WHOLE
    path.write_text(WHOLE.replace(old, new, 1) + "[[odd]]\nx = 1\n" * ("odd" in new), encoding="utf-8")
    with pytest.raises(ReferenceFileError, match=said):
        textbook.read_textbook(path)
    path.write_text(WHOLE, encoding="utf-8")
    assert textbook.read_textbook(path)["mnist_conv"][0].at == ((1,),)


@pytest.mark.parametrize(
    "arguments", ["3", '"ab"', "[]", "[[]]", "[[1.0], []]", '[["1"]]', "[[true]]", "[1.0]", "[[1], 2]"]
)
def test_arguments_of_a_function_are_lists_of_numbers_and_nothing_else(arguments, tmp_path):
    path = tmp_path / "textbook.toml"
    entry = '[[functions]]\nfunction = "sigmoid"\narguments = {}\nprinted = ["0.5"]\nsource = "here"\n'
    path.write_text(entry.format("[[0.0, 1], [2]]"), encoding="utf-8")
    assert textbook.read_functions(path)[0].arguments == ([0.0, 1], [2])
    path.write_text(entry.format(arguments), encoding="utf-8")
    with pytest.raises(ReferenceFileError, match="must have arguments that are lists of numbers, not"):
        textbook.read_functions(path)


def test_what_was_printed_cannot_be_changed_once_it_is_read():
    for read in (textbook.read_textbook(TEXTBOOK)["delta_sgd"][0], textbook.read_functions(TEXTBOOK)[0]):
        with pytest.raises(dataclasses.FrozenInstanceError):
            read.printed = ()
