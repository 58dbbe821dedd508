"""Ways to write a port that are met in public ones: none of them is a mistake, and each is said."""

# ruff: noqa: NPY002 - as people have it
import random

import numpy as np
import plain
import planted_images
import pytest
from checked import finding, port, short, small_images
from plain import sigmoid

from deltarule.check import CheckError, check, checking, drawn
from deltarule.check.conventions import conventions
from deltarule.check.errors import PortError
from deltarule.check.global_weights import GlobalWeights

IN_PLACE = "the weights that it is given are changed in place, where MATLAB leaves them as they are"
VECTORS = "weights of one row are vectors"
WHOLE = "it takes whole batches alone; the listing leaves out the samples over"
NUMPY = "it draws with numpy.random: the listing is given the same numbers, which are not MATLAB's"
PYTHON = "it draws with random: the listing is given the same numbers, which are not MATLAB's"


def vector_of_weights(W, X, D):
    for x, d in zip(X, D, strict=True):
        y = sigmoid(W @ x)
        for i in range(3):
            W[i] = W[i] + 0.9 * y * (1 - y) * (d - y) * x[i]
    return W


def vector_of_last_weights(W1, W2, X, D):
    for x, d in zip(X, D, strict=True):
        y1 = sigmoid(W1 @ x)
        y = sigmoid(np.dot(W2, y1))
        delta = float(y * (1 - y) * (d - y))
        delta1 = y1 * (1 - y1) * W2 * delta
        W1, W2 = W1 + 0.9 * np.outer(delta1, x), np.array([W2[k] + 0.9 * delta * y1[k] for k in range(4)])
    return W1, W2


@pytest.mark.parametrize(
    ("function", "listing", "notes"),
    [(vector_of_weights, "delta_sgd", (VECTORS, IN_PLACE)), (vector_of_last_weights, "backprop_xor", (VECTORS,))],
)
def test_weights_of_one_row_may_be_vectors(function, listing, notes):
    found = finding(function, listing)
    assert found.right, str(found)
    assert found.notes == notes


def test_a_mistake_with_weights_that_are_vectors_is_named():
    def no_slope(W, X, D):
        for x, d in zip(X, D, strict=True):
            W[0:3] = W + 0.9 * (d - sigmoid(W @ x)) * x
        return W

    assert finding(no_slope, "delta_sgd").mistakes == ("no-output-slope",)


def one_by_classes(W1, W2, X, D):
    for x, d in zip(X, D, strict=True):
        W1, W2 = plain.multi_class(W1, W2, x[None], d @ np.eye(5))
    return W1, W2


def classes_by_one(W1, W2, X, D):
    for x, d in zip(X, D, strict=True):
        W1, W2 = plain.multi_class(W1, W2, x[None], (np.eye(5) @ d).T)
    return W1, W2


@pytest.mark.parametrize(
    ("function", "note"),
    [(one_by_classes, "targets are (N, 1, classes)"), (classes_by_one, "targets are (N, classes, 1)")],
)
def test_each_target_of_several_classes_may_be_a_row_or_a_column(function, note):
    found = finding(function, "multi_class")
    assert found.right, str(found)
    assert found.notes == (note,)


W1, W2_BP, W3 = np.zeros((3, 4)), np.zeros((4, 1)), "no weight"


def global_weights(X, D):
    global W1, W2_BP
    W1, W2_BP = (W.T for W in plain.backprop_xor(W1.T, W2_BP.T, X, D))


def global_weights_and_another(X, D):
    global W1, W2_BP, W3
    W1, W2_BP, W3 = X, D, None


def test_the_weights_may_be_global_variables_which_are_put_back():
    before = W1
    mine = port(global_weights, "backprop_xor")
    found = checking._checked(mine, "backprop_xor", "mine", False, short("backprop_xor"))
    assert found.right, str(found)
    assert found.notes == ("weights are transposed", "the weights are the global variables W1 and W2_BP")
    mine.begin()
    assert np.array_equal(before, W1)


def test_global_variables_are_the_weights_where_each_is_named_so_and_there_are_no_others():
    assert GlobalWeights(global_weights, ("W1", "W2")).names == ["W1", "W2_BP"]
    assert GlobalWeights(global_weights_and_another, ("W1", "W2")).names == []
    assert GlobalWeights(global_weights, ("W",)).names == []
    assert GlobalWeights(len, ("W1", "W2")).names == []


def test_a_port_that_takes_samples_and_targets_alone_is_told_what_the_listing_takes():
    def backprop_xor(X, D):
        return X, D

    with pytest.raises(CheckError, match=r"takes 2 arguments \(X, D\) that have no default; backprop_xor takes 4"):
        check(backprop_xor)


def test_the_number_of_hidden_nodes_may_be_an_argument():
    def with_hidden(w1, w2, x, d, n_hidden):
        assert n_hidden == 4
        return plain.backprop_xor(w1, w2, x, d)

    assert finding(with_hidden, "backprop_xor").right


def whole_batches(W, X, D):
    for begin in range(0, len(X), 2):
        dW = np.zeros((1, 3))
        for k in range(begin, begin + 2):
            y = sigmoid(W @ X[k])
            dW += 0.9 * y * (1 - y) * (D[k] - y) * X[k] / 2
        W = W + dW
    return W


def test_a_port_may_take_whole_batches_alone():
    found = finding(whole_batches, "delta_minibatch")
    assert found.right, str(found)
    assert found.notes == (WHOLE,)


def test_a_mistake_in_a_port_that_takes_whole_batches_alone_is_named():
    def summed(W, X, D):
        return (
            W + 2 * (whole_batches(W, X[:2], D[:2]) - W)
            if len(X) == 2
            else summed(summed(W, X[:2], D[:2]), X[2:], D[2:])
        )

    found = finding(summed, "delta_minibatch")
    assert found.mistakes == ("sum-for-mean",), str(found)


def test_a_port_that_takes_no_batch_either_is_told_by_its_error():
    def delta_minibatch(W, X, D):
        raise IndexError("index 7 is out of bounds")

    with pytest.raises(PortError, match="IndexError: index 7 is out of bounds"):
        check(delta_minibatch)


def test_images_over_need_not_be_taken(monkeypatch):
    def no_images_over(W1, W5, Wo, X, D):
        X[-(-len(X) // 100) * 100 - 1]
        return planted_images.port()(W1, W5, Wo, X, D)

    small = small_images()
    monkeypatch.setattr(checking, "subjects", lambda listing, thorough=False: [small])
    monkeypatch.setattr(
        checking, "first_update", lambda listing: checking.replace(small, X=small.X[:100], D=small.D[:100], epochs=(1,))
    )
    found = checking.check(no_images_over, "mnist_conv")
    assert found.right, str(found)
    assert found.notes == (WHOLE,)


class Stream:
    """What a port draws its nodes with, where the plain listing takes a stream."""

    def __init__(self, draw):
        self.draw = draw

    def randperm(self, n, k):
        return np.array(self.draw(n, k)) + 1


def shuffled(n, k):
    order = np.arange(n)
    np.random.shuffle(order)
    return order[:k]


DRAWS = {
    "permutation": (lambda n, k: np.random.permutation(n)[:k], NUMPY),
    "choice": (lambda n, k: np.random.choice(n, k, replace=False), NUMPY),
    "shuffle": (shuffled, NUMPY),
    "sample": (lambda n, k: random.sample(range(n), k), PYTHON),
}


def dropout_by(draw):
    def deep_dropout(W1, W2, W3, W4, X, D):
        return plain.deep_dropout(W1, W2, W3, W4, X, D, rng=Stream(draw))

    return deep_dropout


@pytest.mark.parametrize("name", DRAWS)
def test_nodes_may_be_drawn_from_a_global_stream_which_stays_where_it_is(name):
    draw, note = DRAWS[name]
    np.random.seed(5)
    random.seed(5)
    found = finding(dropout_by(draw))
    assert found.right, str(found)
    assert found.notes == (note,)
    after = np.random.random(), random.random()
    assert after == (np.random.RandomState(5).random_sample(), random.Random(5).random())


def test_a_mistake_in_a_port_that_draws_from_a_global_stream_is_named():
    found = finding(dropout_by(lambda n, k: np.random.permutation(n)[: n - k]))
    assert found.mistakes == ("kept-and-dropped",), str(found)


def test_a_port_without_dropout_is_told_so():
    def deep_dropout(W1, W2, W3, W4, X, D):
        return plain.deep_dropout(W1, W2, W3, W4, X, D, ratio=0.0, rng=Stream(lambda n, k: np.arange(k)))

    assert finding(deep_dropout).mistakes == ("no-dropout",)


def test_a_port_that_draws_from_elsewhere_is_told_from_where_it_may():
    generator = np.random.default_rng(1)
    with pytest.raises(CheckError, match=r"deep_dropout draws random numbers: let it take an argument rng, .* or draw"):
        check(dropout_by(lambda n, k: generator.permutation(n)[:k]))


def test_what_a_port_raises_leaves_the_global_streams_where_they_are():
    def deep_dropout(W1, W2, W3, W4, X, D):
        raise ValueError(f"{np.random.random()} {random.random()}")

    np.random.seed(6)
    random.seed(6)
    with pytest.raises(PortError, match="ValueError"):
        check(deep_dropout)
    after = np.random.random(), random.random()
    assert after == (np.random.RandomState(6).random_sample(), random.Random(6).random())


def test_a_copy_of_a_stream_goes_its_own_way():
    for module in (drawn.NUMPY, drawn.PYTHON):
        stream = drawn.Drawn(module)
        copies = [checking.copy(stream) for _ in range(2)]
        assert list(copies[0].randperm(20, 16)) == list(copies[1].randperm(20, 16)) == list(stream.randperm(20, 16))
        assert sorted(stream.randperm(4, 4)) == [1, 2, 3, 4]


def test_each_convention_is_tried_once_and_the_listings_own_first():
    for listing, D in (("delta_sgd", np.zeros(4)), ("multi_class", np.zeros((5, 5))), ("mnist_conv", np.zeros(3))):
        notes = [c.notes for c in conventions(listing, D)]
        assert notes[0] == ()
        assert len(set(notes)) == len(notes)
