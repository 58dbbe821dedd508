"""The book's ten listings as steps, with the text of the page beside each: what a mistake is a variant of.

A test holds each of them against the listing itself. Samples are columns, as they are there.
"""

from copy import copy
from operator import add

import numpy as np

from ..basics.arrays import T, columns, vectors
from ..basics.functions import kept_nodes, relu, sigmoid, softmax
from ..listings.convolution import columns as as_columns
from ..listings.convolution import correlate_matmul, gradient_matmul, maps_like, pool, unpool
from ..listings.labels import one_hot
from .forms import Form
from .steps import step


def matmul(W, x):
    """W*x."""
    return W @ x


def laid_out(X):
    """Samples as the rows of a matrix, images column by column."""
    return vectors(X)


def targets(D):
    """Targets as the rows of a matrix."""
    return D.reshape(len(D), -1)


def cut(size):
    """The step ``updates``: batches of so many samples as columns, None for all; an incomplete last one is left out."""

    def updates(xs, ds):
        n = len(xs) if size is None else size
        return list(zip(columns(xs, n), columns(ds, n), strict=True))

    return updates


def samples(size):
    """The steps before the first update, for samples that are vectors or become them."""
    return {
        "xs": step("X", laid_out, "X(:)"),
        "ds": step("D", targets, "D"),
        "updates": step("xs ds", cut(size)),
        "kept": step("", lambda: False),
        "n": step("x", lambda x: x.shape[-1], "the number of samples in a batch"),
    }


def constant(value):
    """A step without needs."""
    return step("", lambda: value, f"{value:g}")


def layer(k, weight, below, function, name):
    """The steps of a layer forward: ``v1 = W1*x``, ``y1 = Sigmoid(v1)``."""
    return {
        f"v{k}": step(f"{weight} {below}", matmul, f"{weight}*{below}"),
        f"y{k}": step(f"v{k}", function, f"{name}(v{k})"),
    }


def slope_times_error(y, e):
    """y.*(1 - y).*e."""
    return y * (1 - y) * e


def relu_slope_times_error(v, e):
    """(v > 0).*e."""
    return (v > 0) * e


def output(squared):
    """The steps from the output to delta: with the sigmoid's slope for squared error, the error itself else."""
    delta = step("y e", slope_times_error, "y*(1 - y)*e") if squared else step("e", lambda e: e, "e")
    return {"e": step("d y", lambda d, y: d - y, "d - y"), "delta": delta}


def back(k, weight, delta, slope, text, of):
    """The steps of a hidden layer back: ``e1 = W2'*delta``, ``delta1 = y1.*(1 - y1).*e1``."""
    return {
        f"e{k}": step(f"{weight} {delta}", lambda W, delta: T(W) @ delta, f"{weight}'*{delta}"),
        f"delta{k}": step(f"{of}{k} e{k}", slope, text.format(k=k)),
    }


def change(weight, delta, below):
    """The step ``dW1 = alpha*delta1*x'``, averaged over the columns."""
    page = f"alpha*{delta}*{below}'"
    return {f"d{weight}": step(f"alpha {delta} {below} n", lambda a, delta, x, n: a * delta @ T(x) / n, page)}


def added(weights, beta=None):
    """The steps ``W1 = W1 + dW1``, with a momentum where `beta` is one."""
    steps = {}
    for W in weights:
        m, last, dW = f"m{W[1:]}", f"last_m{W[1:]}", f"d{W}"
        if beta is not None:
            steps[m] = step(f"{dW} beta {last}", lambda dW, beta, m: dW + beta * m, f"{dW} + beta*{m}")
        what = dW if beta is None else m
        steps[f"new_{W}"] = step(f"{W} {what}", add, f"{W} + {what}")
    return steps if beta is None else {"beta": constant(beta), **steps}


SIGMOID_BACK = (slope_times_error, "y{k}*(1 - y{k})*e{k}", "y")
RELU_BACK = (relu_slope_times_error, "(v{k} > 0)*e{k}", "v")


def single(size):
    """The delta rule."""
    steps = {
        **samples(size),
        "alpha": constant(0.9),
        **layer("", "W", "x", sigmoid, "Sigmoid"),
        **output(squared=True),
        **change("W", "delta", "x"),
        **added(["W"]),
    }
    return Form(("W",), steps)


def two_layers(squared, function=sigmoid, name="Sigmoid", beta=None):
    """Back-propagation through one hidden layer of sigmoid nodes."""
    steps = {
        **samples(1),
        "alpha": constant(0.9),
        **layer(1, "W1", "x", sigmoid, "Sigmoid"),
        **layer("", "W2", "y1", function, name),
        **output(squared),
        **back(1, "W2", "delta", *SIGMOID_BACK),
        **change("W1", "delta1", "x"),
        **change("W2", "delta", "y1"),
        **added(["W1", "W2"], beta),
    }
    return Form(("W1", "W2"), steps)


def _deep(hidden):
    """The layers of a deep network, of which `hidden` has the steps forward and back of the hidden ones."""
    steps = {
        **samples(1),
        "alpha": constant(0.01),
        **hidden,
        "v": step("W4 y3", matmul, "W4*y3"),
        "y": step("v", softmax, "Softmax(v)"),
        **output(squared=False),
    }
    for k, delta, below in ((1, "delta1", "x"), (2, "delta2", "y1"), (3, "delta3", "y2"), (4, "delta", "y3")):
        steps |= change(f"W{k}", delta, below)
    return steps | added(["W1", "W2", "W3", "W4"])


FORWARD = ((1, "x"), (2, "y1"), (3, "y2"))
BACK = ((3, "W4", "delta"), (2, "W3", "delta3"), (1, "W2", "delta2"))


def deep_relu():
    """Three hidden layers of ReLU nodes, and softmax."""
    hidden = {}
    for k, below in FORWARD:
        hidden |= layer(k, f"W{k}", below, relu, "ReLU")
    for k, weight, delta in BACK:
        hidden |= back(k, weight, delta, *RELU_BACK)
    return Form(("W1", "W2", "W3", "W4"), _deep(hidden))


def drawn(rng, ratio, W1, W2, W3, x):
    """The nodes that dropout keeps, by layer and then by column, and the stream behind them."""
    rng, kept = copy(rng), []
    for _ in range(x.shape[-1]):
        kept.append([rng.randperm(n, kept_nodes(n, ratio)) for n in (W1.shape[-2], W2.shape[-2], W3.shape[-2])])
    return list(zip(*kept, strict=True)), rng


def mask(k):
    """The mask of hidden layer k: the scale where a node is kept, 0 elsewhere."""

    def masked(draws, scale, s):
        m = np.zeros(s.shape[-2:], s.dtype)  # the same for all networks
        for column, nodes in enumerate(draws[0][k - 1]):
            m[nodes - 1, column] = 1
        return scale * m

    return masked


def deep_dropout():
    """Three hidden layers of sigmoid nodes with dropout, and softmax."""
    hidden = {
        "ratio": constant(0.2),
        "scale": step("ratio", lambda ratio: 1 / (1 - ratio), "1/(1 - ratio)"),
        "draws": step("rng ratio W1 W2 W3 x", drawn, "randperm(n, round(n*(1 - ratio)))"),
        "new_rng": step("draws", lambda draws: draws[1]),
    }
    for k, below in FORWARD:
        hidden[f"v{k}"] = step(f"W{k} {below}", matmul, f"W{k}*{below}")
        hidden[f"s{k}"] = step(f"v{k}", sigmoid, f"Sigmoid(v{k})")
        hidden[f"mask{k}"] = step(f"draws scale s{k}", mask(k), f"Dropout(y{k}, ratio)")
        hidden[f"y{k}"] = step(f"s{k} mask{k}", lambda s, m: s * m, f"y{k}*Dropout(y{k}, ratio)")
    for k, weight, delta in BACK:
        hidden |= back(k, weight, delta, *SIGMOID_BACK)
    return Form(("W1", "W2", "W3", "W4"), _deep(hidden), random=True)


def cut_images(size):
    """The step ``updates`` of images (N, rows, columns) and targets (N, 10)."""

    def updates(xs, ds):
        count = len(xs) // size
        if count == 0:  # which no reshape can tell from any other number
            return []
        images = xs[: count * size].reshape(count, size, *xs.shape[1:])
        return list(zip(images, columns(ds, size), strict=True))

    return updates


def _conv_change(alpha, x, delta2, n):
    return alpha * gradient_matmul(x, delta2) / n


def mnist_conv():
    """Convolution, ReLU, mean pooling, a ReLU layer and softmax, in batches of 100 with momentum."""
    steps = {
        "xs": step("X", lambda X: X, "X(:, :, k)"),
        "ds": step("X D", lambda X, D: one_hot(D, X), "1 at class D, where the digit 0 is class 10"),
        "updates": step("xs ds", cut_images(100)),
        "kept": step("", lambda: False),
        "n": step("x", len, "the number of images in a batch"),
        "alpha": constant(0.01),
        "y1": step("W1 x", lambda W1, x: correlate_matmul(x, W1), "Conv(x, W1)"),
        "y2": step("y1", relu, "ReLU(y1)"),
        "y3": step("y2", pool, "Pool(y2)"),
        "y4": step("y3", as_columns, "reshape(y3, [], 1)"),
        **layer(5, "W5", "y4", relu, "ReLU"),
        **layer("", "Wo", "y5", softmax, "Softmax"),
        **output(squared=False),
        "e5": step("Wo delta", lambda W, delta: T(W) @ delta, "Wo'*delta"),
        "delta5": step("y5 e5", relu_slope_times_error, "(y5 > 0)*e5"),
        "e4": step("W5 delta5", lambda W, delta: T(W) @ delta, "W5'*delta5"),
        "e3": step("y3 e4", maps_like, "reshape(e4, size(y3))"),
        "e2": step("e3", unpool, "kron(e3, ones(2)/4)"),
        "delta2": step("y2 e2", relu_slope_times_error, "(y2 > 0)*e2"),
        "dW1": step("alpha x delta2 n", _conv_change, "alpha*conv2(x, rot90(delta2, 2), 'valid'), averaged"),
        **change("W5", "delta5", "y4"),
        **change("Wo", "delta", "y5"),
        **added(["W1", "W5", "Wo"], beta=0.95),
    }
    return Form(("W1", "W5", "Wo"), steps)


LISTINGS = {
    "delta_sgd": single(1),
    "delta_batch": single(None),
    "delta_minibatch": single(2),
    "backprop_xor": two_layers(squared=True),
    "backprop_mmt": two_layers(squared=True, beta=0.9),
    "backprop_ce": two_layers(squared=False),
    "multi_class": two_layers(squared=False, function=softmax, name="Softmax"),
    "deep_relu": deep_relu(),
    "deep_dropout": deep_dropout(),
    "mnist_conv": mnist_conv(),
}
"""By name of the listing, in the order of the book."""
