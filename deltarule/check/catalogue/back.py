"""Mistakes on the way back: in the error, the slopes, the errors of the hidden layers, and the weight changes."""

import numpy as np

from ...basics.arrays import T
from ...basics.functions import relu, sigmoid
from ..listings import matmul
from ..steps import step
from .mistake import Mistake, otherwise, together


def errors(form):
    """The output's error e."""

    def e(id, needs, function, text, remark=""):
        return otherwise(form, id, "e", needs, function, text, remark)

    return [
        e("error-sign", "d y", lambda d, y: y - d, "y - d", "with the opposite sign"),
        e("error-of-v", "d v", lambda d, v: d - v, "d - v", "the error of the weighted sum, not of the output"),
        e("error-twice", "d y", lambda d, y: 2 * (d - y), "2*(d - y)"),
        e("error-squared", "d y", lambda d, y: (d - y) * (d - y), "(d - y)^2", "the cost in place of the error"),
        e("error-half-squared", "d y", lambda d, y: (d - y) * (d - y) / 2, "(d - y)^2/2", "the cost, not the error"),
        e("error-absolute", "d y", lambda d, y: np.abs(d - y), "abs(d - y)", "without its sign"),
        e("error-rounded", "d y", lambda d, y: d - (y > 0.5), "d - (y > 0.5)", "of the answer rounded to 0 or 1"),
        e("target-alone", "d", lambda d: d, "d", "without the output"),
    ]


def output_slopes(form):
    """The slope in delta of a sigmoid output and squared error."""

    def delta(id, needs, function, text, remark, erratum=""):
        return otherwise(form, id, "delta", needs, function, text, remark, erratum)

    return [
        delta("no-output-slope", "e", lambda e: e, "e", "without the sigmoid's slope"),
        delta("output-slope-of-v", "v e", lambda v, e: v * (1 - v) * e, "v*(1 - v)*e", "the slope of v, not of y"),
        delta("output-slope-twice", "y e", lambda y, e: (y * (1 - y)) * (y * (1 - y)) * e, "(y*(1 - y))^2*e",
              "the slope twice"),
        delta("output-slope-of-sigmoid-of-y", "y e", lambda y, e: sigmoid(y) * (1 - sigmoid(y)) * e,
              "Sigmoid(y)*(1 - Sigmoid(y))*e", "the slope of a function that was applied before"),
        delta("output-slope-plus", "y e", lambda y, e: y * (1 + y) * e, "y*(1 + y)*e", "with the wrong sign"),
        delta("output-slope-1-y", "y e", lambda y, e: (1 - y) * e, "(1 - y)*e", "without the factor y"),
        delta("output-slope-y", "y e", lambda y, e: y * e, "y*e", "without the factor 1 - y"),
        delta("output-slope-tanh", "y e", lambda y, e: (1 - y * y) * e, "(1 - y^2)*e", "the slope of tanh"),
        delta("output-slope-relu", "v e", lambda v, e: (v > 0) * e, "(v > 0)*e", "the slope of a ReLU"),
        delta("output-slope-sign", "y e", lambda y, e: y * (y - 1) * e, "y*(y - 1)*e", "with the opposite sign"),
        delta("delta-not-times-e", "y", lambda y: y * (1 - y), "y*(1 - y)", "without the error"),
    ]  # fmt: skip


def output_slopes_where_none_belongs(form):
    """A slope in delta, where cross-entropy has none: delta = e."""

    def delta(id, needs, function, text, remark):
        return otherwise(form, id, "delta", needs, function, text, remark)

    return [
        delta("output-slope", "y e", lambda y, e: y * (1 - y) * e, "y*(1 - y)*e", "with a sigmoid's slope"),
        delta("output-slope-of-v", "v e", lambda v, e: v * (1 - v) * e, "v*(1 - v)*e", "with a slope, and of v"),
        delta("output-slope-relu", "v e", lambda v, e: (v > 0) * e, "(v > 0)*e", "with the slope of a ReLU"),
        delta("output-slope-divided", "y e", lambda y, e: e / (y * (1 - y)), "e/(y*(1 - y))",
              "the derivative of the cost by y, without the slope that cancels"),
    ]  # fmt: skip


def sigmoid_slopes(form, k, above, others=(), erratum=""):
    """The slope in delta of hidden layer k, whose output is y; `above` is the output of the layer above, if it fits."""
    v, y, e, delta = f"v{k}", f"y{k}", f"e{k}", f"delta{k}"
    found = []

    def add(id, needs, function, text, remark="", erratum=""):
        found.append(otherwise(form, f"{id}-{delta}", delta, needs, function, text, remark, erratum))

    add("no-slope", e, lambda e: e, e, "without the slope")
    add("slope-of-v", f"{v} {e}", lambda v, e: v * (1 - v) * e, f"{v}*(1 - {v})*{e}", "the slope of v, not of y")
    add("slope-twice", f"{y} {e}", lambda y, e: (y * (1 - y)) * (y * (1 - y)) * e, f"({y}*(1 - {y}))^2*{e}",
        "the slope twice")  # fmt: skip
    add("slope-of-sigmoid-of-y", f"{y} {e}", lambda y, e: sigmoid(y) * (1 - sigmoid(y)) * e,
        f"Sigmoid({y})*(1 - Sigmoid({y}))*{e}", "the slope of a function that was applied before")  # fmt: skip
    add("slope-plus", f"{y} {e}", lambda y, e: y * (1 + y) * e, f"{y}*(1 + {y})*{e}", "with the wrong sign")
    add("slope-1-y", f"{y} {e}", lambda y, e: (1 - y) * e, f"(1 - {y})*{e}", f"without the factor {y}")
    add("slope-y", f"{y} {e}", lambda y, e: y * e, f"{y}*{e}", f"without the factor 1 - {y}")
    add("slope-tanh", f"{y} {e}", lambda y, e: (1 - y * y) * e, f"(1 - {y}^2)*{e}", "the slope of tanh")
    add("slope-relu", f"{v} {e}", lambda v, e: (v > 0) * e, f"({v} > 0)*{e}", "the slope of a ReLU")
    add("slope-sign", f"{y} {e}", lambda y, e: y * (y - 1) * e, f"{y}*({y} - 1)*{e}", "with the opposite sign")
    add("slope-alone", y, lambda y: y * (1 - y), f"{y}*(1 - {y})", "without the error")
    if above:
        add("slope-half-of-output", f"{y} {above} {e}", lambda y, z, e: y * (1 - z) * e, f"{y}*(1 - {above})*{e}",
            f"with the output's 1 - {above} in place of the layer's own", erratum)  # fmt: skip
        add("slope-other-half-of-output", f"{y} {above} {e}", lambda y, z, e: z * (1 - y) * e,
            f"{above}*(1 - {y})*{e}", f"with the output's {above} in place of the layer's own")  # fmt: skip
        add("slope-of-output", f"{above} {e}", lambda z, e: z * (1 - z) * e, f"{above}*(1 - {above})*{e}",
            "with the output's slope")  # fmt: skip
    for other in others:
        add(f"slope-of-{other}", f"{other} {e}", lambda y, e: y * (1 - y) * e, f"{other}*(1 - {other})*{e}",
            "the slope of another layer")  # fmt: skip
    return found


def relu_slopes(form, k, others=(), of="v"):
    """The slope in delta of hidden layer k of ReLU nodes; `of` says which of v and y the page asks."""
    y, e, delta = f"y{k}", f"e{k}", f"delta{k}"
    found = []

    def add(id, needs, function, text, remark=""):
        found.append(otherwise(form, f"{id}-{delta}", delta, needs, function, text, remark))

    add("no-slope", e, lambda e: e, e, "without the slope")
    add("slope-of-e", e, relu, f"({e} > 0)*{e}", "the slope taken of the error, not of v")
    add("slope-at-0", f"{of}{k} {e}", lambda v, e: (v >= 0) * e, f"({of}{k} >= 0)*{e}", "with the slope 1 at 0")
    add("slope-leaky", f"{of}{k} {e}", lambda v, e: (v > 0) * e + 0.01 * ((v <= 0) * e),
        f"({of}{k} > 0)*{e} + 0.01*({of}{k} <= 0)*{e}", "the slope of a leaky ReLU")  # fmt: skip
    add("slope-y", f"{y} {e}", lambda y, e: y * e, f"{y}*{e}", "the output in place of the slope")
    add("slope-sigmoid", f"{y} {e}", lambda y, e: y * (1 - y) * e, f"{y}*(1 - {y})*{e}", "a sigmoid's slope")
    add("slope-inverted", f"{of}{k} {e}", lambda v, e: (v < 0) * e, f"({of}{k} < 0)*{e}", "the other way round")
    add("slope-alone", f"{of}{k}", lambda v: 1.0 * (v > 0), f"({of}{k} > 0)", "without the error")
    for other in others:
        add(f"slope-of-{other}", f"{other} {e}", lambda v, e: (v > 0) * e, f"({other} > 0)*{e}",
            "the slope of another layer")  # fmt: skip
    return found


def hidden_errors(form, k, weight, delta, others=(), square=False, e_above=None):
    """The error of hidden layer k; `others` are weights of the same shape, `e_above` the error behind delta."""
    e, found = f"e{k}", []

    def add(id, needs, function, text, remark=""):
        found.append(otherwise(form, f"{id}-{e}", e, needs, function, text, remark))

    def back(W, delta):
        return T(W) @ delta

    if e_above:
        add("e-for-delta", f"{weight} {e_above}", back, f"{weight}'*{e_above}", f"with {e_above} in place of {delta}")
    changed = f"new_{weight}"
    add("after-update", f"{changed} {delta}", back, f"{weight}'*{delta}", f"with {weight} after its update")
    add("minus", f"{weight} {delta}", lambda W, delta: -(T(W) @ delta), f"-{weight}'*{delta}", "with a minus")
    for other in others:
        add(f"through-{other}", f"{other} {delta}", back, f"{other}'*{delta}", f"through {other}, not {weight}")
    if square:
        add("not-transposed", f"{weight} {delta}", matmul, f"{weight}*{delta}", f"without transposing {weight}")
    return found


def weight_changes(form, weight, delta, below, instead_of_delta=(), instead_of_below=()):
    """The change of one weight matrix."""
    dW, found = f"d{weight}", []

    def add(id, needs, function, text, remark=""):
        found.append(otherwise(form, f"{id}-{weight}", dW, needs, function, text, remark))

    def product(alpha, delta, x, n):
        return alpha * delta @ T(x) / n

    add("no-alpha", f"{delta} {below} n", lambda delta, x, n: delta @ T(x) / n, f"{delta}*{below}'", "without alpha")
    add("never", f"{weight}", lambda W: 0 * W, "0", f"{weight} is never changed")
    add("descends-up", f"alpha {delta} {below} n", lambda *a: -product(*a), f"-alpha*{delta}*{below}'",
        "taken off in place of added")  # fmt: skip
    add("alpha-twice", f"alpha {delta} {below} n", lambda a, *rest: product(a * a, *rest), f"alpha^2*{delta}*{below}'",
        "with alpha twice")  # fmt: skip
    add("not-summed", f"alpha {delta} n", lambda a, delta, n: a * delta.sum(axis=-1, keepdims=True) / n,
        f"alpha*{delta}", f"without {below}")  # fmt: skip
    for other in instead_of_delta:
        add(f"with-{other}", f"alpha {other} {below} n", product, f"alpha*{other}*{below}'",
            f"with {other} in place of {delta}")  # fmt: skip
    for other in instead_of_below:
        add(f"times-{other}", f"alpha {delta} {other} n", product, f"alpha*{delta}*{other}'",
            f"with {other} in place of {below}")  # fmt: skip
    return found


def replaced(form, weight):
    """The weights replaced by their change."""
    old = form.steps[f"new_{weight}"]
    steps = {f"new_{weight}": step(old.needs[1], lambda dW: dW, old.needs[1])}
    says = f"{weight} becomes {old.needs[1]}, its change alone"
    return Mistake(f"replaced-{weight}", says, steps, f"{weight} should be {old.text}")


def everywhere(id, says, should, mistakes, like, erratum=""):
    """All mistakes whose id is like one, made together."""
    those = [m for m in mistakes if m.id.startswith(like)]
    return [together(id, says, should, those, erratum)] if len(those) > 1 else []
