"""The numerical gradient, and the descent along it, as parts, and what is done wrong in them."""

import numpy as np

from ..steps import step
from .mine import copied
from .part import AFTER, Mistakes, Part, Probe, mistake

X = np.array([0.5, -1.0, 2.0])
MATRIX = np.array([[0.3, -0.8], [1.1, 0.6]])


def squares(x):
    """The sum of the squares."""
    return float((np.asarray(x) ** 2).sum())


def mixed(x):
    """A function whose elements act on each other's gradients."""
    a = np.asarray(x, dtype=np.float64).ravel()
    return float(np.exp(0.3 * a).sum() + (a**3).sum() + a.prod())


def at_places(x, h, base=None):
    """x with h added to one element at a time; `base` says what each begins from."""
    points = []
    for k in range(x.size):
        point = (x if base is None else base[k]).astype(np.float64)  # a copy
        point.reshape(-1)[k] = x.reshape(-1)[k] + h
        points.append(point)
    return points


def left_moved(x, h):
    """By place, x with the elements before it left where they were moved to last, h below."""
    bases, moved = [], x.astype(np.float64)
    for k in range(x.size):
        bases.append(moved.copy())
        moved.reshape(-1)[k] = x.reshape(-1)[k] - h
    return bases


def quotient(up, down, width, x):
    """The differences of the values over their width, in the shape of x."""
    return ((np.array(up) - np.array(down)) / width).reshape(x.shape)


def values(f, points):
    """The values of a function at points."""
    return [f(point) for point in points]


def gradient_steps():
    """The steps of a central difference."""
    return {
        "small": step("h", lambda h: h, "h"),
        "base": step("x", lambda x: [x] * x.size, "x as it was, before each element is moved"),
        "up": step("f x small base", lambda f, x, h, base: values(f, at_places(x, h, base)), "f(x + h)"),
        "down": step("f x small base", lambda f, x, h, base: values(f, at_places(x, -h, base)), "f(x - h)"),
        "width": step("small", lambda h: 2 * h, "2 h"),
        "gradient": step("up down width x", quotient, "(f(x + h) - f(x - h)) / (2 h)"),
        "x_after": step("x", lambda x: x, "as it was before"),
    }


H = {"small": "the h used"}
OTHER_H = tuple(
    (f"h is {h:g}, where it is 0.0001 in the notes", {"small": step("", lambda h=h: h, f"{h:g}")})
    for h in (1e-3, 1e-5, 1e-6)
)


def _mistakes(steps):
    m = Mistakes(steps, H)
    here = lambda f, x: [f(x)] * x.size  # noqa: E731
    return (
        mistake("forward", "the difference is one-sided, (f(x + h) - f(x)) / h", "it should be central",
                down=("f x", here), width=("small", lambda h: h)),
        mistake("backward", "the difference is one-sided, (f(x) - f(x - h)) / h", "it should be central",
                up=("f x", here), width=("small", lambda h: h)),
        m("one-h", "width", "small", lambda h: h, "h", "though the points are 2 h apart"),
        m("times-h", "width", "small", lambda h: 2 / h, "2, and h a factor", "as / 2 * h is without its parentheses"),
        m("four-h", "width", "small", lambda h: 4 * h, "4 h"),
        m("no-width", "width", "", lambda: 1.0, "1", "nothing divides the difference"),
        m("tiny-h", "small", "", lambda: 1e-50, "so small that x + h is x", "and the difference 0"),
        m("large-h", "small", "", lambda: 0.1, "0.1", "too large"),
        m("down-at-x", "down", "f x", here, "f(x)", "though 2 h divides"),
        m("sign", "gradient", "up down width x", lambda u, d, w, x: -quotient(u, d, w, x),
          "(f(x - h) - f(x + h)) / (2 h)"),
        m("sum", "gradient", "up down width x", lambda u, d, w, x: quotient(u, [-v for v in d], w, x),
          "(f(x + h) + f(x - h)) / (2 h)"),
        m("f-plus-h", "up", "f x small", lambda f, x, h: [f(x) + h] * x.size, "f(x) + h"),
        m("all-at-once", "gradient", "f x small width",
          lambda f, x, h, w: np.full(x.shape, (f(x + h) - f(x - h)) / w), "the difference with all elements moved at "
          "once"),
        mistake("not-restored", "each element is left where it was moved to last", "it should be put back before the "
                "next is moved", base=("x small", left_moved), x_after=("x small", lambda x, h: x - h)),
    )  # fmt: skip


def use_gradient(mine, given, demands=()):
    """A numerical gradient used on a function."""
    x, f = copied(given["x"]), given["f"]
    returned = mine.call(mine.object, [lambda a: f(a), x], {"h": given["h"]}, demands)
    return {"gradient": mine.array(returned, "gradient"), f"x{AFTER}": x}


def _numerical_gradient():
    steps = gradient_steps()

    def probe(name, f, x, refusal=""):
        return Probe(name, {"f": f, "x": x, "h": 1e-4}, ("gradient", "x_after"), (), refusal)

    probes = (
        probe("sum of squares", squares, X),
        probe("a function", mixed, X),
        probe("a matrix", mixed, MATRIX, "it takes vectors, and no matrix"),
    )
    names = ("numericalgrad", "numgrad", "numericgradient", "numericalgradient1d", "gradientcheck", "numericaldiffs")
    return Part(
        "numerical_gradient", steps, probes, use_gradient, _mistakes(steps), names=names, alike=(OTHER_H,), labels=H
    )


def use_number(mine, given, demands=()):
    """A numerical derivative used at a number."""
    f = given["f"]
    returned = mine.call(mine.object, [lambda a: f(a), float(given["x"][0])], {"h": given["h"]}, demands)
    return {"gradient": mine.array(returned, "derivative").reshape(-1)}


def _numerical_diff():
    steps = gradient_steps()
    mistakes = tuple(m for m in _mistakes(steps) if m.id not in ("not-restored", "all-at-once"))
    probes = tuple(
        Probe(name, {"f": f, "x": np.array([x]), "h": 1e-4}, ("gradient",))
        for name, f, x in (("a parabola", squares, 5.0), ("a function", mixed, 1.5))
    )
    return Part("numerical_diff", steps, probes, use_number, mistakes, names=("numericalderivative",), alike=(OTHER_H,),
                labels={**H, "gradient": "the derivative"})  # fmt: skip


def use_descent(mine, given, demands=()):
    """A descent used on a function."""
    x, f = copied(given["x"]), given["f"]
    options = {"lr": given["lr"], "steps": given["steps"]}
    return {"point": mine.array(mine.call(mine.object, [lambda a: f(a), x], options, demands), "point"), f"x{AFTER}": x}


def descended(x, rates, slope):
    """Where so many steps lead from x, on the sum of squares; `slope` is 2, but for mistakes."""
    for rate in rates:
        x = x - rate * slope * x
    return x


def _gradient_descent():
    steps = {
        "rates": step("lr steps", lambda lr, n: [lr] * n, "lr at every step"),
        "slope": step("", lambda: 2.0, "the gradient"),
        "point": step("x rates slope", descended, "x less lr times the gradient, as often as asked"),
    }
    m = Mistakes(steps)
    mistakes = (
        m("ascent", "slope", "", lambda: -2.0, "followed upwards", "plus for minus", "notes-gradient-direction"),
        m("one-less", "rates", "lr steps", lambda lr, n: [lr] * (n - 1), "one step less than asked"),
        m("one-more", "rates", "lr steps", lambda lr, n: [lr] * (n + 1), "one step more than asked"),
        m("once", "rates", "lr", lambda lr: [lr], "one step alone", "as with return within the loop"),
        m("no-step", "rates", "", list, "no step at all", "x stays where it is"),
        m("no-rate", "rates", "steps", lambda n: [1.0] * n, "1 at every step", "without lr"),
        m("fixed-rate", "rates", "steps", lambda n: [0.01] * n, "0.01, whatever lr is"),
        m("half-slope", "slope", "", lambda: 1.0, "half the gradient"),
        m("gradient-of-start", "point", "x rates slope", lambda x, r, s: x - sum(r) * s * x,
          "x less lr times the gradient at the start, as often as asked", "which is not taken anew"),
    )  # fmt: skip
    given = {"f": squares, "x": np.array([-3.0, 4.0])}
    probes = tuple(
        Probe(f"{n} steps", {**given, "lr": lr, "steps": n}, ("point",), ("lr", "steps"))
        for n, lr in ((3, 0.1), (10, 0.03))
    )
    return Part("gradient_descent", steps, probes, use_descent, mistakes, labels={"point": "the last point"})


NUMERICAL = (_numerical_gradient(), _numerical_diff(), _gradient_descent())
