"""The layers of a fully connected network as parts, and what is done wrong in them."""

import numpy as np

from ..steps import step
from .costs import CLIPPED, OTHER_DELTAS, added, at, of_answers, one_hot
from .mine import BACKWARD, FORWARD, called, copied, layer, made
from .part import AFTER, MISSING, Mistakes, Part, Probe, mistake
from .softmax import divided, shifted

X = np.array([[0.5, -1.2, 2.0], [0.0, 0.1, -0.9]])
DOUT = np.array([[0.3, -0.7, 1.1], [-0.2, 0.9, 0.4]])
LABELS = {"y": "forward", "dx": "backward"}


def product(a, b):
    """An element-wise product."""
    return a * b


def same(a):
    """What is given."""
    return a


def missing(*_):
    """A quantity that there is not."""
    return MISSING


def _relu():
    steps = {
        "mask": step("x", lambda x: x <= 0, "where x <= 0"),
        "y": step("x mask", lambda x, m: np.where(m, 0, x), "0 where the mask is set, else x"),
        "dx": step("dout mask", lambda d, m: np.where(m, 0, d), "0 where the mask is set, else dout"),
        "x_after": step("x", same, "as it was before"),
        "dout_after": step("dout", same, "as it was before"),
    }
    m = Mistakes(steps)
    mistakes = (
        m("mask-below-0", "mask", "x", lambda x: x < 0, "where x < 0", "so that the slope is 1 at 0"),
        m("mask-turned", "mask", "x", lambda x: x > 0, "where x > 0"),
        m("no-mask-forward", "y", "x", same, "x", "without the mask"),
        m("no-mask-backward", "dx", "dout", same, "dout", "without the mask"),
        m("backward-by-dout", "dx", "dout", lambda d: np.maximum(d, 0), "max(0, dout)", "the mask is that of dout"),
        m("backward-times-y", "dx", "dout y", product, "dout * y"),
        m("backward-times-x", "dx", "dout x", product, "dout * x"),
        m("backward-mask", "dx", "mask", lambda m: 1.0 * ~m, "1 where x > 0", "without dout"),
        m("backward-turned", "dx", "dout mask", lambda d, m: np.where(m, d, 0), "dout where the mask is set, else 0"),
        m("leaky", "y", "x mask", lambda x, m: np.where(m, 0.01 * x, x), "0.01 x where the mask is set"),
        mistake("in-place", "dout is overwritten with what comes out", "it should stay as it is, for whoever needs it",
                "notes-relu-in-place", dout_after=("dx", same)),
        mistake("x-in-place", "x is overwritten with what comes out", "it should stay as it is, for whoever needs it",
                x_after=("y", same)),
    )  # fmt: skip
    probes = (Probe("a batch", {"x": X, "dout": DOUT}, ("y", "dx", "x_after", "dout_after")),)
    return Part("Relu", steps, probes, layer(), mistakes, True, names=("relulayer",), labels=LABELS)


def _sigmoid():
    steps = {
        "e": step("x", lambda x: np.exp(-x), "exp(-x)"),
        "y": step("e", lambda e: 1 / (1 + e), "1 / (1 + exp(-x))"),
        "slope": step("y", lambda y: y * (1 - y), "y * (1 - y)"),
        "dx": step("dout slope", product, "dout * slope"),
    }
    m = Mistakes(steps)
    mistakes = (
        m("exp-plus", "e", "x", np.exp, "exp(+x)", "without its minus"),
        m("no-division", "y", "e", lambda e: 1 + e, "1 + exp(-x)", "as 1 / 1 + exp(-x) is without its parentheses"),
        m("one-minus", "y", "e", lambda e: 1 / (1 - e), "1 / (1 - exp(-x))"),
        m("overflow", "y", "x", lambda x: np.exp(x) / (1 + np.exp(x)), "exp(x) / (1 + exp(x))",
          "which is no number from 710 on"),
        m("tanh", "y", "x", np.tanh, "tanh(x)"),
        m("slope-of-x", "slope", "x", lambda x: x * (1 - x), "x * (1 - x)", "as if x were the output"),
        m("slope-of-dout", "slope", "dout", lambda d: d * (1 - d), "dout * (1 - dout)"),
        m("slope-twice", "slope", "y", lambda y: (y * (1 - y)) ** 2, "(y * (1 - y))^2", "the slope twice"),
        m("slope-half", "slope", "y", lambda y: 1 - y, "1 - y", "without the y"),
        m("slope-other-half", "slope", "y", same, "y", "without the 1 - y"),
        m("slope-plus", "slope", "y", lambda y: y * (1 + y), "y * (1 + y)"),
        m("slope-of-sigmoid-of-y", "slope", "y", lambda y: (lambda s: s * (1 - s))(1 / (1 + np.exp(-y))),
          "that at the sigmoid of x", "where x belongs"),
        m("no-slope", "dx", "dout", same, "dout", "without the slope"),
        m("no-dout", "dx", "slope", same, "slope", "without dout"),
        m("dout-added", "dx", "dout slope", np.add, "dout + slope"),
    )  # fmt: skip
    probes = (
        Probe("a batch", {"x": X, "dout": DOUT}, ("y", "dx")),
        Probe("large numbers", {"x": np.array([[-1000.0, 2.0, 1000.0]]), "dout": DOUT[:1]}, ("y", "dx")),
    )
    return Part("Sigmoid", steps, probes, layer(), mistakes, True, names=("sigmoidlayer",), labels=LABELS)


def rows(x):
    """Each sample as a row."""
    return x.reshape(len(x), -1)


def _affine():
    steps = {
        "rows": step("x", rows, "x, each sample as one row"),
        "out": step("rows W", np.dot, "x @ W"),
        "y": step("out b", np.add, "x @ W + b"),
        "dxs": step("dout W", lambda d, W: d @ W.T, "dout @ W.T"),
        "dx": step("dxs x", lambda d, x: d.reshape(x.shape), "dout @ W.T, in the shape of x"),
        "dW": step("rows dout", lambda x, d: x.T @ d, "x.T @ dout"),
        "db": step("dout", lambda d: d.sum(axis=0), "the sum of dout over the samples"),
    }
    m = Mistakes(steps)
    mistakes = (
        m("not-reshaped", "dx", "dxs", same, "dout @ W.T", "not in the shape of x, where x are images"),
        m("no-bias", "y", "out", same, "x @ W", "without b"),
        m("minus-bias", "y", "out b", np.subtract, "x @ W - b"),
        m("dx-by-w", "dxs", "dout W", np.dot, "dout @ W", "without the transpose"),
        m("dx-by-n", "dxs", "dout W", lambda d, W: d @ W.T / len(d), "dout @ W.T / N"),
        m("dw-transposed", "dW", "rows dout", lambda x, d: d.T @ x, "dout.T @ x", "the transpose"),
        m("dw-mean", "dW", "rows dout", lambda x, d: x.T @ d / len(x), "x.T @ dout / N",
          "a second time divided by the number of samples"),
        m("dw-of-outputs", "dW", "rows y", lambda x, y: x.T @ y, "x.T @ y", "of the output in place of dout"),
        m("dw-of-w", "dW", "rows dout W", lambda x, d, W: W * (x.T @ d), "W * (x.T @ dout)"),
        m("db-not-summed", "db", "dout", same, "dout", "not summed over the samples"),
        m("db-mean", "db", "dout", lambda d: d.mean(axis=0), "the mean of dout over the samples"),
        m("db-over-outputs", "db", "dout", lambda d: d.sum(axis=1), "the sum of dout over the outputs", "axis 1 for 0"),
        m("db-one", "db", "dout", np.sum, "the sum of all of dout", "one number, without the axis"),
        m("db-first", "db", "dout", lambda d: d[0], "the first row of dout"),
        m("db-times-b", "db", "dout b", lambda d, b: b * d.sum(axis=0), "b times the sum of dout"),
        m("dw-left-out", "dW", "", missing, "missing"),
        m("db-left-out", "db", "", missing, "missing"),
    )  # fmt: skip
    rng = np.random.RandomState(3)
    W, b, dout = rng.randn(3, 2), rng.randn(2), rng.randn(4, 2)
    images = {"x": rng.randn(4, 2, 3, 2), "W": rng.randn(12, 2), "b": b, "dout": dout}
    square = {"x": rng.randn(3, 3), "W": rng.randn(3, 3), "b": rng.randn(3), "dout": rng.randn(3, 3)}
    wanted = ("y", "dx", "dW", "db")
    probes = (
        Probe("as many", square, wanted),
        Probe("a batch", {"x": rng.randn(4, 3), "W": W, "b": b, "dout": dout}, wanted),
        Probe(
            "images",
            images,
            wanted,
            (),
            "it takes 2-D inputs, and no images of shape (N, C, H, W), which the "
            "reference takes as well (errata: notes-affine-4d)",
        ),
    )
    use = layer("W", "b", gradients=("dW", "db"))
    names = ("affinelayer", "linear", "dense", "fullyconnected", "fc")
    turned = _transposed(use)
    labels = {**LABELS, "rows": "the rows of x", "out": "the product"}
    return Part("Affine", steps, probes, use, mistakes, True, names, labels=labels,
                ways=(("its weights are transposed, (outputs, inputs), as in PyTorch", turned),))  # fmt: skip


def _transposed(use):
    """The use of a layer whose weights are (outputs, inputs)."""

    def use_transposed(mine, given, demands=()):
        found = use(mine, {**given, "W": given["W"].T}, demands)
        return {**found, "dW": found["dW"].T}

    return use_transposed


def loss_labels(name):
    """How a softmax with its cost is used, with the labels of a probe, or digits."""

    def use(mine, given, demands=()):
        thing = made(mine, given, (), (), demands)
        x = copied(given["x"])
        found = {"cost": mine.array(called(mine, thing, FORWARD, [x, copied(given[name])]), "cost"), f"x{AFTER}": x}
        try:
            returned = called(mine, thing, BACKWARD, [1])
        except Exception:  # without an argument, as there is none to give
            returned = called(mine, thing, BACKWARD, [])
        return {**found, "dx": mine.array(returned, "dx")}

    return use


BY_ROWS = (  # the same unless something is not finite
    ("", {"rows": step("t logs", of_answers, "t ln(p + delta), summed")}),
    ("", {"rows": step("p t delta", lambda p, t, d: np.log((p * t).sum(axis=1) + d), "ln of the sum of t p")}),
)


def _softmax_with_loss():
    steps = {
        "z": step("x", shifted, "x less the largest of its row"),
        "e": step("z", np.exp, "exp(z)"),
        "total": step("e", lambda e: e.sum(axis=1, keepdims=True), "the sum of e over each row"),
        "p": step("e total", divided, "e / total"),
        "delta": added(1e-7),
        "inside": step("p delta", np.add, "p + delta"),
        "logs": step("inside", np.log, "ln(p + delta)"),
        "rows": step("logs digits", at, "the logarithm at the right class"),
        "cost": step("rows", lambda r: -r.mean(), "minus the mean over the samples"),
        "n": step("x", len, "the number of samples"),
        "off": step("p t", np.subtract, "p - t"),
        "dx": step("off n", lambda d, n: d / n, "(p - t) / N"),
    }
    m = Mistakes(steps)
    mistakes = (
        m("no-shift", "z", "x", same, "x itself", "whose exponential runs over from 710 on"),
        m("sum-of-the-batch", "total", "e", np.sum, "the sum of e over the whole batch",
          "so that a row does not sum to 1", "notes-softmax-of-a-batch"),
        m("sum-over-samples", "total", "e", lambda e: e.sum(axis=0), "the sum of e over the samples", "axis 0 for 1"),
        m("no-sum", "p", "e", same, "e", "which nothing divides"),
        m("softmax-twice", "p", "e total", lambda e, s: _softmax(e / s), "the softmax of the softmax"),
        m("no-softmax", "p", "x", same, "x", "without the softmax"),
        m("sigmoid", "p", "x", lambda x: 1 / (1 + np.exp(-x)), "the sigmoid of x"),
        m("cost-without-n", "cost", "rows", lambda r: -r.sum(), "minus the sum over the samples",
          "not divided by their number", "notes-cross-entropy-without-n"),
        m("cost-no-minus", "cost", "rows", lambda r: r.mean(), "the mean over the samples", "without its minus"),
        m("no-delta", "rows", "p t", lambda p, t: of_answers(t, np.log(p)), "t ln(p)",
          "so that 0 ln(0) is not a number", "notes-batch-cross-entropy-log-0"),
        m("no-delta-digits", "inside", "p", same, "p", "without the number that keeps ln(0) away",
          "notes-batch-cross-entropy-log-0"),
        m("squared-error", "cost", "p t", lambda p, t: 0.5 * ((p - t) ** 2).sum() / len(p),
          "half the sum of squares, divided by N"),
        m("one-off", "rows", "logs digits", lambda logs, k: at(logs, k, 1), "the logarithm one class further on"),
        m("dx-without-n", "dx", "off", same, "p - t", "not divided by the number of samples"),
        m("dx-by-classes", "dx", "off", lambda d: d / d.shape[1], "(p - t), divided by the number of classes"),
        m("dx-by-elements", "dx", "off", lambda d: d / d.size, "(p - t), divided by the number of samples and classes"),
        m("dx-sign", "off", "p t", lambda p, t: t - p, "t - p"),
        m("dx-with-slope", "dx", "off n p", lambda d, n, p: d / n * p * (1 - p), "(p - t) / N * p * (1 - p)",
          "with the slope of a sigmoid, which the logarithm has taken away"),
        m("dx-of-scores", "off", "x t", np.subtract, "x - t", "of the scores in place of the probabilities"),
        m("dx-probabilities", "off", "p", same, "p", "without the labels"),
        m("dx-logarithm", "off", "p t", lambda p, t: -t / p, "-t / p", "the slope of the cost alone"),
        m("dx-cost", "dx", "off n cost", lambda d, n, c: d / n * c, "(p - t) / N times the cost"),
    )  # fmt: skip
    digits = np.array([2, 0, 3])
    x = np.array([[0.1, 1.2, -0.3, 2.0], [-1.0, 0.4, 0.9, 0.2], [0.7, -0.6, 0.3, 1.1]])
    far = np.array([[1000.0, 0.0, 100.0, 3.0], [0.5, -0.2, 0.1, 0.0], [0.0, 0.0, 1.0, 2.0]])
    given = {"t": one_hot(digits), "digits": digits, "labels": one_hot(digits)}
    wanted = ("cost", "dx")
    probes = (
        Probe("a batch", {"x": x, **given}, wanted),
        Probe("digits", {"x": x, **given, "labels": digits}, wanted, (), "labels must be one-hot rows, no digits"),
        Probe("large numbers", {"x": far, **given}, wanted),
    )
    names = ("softmaxwithcrossentropy", "softmaxcrossentropy", "softmaxlosslayer", "softmaxlayer", "softmaxloss")
    return Part("SoftmaxWithLoss", steps, probes, loss_labels("labels"), mistakes, True, names,
                alike=(OTHER_DELTAS, _clipped(), BY_ROWS), ways=(("labels must be digits", loss_labels("digits")),),
                labels={"cost": "the cost", "dx": "backward"})  # fmt: skip


def _clipped():
    """Probabilities that are kept away from 0, where the notes add a number."""
    changed = []
    for note, steps in CLIPPED:
        _, function, text = steps["inside"]
        changed.append((note, {"inside": step("p delta", function, text.replace("y", "p"))}))
    return tuple(changed)


def _softmax(x):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def _node(name, y, dx, dy, mistakes, names):
    """A node of two inputs."""
    steps = {"y": step("a b", *y), "da": step("dout a b", *dx), "db": step("dout a b", *dy)}
    m = Mistakes(steps)
    numbers = {"a": 100.0, "b": 2.5, "dout": 1.1}
    arrays = {"a": X, "b": X[::-1] + 0.3, "dout": DOUT}
    probes = (
        Probe("numbers", numbers, ("y", "da", "db")),
        Probe("arrays", arrays, ("y", "da", "db"), (), "it takes numbers, and no arrays"),
    )
    labels = {"y": "forward", "da": "the first of backward", "db": "the second of backward"}
    use = layer(inputs=("a", "b"), backward=("da", "db"))
    return Part(name, steps, probes, use, tuple(m(*each) for each in mistakes), True, names, labels=labels)


def _nodes():
    times = "dout a b"
    mul = _node("MulLayer", (product, "x * y"),
        (lambda d, a, b: d * b, "dout * y"), (lambda d, a, b: d * a, "dout * x"),
        [
            ("sum", "y", "a b", np.add, "x + y"),
            ("dx-not-exchanged", "da", times, lambda d, a, b: d * a, "dout * x", "the input's own value"),
            ("dy-not-exchanged", "db", times, lambda d, a, b: d * b, "dout * y", "the input's own value"),
            ("dx-dout", "da", "dout", same, "dout", "without y"),
            ("dy-dout", "db", "dout", same, "dout", "without x"),
            ("dx-without-dout", "da", "b", same, "y", "without dout"),
            ("dy-without-dout", "db", "a", same, "x", "without dout"),
            ("dx-divided", "da", times, lambda d, a, b: d / b, "dout / y"),
        ], ("multiplylayer", "mul", "multiply"))  # fmt: skip
    add = _node("AddLayer", (np.add, "x + y"), (lambda d, a, b: d, "dout"), (lambda d, a, b: d, "dout"),
        [
            ("product", "y", "a b", product, "x * y"),
            ("dx-of-product", "da", times, lambda d, a, b: d * b, "dout * y", "the gradient of a product"),
            ("dy-of-product", "db", times, lambda d, a, b: d * a, "dout * x", "the gradient of a product"),
            ("dx-times-x", "da", times, lambda d, a, b: d * a, "dout * x"),
            ("dy-times-y", "db", times, lambda d, a, b: d * b, "dout * y"),
            ("dx-half", "da", "dout", lambda d: d / 2, "dout / 2", "shared out between the inputs"),
            ("dy-half", "db", "dout", lambda d: d / 2, "dout / 2", "shared out between the inputs"),
            ("dx-1", "da", "dout", lambda d: 1.0 + 0 * d, "1", "without dout"),
            ("dy-1", "db", "dout", lambda d: 1.0 + 0 * d, "1", "without dout"),
        ], ("addition", "add", "additionlayer"))  # fmt: skip
    return mul, add


LAYERS = (_relu(), _sigmoid(), _affine(), _softmax_with_loss(), *_nodes())
