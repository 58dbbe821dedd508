"""The activation functions as parts, and what is done wrong in them."""

import numpy as np

from .part import Mistakes, Part, Probe, mistake
from .part_mine import function, one_by_one
from .steps import step

VECTOR = np.array([-3.0, -1.5, -0.4, 0.0, 0.3, 1.0, 2.5])
MATRIX = np.array([[0.5, -1.2, 2.0], [-0.7, 0.1, 0.9]])
LARGE = np.array([-1000.0, -40.0, 2.0, 50.0, 1000.0])


def probes(given=None, large=True, wanted=("out",)):
    """A vector, a matrix and large numbers, each for the function and for its derivative."""
    xs = {"a vector": VECTOR, "a matrix": MATRIX, **({"large numbers": LARGE} if large else {})}
    found = [Probe(name, {"x": x, "diff": False, **(given or {})}, wanted) for name, x in xs.items()]
    slopes = [
        Probe(f"slope, {name}", {"x": x, "diff": True, **(given or {})}, wanted, ("diff",)) for name, x in xs.items()
    ]
    return tuple(found + slopes)


def pick(diff, y, dy):
    """The derivative where that is asked for."""
    return dy if diff else y


OUT = step("diff y dy", pick, "y, and dy where diff is true")
LABELS = {"out": "what it returns"}


def activation(name, steps, mistakes, names=(), given=None, options=("diff",), alike=(), extra=(), **probed):
    """An activation function as a part: of the steps ``y`` and ``dy``, its derivative."""
    use, way = function("x", options=options, result="out"), one_by_one("x", options=options, result="out")
    return Part(
        name, {**steps, "out": OUT}, (*probes(given, **probed), *extra), use, tuple(mistakes),
        names=names, alike=alike, ways=(("it takes one number at a time", way),), labels=LABELS,
    )  # fmt: skip


def _sigmoid():
    steps = {
        "e": step("x", lambda x: np.exp(-x), "exp(-x)"),
        "y": step("e", lambda e: 1 / (1 + e), "1 / (1 + exp(-x))"),
        "dy": step("y", lambda y: y * (1 - y), "y * (1 - y), y the sigmoid of x"),
    }
    m = Mistakes(steps)
    return activation("sigmoid", steps, [
        m("exp-plus", "e", "x", np.exp, "exp(+x)", "without its minus"),
        m("one-minus", "y", "e", lambda e: 1 / (1 - e), "1 / (1 - exp(-x))"),
        m("no-division", "y", "e", lambda e: 1 + e, "1 + exp(-x)", "as 1 / 1 + exp(-x) is without its parentheses"),
        m("without-1", "y", "e", lambda e: 1 / e, "1 / exp(-x)", "without the 1 that is added"),
        m("exp-over", "y", "e", lambda e: e / (1 + e), "exp(-x) / (1 + exp(-x))"),
        m("tanh", "y", "x", np.tanh, "tanh(x)", "which goes from -1 to 1"),
        m("threshold", "y", "x", lambda x: 1.0 * (x > 0), "1 where x > 0", "a threshold"),
        m("hard-sigmoid", "y", "x", lambda x: np.clip(0.2 * x + 0.5, 0, 1), "0.2 x + 0.5 between 0 and 1"),
        m("steep", "e", "x", lambda x: np.exp(-2 * x), "exp(-2 x)"),
        m("powers-of-2", "e", "x", lambda x: 2.0**-x, "2 to the power of -x"),
        m("slope-of-x", "dy", "x", lambda x: x * (1 - x), "x * (1 - x)", "as if x were the output"),
        m("slope-of-y", "dy", "y", lambda y: (lambda s: s * (1 - s))(1 / (1 + np.exp(-y))),
          "that at the sigmoid of x", "where x belongs"),
        m("slope-half", "dy", "y", lambda y: 1 - y, "1 - y", "without the y"),
        m("slope-plus", "dy", "y", lambda y: y * (1 + y), "y * (1 + y)"),
        m("slope-tanh", "dy", "y", lambda y: 1 - y * y, "1 - y^2", "the slope of tanh"),
        m("slope-negative", "dy", "y", lambda y: -y * (1 - y), "-y * (1 - y)"),
    ], names=("logistic", "sigmoidfunction", "logsig"))  # fmt: skip


def _relu():
    steps = {
        "y": step("x", lambda x: np.maximum(x, 0), "max(0, x)"),
        "dy": step("x", lambda x: 1.0 * (x > 0), "1 where x > 0, else 0"),
        "x_after": step("x", lambda x: x, "as it was before"),
    }
    m = Mistakes(steps)
    part = activation("relu", steps, [
        m("minimum", "y", "x", lambda x: np.minimum(x, 0), "min(0, x)"),
        m("absolute", "y", "x", abs, "abs(x)"),
        m("leaky", "y", "x", lambda x: np.maximum(x, 0.01 * x), "max(x, 0.01 x)", "a leaky ReLU"),
        m("no-activation", "y", "x", lambda x: x, "x"),
        m("threshold", "y", "x", lambda x: 1.0 * (x > 0), "1 where x > 0"),
        m("at-least-1", "y", "x", lambda x: np.maximum(x, 1), "max(1, x)"),
        m("at-most-6", "y", "x", lambda x: np.clip(x, 0, 6), "at most 6", "as in ReLU6"),
        m("softplus", "y", "x", lambda x: np.logaddexp(0, x), "ln(1 + exp(x))"),
        m("slope-at-0", "dy", "x", lambda x: 1.0 * (x >= 0), "1 where x >= 0", "1 at 0 as well"),
        m("slope-x", "dy", "x", lambda x: x * (x > 0), "x where x > 0"),
        m("slope-everywhere", "dy", "x", lambda x: np.ones_like(x), "1 everywhere"),
        m("slope-left", "dy", "x", lambda x: 1.0 * (x < 0), "1 where x < 0"),
        mistake("in-place", "x is overwritten with what comes out", "x should stay as it is, for whoever needs it",
                x_after=("y", lambda y: y)),
    ], names=("relufunction", "rectifier"), wanted=("out", "x_after"))  # fmt: skip
    return part


FUNCTIONS = (_sigmoid(), _relu())
