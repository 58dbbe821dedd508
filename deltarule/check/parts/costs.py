"""The two cost functions as parts, and what is done wrong in them."""

import numpy as np

from ..steps import step
from .mine import copied, function
from .part import AFTER, Mistakes, Part, Probe

Y = np.array([[0.1, 0.05, 0.6, 0.25], [0.3, 0.3, 0.15, 0.25], [0.05, 0.7, 0.2, 0.05]])
DIGITS = np.array([2, 0, 3])
ZERO_AT_ANSWER = np.array([[0.1, 0.05, 0.0, 0.85], [0.3, 0.3, 0.15, 0.25], [0.05, 0.7, 0.2, 0.05]])
ZERO_ELSEWHERE = np.array([[0.1, 0.0, 0.6, 0.3], [0.3, 0.3, 0.15, 0.25], [0.05, 0.7, 0.2, 0.05]])
COST = {"cost": "the cost"}


def one_hot(digits, n=4):
    """Rows with a 1 in the place of the digit."""
    return np.eye(n)[digits]


def _mean_squared_error():
    steps = {
        "e": step("y t", lambda y, t: y - t, "y - t"),
        "squares": step("e", lambda e: e * e, "e^2"),
        "total": step("squares", lambda s: s.sum(), "the sum over all elements"),
        "cost": step("total", lambda s: 0.5 * s, "0.5 * total"),
    }
    m = Mistakes(steps)
    mistakes = (
        m("mean", "cost", "squares", lambda s: s.mean(), "the mean of the squares",
          "as the name says; the notes have half the sum", "notes-mean-without-n"),
        m("half-mean", "cost", "squares", lambda s: s.mean() / 2, "half the mean of the squares",
          "as the name says; the notes have half the sum", "notes-mean-without-n"),
        m("by-samples", "cost", "squares", lambda s: s.sum() / (2 * len(np.atleast_2d(s))),
          "half the sum, divided by the number of samples"),
        m("no-half", "cost", "total", lambda s: s, "total", "without the half"),
        m("root", "cost", "squares", lambda s: np.sqrt(s.mean()), "the root of the mean"),
        m("length", "cost", "total", np.sqrt, "the root of total"),
        m("no-square", "squares", "e", lambda e: e, "e", "without the square"),
        m("absolute", "squares", "e", abs, "abs(e)"),
        m("square-of-sum", "total", "e", lambda e: e.sum() ** 2, "the square of the sum", "for the sum of the squares"),
        m("plus", "e", "y t", lambda y, t: y + t, "y + t"),
        m("minus-cost", "cost", "total", lambda s: -0.5 * s, "-0.5 * total"),
        m("squares-apart", "squares", "y t", lambda y, t: y * y - t * t, "y^2 - t^2"),
    )  # fmt: skip
    y, t = 1.5 * Y, one_hot(DIGITS)
    probes = (Probe("one sample", {"y": y[0], "t": t[0]}, ("cost",)), Probe("a batch", {"y": y, "t": t}, ("cost",)))
    return Part(
        "mean_squared_error", steps, probes, function("y", "t", result="cost"), mistakes,
        names=("mse", "sumsquarederror", "sumsquareserror", "squarederror", "sse"), labels=COST,
    )  # fmt: skip


def with_labels(name, batches=False):
    """How a cost is used: with outputs and labels, those of the probe or always digits; `batches` of one as well."""

    def use(mine, given, demands=()):
        y, t = copied(given["given_y"]), copied(given[name])
        if batches and y.ndim == 1:
            y, t = y[None], np.array(t)[None]
        cost = mine.array(mine.call(mine.object, [y, t]), "cost")
        return {"cost": cost, f"given_y{AFTER}": y.reshape(np.shape(given["given_y"]))}

    return use


ONE = "it takes batches: one sample must be a batch of one, as a vector it gives another cost"


def added(delta):
    """The step ``delta``."""
    return step("", lambda: delta, f"{delta:g}")


OTHER_DELTAS = tuple(
    (f"the number in the logarithm is {d:g}, where the notes have 1e-07", {"delta": added(d)})
    for d in (1e-8, 1e-10, 1e-12, 1e-15)
)
CLIPPED = (
    ("probabilities are kept above that number, which is not added",
     {"inside": step("y delta", np.maximum, "max(y, delta)")}),
    ("probabilities are kept between that number and 1 less it",
     {"inside": step("y delta", lambda y, d: np.clip(y, d, 1 - d), "y between delta and 1 - delta")}),
)  # fmt: skip


def of_answers(t, values):
    """The sum over the classes, of those whose target is 1."""
    return (t * values).sum(axis=-1)


def at(y, digits, move=0):
    """What stands in the place of each digit, or so many places behind."""
    return y[np.arange(len(y)), (digits + move) % y.shape[1]]


def _cross_entropy_error():
    steps = {
        "delta": added(1e-7),
        "inside": step("y delta", lambda y, d: y + d, "y + delta"),
        "logs": step("inside", np.log, "ln(y + delta)"),
        "rows": step("t logs", of_answers, "the logarithm at the right class"),
        "cost": step("rows", lambda r: -r.mean(), "minus the mean over the samples"),
    }
    m = Mistakes(steps)
    mistakes = (
        m("without-n", "cost", "rows", lambda r: -r.sum(), "minus the sum over the samples", "not divided by their "
          "number", "notes-cross-entropy-without-n"),
        m("by-elements", "cost", "rows t", lambda r, t: -r.sum() / t.size,
          "minus the sum, divided by the number of samples and classes", "as a mean over all elements is"),
        m("by-classes", "cost", "rows t", lambda r, t: -r.sum() / t.shape[1],
          "minus the sum, divided by the number of classes", "as with the wrong axis of the shape"),
        m("no-delta", "logs", "y", np.log, "ln(y)", "so that 0 ln(0) is not a number, with one-hot labels",
          "notes-batch-cross-entropy-log-0"),
        m("no-delta-digits", "rows", "y digits", lambda y, k: np.log(at(y, k)), "ln(y) at the digit",
          "which is infinite where y is 0 there", "notes-batch-cross-entropy-log-0"),
        m("delta-outside", "rows", "y digits delta", lambda y, k, d: np.log(at(y, k)) + d, "ln(y) + delta",
          "outside the logarithm"),
        m("delta-times", "rows", "y digits delta", lambda y, k, d: np.log(at(y, k) * d), "ln(y * delta)"),
        m("delta-large", "delta", "", lambda: 1e-2, "0.01", "too large"),
        m("no-minus", "cost", "rows", lambda r: r.mean(), "the mean over the samples", "without its minus"),
        m("log2", "logs", "inside", np.log2, "the logarithm to base 2"),
        m("log10", "logs", "inside", np.log10, "the logarithm to base 10"),
        m("exchanged", "rows", "t y delta", lambda t, y, d: (y * np.log(t + d)).sum(axis=-1), "y ln(t + delta)",
          "with outputs and targets exchanged"),
        m("both-terms", "rows", "t y delta",
          lambda t, y, d: (t * np.log(y + d) + (1 - t) * np.log(1 - y + d)).sum(axis=-1),
          "t ln(y) + (1 - t) ln(1 - y), over all classes", "the cross-entropy of sigmoid outputs"),
        m("all-classes", "rows", "logs", lambda logs: logs.sum(axis=-1), "the sum of the logarithms of all classes",
          "without t"),
        m("one-off", "rows", "logs digits", lambda logs, k: at(logs, k, 1), "the logarithm one class further on"),
        m("one-before", "rows", "logs digits", lambda logs, k: at(logs, k, -1), "the logarithm one class before",
          "as with classes counted from 1"),
        m("every-answer", "rows", "logs digits", lambda logs, k: logs[:, k].sum(axis=-1),
          "the sum of the logarithms at the digits of all samples", "as y[:, t] takes them"),
        m("no-log", "logs", "y", lambda y: y, "y", "without the logarithm"),
        m("of-1-minus-y", "inside", "y delta", lambda y, d: 1 - y + d, "1 - y + delta"),
    )  # fmt: skip
    t = one_hot(DIGITS)

    def probe(name, y, refusal="", labels=None, one=False):
        rows = slice(0, 1) if one else slice(None)
        given = {"y": y[rows], "t": t[rows], "digits": DIGITS[rows], "given_y": y[0] if one else y}
        given["as_digits"] = int(DIGITS[0]) if one else DIGITS
        given["labels"] = labels if labels is not None else t[0] if one else t
        return Probe(name, given, ("cost",), (), refusal)

    probes = (
        probe("a batch", Y),
        probe("a batch", Y, "labels must be one-hot rows, digits are refused", DIGITS),
        probe("one sample", Y, "it takes batches, and no sample alone", one=True),
        probe("0 elsewhere", ZERO_ELSEWHERE),
        probe("0 at answer", ZERO_AT_ANSWER),
    )
    return Part(
        "cross_entropy_error", steps, probes, with_labels("labels"), mistakes,
        names=("crossentropy", "crossentropyloss", "inputbyshapecrossentropyerror"), alike=(OTHER_DELTAS, CLIPPED),
        ways=(
            ("labels must be digits", with_labels("as_digits")),
            (f"{ONE}, with one-hot rows", with_labels("labels", True)),
            (f"{ONE}, with digits", with_labels("as_digits", True)),
        ), labels=COST,
    )  # fmt: skip


COSTS = (_mean_squared_error(), _cross_entropy_error())
