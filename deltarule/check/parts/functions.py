"""The activation functions as parts, and what is done wrong in them."""

import numpy as np

from ..steps import step
from .mine import function, one_by_one
from .part import Mistakes, Part, Probe, mistake

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
ELU = {"left": "the left side"}


def activation(
    name, steps, mistakes, names=(), given=None, options=("diff",), alike=(), extra=(), labels=None, **probed
):
    """An activation function as a part: of the steps ``y`` and ``dy``, its derivative."""
    use, way = function("x", options=options, result="out"), one_by_one("x", options=options, result="out")
    return Part(
        name, {**steps, "out": OUT}, (*probes(given, **probed), *extra), use, tuple(mistakes),
        names=names, alike=alike, ways=(("it takes one number at a time", way),), labels={**LABELS, **(labels or {})},
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
        m("overflow", "y", "x", lambda x: np.exp(x) / (1 + np.exp(x)), "exp(x) / (1 + exp(x))",
          "which is no number from 710 on"),
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
                x_after=("diff x y", lambda diff, x, y: x if diff else y)),
    ], names=("relufunction", "rectifier"), wanted=("out", "x_after"))  # fmt: skip
    return part


def _step():
    steps = {
        "y": step("x", lambda x: 1.0 * (x > 0), "1 where x > 0, else 0"),
        "dy": step("x", lambda x: 0.0 * (x > 0), "0"),
    }
    m = Mistakes(steps)
    return activation("step", steps, [
        m("at-0", "y", "x", lambda x: 1.0 * (x >= 0), "1 where x >= 0", "1 at 0 as well"),
        m("turned", "y", "x", lambda x: 1.0 * (x < 0), "1 where x < 0"),
        m("sign", "y", "x", np.sign, "the sign of x", "which is -1 on the left"),
        m("sign-0", "y", "x", lambda x: np.where(x > 0, 1.0, -1.0), "-1 where x is not above 0"),
        m("at-half", "y", "x", lambda x: 1.0 * (x > 0.5), "1 where x > 0.5"),
        m("slope-1", "dy", "x", np.ones_like, "1"),
    ], names=("stepfunction", "heaviside", "threshold"))  # fmt: skip


def _tanh():
    steps = {
        "y": step("x", np.tanh, "(exp(x) - exp(-x)) / (exp(x) + exp(-x))"),
        "dy": step("y", lambda y: 1 - y * y, "1 - y^2"),
    }
    m = Mistakes(steps)
    return activation("tanh", steps, [
        m("overflow", "y", "x", lambda x: (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x)),
          "a quotient of exponentials", "which run over for large x, so that it is not a number"),
        m("half", "y", "x", lambda x: np.tanh(x / 2), "(1 - exp(-x)) / (1 + exp(-x))", "which is tanh(x / 2)"),
        m("turned", "y", "x", lambda x: -np.tanh(x), "tanh(-x)"),
        m("inverse", "y", "x", lambda x: 1 / np.tanh(x), "1 / tanh(x)"),
        m("sigmoid", "y", "x", lambda x: 1 / (1 + np.exp(-x)), "1 / (1 + exp(-x))", "the sigmoid"),
        m("tan", "y", "x", np.tan, "the tangent"),
        m("sinh", "y", "x", np.sinh, "sinh(x)"),
        m("slope-of-x", "dy", "x", lambda x: 1 - x * x, "1 - x^2", "as if x were the output"),
        m("slope-sigmoid", "dy", "y", lambda y: y * (1 - y), "y * (1 - y)", "the slope of the sigmoid"),
        m("slope-no-square", "dy", "y", lambda y: 1 - y, "1 - y"),
        m("slope-plus", "dy", "y", lambda y: 1 + y * y, "1 + y^2"),
    ], names=("hyperbolictangent",))  # fmt: skip


def two_slopes(x, a):
    """x right of 0, and a x left of it."""
    return np.where(x > 0, x, a * x)


def _two_slopes(name, option, value, others, names, erratum):
    """A leaky ReLU, whose slope on the left is called `option`."""
    steps = {
        "slope": step(option, lambda a: a, option),
        "y": step("x slope", two_slopes, f"x where x > 0, else {option} x"),
        "dy": step("x slope", lambda x, a: np.where(x > 0, 1.0, a), f"1 where x > 0, else {option}"),
    }
    m = Mistakes(steps)
    mistakes = [
        m("maximum", "y", "x slope", lambda x, a: np.maximum(a * x, x), f"max({option} x, x)",
          f"which is another function where {option} is above 1", erratum),
        m("minimum", "y", "x slope", lambda x, a: np.minimum(a * x, x), f"min({option} x, x)"),
        m("relu", "y", "x", lambda x: np.maximum(x, 0), "max(0, x)", "without a slope on the left"),
        m("exchanged", "y", "x slope", lambda x, a: two_slopes(-x, a) * -1, f"{option} x where x > 0, else x"),
        m("everywhere", "y", "x slope", lambda x, a: a * x, f"{option} x on both sides"),
        m("constant", "y", "x slope", lambda x, a: np.where(x > 0, x, a), f"{option} where x is not above 0",
          "without the x"),
        m("absolute", "y", "x slope", lambda x, a: two_slopes(x, -a), f"-{option} x where x is not above 0"),
        m("slope-0", "dy", "x", lambda x: 1.0 * (x > 0), "0 where x is not above 0"),
        m("slope-at-0", "dy", "x slope", lambda x, a: np.where(x >= 0, 1.0, a), "1 at 0 as well"),
        m("slope-x", "dy", "x slope", two_slopes, f"x where x > 0, else {option} x", "the function itself"),
    ]  # fmt: skip
    large = [Probe(f"{option} = 2", {"x": x, "diff": False, option: 2.0}, ("out",), (option,)) for x in (VECTOR,)]
    alike = [(f"its slope on the left is {v:g}", {"slope": step("", lambda v=v: v, f"{v:g}")}) for v in others]
    return activation(name, steps, mistakes, names, {option: value}, ("diff", option), (tuple(alike),), large)


def _elu():
    steps = {
        "e": step("x", lambda x: np.exp(np.minimum(x, 0)), "exp(x)"),
        "left": step("e", lambda e: e - 1, "exp(x) - 1"),
        "y": step("x left alpha", lambda x, e, a: np.where(x > 0, x, a * e), "x where x > 0, else alpha (exp(x) - 1)"),
        "dy": step("x e alpha", lambda x, e, a: np.where(x > 0, 1.0, a * e), "1 where x > 0, else alpha exp(x)"),
    }
    m = Mistakes(steps, ELU)
    product = lambda x, a: x * (x > 0) + (x <= 0) * (a * (np.exp(x) - 1))  # noqa: E731
    mistakes = [
        m("overflow", "y", "x alpha", product, "a sum of products with conditions",
          "of which 0 times infinity is not a number, for large x", "notes-elu-overflow"),
        m("without-1", "left", "e", lambda e: e, "exp(x)", "without the 1 that is taken off"),
        m("exp-of-x-minus-1", "left", "x", lambda x: np.exp(np.minimum(x, 0) - 1), "exp(x - 1)"),
        m("exp-minus", "e", "x", lambda x: np.exp(-np.minimum(x, 0)), "exp(-x)"),
        m("without-alpha", "y", "x left", lambda x, e: np.where(x > 0, x, e), "exp(x) - 1 on the left, without alpha"),
        m("alpha-inside", "y", "x alpha", lambda x, a: np.where(x > 0, x, np.expm1(a * np.minimum(x, 0))),
          "exp(alpha x) - 1 on the left"),
        m("alpha-times-x", "y", "x alpha", lambda x, a: np.where(x > 0, x, a * x), "alpha x on the left",
          "a leaky ReLU"),
        m("alpha-minus-1", "y", "x e alpha", lambda x, e, a: np.where(x > 0, x, a * e - 1),
          "alpha exp(x) - 1 on the left"),
        m("slope-y", "dy", "x y", lambda x, y: np.where(x > 0, 1.0, y), "y on the left", "without the alpha added"),
        m("slope-without-alpha", "dy", "x", lambda x: np.where(x > 0, 1.0, np.exp(np.minimum(x, 0))),
          "exp(x) on the left, without alpha"),
        m("slope-constant", "dy", "x alpha", lambda x, a: np.where(x > 0, 1.0, a), "alpha on the left"),
    ]  # fmt: skip
    extra = [
        Probe("alpha = 0.5", {"x": x, "diff": diff, "alpha": 0.5}, ("out",), ("alpha", "diff")[: 1 + diff])
        for x in (VECTOR,)
        for diff in (False, True)
    ]
    return activation("elu", steps, mistakes, (), {"alpha": 1.0}, ("diff", "alpha"), extra=extra, labels=ELU)


FUNCTIONS = (
    _step(),
    _sigmoid(),
    _tanh(),
    _relu(),
    _two_slopes("leaky_relu", "a", 0.1, (0.01, 0.2, 0.3), ("leakyrelufunction", "lrelu"), ""),
    _two_slopes("prelu", "b", 0.5, (0.1, 0.25, 0.01), ("parametricrelu",), "notes-prelu-maximum"),
    _elu(),
)
