"""The softmax as a part, and what is done wrong in it."""

import numpy as np

from ..steps import step
from .functions import LABELS, OUT
from .mine import function
from .part import Mistakes, Part, Probe

SQUARE = np.array([[0.3, -1.0, 2.0], [1.5, 0.2, -0.4], [-2.0, 0.7, 0.1]])
BATCH = np.array([[0.1, 1.2, -0.3, 2.0], [-1.0, 0.4, 0.9, 0.2]])
LARGE = np.array([[1000.0, 999.0, -3.0], [0.0, -1000.0, 1.0]])


def shifted(x):
    """x less the largest of each row, so that no exponential runs over."""
    return x - x.max(axis=-1, keepdims=True)


def divided(e, total):
    """A quotient."""
    return e / total


def jacobian(y):
    """The derivatives of each output with respect to each input."""
    return y[..., :, None] * (np.eye(y.shape[-1]) - y[..., None, :])


def _softmax():
    steps = {
        "z": step("x", shifted, "x less the largest of its row"),
        "e": step("z", np.exp, "exp(z)"),
        "total": step("e", lambda e: e.sum(axis=-1, keepdims=True), "the sum of e over each row"),
        "y": step("e total", divided, "e / total"),
        "dy": step("y", jacobian, "y_i (1 - y_i) for an output's own input, else -y_i y_j"),
        "out": OUT,
        "x_after": step("x", lambda x: x, "as it was before"),
    }
    m = Mistakes(steps)
    mistakes = (
        m("no-shift", "z", "x", lambda x: x, "x itself", "whose exponential runs over from 710 on"),
        m("shift-of-the-batch", "z", "x", lambda x: x - x.max(), "x less the largest of the whole batch",
          "so that a row of small numbers may be 0 / 0"),
        m("sum-of-the-batch", "total", "e", lambda e: e.sum(), "the sum of e over the whole batch",
          "so that a row does not sum to 1", "notes-softmax-of-a-batch"),
        m("sum-of-x", "total", "x", lambda x: x.sum(axis=-1, keepdims=True), "the sum of x", "without the exponential"),
        m("keepdims", "total", "e", lambda e: e.sum(axis=-1), "without its axis (keepdims)",
          "so that NumPy divides columns in place of rows, or does not divide at all"),
        m("no-sum", "y", "e", lambda e: e, "e", "which nothing divides"),
        m("mean", "total", "e", lambda e: e.mean(axis=-1, keepdims=True), "the mean of e over each row"),
        m("norm", "total", "e", lambda e: np.sqrt((e * e).sum(axis=-1, keepdims=True)), "the length of the row e"),
        m("exp-minus", "e", "z", lambda z: np.exp(-z), "exp(-z)"),
        m("no-exp", "e", "z", lambda z: z, "z", "without the exponential"),
        m("powers-of-2", "e", "z", lambda z: 2.0**z, "2 to the power of z"),
        m("log", "y", "e total", lambda e, s: np.log(e / s), "ln(e / total)", "the logarithm of it"),
        m("sigmoid", "y", "x", lambda x: 1 / (1 + np.exp(-x)), "1 / (1 + exp(-x))", "the sigmoid"),
        m("hard", "y", "x", lambda x: 1.0 * (x == x.max(axis=-1, keepdims=True)), "1 for the largest, else 0"),
        m("slope-of-sigmoid", "dy", "y", lambda y: y * (1 - y), "y * (1 - y)", "the diagonal alone"),
        m("slope-sign", "dy", "y", lambda y: -jacobian(y), "y_i y_j, less y_i for an output's own input"),
        m("slope-without-own", "dy", "y", lambda y: -y[..., :, None] * y[..., None, :], "-y_i y_j for all inputs"),
    )  # fmt: skip
    wanted, no = ("out",), {"diff": False}
    probes = (
        Probe("a square", {"x": SQUARE, **no}, wanted),
        Probe("a batch", {"x": BATCH, **no}, wanted),
        Probe("one sample", {"x": SQUARE[0], **no}, wanted, (), "it takes batches, and no sample alone"),
        Probe("large numbers", {"x": LARGE, **no}, wanted),
        Probe("slope, sample", {"x": SQUARE[0], "diff": True}, wanted, ("diff",)),
        Probe("slope, batch", {"x": BATCH, "diff": True}, wanted, ("diff",)),
    )
    columns = function("x", options=("diff",), result="out", change={"x": np.transpose, "out": np.transpose})
    return Part(
        "softmax", steps, probes, function("x", options=("diff",), result="out"), mistakes,
        names=("softmaxfunction",), ways=(("samples are columns, as in MATLAB", columns),), labels=LABELS,
    )  # fmt: skip


SOFTMAX = (_softmax(),)
