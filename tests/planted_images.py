"""For each mistake in the convolutional network, the lines that it changes of a listing that trains a batch at once.

benchmarks/plain.py goes pixel by pixel, which takes ten seconds an epoch; the text here is the same network over
whole batches, with images first and maps last, (N, rows, columns, maps), which neither plain.py nor the package has.
A test holds it against plain.py.
"""

import inspect

import numpy as np
import planted


def relu(x):
    return np.where(x > 0, x, 0)


def softmax(x):
    ex = np.exp(x)
    return ex / np.sum(ex, axis=0)


def seen(x, p, q):
    """What each element of the maps sees of its image: (N, rows, columns, p q)."""
    windows = np.lib.stride_tricks.sliding_window_view(x, (p, q), axis=(1, 2))
    return windows.reshape(*windows.shape[:3], p * q)


def squares(y):
    """Maps with two axes more, those of each 2 x 2 square: the third and the fifth."""
    N, rows, columns, maps = y.shape
    return y.reshape(N, rows // 2, 2, columns // 2, 2, maps)


def doubled(y):
    return np.repeat(np.repeat(y, 2, axis=1), 2, axis=2)


def targets(D):
    return np.array([[1.0 if (10 if digit == 0 else digit) == k else 0.0 for digit in D] for k in range(1, 11)])


def mnist_conv(W1, W5, Wo, X, D, alpha=0.01, beta=0.95, batch_size=100):
    p, q, maps = W1.shape
    m1, m5, mo = 0, 0, 0
    for begin in range(0, len(X) - batch_size + 1, batch_size):
        x = X[begin : begin + batch_size]
        d = targets(D[begin : begin + batch_size])
        n = batch_size
        y1 = seen(x, p, q) @ W1.reshape(p * q, maps)
        y2 = relu(y1)
        y3 = squares(y2).mean(axis=(2, 4))
        y4 = y3.transpose(3, 2, 1, 0).reshape(-1, len(x))
        y5 = relu(W5 @ y4)
        y = softmax(Wo @ y5)
        e = d - y
        e5 = Wo.T @ e
        delta5 = np.where(y5 > 0, e5, 0)
        e4 = W5.T @ delta5
        e3 = e4.reshape(maps, y3.shape[2], y3.shape[1], len(x)).transpose(3, 2, 1, 0)
        e2 = doubled(e3) / 4
        delta2 = np.where(y2 > 0, e2, 0)
        dW1 = np.tensordot(seen(x, p, q), delta2, ([0, 1, 2], [0, 1, 2])).reshape(p, q, maps)
        dW5 = delta5 @ y4.T
        dWo = e @ y5.T
        m1 = alpha * dW1 / n + beta * m1
        m5 = alpha * dW5 / n + beta * m5
        mo = alpha * dWo / n + beta * mo
        W1 = W1 + m1
        W5 = W5 + m5
        Wo = Wo + mo
    return W1, W5, Wo


TEXT = "\n".join(inspect.getsource(f) for f in (relu, softmax, seen, squares, doubled, targets, mnist_conv))
HEAD = "def mnist_conv(W1, W5, Wo, X, D, alpha=0.01, beta=0.95, batch_size=100):"
LOOP = "for begin in range(0, len(X) - batch_size + 1, batch_size):"
RELU, SOFTMAX = "return np.where(x > 0, x, 0)", "return ex / np.sum(ex, axis=0)"
X, N = "x = X[begin : begin + batch_size]", "n = batch_size"
LABELS = "d = targets(D[begin : begin + batch_size])"
Y1, Y2, Y3 = "y1 = seen(x, p, q) @ W1.reshape(p * q, maps)", "y2 = relu(y1)", "y3 = squares(y2).mean(axis=(2, 4))"
Y4, Y5, Y = "y4 = y3.transpose(3, 2, 1, 0).reshape(-1, len(x))", "y5 = relu(W5 @ y4)", "y = softmax(Wo @ y5)"
E, E5, DELTA5, E4 = "e = d - y", "e5 = Wo.T @ e", "delta5 = np.where(y5 > 0, e5, 0)", "e4 = W5.T @ delta5"
E3 = "e3 = e4.reshape(maps, y3.shape[2], y3.shape[1], len(x)).transpose(3, 2, 1, 0)"
E2, DELTA2 = "e2 = doubled(e3) / 4", "delta2 = np.where(y2 > 0, e2, 0)"
DW1 = "dW1 = np.tensordot(seen(x, p, q), delta2, ([0, 1, 2], [0, 1, 2])).reshape(p, q, maps)"
CHANGES = {"W5": "dW5 = delta5 @ y4.T", "Wo": "dWo = e @ y5.T"}
MOMENTA = {W: f"m{W[1]} = alpha * d{W} / n + beta * m{W[1]}" for W in ("W1", "W5", "Wo")}
NEWS = {W: f"{W} = {W} + m{W[1]}" for W in MOMENTA}

ERRORS = {
    "error-sign": "y - d",
    "error-of-v": "d - Wo @ y5",
    "error-twice": "2 * (d - y)",
    "error-squared": "(d - y) ** 2",
    "error-half-squared": "0.5 * (d - y) ** 2",
    "error-absolute": "np.abs(d - y)",
    "error-rounded": "d - np.where(y > 0.5, 1, 0)",
    "target-alone": "d + 0 * y",
    "output-slope": "y * (1 - y) * (d - y)",
    "output-slope-of-v": "(Wo @ y5) * (1 - Wo @ y5) * (d - y)",
    "output-slope-relu": "np.where(Wo @ y5 > 0, d - y, 0)",
    "output-slope-divided": "(d - y) / (y * (1 - y))",
}
SLOPES = {
    "no-slope": "e5",
    "slope-of-e": "np.where(e5 > 0, e5, 0)",
    "slope-leaky": "np.where(y5 > 0, e5, 0.01 * e5)",
    "slope-y": "y5 * e5",
    "slope-sigmoid": "y5 * (1 - y5) * e5",
    "slope-inverted": "np.where(y5 < 0, e5, 0)",
    "slope-alone": "np.where(y5 > 0, 1.0, 0.0)",
}
RELUS = {
    "no-activation": "{v}",
    "sigmoid": "1 / (1 + np.exp(-({v})))",
    "tanh": "np.tanh({v})",
    "leaky": "np.where({v} > 0, {v}, 0.01 * ({v}))",
    "relu-minus": "np.where({v} < 0, {v}, 0)",
    "absolute": "np.abs({v})",
}
RATES = ("0.001", "0.05", "0.1", "0.2", "0.25", "0.3", "0.5", "0.8", "0.9")
ROWS, ROWS_BACK = (
    "y4 = y3.transpose(3, 1, 2, 0).reshape(-1, len(x))",
    "e3 = e4.reshape(maps, y3.shape[1], y3.shape[2], len(x)).transpose(3, 1, 2, 0)",
)
NUMBERS, NUMBERS_BACK = (
    "y4 = y3.reshape(len(x), -1).T",
    "e3 = e4.T.reshape(y3.shape)",
)


def text():
    """The listing's text, behind that of the functions that it calls."""
    return TEXT


def port(*changes):
    """The listing as a function, with some lines changed."""
    return planted.made(planted.changed(TEXT, changes), "mnist_conv")


def plants():
    """By the id of a mistake, the changes that plant it."""
    found = {
        **{id: [(E, f"e = {new}")] for id, new in ERRORS.items()},
        **convolutions(),
        **back(),
        **errors_back(),
        **digits(),
        **images(),
        **weight_changes(),
        **activations(),
        **rates(),
        **momenta(),
        **batches(),
        "bias": [(LOOP, f"b = 0\n{LOOP}"), (Y, "y = softmax(Wo @ y5 + b)"),
                 (E, f"{E}\nb = b + alpha * np.sum(e, axis=1, keepdims=True) / n")],
    }  # fmt: skip
    return {id: tuple(changes) for id, changes in found.items()}


def convolutions():
    """Convolution, pooling, and the order of the maps."""
    turned = (Y1, "y1 = seen(x, p, q) @ W1[::-1, ::-1].reshape(p * q, maps)")
    return {
        "convolution": [turned],
        "filters-transposed": [(Y1, "y1 = seen(x, p, q) @ W1.transpose(1, 0, 2).reshape(p * q, maps)")],
        "images-transposed": [(Y1, "y1 = seen(x.transpose(0, 2, 1), p, q) @ W1.reshape(p * q, maps)")],
        "max-pooling": [(Y3, "y3 = squares(y2).max(axis=(2, 4))")],
        "sum-pooling": [(Y3, "y3 = squares(y2).sum(axis=(2, 4))")],
        "subsampling": [(Y3, "y3 = y2[:, ::2, ::2]")],
        "maps-row-by-row": [(Y4, ROWS)],
        "maps-numbers-first": [(Y4, NUMBERS)],
        "maps-row-by-row-both": [(Y4, ROWS), (E3, ROWS_BACK)],
        "maps-numbers-first-both": [(Y4, NUMBERS), (E3, NUMBERS_BACK)],
        "convolution-both": [turned, (DW1, f"{DW1}[::-1, ::-1]")],
    }


def back():
    """The way back through pooling, ReLU and convolution."""
    flipped = DW1.replace("delta2", "delta2[:, ::-1, ::-1]")
    return {
        "no-quarter": [(E2, "e2 = doubled(e3)")],
        "tiled": [(E2, "e2 = np.concatenate(2 * [np.concatenate(2 * [e3], axis=1)], axis=2) / 4")],
        "to-the-largest": [(E2, "e2 = np.where(y2 == doubled(squares(y2).max(axis=(2, 4))), doubled(e3), 0)")],
        "no-slope-delta2": [(DELTA2, "delta2 = e2")],
        "slope-of-e-delta2": [(DELTA2, "delta2 = np.where(e2 > 0, e2, 0)")],
        "e3-row-by-row": [(E3, ROWS_BACK)],
        "e3-numbers-first": [(E3, NUMBERS_BACK)],
        "gradient-turned": [(DW1, f"{DW1}[::-1, ::-1]")],
        "gradient-convolved": [(DW1, flipped)],
        "gradient-of-transposed": [(DW1, f"{DW1}.transpose(1, 0, 2)")],
        "never-W1": [(NEWS["W1"], "")],
        "no-alpha-W1": [(MOMENTA["W1"], "m1 = dW1 / n + beta * m1")],
        "alpha-twice-W1": [(MOMENTA["W1"], "m1 = alpha * alpha * dW1 / n + beta * m1")],
    }


def errors_back():
    """The errors of the layers, and the slopes of the one before the output."""
    found = {f"{id}-delta5": [(DELTA5, f"delta5 = {new}")] for id, new in SLOPES.items()}
    found |= {"minus-e5": [(E5, "e5 = -Wo.T @ e")], "minus-e4": [(E4, "e4 = -W5.T @ delta5")]}
    found["e-for-delta-e4"] = [(E4, "e4 = W5.T @ e5")]
    for line, W in ((E5, "Wo"), (E4, "W5")):
        lines = [CHANGES[W], MOMENTA[W], NEWS[W]]
        found[f"after-update-{line[:2]}"] = [*[(one, "") for one in lines], (line, "\n".join([*lines, line]))]
    return found


def digits():
    """Digits as classes."""
    return {
        "zero-first": [(LABELS, "d = 1.0 * (np.arange(10)[:, None] == D[begin : begin + batch_size])")],
        "zero-unknown": [(LABELS, f"{LABELS} * (D[begin : begin + batch_size] % 10 > 0)")],
        "classes-one-down": [(LABELS, "d = np.roll(targets(D[begin : begin + batch_size]), -1, axis=0)")],
    }


def images():
    """The images."""
    news = {
        "pixels-by-255": "x = x / 255",
        "pixels-times-255": "x = x * 255",
        "pixels-inverted": "x = 1 - x",
        "images-mirrored": "x = x[:, :, ::-1]",
        "images-upside-down": "x = x[:, ::-1, :]",
        "pixels-float32": "x = np.float64(np.float32(np.rint(255 * x)) / np.float32(255))",
    }
    found = {id: [(X, f"{X}\n{new}")] for id, new in news.items()}
    shifted = ("ex = np.exp(x)", "ex = np.exp(x - np.max(x, axis=0))")  # else it is not a number at once
    return {**found, "pixels-times-255": [*found["pixels-times-255"], shifted]}


def weight_changes():
    """The changes of the two matrices, and each weight replaced by its change."""
    found = {f"replaced-{W}": [(line, line.replace(f"{W} + ", ""))] for W, line in NEWS.items()}
    for W, delta in (("W5", "delta5"), ("Wo", "e")):
        momentum = MOMENTA[W]
        found[f"no-alpha-{W}"] = [(momentum, momentum.replace("alpha * ", ""))]
        found[f"alpha-twice-{W}"] = [(momentum, momentum.replace("alpha", "alpha * alpha"))]
        found[f"descends-up-{W}"] = [(momentum, momentum.replace("alpha", "-alpha"))]
        found[f"never-{W}"] = [(NEWS[W], "")]
        found[f"not-summed-{W}"] = [(CHANGES[W], f"d{W} = np.sum({delta}, axis=1).reshape(-1, 1)")]
    found["times-v5-Wo"] = [(CHANGES["Wo"], "dWo = e @ (W5 @ y4).T")]
    return found


def activations():
    """The ReLU of a layer, and of both, and the softmax."""
    found = {
        "softmax-no-sum": [(SOFTMAX, "return ex")],
        "softmax-axis": [(SOFTMAX, "return ex / np.sum(ex, axis=1, keepdims=True)")],
        "softmax-max": [(SOFTMAX, "return ex / np.max(ex, axis=0)")],
        "softmax-minus": [("ex = np.exp(x)", "ex = np.exp(-x)")],
        "softmax-twice": [(Y, "y = softmax(softmax(Wo @ y5))")],
        "sigmoid": [(Y, "y = 1 / (1 + np.exp(-Wo @ y5))")],
    }
    for id, new in RELUS.items():
        found[f"{id}-y2"] = [(Y2, "y2 = " + new.format(v="y1"))]
        found[f"{id}-y5"] = [(Y5, "y5 = " + new.format(v="W5 @ y4"))]
        found[f"{id}-everywhere"] = [(RELU, "return " + new.format(v="x"))]
    return found


def rates():
    """The learning rate and beta: in the head of the function, and in each change."""
    found = {f"alpha-{rate}": [(HEAD, HEAD.replace("alpha=0.01", f"alpha={rate}"))] for rate in RATES}
    found |= {f"beta-{beta}": [(HEAD, HEAD.replace("beta=0.95", f"beta={beta}"))] for beta in BETAS}
    found["alpha-beta-exchanged"] = [(HEAD, HEAD.replace("alpha=0.01, beta=0.95", "alpha=0.95, beta=0.01"))]
    found["alpha-squared"] = all_momenta("alpha * alpha * {d} / n + beta * {m}")
    return found


BETAS = ("0.5", "0.8", "0.9", "0.99")


def all_momenta(new, those=("W1", "W5", "Wo")):
    """The momenta of these weights otherwise, where ``{d}`` is the sum of the changes of a batch."""
    return [(MOMENTA[W], f"m{W[1]} = " + new.format(d=f"d{W}", m=f"m{W[1]}")) for W in those]


def momenta():
    """The momentum."""
    none, new = "alpha * {d} / n", {W: f"{W} + alpha * d{W} / n" for W in NEWS}
    kept = [(HEAD, HEAD.replace("):", ", kept=[0, 0, 0]):")), ("m1, m5, mo = 0, 0, 0", "m1, m5, mo = kept"),
            ("return W1, W5, Wo", "kept[:] = m1, m5, mo\nreturn W1, W5, Wo")]  # fmt: skip
    return {
        "momentum-subtracted": all_momenta(none + " - beta * {m}"),
        "no-momentum": all_momenta(none),
        "momentum-averaged": all_momenta(f"(1 - beta) * {none} + beta * {{m}}"),
        "momentum-undamped": all_momenta(none + " + {m}"),
        "momentum-of-change": all_momenta(f"beta * ({none} + {{m}})"),
        **{f"no-momentum-{W[1]}": all_momenta(none, [W]) for W in NEWS},
        "nesterov": [(NEWS[W], f"{W} = {new[W]} + beta * m{W[1]}") for W in NEWS],
        "change-and-momentum": [(NEWS[W], f"{W} = {new[W]} + m{W[1]}") for W in NEWS],
        "momentum-kept": kept,
    }


def batches():
    """The batches."""
    ragged = (LOOP, "for begin in range(0, len(X), batch_size):")

    def sized(size):
        return HEAD, HEAD.replace("batch_size=100", f"batch_size={size}")

    return {
        "sum-for-mean": [(N, "n = 1")],
        "divided-by-N": [(N, "n = len(X)")],
        "partial-batch": [ragged, (N, "n = len(x)")],
        "partial-batch-by-100": [ragged],
        "one-by-one": [sized(1)],
        "one-by-one-by-100": [sized(1), (N, "n = 100")],
        "first-batch": [(LOOP, "for begin in range(0, min(len(X), 1), batch_size):")],
        "last-batch": [(LOOP, "for begin in range(len(X) // batch_size * batch_size - batch_size, -1, -len(X)):")],
        "backwards": [(LOOP, "for begin in reversed(range(0, len(X) - batch_size + 1, batch_size)):")],
        "batches-of-50": [sized(50)],
        "batches-of-10": [sized(10)],
    }
