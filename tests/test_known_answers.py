"""The numbers to hit, which depend on the start and which do not; test_readme.py has those that the scripts print."""

import numpy as np
import pytest
from closeness import assert_printed
from networks import CASES, mnist_start
from runs import ROOT

from deltarule import (
    data,
    feature_maps,
    matlab,
    mnist_conv,
    mnist_conv_forward,
    single_layer_forward,
)
from deltarule.evidence.textbook import read_textbook
from deltarule.listings.labels import accuracy

TEXTBOOK = ROOT / "reference" / "textbook.toml"


@pytest.mark.slow
@pytest.mark.errata("plot-features-image")
def test_the_one_map_that_is_dark_in_the_book_is_the_one_that_is_dark_here():
    # book, chapter 6, below figure 6-22: from rng(1), of the digit 2, the map in the third row and fourth column, of 4
    # rows and 5 columns, is all dark after ReLU, so not one of the others
    X, D = data.mnist()
    W1, W5, Wo = mnist_start(1)
    for _ in range(3):
        W1, W5, Wo = mnist_conv(W1, W5, Wo, X[:8000], D[:8000])
    _, y2, _ = feature_maps(W1, X[1])
    assert (D[1], D[8001]) == (2, 9)
    dark = y2.max(axis=(0, 1)) < 0.05 * y2.max()
    assert np.argwhere(dark.reshape(4, 5)).tolist() == [[2, 3]]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("routine", "epochs", "samples", "printed"),
    [
        ("delta_sgd", 10_000, data.linear, [0.0102, 0.0083, 0.9932, 0.9917]),
        ("delta_batch", 40_000, data.linear, [0.0102, 0.0083, 0.9932, 0.9917]),
        ("delta_sgd", 40_000, data.xor, [0.5297, 0.5000, 0.4703, 0.4409]),
    ],
    ids=["delta_sgd", "delta_batch", "delta_xor"],
)
def test_a_single_layer_ends_there_from_any_start(routine, epochs, samples, printed):
    # 200 starts for each of five seeds, at once
    W = np.concatenate([2 * matlab.rng(seed).rand(200, 1, 3) - 1 for seed in range(1, 6)])
    (W,) = CASES[routine].train((W,), epochs, samples=samples())
    y = single_layer_forward(W, data.linear()[0])[..., 0]
    assert_printed(y, np.broadcast_to(printed, y.shape), 4)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["backprop_xor", "multi_class"])
def test_numbers_given_for_one_start_depend_on_the_start(name):
    # 200 starts: the digits of a single start are not those of the others, so they are judged for that start alone
    case = CASES[name]
    weights = tuple(2 * matlab.rng(1).rand(200, *shape) - 1 for shape in case.shapes)
    X = data.contaminated_digits()[0] if name == "multi_class" else case.data()[0]
    y = case.forward(*case.train(weights, 1000), X).reshape(200, -1)
    assert len({tuple(row) for row in y.round(4)}) > 190


@pytest.mark.slow
def test_accuracy_of_mnist_conv_depends_on_the_start():
    # 50 starts, after one batch: the accuracy that is given for rng(1) is judged for rng(1) alone
    X, D = data.mnist()
    found = set()
    for seed in range(50):
        weights = mnist_conv(*mnist_start(seed), X[:100], D[:100])
        found.add(accuracy(D[8000:8500], mnist_conv_forward(*weights, X[8000:8500])))
    assert len(found) > 25


def test_references_say_whether_they_depend_on_the_start():
    seeds = {name: {reference.seed for reference in found} for name, found in read_textbook(TEXTBOOK).items()}
    assert {name for name, found in seeds.items() if found == {"any"}} == {"delta_sgd", "delta_batch", "delta_xor"}
    assert seeds["backprop_xor"] == {"default", "unknown"}
    assert seeds["real_multi_class"] == {3}
    assert seeds["mnist_conv"] == {1, "unknown"}
