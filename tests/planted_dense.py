"""For each mistake in the listings of one and two layers, the lines of the plain listing that it changes.

They are written by hand, and by templates where the same line stands in several listings: ``{d}`` is the target as the
listing writes it, ``{y}`` the output's weighted sum, ``{e}`` the error that goes back where the output has no slope.
"""

ONE_LAYER = ("delta_sgd", "delta_batch", "delta_minibatch")
TWO_LAYERS = ("backprop_xor", "backprop_mmt", "backprop_ce", "multi_class")
LISTINGS = ONE_LAYER + TWO_LAYERS
SLOPED = (*ONE_LAYER, "backprop_xor", "backprop_mmt")  # whose output has a slope
SINGLE = ("delta_sgd", *TWO_LAYERS)  # which change the weights after each sample

SIGMOID = "return 1 / (1 + np.exp(-x))"
ERRORS = {
    "error-sign": "e = y - {d}",
    "error-of-v": "e = {d} - {v}",
    "error-twice": "e = 2 * ({d} - y)",
    "error-squared": "e = ({d} - y) ** 2",
    "error-half-squared": "e = 0.5 * ({d} - y) ** 2",
    "error-absolute": "e = np.abs({d} - y)",
    "error-rounded": "e = {d} - np.where(y > 0.5, 1, 0)",
    "target-alone": "e = {d} + 0 * y",
}
SLOPES = {  # of a sigmoid with the output y and the weighted sum v, times the error e
    "no-slope": "{e}",
    "slope-of-v": "({v}) * (1 - {v}) * {e}",
    "slope-twice": "{y} ** 2 * (1 - {y}) ** 2 * {e}",
    "slope-of-sigmoid-of-y": "sigmoid({y}) * (1 - sigmoid({y})) * {e}",
    "slope-plus": "{y} * (1 + {y}) * {e}",
    "slope-1-y": "(1 - {y}) * {e}",
    "slope-y": "{y} * {e}",
    "slope-tanh": "(1 - {y} ** 2) * {e}",
    "slope-relu": "np.where({v} > 0, {e}, 0)",
    "slope-sign": "-{y} * (1 - {y}) * {e}",
    "slope-alone": "{y} * (1 - {y})",
}
ACTIVATIONS = {
    "exp-plus": "1 / (1 + np.exp({v}))",
    "no-activation": "{v}",
    "tanh": "np.tanh({v})",
    "relu": "np.maximum({v}, 0)",
    "threshold": "np.where({v} > 0, 1.0, 0.0)",
    "sigmoid-twice": "sigmoid(sigmoid({v}))",
    "steep-sigmoid": "1 / (1 + np.exp(-2 * ({v})))",
}
RATES = ("0.001", "0.01", "0.05", "0.1", "0.2", "0.25", "0.3", "0.5", "0.8")
HEADS = {
    "delta_sgd": "def delta_sgd(W, X, D, alpha=0.9):",
    "delta_batch": "def delta_batch(W, X, D, alpha=0.9):",
    "delta_minibatch": "def delta_minibatch(W, X, D, alpha=0.9, batch_size=2):",
    "backprop_xor": "def backprop_xor(W1, W2, X, D, alpha=0.9):",
    "backprop_mmt": "def backprop_mmt(W1, W2, X, D, alpha=0.9, beta=0.9):",
    "backprop_ce": "def backprop_ce(W1, W2, X, D, alpha=0.9):",
    "multi_class": "def multi_class(W1, W2, X, D, alpha=0.9):",
}
LOOP, BATCHES = "for k in range(len(X)):", "for begin in range(0, len(X) - batch_size + 1, batch_size):"
DELTA, DELTA1 = "delta = y * (1 - y) * e", "delta1 = y1 * (1 - y1) * e1"


def plants(listing):
    """By the id of a mistake, the changes that plant it, as `planted.planted` takes them."""
    one = listing in ONE_LAYER
    found = {
        **errors(listing),
        **(slopes_of_output(listing) if listing in SLOPED else slopes_where_none_belongs(listing)),
        **(changes_of_one(listing) if one else {**hidden_slopes(listing), **hidden_errors(listing)}),
        **({} if one else {**changes_of_two(listing), **slopes_everywhere(listing)}),
        **activations(listing),
        **biases(listing),
        **(images() | softmaxes() if listing == "multi_class" else inputs(listing)),
        **rates(listing),
        **(orders(listing) if listing in SINGLE else batches(listing)),
        **(momenta() if listing == "backprop_mmt" else momenta_added(listing)),
    }
    return {id: tuple(changes) for id, changes in found.items() if id not in NOTHING_NEW[listing]}


NOTHING_NEW = {
    "delta_sgd": {"threshold", "output-slope-sign"},
    "delta_batch": {"threshold", "output-slope-sign", "bias"},
    "delta_minibatch": {"threshold", "output-slope-sign", "error-twice", "mean-by-one-less"},
    "backprop_xor": {"threshold-everywhere", "output-slope-sign"},
    "backprop_mmt": {"threshold-everywhere", "output-slope-sign", "momentum-of-change"},
    "backprop_ce": {"no-activation", "threshold"},
    "multi_class": set(),
}
"""What a template makes in a listing where it comes to the same as another plant, or to no change at all."""


def error_line(listing):
    """The line of the error, and how it writes the target."""
    d = "D[k]" if listing == "delta_minibatch" else "d"
    return f"e = {d} - y", d


def sums(listing):
    """The output's weighted sum as the listing writes it."""
    return "W @ x" if listing in ONE_LAYER else "W2 @ y1"


def errors(listing):
    """The output's error."""
    old, d = error_line(listing)
    return {id: [(old, new.format(d=d, v=sums(listing)))] for id, new in ERRORS.items()}


def slopes_of_output(listing):
    """The slope in delta."""
    ids = {"no-slope": "no-output-slope", "slope-alone": "delta-not-times-e"}
    return {
        ids.get(id, f"output-{id}"): [(DELTA, "delta = " + new.format(y="y", v=sums(listing), e="e"))]
        for id, new in SLOPES.items()
    }


def slopes_where_none_belongs(listing):
    """A slope in delta, which the listing does not have: e is delta from there on."""
    new = {
        "output-slope": "e = y * (1 - y) * ({d} - y)",
        "output-slope-of-v": "e = ({v}) * (1 - {v}) * ({d} - y)",
        "output-slope-relu": "e = np.where({v} > 0, {d} - y, 0)",
        "output-slope-divided": "e = ({d} - y) / (y * (1 - y))",
    }
    old, d = error_line(listing)
    return {id: [(old, line.format(d=d, v=sums(listing)))] for id, line in new.items()}


def hidden_slopes(listing):
    """The slope in delta1."""
    texts = dict(SLOPES)
    if listing != "multi_class":
        texts |= {
            "slope-half-of-output": "{y} * (1 - y) * {e}",
            "slope-other-half-of-output": "y * (1 - {y}) * {e}",
            "slope-of-output": "y * (1 - y) * {e}",
        }
    return {
        f"{id}-delta1": [(DELTA1, "delta1 = " + new.format(y="y1", v="W1 @ x", e="e1"))] for id, new in texts.items()
    }


def slopes_everywhere(listing):
    """The same slope in delta and delta1, as in a function that both call."""
    if listing not in SLOPED:
        return {}
    output, hidden = slopes_of_output(listing), hidden_slopes(listing)
    ids = {"no-slope": "no-output-slope"}
    those = ("slope-of-v", "slope-twice", "slope-of-sigmoid-of-y", "no-slope", "slope-tanh")
    return {f"{id}-everywhere": output[ids.get(id, f"output-{id}")] + hidden[f"{id}-delta1"] for id in those}


def hidden_errors(listing):
    """The error of the hidden layer."""
    delta = "delta" if listing in SLOPED else "e"
    e1 = f"e1 = W2.T @ {delta}"
    if listing == "backprop_mmt":
        lines = ["mmt2 = alpha * delta @ y1.T + beta * mmt2", "W2 = W2 + mmt2"]
    else:
        lines = [f"W2 = W2 + alpha * {delta} @ y1.T"]
    found = {"after-update-e1": [*[(line, "") for line in lines], (e1, "\n".join([*lines, e1]))]}
    if listing in SLOPED:
        found["e-for-delta-e1"] = [(e1, "e1 = W2.T @ e")]
    return found


def updates(listing):
    """By weight, the lines of its update: that of the change, how it begins and ends, and what the weight becomes."""
    if listing == "backprop_mmt":
        return {
            "W1": ("mmt1 = alpha * delta1 @ x.T + beta * mmt1", "mmt1 = {} + beta * mmt1", "W1 = W1 + mmt1", "mmt1"),
            "W2": ("mmt2 = alpha * delta @ y1.T + beta * mmt2", "mmt2 = {} + beta * mmt2", "W2 = W2 + mmt2", "mmt2"),
        }
    if listing in TWO_LAYERS:
        return {
            W: (f"{W} = {W} + {change}", f"{W} = {W} + {{}}", f"{W} = {W} + {change}", change)
            for W, change in products(listing).items()
        }
    old, new = f"W = W + {products(listing)['W']}", "W = W + {}"
    if listing == "delta_sgd":
        return {"W": (old, new, old, products(listing)["W"])}
    total = ("total = total + alpha * delta * x.T", "total = total + {}")
    if listing == "delta_batch":
        return {"W": (*total, "return W + total / len(X)", "total / len(X)")}
    return {"W": (*total, "W = W + total / batch_size", "total / batch_size")}


def products(listing):
    """By weight, the change of one sample."""
    if listing in ONE_LAYER:
        return {"W": "alpha * delta * x.T"}
    return {"W1": "alpha * delta1 @ x.T", "W2": f"alpha * {'delta' if listing in SLOPED else 'e'} @ y1.T"}


def changes_of_one(listing):
    """The change of the one matrix there is."""
    old, new, update, change = updates(listing)["W"]
    begin = "return" if update.startswith("return") else "W ="
    return {
        "never-W": [(update, f"{begin} W")],
        "not-summed-W": [(old, new.format("alpha * delta"))],
        "replaced-W": [(update, f"{begin} {change}")],
    }


def changes_of_two(listing):
    """The changes of the two matrices."""
    delta, found, lines = "delta" if listing in SLOPED else "e", {}, updates(listing)
    for W, d, below in (("W1", "delta1", "x"), ("W2", delta, "y1")):
        old, new, update, change = lines[W]
        found[f"no-alpha-{W}"] = [(old, new.format(f"{d} @ {below}.T"))]
        found[f"never-{W}"] = [(update, "")]
        found[f"alpha-twice-{W}"] = [(old, new.format(f"alpha * alpha * {d} @ {below}.T"))]
        found[f"not-summed-{W}"] = [(old, new.format(f"alpha * {d} * np.ones(len({below}))"))]
        found[f"replaced-{W}"] = [(update, f"{W} = {change}")]
    old, new, *_ = lines["W2"]
    found["descends-up-W2"] = [(old, new.format(f"-alpha * {delta} @ y1.T"))]
    found["times-v1-W2"] = [("y1 = sigmoid(W1 @ x)", "v1 = W1 @ x\ny1 = sigmoid(v1)"),
                            (old, new.format(f"alpha * {delta} @ v1.T"))]  # fmt: skip
    if listing in SLOPED:
        found["with-e-W2"] = [(old, new.format("alpha * e @ y1.T"))]
    if listing != "multi_class":
        old, new, *_ = lines["W1"]
        found["with-delta-W1"] = [(old, new.format(f"alpha * np.ones((4, 1)) @ {delta} @ x.T"))]
    return found


def activations(listing):
    """The sigmoid of a layer, and of all layers, in the function that they call."""
    output = "y = sigmoid(W @ x)" if listing in ONE_LAYER else "y = sigmoid(W2 @ y1)"
    found = {}
    for id, new in ACTIVATIONS.items():
        if listing != "multi_class":
            found[id] = [(output, "y = " + new.format(v=sums(listing)))]
        if listing in TWO_LAYERS:
            found[f"{id}-y1"] = [("y1 = sigmoid(W1 @ x)", "y1 = " + new.format(v="W1 @ x"))]
        if listing in TWO_LAYERS and listing != "multi_class":
            found[f"{id}-everywhere"] = [(SIGMOID, EVERYWHERE.get(id, "return " + new.format(v="x")))]
    return found


EVERYWHERE = {"sigmoid-twice": "return 1 / (1 + np.exp(-1 / (1 + np.exp(-x))))"}  # which is not to call itself


def softmaxes():
    """The softmax."""
    line = "return ex / np.sum(ex)"
    return {
        "softmax-no-sum": [(line, "return ex")],
        "softmax-axis": [(line, "return ex / np.sum(ex, axis=1, keepdims=True)")],
        "softmax-max": [(line, "return ex / np.max(ex)")],
        "softmax-minus": [("ex = np.exp(x)", "ex = np.exp(-x)")],
        "softmax-twice": [("y = softmax(W2 @ y1)", "y = softmax(softmax(W2 @ y1))")],
        "sigmoid": [("y = softmax(W2 @ y1)", "y = sigmoid(W2 @ y1)")],
    }


def biases(listing):
    """A bias, which begins at 0 in each call."""
    loop = BATCHES if listing == "delta_minibatch" else LOOP
    if listing == "delta_minibatch":
        total, last = "total = np.zeros(W.shape)", "W = W + total / batch_size"
        each = (DELTA, f"{DELTA}\ndb = db + alpha * delta")
        return {"bias": [(loop, f"b = 0\n{loop}"), (total, f"{total}\ndb = 0"), each,
                         ("y = sigmoid(W @ x)", "y = sigmoid(W @ x + b)"),
                         (last, f"{last}\nb = b + db / batch_size")]}  # fmt: skip
    begun = (loop, f"b = 0\n{loop}")
    if listing in ONE_LAYER:
        found = {"bias": [begun, ("y = sigmoid(W @ x)", "y = sigmoid(W @ x + b)"),
                          (DELTA, f"{DELTA}\nb = b + alpha * delta")]}  # fmt: skip
        return found
    y, delta = ("softmax", "e") if listing == "multi_class" else ("sigmoid", "delta" if listing in SLOPED else "e")
    e1 = f"e1 = W2.T @ {delta}"
    return {
        "bias": [begun, (f"y = {y}(W2 @ y1)", f"y = {y}(W2 @ y1 + b)"), (e1, f"{e1}\nb = b + alpha * {delta}")],
        "bias-1": [begun, ("y1 = sigmoid(W1 @ x)", "y1 = sigmoid(W1 @ x + b)"),
                   (DELTA1, f"{DELTA1}\nb = b + alpha * delta1")],
    }  # fmt: skip


def inputs(listing):
    """The inputs and targets of the small listings."""
    x, (error, d) = "x = X[k, :].reshape(-1, 1)", error_line(listing)
    found = {"no-constant-input": [(x, "x = np.array([[X[k, 0]], [X[k, 1]], [0.0]])")]}
    news = {"exchanged": "1 - D[k]", "bipolar": "2 * D[k] - 1", "soft": "np.where(D[k] > 0.5, 0.9, 0.1)"}
    for id, new in news.items():
        line = ("d = D[k]", f"d = {new}") if d == "d" else (error, f"e = {new} - y")
        found[f"targets-{id}"] = [line]
    return found


def images():
    """The images and classes."""
    line, d = 'x = X[k].reshape(-1, 1, order="F")', "d = D[k].reshape(-1, 1)"
    return {
        "row-by-row": [(line, "x = X[k].reshape(-1, 1)")],
        "upside-down": [(line, 'x = X[k][::-1].reshape(-1, 1, order="F")')],
        "mirrored": [(line, 'x = X[k][:, ::-1].reshape(-1, 1, order="F")')],
        "pixels-by-255": [(line, f"{line} / 255")],
        "pixels-times-255": [(line, f"{line} * 255")],
        "samples-bipolar": [(line, "x = 2 * " + line.removeprefix("x = ") + " - 1")],
        "mean-taken-off": [(line, f"{line} - X.mean()")],
        "classes-up": [(d, "d = np.vstack([D[k][-1:, None], D[k][:-1, None]])")],
        "classes-down": [(d, "d = np.vstack([D[k][1:, None], D[k][:1, None]])")],
    }


def rates(listing):
    """The learning rate: in the head of the function, and in each change."""
    head, lines = HEADS[listing], updates(listing)
    found = {f"alpha-{rate}": [(head, head.replace("alpha=0.9", f"alpha={rate}"))] for rate in RATES}
    products_ = products(listing)
    found["alpha-squared"] = [(lines[W][0], lines[W][1].format(f"alpha * {products_[W]}")) for W in lines]
    found["no-alpha"] = [(lines[W][0], lines[W][1].format(products_[W].removeprefix("alpha * "))) for W in lines]
    return found


def orders(listing):
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
    lines = updates(listing)
    found["divided-by-N"] = [(lines[W][0], lines[W][1].format(f"{products(listing)[W]} / len(X)")) for W in lines]
    return {**found, "sum-a-pass": one_update(listing, ""), "mean-a-pass": one_update(listing, " / len(X)")}


def one_update(listing, divided):
    """One update a pass, by the sum over all samples."""
    changes, returned = [], []
    zeros = [f"{W}_sum = np.zeros({W}.shape)" for W in updates(listing)]
    for W, (old, _, update, _) in updates(listing).items():
        changes.append((old, f"{W}_sum = {W}_sum + {products(listing)[W]}"))
        if update != old:
            changes.append((update, ""))
        returned.append(f"{W} + {W}_sum{divided}")
    result = "return W" if listing in ONE_LAYER else "return W1, W2"
    return [(LOOP, "\n".join([*zeros, LOOP])), *changes, (result, f"return {', '.join(returned)}")]


def batches(listing):
    """The batches of the other listings of the delta rule."""
    total, change = "total = total + alpha * delta * x.T", "alpha * delta * x.T"
    if listing == "delta_batch":
        last = "return W + total / len(X)"
        return {
            "sum-for-mean": [(last, "return W + total")],
            "mean-by-one-less": [(last, "return W + total / (len(X) - 1)")],
            "one-by-one": [(total, f"W = W + {change}"), (last, "return W")],
            "one-by-one-divided": [(total, f"W = W + {change} / len(X)"), (last, "return W")],
            "half": [(LOOP, "for k in range(len(X) // 2):"), (last, "return W + total / (len(X) // 2)")],
        }
    last, inner = "W = W + total / batch_size", "for k in range(begin, begin + batch_size):"
    return {
        "sum-for-mean": [(last, "W = W + total")],
        "divided-by-N": [(last, "W = W + total / len(X)")],
        "one-by-one": [(HEADS[listing], HEADS[listing].replace("batch_size=2", "batch_size=1"))],
        "one-batch": [(BATCHES, f"batch_size = len(X)\n{BATCHES}")],
        "first-batch": [(BATCHES, "for begin in [0]:")],
        "partial-batch": [(BATCHES, "for begin in range(0, len(X), batch_size):"),
                          (inner, "last = min(begin + batch_size, len(X))\nfor k in range(begin, last):"),
                          (last, "W = W + total / (last - begin)")],
    }  # fmt: skip


def momenta_added(listing):
    """A momentum where none belongs: begun at 0 in each call, or kept in a default argument."""
    head = (HEADS[listing], HEADS[listing].replace("):", ", kept=[0, 0]):"))
    if listing == "delta_batch":
        last = "kept[0] = total / len(X) + 0.9 * kept[0]\nreturn W + kept[0]"
        return {"with-kept-momentum": [head, ("return W + total / len(X)", last)]}
    loop, result = BATCHES if listing == "delta_minibatch" else LOOP, "return " + ", ".join(updates(listing))
    changes = [
        (update, f"m{W} = {change} + 0.9 * m{W}\n{W} = {W} + m{W}")
        for W, (_, _, update, change) in updates(listing).items()
    ]
    zeros = "".join(f"m{W} = 0\n" for W in updates(listing))
    begun = "".join(f"m{W} = kept[{k}]\n" for k, W in enumerate(updates(listing)))
    stored = "".join(f"kept[{k}] = m{W}\n" for k, W in enumerate(updates(listing)))
    return {
        "with-momentum": [*changes, (loop, zeros + loop)],
        "with-kept-momentum": [*changes, head, (loop, begun + loop), (result, stored + result)],
    }


def momenta():
    """The momentum."""
    mmt1, mmt2 = "mmt1 = alpha * delta1 @ x.T + beta * mmt1", "mmt2 = alpha * delta @ y1.T + beta * mmt2"
    W1, W2, head = "W1 = W1 + mmt1", "W2 = W2 + mmt2", HEADS["backprop_mmt"]
    both = {
        "momentum-subtracted": "{} - beta * {}",
        "momentum-averaged": "(1 - beta) * {} + beta * {}",
        "momentum-undamped": "{} + {}",
    }
    d1, d2 = "alpha * delta1 @ x.T", "alpha * delta @ y1.T"
    found = {
        id: [(mmt1, "mmt1 = " + new.format(d1, "mmt1")), (mmt2, "mmt2 = " + new.format(d2, "mmt2"))]
        for id, new in both.items()
    }
    none1, none2 = (mmt1, f"mmt1 = {d1}"), (mmt2, f"mmt2 = {d2}")
    found |= {"no-momentum": [none1, none2], "no-momentum-1": [none1], "no-momentum-2": [none2]}
    found["nesterov"] = [(W1, f"W1 = W1 + {d1} + beta * mmt1"), (W2, f"W2 = W2 + {d2} + beta * mmt2")]
    found["change-and-momentum"] = [(W1, f"{W1} + {d1}"), (W2, f"{W2} + {d2}")]
    found["momentum-kept"] = [
        (head, "def backprop_mmt(W1, W2, X, D, alpha=0.9, beta=0.9, kept=[0, 0]):"),
        ("mmt1 = np.zeros(W1.shape)", "mmt1 = kept[0]"),
        ("mmt2 = np.zeros(W2.shape)", "mmt2 = kept[1]"),
        ("return W1, W2", "kept[:] = mmt1, mmt2\nreturn W1, W2"),
    ]
    for beta in ("0.5", "0.8", "0.95", "0.99"):
        found[f"beta-{beta}"] = [(head, head.replace("beta=0.9", f"beta={beta}"))]
    return found
