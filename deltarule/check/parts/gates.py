"""Perceptrons and gates as parts, and what is done wrong in them."""

import numpy as np

from ..steps import step
from .mine import copied, one_by_one
from .part import Mistakes, Part, Probe, mistake

BITS = {"x1": np.array([0, 1, 0, 1]), "x2": np.array([0, 0, 1, 1])}
WHAT = {"y": "the answer"}


def fires(x1, x2, w, b):
    """1 where the weighted sum and the bias are above 0."""
    return 1 * (x1 * w[0] + x2 * w[1] + b > 0)


def gate(name, w, b, mistakes):
    """A gate of one perceptron; a mistake has other weights, another bias, and the words for them."""
    steps = {
        "w": step("", lambda: w, f"{w[0]:g} and {w[1]:g}, or others of the kind"),
        "b": step("", lambda: b, f"{b:g}, or another of the kind"),
        "y": step("x1 x2 w b", fires, "1 where w1 x1 + w2 x2 + b > 0"),
    }
    found = []
    for id, wrong_w, wrong_b, says, should in mistakes:
        changed = {} if wrong_w is None else {"w": ("", lambda w=wrong_w: w)}
        changed |= {} if wrong_b is None else {"b": ("", lambda b=wrong_b: b)}
        found.append(mistake(id, says, should, **changed))
    probe = Probe("the four cases", BITS, ("y",))
    return Part(name, steps, (probe,), one_by_one("x1", "x2"), tuple(found), labels=WHAT, names=names(name))


def names(name):
    """What a gate's function is called, beside the gate's name."""
    small = name.lower()
    return (f"{small}func", f"{small}gate", f"{small}funcbias", f"{small}biasfunc", f"gate{small}", f"logic{small}")


def _first(name, w):
    return [
        ("x1-alone", (w, 0.0), -w / 2, "the second input has no weight", "both inputs should have the same weight"),
        ("x2-alone", (0.0, w), -w / 2, "the first input has no weight", "both inputs should have the same weight"),
        ("never", None, -10.0 * abs(w), "the threshold is never reached: the answer is always 0",
         f"it should be reached where {name} is 1"),
        ("always", None, 10.0 * abs(w), "the threshold is always reached: the answer is always 1",
         f"it should not be reached where {name} is 0"),
    ]  # fmt: skip


def _xor():
    steps = {
        "s1": step("x1 x2", lambda a, b: 1 - (a & b), "NAND(x1, x2)"),
        "s2": step("x1 x2", lambda a, b: a | b, "OR(x1, x2)"),
        "y": step("s1 s2", lambda a, b: a & b, "AND(s1, s2)"),
    }
    m = Mistakes(steps)
    mistakes = (
        m("or-of-both", "y", "s1 s2", lambda a, b: a | b, "OR(s1, s2)"),
        m("nand-of-both", "y", "s1 s2", lambda a, b: 1 - (a & b), "NAND(s1, s2)", "which is 1 where XOR is 0"),
        m("and-for-nand", "s1", "x1 x2", lambda a, b: a & b, "AND(x1, x2)", "so that the answer is that of AND"),
        m("and-for-or", "s2", "x1 x2", lambda a, b: a & b, "AND(x1, x2)", "so that the answer is always 0"),
        m("or-alone", "y", "s2", lambda b: b, "s2", "the answer of OR alone"),
        m("nand-alone", "y", "s1", lambda a: a, "s1", "the answer of NAND alone"),
    )  # fmt: skip
    probe = Probe("the four cases", BITS, ("y",))
    return Part("XOR", steps, (probe,), one_by_one("x1", "x2"), mistakes, labels=WHAT, names=names("xor"))


CASES = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [2.0, -1.0], [-3.0, 0.5]])


def by_samples(mine, given, demands=()):
    """A perceptron used on one sample after the other."""
    w, b = given["w"], given["b"]
    found = [mine.array(mine.call(mine.object, [x.copy(), copied(w), b]), "y") for x in given["x"]]
    return {"y": np.array(found)}


def _perceptron():
    steps = {
        "s": step("x w b", lambda x, w, b: x @ w + b, "the sum of w x, plus b"),
        "y": step("s", lambda s: 1 * (s > 0), "1 where s > 0, else 0"),
    }
    m = Mistakes(steps)
    mistakes = (
        m("no-bias", "s", "x w", lambda x, w: x @ w, "the sum of w x", "without b"),
        m("minus-bias", "s", "x w b", lambda x, w, b: x @ w - b, "the sum of w x, less b"),
        m("no-weights", "s", "x b", lambda x, b: x.sum(axis=-1) + b, "the sum of x, plus b", "without w"),
        m("first-input", "s", "x w b", lambda x, w, b: x[:, 0] * w[0] + b, "w1 x1 + b", "of one input alone"),
        m("at-0", "y", "s", lambda s: 1 * (s >= 0), "1 where s >= 0", "1 at 0 as well"),
        m("turned", "y", "s", lambda s: 1 * (s < 0), "1 where s < 0"),
        m("sign", "y", "s", lambda s: np.where(s > 0, 1, -1), "-1 where s is not above 0"),
        m("sum-itself", "y", "s", lambda s: s, "s", "without the threshold"),
        m("sigmoid", "y", "s", lambda s: 1 / (1 + np.exp(-s)), "1 / (1 + exp(-s))", "a sigmoid for the threshold"),
    )
    probes = (
        Probe("samples", {"x": CASES, "w": np.array([0.5, -0.25]), "b": -0.3}, ("y",)),
        Probe("a sum of 0", {"x": CASES, "w": np.array([0.5, 0.5]), "b": -0.5}, ("y",)),
    )
    return Part("perceptron", steps, probes, by_samples, mistakes, labels=WHAT, names=("neuron",))


GATES = (
    _perceptron(),
    gate("AND", (0.5, 0.5), -0.7, [
        ("threshold-low", None, -0.2, "the threshold is so low that one input reaches it: OR", "two should be needed"),
        ("signs", (-0.5, -0.5), 0.7, "the signs of weights and bias are turned: NAND", "they should be turned back"),
        *_first("AND", 0.5),
    ]),
    gate("NAND", (-0.5, -0.5), 0.7, [
        ("signs", (0.5, 0.5), -0.7, "the signs of weights and bias are turned: AND", "they should be turned back"),
        ("threshold-high", None, 0.2, "the bias is so small that one input takes it away: NOR", "two should be needed"),
        *_first("NAND", -0.5),
    ]),
    gate("OR", (0.5, 0.5), -0.2, [
        ("threshold-high", None, -0.7, "the threshold is so high that both inputs are needed: AND",
         "one should be enough"),
        ("signs", (-0.5, -0.5), 0.2, "the signs of weights and bias are turned: NOR", "they should be turned back"),
        *_first("OR", 0.5),
    ]),
    _xor(),
)  # fmt: skip
