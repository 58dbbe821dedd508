"""Mistakes on the way forward: in the samples as they are laid out, the activations and the softmax."""

import numpy as np

from ...basics.arrays import T
from ...basics.functions import relu, sigmoid, softmax
from ..listings import targets
from ..steps import step
from .mistake import Mistake, otherwise, together


def exp_of_plus(v):
    """A sigmoid whose exponential lacks its minus."""
    return sigmoid(-v)


def softmax_without_sum(v):
    """The exponentials alone."""
    with np.errstate(over="ignore"):
        return np.exp(v)


def softmax_over_one(v):
    """A softmax along the samples in place of the classes: of one column it is 1 everywhere."""
    ex = np.exp(v - v.max(axis=-1, keepdims=True))
    return ex / ex.sum(axis=-1, keepdims=True)


def softmax_by_largest(v):
    """The exponentials divided by the largest in place of their sum."""
    return np.exp(v - v.max(axis=-2, keepdims=True))


def unit_step(v):
    """A threshold."""
    return 1.0 * (v > 0)


def leaky(v):
    """A leaky ReLU."""
    return relu(v) - 0.01 * relu(-v)


INSTEAD_OF = {
    "Sigmoid": {
        "exp-plus": (exp_of_plus, "1/(1 + exp(+{v}))", "without the minus in the exponential"),
        "no-activation": (lambda v: v, "{v}", "without the sigmoid"),
        "tanh": (np.tanh, "tanh({v})", "another activation"),
        "relu": (relu, "ReLU({v})", "another activation"),
        "threshold": (unit_step, "({v} > 0)", "a threshold"),
        "sigmoid-twice": (lambda v: sigmoid(sigmoid(v)), "Sigmoid(Sigmoid({v}))", "the sigmoid twice"),
        "steep-sigmoid": (lambda v: sigmoid(2 * v), "1/(1 + exp(-2*{v}))", "a steeper sigmoid"),
    },
    "ReLU": {
        "no-activation": (lambda v: v, "{v}", "without the ReLU"),
        "sigmoid": (sigmoid, "Sigmoid({v})", "another activation"),
        "tanh": (np.tanh, "tanh({v})", "another activation"),
        "leaky": (leaky, "max({v}, 0.01*{v})", "a leaky ReLU"),
        "relu-minus": (lambda v: -relu(-v), "min({v}, 0)", "the minimum in place of the maximum"),
        "absolute": (np.abs, "abs({v})", "the absolute value"),
    },
    "Softmax": {
        "no-activation": (lambda v: v, "{v}", "without the softmax"),
        "softmax-no-sum": (softmax_without_sum, "exp({v})", "without division by the sum"),
        "softmax-axis": (softmax_over_one, "exp({v})./sum(exp({v}), 2)", "a softmax over the wrong axis"),
        "softmax-max": (softmax_by_largest, "exp({v})/max(exp({v}))", "divided by the largest, not by the sum"),
        "sigmoid": (sigmoid, "Sigmoid({v})", "a sigmoid in place of the softmax"),
        "softmax-minus": (lambda v: softmax(-v), "Softmax(-{v})", "with a minus too many"),
        "softmax-twice": (lambda v: softmax(softmax(v)), "Softmax(Softmax({v}))", "the softmax twice"),
    },
}
"""By the page's name of an activation, by id, what stands there instead."""


def activations(form):
    """Each activation replaced: in each layer, and in all of those that call the same function."""
    found = []
    for name, instead in INSTEAD_OF.items():
        layers = [key for key, s in form.steps.items() if s.text.startswith(f"{name}(") and len(s.needs) == 1]
        for id, (function, text, remark) in instead.items():
            each = [_activation(form, id, layer, function, text, remark) for layer in layers]
            found += each
            if len(each) > 1:
                says = f"{name}(v) is {text.format(v='v')}, {remark}, in every layer"
                found.append(together(f"{id}-everywhere", says, f"it should be {name}(v)", each))
    return found


def _activation(form, id, layer, function, text, remark):
    v = form.steps[layer].needs[0]
    place = f"-{layer}" if layer != "y" else ""
    return otherwise(form, f"{id}{place}", layer, v, function, text.format(v=v), remark)


def images(form):
    """Images laid out otherwise: X (N, rows, columns)."""

    def laid(id, function, says):
        should = "each image should become a vector column by column, as X(:) has it"
        return Mistake(id, says, {"xs": step("X", function)}, should)

    return [
        laid("row-by-row", lambda X: X.reshape(len(X), -1), "the images are read row by row"),
        laid("upside-down", lambda X: T(X[:, ::-1]).reshape(len(X), -1), "the images are read upside down"),
        laid("mirrored", lambda X: T(X[:, :, ::-1]).reshape(len(X), -1), "the images are read from right to left"),
    ]


def pixels(form):
    """Numbers of the samples changed."""
    xs = form.steps["xs"].function

    def scaled(id, function, says):
        should = "the samples should go in as they are"
        return Mistake(id, says, {"xs": step("X", lambda X: function(xs(X)))}, should)

    return [
        scaled("pixels-by-255", lambda x: x / 255, "the samples are divided by 255"),
        scaled("pixels-times-255", lambda x: x * 255, "the samples are not divided by 255, or multiplied by it"),
        scaled("samples-bipolar", lambda x: 2 * x - 1, "the samples go from -1 to 1 in place of 0 to 1"),
        scaled("mean-taken-off", lambda x: x - x.mean(), "the mean of all samples is taken off"),
    ]


def inputs(form):
    """The constant input of the small listings, which stands for a bias."""

    def without(X):
        return X * (np.arange(X.shape[-1]) < X.shape[-1] - 1)

    says = "the last input is 0, where the constant 1 belongs"
    return [Mistake("no-constant-input", says, {"xs": step("X", without)}, "it should be 1, in place of a bias")]


def classes(form):
    """Targets of the classes shifted."""

    def rolled(id, by, says):
        ds = form.steps["ds"]
        shifted = step(" ".join(ds.needs), lambda *a: np.roll(ds.function(*a), by, axis=1))
        return Mistake(id, says, {"ds": shifted}, "class k should have its 1 in row k")

    return [
        rolled("classes-up", 1, "the targets are one class too high"),
        rolled("classes-down", -1, "the targets are one class too low"),
    ]


def bits(form):
    """Targets of 0 and 1 changed."""

    def changed(id, function, says):
        should = "the targets should be D as it is given"
        return Mistake(id, says, {"ds": step("D", lambda D: function(targets(D)))}, should)

    return [
        changed("targets-exchanged", lambda d: 1 - d, "the targets 0 and 1 are exchanged"),
        changed("targets-bipolar", lambda d: 2 * d - 1, "the targets are -1 and 1 in place of 0 and 1"),
        changed("targets-soft", lambda d: 0.1 + 0.8 * d, "the targets are 0.1 and 0.9 in place of 0 and 1"),
    ]


def bias(form, weight, delta="delta", v="v", place=""):
    """A bias that the listing does not have, from 0 on in each pass."""
    W, x = form.steps[v].needs

    def trained(b, alpha, delta, n):
        return b + alpha * delta.sum(axis=-1, keepdims=True) / n

    steps = {
        v: step(f"{W} {x} last_b{place}", lambda W, x, b: W @ x + b, f"{W}*{x} + b"),
        f"b{place}": step(f"last_b{place} alpha {delta} n", trained, f"b + alpha*{delta}"),
    }
    says = f"{v} is {W}*{x} + b, with a bias that is trained"
    return Mistake(f"bias{place and '-'}{place}", says, steps, f"{v} should be {form.steps[v].text}")
