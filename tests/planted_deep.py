"""For each mistake in the listings of the deep networks, the lines of the plain listing that it changes.

Both listings are written alike, so that most templates serve both: ``{k}`` is the number of a hidden layer, ``{up}``
that of the one above, ``{below}`` what goes into it, ``{y}`` and ``{e}`` its output and its error, ``{v}`` its sum.
"""

LISTINGS = ("deep_relu", "deep_dropout")
SIGMOID, RELU = "return 1 / (1 + np.exp(-x))", "return np.where(x > 0, x, 0)"
LOOP, E = "for k in range(len(X)):", "e = d - y"
HEADS = {
    "deep_relu": "def deep_relu(W1, W2, W3, W4, X, D, alpha=0.01):",
    "deep_dropout": "def deep_dropout(W1, W2, W3, W4, X, D, alpha=0.01, ratio=0.2, *, rng):",
}
SUMS = {1: "W1 @ x", 2: "W2 @ y1", 3: "W3 @ y2", 4: "W4 @ y3"}
BELOW = {1: "x", 2: "y1", 3: "y2", 4: "y3"}
DELTAS = {1: "delta1", 2: "delta2", 3: "delta3", 4: "e"}
HIDDEN = (1, 2, 3)
BACK = {3: "W4.T @ e", 2: "W3.T @ delta3", 1: "W2.T @ delta2"}
UPDATES = {k: f"W{k} = W{k} + alpha * {DELTAS[k]} @ {BELOW[k]}.T" for k in DELTAS}

ERRORS = {
    "error-sign": "e = y - d",
    "error-of-v": "e = d - W4 @ y3",
    "error-twice": "e = 2 * (d - y)",
    "error-squared": "e = (d - y) ** 2",
    "error-half-squared": "e = 0.5 * (d - y) ** 2",
    "error-absolute": "e = np.abs(d - y)",
    "error-rounded": "e = d - np.where(y > 0.5, 1, 0)",
    "target-alone": "e = d + 0 * y",
    "output-slope": "e = y * (1 - y) * (d - y)",
    "output-slope-of-v": "e = (W4 @ y3) * (1 - W4 @ y3) * (d - y)",
    "output-slope-relu": "e = np.where(W4 @ y3 > 0, d - y, 0)",
    "output-slope-divided": "e = (d - y) / (y * (1 - y))",
}
RELU_SLOPES = {
    "no-slope": "{e}",
    "slope-of-e": "np.maximum({e}, 0)",
    "slope-at-0": "np.where({v} < 0, 0, {e})",
    "slope-leaky": "np.where({v} > 0, {e}, 0.01 * ({e}))",
    "slope-y": "{y} * ({e})",
    "slope-sigmoid": "{y} * (1 - {y}) * ({e})",
    "slope-inverted": "np.where({v} < 0, {e}, 0)",
    "slope-alone": "np.where({v} > 0, 1.0, 0.0)",
}
SIGMOID_SLOPES = {
    "no-slope": "{e}",
    "slope-of-v": "({v}) * (1 - {v}) * ({e})",
    "slope-twice": "{y} ** 2 * (1 - {y}) ** 2 * ({e})",
    "slope-of-sigmoid-of-y": "sigmoid({y}) * (1 - sigmoid({y})) * ({e})",
    "slope-plus": "{y} * (1 + {y}) * ({e})",
    "slope-1-y": "(1 - {y}) * ({e})",
    "slope-y": "{y} * ({e})",
    "slope-tanh": "(1 - {y} ** 2) * ({e})",
    "slope-relu": "np.where({v} > 0, {e}, 0)",
    "slope-sign": "-{y} * (1 - {y}) * ({e})",
    "slope-alone": "{y} * (1 - {y})",
    "slope-without-mask": "sigmoid({v}) * (1 - sigmoid({v})) * ({e})",
    "exact-slope": "sigmoid({v}) * (1 - sigmoid({v})) * ym{k} * ({e})",
    "mask-twice": "ym{k} * {y} * (1 - {y}) * ({e})",
}
RELUS = {  # in place of ReLU, of v
    "no-activation": "{v}",
    "sigmoid": "1 / (1 + np.exp(-({v})))",
    "tanh": "np.tanh({v})",
    "leaky": "np.maximum({v}, 0.01 * ({v}))",
    "relu-minus": "np.minimum({v}, 0)",
    "absolute": "np.abs({v})",
}
SIGMOIDS = {
    "exp-plus": "1 / (1 + np.exp({v}))",
    "no-activation": "{v}",
    "tanh": "np.tanh({v})",
    "relu": "np.maximum({v}, 0)",
    "threshold": "np.where({v} > 0, 1.0, 0.0)",
    "sigmoid-twice": "1 / (1 + np.exp(-1 / (1 + np.exp(-({v})))))",
    "steep-sigmoid": "1 / (1 + np.exp(-2 * ({v})))",
}
RATES = ("0.001", "0.05", "0.1", "0.2", "0.25", "0.3", "0.5", "0.8", "0.9")


def plants(listing):
    """By the id of a mistake, the changes that plant it, as `planted.planted` takes them."""
    relus = listing == "deep_relu"
    found = {
        **{id: [(E, new)] for id, new in ERRORS.items()},
        **slopes(listing),
        **hidden_errors(listing),
        **weight_changes(),
        **activations(listing),
        **softmaxes(),
        **images(),
        **rates(listing),
        **orders(),
        **momenta_added(listing),
        **everywhere(listing),
        **({} if relus else dropouts()),
        "bias": [(LOOP, f"b = 0\n{LOOP}"), ("y = softmax(W4 @ y3)", "y = softmax(W4 @ y3 + b)"),
                 (E, f"{E}\nb = b + alpha * e")],
    }  # fmt: skip
    return {id: tuple(changes) for id, changes in found.items() if id not in NOTHING_NEW[listing]}


NOTHING_NEW = {
    "deep_relu": set(),
    "deep_dropout": {"minus-e1", "minus-e2", "minus-e3"},
}
"""What a template makes in a listing where it comes to the same as another plant."""


def delta_line(listing, k):
    """The line of a hidden layer's delta."""
    slope = f"(y{k} > 0)" if listing == "deep_relu" else f"y{k} * (1 - y{k})"
    return f"delta{k} = {slope} * ({BACK[k]})"


def slopes(listing):
    """The slope in delta of each hidden layer; that of another layer too."""
    texts = RELU_SLOPES if listing == "deep_relu" else SIGMOID_SLOPES
    found = {}
    for k in HIDDEN:
        old = delta_line(listing, k)
        for id, text in texts.items():
            found[f"{id}-delta{k}"] = slope(listing, k, text)
        for j in HIDDEN:
            if j != k and listing == "deep_relu":
                found[f"slope-of-v{j}-delta{k}"] = [(old, f"delta{k} = np.where(y{j} > 0, {BACK[k]}, 0)")]
            elif j != k:
                found[f"slope-of-y{j}-delta{k}"] = [(old, f"delta{k} = y{j} * (1 - y{j}) * ({BACK[k]})")]
    return found


def slope(listing, k, text):
    """A slope in delta of a hidden layer; where it asks for the mask, that is kept on the way forward."""
    new = text.format(y=f"y{k}", v=SUMS[k], e=BACK[k], k=k)
    changes = [(delta_line(listing, k), f"delta{k} = {new}")]
    if "ym" in text:
        drop = f"y{k} = y{k} * dropout(y{k}, ratio, rng)"
        changes.append((drop, f"ym{k} = dropout(y{k}, ratio, rng)\ny{k} = ym{k} * y{k}"))
    return changes


def hidden_errors(listing):
    """The errors of the hidden layers."""
    found = {}

    def instead(id, k, error):
        line = delta_line(listing, k)
        found[f"{id}-e{k}"] = [(line, line.replace(BACK[k], error))]

    for k in HIDDEN:
        instead("minus", k, f"-{BACK[k]}")
        line, update = delta_line(listing, k), UPDATES[k + 1]
        found[f"after-update-e{k}"] = [(update, ""), (line, f"{update}\n{line}")]
    instead("e-for-delta", 2, f"W3.T @ ({BACK[3]})")
    instead("e-for-delta", 1, f"W2.T @ ({BACK[2]})")
    instead("through-W2", 2, "W2.T @ delta3")
    instead("through-W3", 1, "W3.T @ delta2")
    instead("not-transposed", 2, "W3 @ delta3")
    instead("not-transposed", 1, "W2 @ delta2")
    return found


def weight_changes():
    """The change of each matrix by other quantities, left out, and in place of the matrix."""
    found = {}

    def instead(id, k, change):
        found[f"{id}-W{k}"] = [(UPDATES[k], f"W{k} = W{k} + {change}")]

    for k, delta in DELTAS.items():
        x = BELOW[k]
        instead("no-alpha", k, f"{delta} @ {x}.T")
        instead("alpha-twice", k, f"alpha * alpha * {delta} @ {x}.T")
        instead("not-summed", k, f"alpha * {delta} @ np.ones((1, len({x})))")
        found[f"never-W{k}"] = [(UPDATES[k], "")]
        found[f"replaced-W{k}"] = [(UPDATES[k], f"W{k} = alpha * {delta} @ {x}.T")]
        if k > 1:
            instead("descends-up", k, f"-alpha * {delta} @ {x}.T")
            instead(f"times-v{k - 1}", k, f"alpha * {delta} @ ({SUMS[k - 1]}).T")
        for j in HIDDEN:
            if k > 1 and j != k - 1:
                instead(f"times-y{j}", k, f"alpha * {delta} @ y{j}.T")
            if k < 4 and j != k:
                instead(f"with-delta{j}", k, f"alpha * delta{j} @ {x}.T")
    return found


def activations(listing):
    """The activation of a hidden layer, and of all, in the function that they call."""
    if listing == "deep_relu":
        return relus()
    found = {}
    for id, new in SIGMOIDS.items():
        for k in HIDDEN:
            found[f"{id}-s{k}"] = [(f"y{k} = sigmoid({SUMS[k]})", f"y{k} = " + new.format(v=SUMS[k]))]
        found[f"{id}-everywhere"] = [(SIGMOID, "return " + new.format(v="x"))]
    return found


def relus():
    """Another function in place of ReLU, whose slope is still asked of v, as on the page; the plain listing asks y."""
    found = {}
    for id, new in RELUS.items():
        asked = {
            k: (delta_line("deep_relu", k), delta_line("deep_relu", k).replace(f"y{k} >", f"v{k} >")) for k in HIDDEN
        }
        lines = {k: f"y{k} = relu({SUMS[k]})" for k in HIDDEN}
        for k in HIDDEN:
            found[f"{id}-y{k}"] = [(lines[k], f"v{k} = {SUMS[k]}\ny{k} = {new.format(v=f'v{k}')}"), asked[k]]
        sums = [(lines[k], f"v{k} = {SUMS[k]}\ny{k} = relu(v{k})") for k in HIDDEN]
        found[f"{id}-everywhere"] = [(RELU, "return " + new.format(v="x")), *sums, *asked.values()]
    return found


def softmaxes():
    """The softmax."""
    line, y = "return ex / np.sum(ex)", "y = softmax(W4 @ y3)"
    return {
        "softmax-no-sum": [(line, "return ex")],
        "softmax-axis": [(line, "return ex / np.sum(ex, axis=1, keepdims=True)")],
        "softmax-max": [(line, "return ex / np.max(ex)")],
        "softmax-minus": [("ex = np.exp(x)", "ex = np.exp(-x)")],
        "softmax-twice": [(y, "y = softmax(softmax(W4 @ y3))")],
        "sigmoid": [(y, "y = 1 / (1 + np.exp(-W4 @ y3))")],
    }


def images():
    """The images and classes."""
    line, d = 'x = X[k].reshape(-1, 1, order="F")', "d = D[k].reshape(-1, 1)"
    return {
        "row-by-row": [(line, "x = X[k].reshape(-1, 1)")],
        "upside-down": [(line, 'x = X[k][::-1].reshape(-1, 1, order="F")')],
        "mirrored": [(line, 'x = X[k][:, ::-1].reshape(-1, 1, order="F")')],
        "pixels-by-255": [(line, f"{line} / 255")],
        # with the shift in the softmax, without which it is not a number at once
        "pixels-times-255": [(line, f"{line} * 255"), ("ex = np.exp(x)", "ex = np.exp(x - np.max(x))")],
        "samples-bipolar": [(line, 'x = 2 * X[k].reshape(-1, 1, order="F") - 1')],
        "mean-taken-off": [(line, f"{line} - X.mean()")],
        "classes-up": [(d, "d = np.vstack([D[k][-1:, None], D[k][:-1, None]])")],
        "classes-down": [(d, "d = np.vstack([D[k][1:, None], D[k][:1, None]])")],
    }


def with_changes(template):
    """All four matrices changed by the same template of ``{d}``, a delta, and ``{x}``."""
    return [(UPDATES[k], f"W{k} = W{k} + " + template.format(d=DELTAS[k], x=BELOW[k])) for k in DELTAS]


def rates(listing):
    """The learning rate: in the head of the function, and in each change."""
    head = HEADS[listing]
    found = {f"alpha-{rate}": [(head, head.replace("alpha=0.01", f"alpha={rate}"))] for rate in RATES}
    found["alpha-squared"] = with_changes("alpha * alpha * {d} @ {x}.T")
    found["no-alpha"] = with_changes("{d} @ {x}.T")
    return found


def orders():
    """The loop over single samples."""
    loops = {
        "first-alone": "for k in range(1):",
        "last-alone": "for k in range(len(X) - 1, len(X)):",
        "first-left-out": "for k in range(1, len(X)):",
        "last-left-out": "for k in range(len(X) - 1):",
        "backwards": "for k in reversed(range(len(X))):",
        "pass-twice": "for k in [*range(len(X)), *range(len(X))]:",
        "each-twice": "for k in np.repeat(np.arange(len(X)), 2):",
    }
    found = {id: [(LOOP, loop)] for id, loop in loops.items()}
    found["divided-by-N"] = with_changes("alpha * {d} @ {x}.T / len(X)")
    zeros = "\n".join(f"sum{k} = np.zeros(W{k}.shape)" for k in DELTAS)
    for id, divided in (("sum-a-pass", ""), ("mean-a-pass", " / len(X)")):
        summed = [(UPDATES[k], f"sum{k} = sum{k} + alpha * {DELTAS[k]} @ {BELOW[k]}.T") for k in DELTAS]
        returned = ", ".join(f"W{k} + sum{k}{divided}" for k in DELTAS)
        found[id] = [(LOOP, f"{zeros}\n{LOOP}"), *summed, ("return W1, W2, W3, W4", f"return {returned}")]
    return found


def momenta_added(listing):
    """A momentum where none belongs: begun at 0 in each call, or kept in a default argument."""
    head = (HEADS[listing], HEADS[listing].replace("alpha=0.01", "alpha=0.01, kept=[0, 0, 0, 0]"))
    result = "return W1, W2, W3, W4"
    changes = [
        (UPDATES[k], f"m{k} = alpha * {DELTAS[k]} @ {BELOW[k]}.T + 0.9 * m{k}\nW{k} = W{k} + m{k}") for k in UPDATES
    ]
    return {
        "with-momentum": [*changes, (LOOP, f"m1 = m2 = m3 = m4 = 0\n{LOOP}")],
        "with-kept-momentum": [
            *changes,
            head,
            (LOOP, f"m1, m2, m3, m4 = kept\n{LOOP}"),
            (result, f"kept[:] = m1, m2, m3, m4\n{result}"),
        ],
    }


def everywhere(listing):
    """The same mistake in all layers."""
    alike = ["no-slope", "slope-of-e", "slope-at-0", "slope-leaky", "slope-sigmoid"]
    if listing == "deep_dropout":
        alike = ["no-slope", "slope-of-v", "slope-twice", "slope-without-mask", "exact-slope", "mask-twice"]
    texts = RELU_SLOPES if listing == "deep_relu" else SIGMOID_SLOPES
    found = {f"{id}-everywhere": [c for k in HIDDEN for c in slope(listing, k, texts[id])] for id in alike}
    line = {k: delta_line(listing, k) for k in HIDDEN}
    taken = [(UPDATES[k + 1], "") for k in HIDDEN]
    found["after-update-everywhere"] = [*taken, *[(line[k], f"{UPDATES[k + 1]}\n{line[k]}") for k in HIDDEN]]
    errors = [f"e3 = {BACK[3]}", "e2 = W3.T @ e3", "e1 = W2.T @ e2"]
    found["e-for-delta-everywhere"] = [(line[3], "\n".join([*errors, line[3]])),
                                       *[(line[k], line[k].replace(BACK[k], f"e{k}")) for k in (1, 2)]]  # fmt: skip
    found["not-transposed-everywhere"] = [(line[k], line[k].replace(".T", "")) for k in (1, 2)]
    return found


def dropouts():
    """Dropout: the scale, the nodes and the mask."""
    scale, num = "ym[i - 1, 0] = 1 / (1 - ratio)", "num = int(np.floor(y.size * (1 - ratio) + 0.5))"
    zeros = "ym = np.zeros(y.shape)"
    drops = {k: f"y{k} = y{k} * dropout(y{k}, ratio, rng)" for k in HIDDEN}
    none = {k: (drops[k], f"dropout(y{k}, ratio, rng)") for k in HIDDEN}
    found = {
        "unscaled": [(scale, "ym[i - 1, 0] = 1")],
        "scaled-by-ratio": [(scale, "ym[i - 1, 0] = 1 / ratio")],
        "scaled-down": [(scale, "ym[i - 1, 0] = 1 - ratio")],
        "scaled-by-dropped": [(scale, "ym[i - 1, 0] = ratio")],
        "kept-and-dropped": [(num, "num = round(y.size * ratio)")],
        "drawn-dropped": [(zeros, "ym = np.full(y.shape, 1 / (1 - ratio))"), (scale, "ym[i - 1, 0] = 0")],
        "one-mask": [(drops[1], "ym = dropout(y1, ratio, rng)\ny1 = y1 * ym"),
                     (drops[2], "y2 = y2 * ym"), (drops[3], "y3 = y3 * ym")],
        "ratio-0.5": [(HEADS["deep_dropout"], HEADS["deep_dropout"].replace("ratio=0.2", "ratio=0.5"))],
        "no-dropout": list(none.values()),
    }  # fmt: skip
    return found | {f"no-dropout-y{k}": [none[k]] for k in HIDDEN}
