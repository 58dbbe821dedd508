"""The two-layer network as a part, and what is done wrong in it."""

import numpy as np

from ..errors import PortError
from ..steps import step
from .costs import CLIPPED, OTHER_DELTAS, added, at, of_answers, one_hot
from .layers import missing, same
from .mine import called, copied
from .part import MISSING, Mistakes, Part, Probe, mistake
from .softmax import divided, shifted

KEYS = ("W1", "b1", "W2", "b2")
GRADIENTS = {f"g{key}": f"the gradient of {key}" for key in KEYS}


def affine(x, W, b):
    """x @ W + b."""
    return x @ W + b


def sigmoid(a):
    """1 / (1 + exp(-a))."""
    return 1 / (1 + np.exp(-a))


def hits(y, digits):
    """Where the largest output is that of the right class."""
    return 1.0 * (y.argmax(axis=1) == digits)


def _steps():
    return {
        "a1": step("x W1 b1", affine, "x @ W1 + b1"),
        "z1": step("a1", sigmoid, "sigmoid(a1)"),
        "a2": step("z1 W2 b2", affine, "z1 @ W2 + b2"),
        "z": step("a2", shifted, "a2 less the largest of its row"),
        "e": step("z", np.exp, "exp(z)"),
        "total": step("e", lambda e: e.sum(axis=1, keepdims=True), "the sum of e over each row"),
        "y": step("e total", divided, "softmax(a2)"),
        "predict": step("y", same, "y"),
        "delta": added(1e-7),
        "inside": step("y delta", np.add, "y + delta"),
        "rows": step("t inside", lambda t, y: of_answers(t, np.log(y)), "ln(y + delta) at the right class"),
        "loss": step("rows", lambda r: -r.mean(), "minus the mean over the samples"),
        "hits": step("y digits", hits, "where the largest output is that of the right class"),
        "accuracy": step("hits", np.mean, "the share of the hits"),
        "dy": step("y t", lambda y, t: (y - t) / len(y), "(y - t) / N"),
        "gW2": step("z1 dy", lambda z, d: z.T @ d, "z1.T @ dy"),
        "gb2": step("dy", lambda d: d.sum(axis=0), "the sum of dy over the samples"),
        "dz1": step("dy W2", lambda d, W: d @ W.T, "dy @ W2.T"),
        "slope": step("z1", lambda z: z * (1 - z), "z1 * (1 - z1)"),
        "da1": step("dz1 slope", np.multiply, "dz1 * slope"),
        "gW1": step("x da1", lambda x, d: x.T @ d, "x.T @ da1"),
        "gb1": step("da1", lambda d: d.sum(axis=0), "the sum of da1 over the samples"),
    }


def _mistakes(steps):
    m = Mistakes(steps, GRADIENTS)
    return (
        m("no-bias-1", "a1", "x W1", np.dot, "x @ W1", "without b1"),
        m("no-bias-2", "a2", "z1 W2", np.dot, "z1 @ W2", "without b2"),
        m("no-hidden-activation", "z1", "a1", same, "a1", "without the sigmoid"),
        m("tanh", "z1", "a1", np.tanh, "tanh(a1)"),
        m("sum-of-the-batch", "total", "e", np.sum, "the sum of e over the whole batch",
          "so that a row does not sum to 1", "notes-softmax-of-a-batch"),
        m("no-shift", "z", "a2", same, "a2 itself", "whose exponential runs over from 710 on"),
        m("sigmoid-outputs", "y", "a2", sigmoid, "sigmoid(a2)", "for the softmax"),
        m("loss-without-n", "loss", "rows", lambda r: -r.sum(), "minus the sum over the samples",
          "not divided by their number", "notes-cross-entropy-without-n"),
        m("loss-squares", "loss", "y t", lambda y, t: 0.5 * ((y - t) ** 2).sum(), "half the sum of squares"),
        m("no-delta", "rows", "y digits", lambda y, k: np.log(at(y, k)), "ln(y) at the right class",
          "which is infinite where y is 0", "notes-batch-cross-entropy-log-0"),
        m("accuracy-count", "accuracy", "hits", np.sum, "the number of the hits"),
        m("accuracy-axis", "hits", "y t", lambda y, t: 1.0 * (y.argmax(axis=0) == t.argmax(axis=0)),
          "where the largest of each class is that of its labels", "axis 0 for 1"),
        m("accuracy-misses", "accuracy", "hits", lambda h: 1 - h.mean(), "the share of the misses"),
        m("dy-without-n", "dy", "y t", np.subtract, "y - t", "not divided by the number of samples"),
        m("dy-sign", "dy", "y t", lambda y, t: (t - y) / len(y), "(t - y) / N"),
        m("dy-with-slope", "dy", "y t", lambda y, t: (y - t) * y * (1 - y) / len(y), "(y - t) * y * (1 - y) / N",
          "with the slope of a sigmoid"),
        m("slope-of-a1", "slope", "a1", lambda a: a * (1 - a), "a1 * (1 - a1)", "of the sum in place of the output"),
        m("slope-of-sigmoid-of-z1", "slope", "z1", lambda z: sigmoid(z) * (1 - sigmoid(z)),
          "that at the sigmoid of z1", "where a1 belongs"),
        m("slope-half", "slope", "z1", lambda z: 1 - z, "1 - z1", "without the z1"),
        m("no-slope", "da1", "dz1", same, "dz1", "without the slope"),
        m("gw2-of-a1", "gW2", "a1 dy", lambda a, d: a.T @ d, "a1.T @ dy", "of the sum in place of the output"),
        m("gw1-of-dz1", "gW1", "x dz1", lambda x, d: x.T @ d, "x.T @ dz1", "without the slope"),
        m("gb1-of-dz1", "gb1", "dz1", lambda d: d.sum(axis=0), "the sum of dz1", "without the slope"),
        m("gb1-mean", "gb1", "da1", lambda d: d.mean(axis=0), "the mean of da1"),
        m("gb2-mean", "gb2", "dy", lambda d: d.mean(axis=0), "the mean of dy"),
        mistake("gradient-of-b1", "the gradient of b1 is kept as that of b2", "each should have its own key",
                "notes-gradient-of-b1", gb1=("", missing), gb2=("da1", lambda d: d.sum(axis=0))),
        mistake("gradients-exchanged", "the gradient of W2 is kept as that of W1, and the other way round",
                "each should have its own key", gW1=("z1 dy", lambda z, d: z.T @ d),
                gW2=("x da1", lambda x, d: x.T @ d)),
    )  # fmt: skip


def use_network(labels):
    """How a network is used: made, given its parameters, and asked for all that it has to say."""

    def use(mine, given, demands=()):
        options = {"weight_init_std": 0.01, "rng": np.random.RandomState(1)}
        net = mine.call(mine.object, list(given["sizes"]), options)
        params = getattr(net, "params", None)
        if not isinstance(params, dict) or any(key not in params for key in KEYS):
            raise PortError(f"{mine.name} has no params with the keys {', '.join(KEYS)}")
        for key in KEYS:
            if np.shape(params[key]) != given[key].shape:
                shapes = f"{np.shape(params[key])}, where {given[key].shape}"
                raise PortError(f"{mine.name} has params[{key!r}] of shape {shapes} is wanted for {given['sizes']}")
            params[key][...] = given[key]
        x, t = given["x"], given[labels]
        found = {"predict": called(mine, net, ("predict", "forward", "__call__"), [copied(x)])}
        for name in ("loss", "accuracy"):
            found[name] = called(mine, net, (name,), [copied(x), copied(t)])
        found = {name: mine.array(value, name) for name, value in found.items()}
        grads = called(mine, net, ("gradient", "backward"), [copied(x), copied(t)])
        if not isinstance(grads, dict):
            raise PortError(f"{mine.name}.gradient gives a {type(grads).__name__}, where a dict is wanted")
        return found | {f"g{key}": mine.array(grads[key], key) if key in grads else MISSING for key in KEYS}

    return use


def _two_layer_net():
    steps, rng = _steps(), np.random.RandomState(14)
    digits = np.array([2, 0, 1, 1])
    given = {"sizes": (5, 6, 3), "x": rng.randn(4, 5), "t": one_hot(digits, 3), "digits": digits,
             "W1": rng.randn(5, 6), "b1": rng.randn(6), "W2": rng.randn(6, 3), "b2": rng.randn(3)}  # fmt: skip
    wanted = ("predict", "loss", "accuracy", "gW1", "gb1", "gW2", "gb2")
    large = {**given, "W2": 400 * given["W2"], "sizes": (5, 6, 3)}
    probes = (Probe("a batch", given, wanted), Probe("large numbers", large, wanted))
    relu = {"z1": step("a1", lambda a: np.maximum(a, 0), "ReLU(a1)"),
            "slope": step("a1", lambda a: 1.0 * (a > 0), "1 where a1 > 0")}  # fmt: skip
    alike = (
        (("predict gives the scores, before the softmax", {"predict": step("a2", same, "a2")}),),
        (("the hidden layer is a ReLU", relu),),
        OTHER_DELTAS,
        CLIPPED,
    )
    labels = {"predict": "predict", "loss": "the loss", **GRADIENTS}
    return Part("TwoLayerNet", steps, probes, use_network("t"), _mistakes(steps), True, ("twolayernetwork",), alike,
                (("labels must be digits", use_network("digits")),), labels=labels)  # fmt: skip


NETWORKS = (_two_layer_net(),)
