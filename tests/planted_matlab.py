"""For mistakes of the listings but the convolutional network, the lines of a MATLAB port that each changes.

The ports are those in tests/ports; a change is as `planted.changed` takes it. In them ``{v}``, ``{y}`` and ``{e}`` are
a layer's weighted sum, output and error.
"""

from pathlib import Path

import planted

PORTS = Path(__file__).parent / "ports"
FILES = {
    "delta_sgd": "DeltaSGD",
    "delta_batch": "DeltaBatch",
    "delta_minibatch": "DeltaMiniBatch",
    "backprop_xor": "BackpropXOR",
    "backprop_mmt": "BackpropMmt",
    "backprop_ce": "BackpropCE",
    "multi_class": "MultiClass",
    "deep_relu": "DeepReLU",
    "deep_dropout": "DeepDropout",
    "mnist_conv": "MnistConv",
}
ONE_LAYER = ("delta_sgd", "delta_batch", "delta_minibatch")
DEEP = ("deep_relu", "deep_dropout")
IMAGES = ("multi_class", *DEEP)
SLOPED = (*ONE_LAYER, "backprop_xor", "backprop_mmt")  # whose output has a slope

ERRORS = {
    "error-sign": "y - d",
    "error-of-v": "d - v",
    "error-twice": "2 * (d - y)",
    "error-squared": "(d - y) .^ 2",
    "error-half-squared": "(d - y) .^ 2 / 2",
    "error-absolute": "abs(d - y)",
    "error-rounded": "d - (y > 0.5)",
    "target-alone": "d",
}
SIGMOID = "1 ./ (1 + exp(-{x}))"
SIGMOID_SLOPES = {
    "no-slope": "{e}",
    "slope-of-v": "{v} .* (1 - {v}) .* {e}",
    "slope-twice": "({y} .* (1 - {y})) .^ 2 .* {e}",
    "slope-of-sigmoid-of-y": "Sigmoid({y}) .* (1 - Sigmoid({y})) .* {e}",
    "slope-plus": "{y} .* (1 + {y}) .* {e}",
    "slope-1-y": "(1 - {y}) .* {e}",
    "slope-y": "{y} .* {e}",
    "slope-tanh": "(1 - {y} .^ 2) .* {e}",
    "slope-relu": "({v} > 0) .* {e}",
    "slope-sign": "{y} .* ({y} - 1) .* {e}",
    "slope-alone": "{y} .* (1 - {y})",
}
RELU_SLOPES = {
    "no-slope": "{e}",
    "slope-of-e": "max({e}, 0)",
    "slope-at-0": "({v} >= 0) .* {e}",
    "slope-leaky": "(({v} > 0) + 0.01 * ({v} <= 0)) .* {e}",
    "slope-y": "{y} .* {e}",
    "slope-sigmoid": "{y} .* (1 - {y}) .* {e}",
    "slope-inverted": "({v} < 0) .* {e}",
    "slope-alone": "double({v} > 0)",
}
OUTPUT_SLOPES = {
    "output-slope": "y .* (1 - y) .* e",
    "output-slope-of-v": "v .* (1 - v) .* e",
    "output-slope-relu": "(v > 0) .* e",
    "output-slope-divided": "e ./ (y .* (1 - y))",
}
SIGMOIDS = {
    "exp-plus": "1 ./ (1 + exp({v}))",
    "no-activation": "{v}",
    "tanh": "tanh({v})",
    "relu": "max({v}, 0)",
    "threshold": "double({v} > 0)",
    "sigmoid-twice": f"1 ./ (1 + exp(-{SIGMOID.format(x='{v}')}))",
    "steep-sigmoid": "1 ./ (1 + exp(-2 * {v}))",
}
RELUS = {
    "no-activation": "{v}",
    "sigmoid": SIGMOID.format(x="{v}"),
    "tanh": "tanh({v})",
    "leaky": "max({v}, 0.01 * {v})",
    "relu-minus": "min({v}, 0)",
    "absolute": "abs({v})",
}
RATES = ("0.001", "0.01", "0.05", "0.1", "0.2", "0.25", "0.3", "0.5", "0.8", "0.9")
LOOPS = {
    "first-alone": "1",
    "last-alone": "N",
    "first-left-out": "2:N",
    "last-left-out": "1:(N - 1)",
    "backwards": "N:-1:1",
    "pass-twice": "[1:N, 1:N]",
    "each-twice": "kron(1:N, [1, 1])",
}


def port(listing):
    """The text of the right port."""
    return (PORTS / f"{FILES[listing]}.m").read_text(encoding="utf-8")


def with_mistake(listing, id):
    """The text of a port with a mistake."""
    return planted.changed(port(listing), plants(listing)[id])


def plants(listing):
    """By id of the mistake, the changes of a port's text."""
    parts = [errors(), output(listing), activations(listing), rates(listing), targets(listing), samples(listing)]
    if listing in ("delta_batch", "delta_minibatch"):
        parts += [batches(listing), changes_of_a_batch()]
    else:
        parts += [changes(listing), loops(listing), biases(listing)]
    if listing not in ONE_LAYER:
        parts += [hidden_slopes(listing), hidden_errors(listing)]
    parts.append(momentum() if listing == "backprop_mmt" else momentum_added(listing))
    if listing == "deep_dropout":
        parts.append(dropout())
    found = {id: those for part in parts for id, those in part.items()}
    return {**found, **everywhere(listing, found)}


def errors():
    """The output's error."""
    return {id: [("e = d - y;", f"e = {new};")] for id, new in ERRORS.items()}


def output(listing):
    """The slope in delta."""
    if listing not in SLOPED:
        return {id: [("delta = e;", f"delta = {new};")] for id, new in OUTPUT_SLOPES.items()}
    ids, line = {"no-slope": "no-output-slope", "slope-alone": "delta-not-times-e"}, "delta = y .* (1 - y) .* e;"
    return {
        ids.get(id, f"output-{id}"): [(line, f"delta = {new.format(v='v', y='y', e='e')};")]
        for id, new in SIGMOID_SLOPES.items()
    }


def layers(listing):
    """The numbers of the hidden layers."""
    return () if listing in ONE_LAYER else (1, 2, 3) if listing in DEEP else (1,)


def slope_line(listing, k):
    """The line of a hidden layer's delta."""
    slope = f"(v{k} > 0)" if listing == "deep_relu" else f"y{k} .* (1 - y{k})"
    return f"delta{k} = {slope} .* e{k};"


def hidden_slopes(listing):
    """The slope in a hidden layer's delta."""
    found, relu = {}, listing == "deep_relu"
    for k in layers(listing):
        line, texts = slope_line(listing, k), dict(RELU_SLOPES if relu else SIGMOID_SLOPES)
        for j in set(layers(listing)) - {k}:
            texts[f"slope-of-v{j}" if relu else f"slope-of-y{j}"] = (
                f"(v{j} > 0) .* {{e}}" if relu else f"y{j} .* (1 - y{j}) .* {{e}}"
            )
        if listing in ("backprop_xor", "backprop_mmt", "backprop_ce"):
            texts["slope-half-of-output"] = "{y} .* (1 - y) .* {e}"
            texts["slope-other-half-of-output"] = "y .* (1 - {y}) .* {e}"
            texts["slope-of-output"] = "y .* (1 - y) .* {e}"
        for id, new in texts.items():
            found[f"{id}-delta{k}"] = [(line, f"delta{k} = {new.format(v=f'v{k}', y=f'y{k}', e=f'e{k}')};")]
    return found


def error_line(listing, k):
    """The line of a hidden layer's error, with the weights and the delta above."""
    last = k == len(layers(listing))
    delta = "delta" if last else f"delta{k + 1}"
    return f"e{k} = W{k + 1}' * {delta};", f"W{k + 1}", delta


def hidden_errors(listing):
    """The error of a hidden layer."""
    found = {}
    for k in layers(listing):
        line, W, delta = error_line(listing, k)
        found[f"minus-e{k}"] = [(line, f"e{k} = -{W}' * {delta};")]
        above = "e" if delta == "delta" else f"e{k + 1}"
        found[f"e-for-delta-e{k}"] = [(line, f"e{k} = {W}' * {above};")]
        update = [change_line(W, listing), update_line(W, listing)]
        if listing == "backprop_mmt":
            update.insert(1, "mmt2 = dW2 + beta * mmt2;")
        found[f"after-update-e{k}"] = [*[(each, "") for each in update], (line, "\n".join([*update, line]))]
        if W in ("W2", "W3") and listing in DEEP:
            found[f"not-transposed-e{k}"] = [(line, f"e{k} = {W} * {delta};")]
            other = "W3" if W == "W2" else "W2"
            found[f"through-{other}-e{k}"] = [(line, f"e{k} = {other}' * {delta};")]
    return found


def weights(listing):
    """By weight, the delta that changes it and what lies below."""
    if listing in ONE_LAYER:
        return {"W": ("delta", "x")}
    last = len(layers(listing)) + 1
    return {
        f"W{k}": ("delta" if k == last else f"delta{k}", "x" if k == 1 else f"y{k - 1}") for k in range(1, last + 1)
    }


def change_line(W, listing):
    """The line of a weight's change."""
    delta, below = weights(listing)[W]
    return f"d{W} = alpha * {delta} * {below}';"


def update_line(W, listing):
    """The line of a weight's update."""
    return f"{W} = {W} + {f'mmt{W[1:]}' if listing == 'backprop_mmt' else f'd{W}'};"


def changes(listing):
    """The changes of the weights."""
    found = {}
    for W, (delta, below) in weights(listing).items():
        line, update = change_line(W, listing), update_line(W, listing)
        news = {
            "no-alpha": f"{delta} * {below}'",
            "alpha-twice": f"alpha ^ 2 * {delta} * {below}'",
            "descends-up": f"-alpha * {delta} * {below}'",
            "not-summed": f"alpha * {delta} * ones(1, numel({below}))",
        }
        for id, new in news.items():
            found[f"{id}-{W}"] = [(line, f"d{W} = {new};")]
        found[f"never-{W}"] = [(update, "")]
        found[f"replaced-{W}"] = [(update, update.replace(f"{W} + ", ""))]
        for other in ("e", "delta", "delta1", "delta2", "delta3"):
            found[f"with-{other}-{W}"] = [(line, f"d{W} = alpha * {other} * {below}';")]
        for other in ("y1", "y2", "y3", "v1", "v2", "v3"):
            found[f"times-{other}-{W}"] = [(line, f"d{W} = alpha * {delta} * {other}';")]
    lines = [(W, change_line(W, listing)) for W in weights(listing)]
    found["divided-by-N"] = [(line, line.replace(";", " / N;")) for _, line in lines]
    return found


def changes_of_a_batch():
    """The changes of the one matrix, where a batch's are added up."""
    return {"not-summed-W": [("dW = alpha * delta * x';", "dW = alpha * delta * [1, 1, 1];")]}


def batches(listing):
    """The sums over a batch."""
    size = "N" if listing == "delta_batch" else "bsize"
    last = f"W = W + total / {size};"
    found = {
        "never-W": [(last, "")],
        "replaced-W": [(last, f"W = total / {size};")],
        "sum-for-mean": [(last, "W = W + total;")],
        "one-by-one-divided": [("total = total + dW;", "W = W + dW / N;"), (last, "")],
    }
    if listing == "delta_minibatch":
        found["divided-by-N"] = [(last, "W = W + total / N;")]
        found["one-by-one"] = [("bsize = 2;", "bsize = 1;")]
    return found


def activations(listing):
    """The activation of a layer, and of all layers, in the function that they call."""
    texts = RELUS if listing == "deep_relu" else SIGMOIDS
    name, out = ("ReLU", "y") if listing == "deep_relu" else ("Sigmoid", "s" if listing == "deep_dropout" else "y")
    body = "y = max(0, x);" if listing == "deep_relu" else "y = 1 ./ (1 + exp(-x));"
    found = {}
    for id, new in texts.items():
        for k in layers(listing):
            found[f"{id}-{out}{k}"] = [(f"{out}{k} = {name}(v{k});", f"{out}{k} = {new.format(v=f'v{k}')};")]
        found[f"{id}-everywhere"] = [(body, f"y = {new.format(v='x')};")]
        if listing not in IMAGES:
            found[id] = [("y = Sigmoid(v);", f"y = {new.format(v='v')};")]
    return {**found, **softmaxes(listing)}


def softmaxes(listing):
    """The softmax."""
    if listing not in IMAGES:
        return {}
    line = "y = ex / sum(ex);"
    return {
        "softmax-no-sum": [(line, "y = ex;")],
        "softmax-axis": [(line, "y = ex ./ sum(ex, 2);")],
        "softmax-max": [(line, "y = ex / max(ex);")],
        "softmax-minus": [("ex = exp(x);", "ex = exp(-x);")],
        "softmax-twice": [("y = Softmax(v);", "y = Softmax(Softmax(v));")],
        "sigmoid": [("y = Softmax(v);", f"y = {SIGMOID.format(x='v')};")],
    }


def biases(listing):
    """A bias, which begins at 0 in each call."""
    loop, found = "for k = 1:N", {}
    W, (delta, below) = list(weights(listing).items())[-1]
    own = "delta = e;" if listing not in SLOPED else "delta = y .* (1 - y) .* e;"
    found["bias"] = [(loop, f"b = 0;\n{loop}"), (f"v = {W} * {below};", f"v = {W} * {below} + b;"),
                     (own, f"{own}\nb = b + alpha * {delta};")]  # fmt: skip
    if len(layers(listing)) == 1:
        line = slope_line(listing, 1)
        found["bias-1"] = [(loop, f"b = zeros(size(W1, 1), 1);\n{loop}"), ("v1 = W1 * x;", "v1 = W1 * x + b;"),
                           (line, f"{line}\nb = b + alpha * delta1;")]  # fmt: skip
    return found


def targets(listing):
    """The targets."""
    if listing in IMAGES:
        line = "d = D(k, :)';"
        return {
            "classes-up": [(line, "d = D(k, [end, 1:end - 1])';")],
            "classes-down": [(line, "d = D(k, [2:end, 1])';")],
        }
    news = {"exchanged": "1 - D(k)", "bipolar": "2 * D(k) - 1", "soft": "0.9 * D(k) + 0.1 * (1 - D(k))"}
    return {f"targets-{id}": [("d = D(k);", f"d = {new};")] for id, new in news.items()}


def samples(listing):
    """The samples as they go in."""
    if listing not in IMAGES:
        return {"no-constant-input": [("x = X(k, :)';", "x = [X(k, 1:2), 0]';")]}
    line = "x = reshape(X(:, :, k), [], 1);"
    news = {
        "row-by-row": "reshape(X(:, :, k)', [], 1)",
        "upside-down": "reshape(X(end:-1:1, :, k), [], 1)",
        "mirrored": "reshape(X(:, end:-1:1, k), [], 1)",
        "pixels-by-255": "reshape(X(:, :, k), [], 1) / 255",
        "pixels-times-255": "reshape(X(:, :, k), [], 1) * 255",
        "samples-bipolar": "2 * reshape(X(:, :, k), [], 1) - 1",
        "mean-taken-off": "reshape(X(:, :, k), [], 1) - mean(X(:))",
    }
    return {id: [(line, f"x = {new};")] for id, new in news.items()}


def rates(listing):
    """The learning rate."""
    right = "0.01" if listing in DEEP else "0.9"
    line = f"alpha = {right};"
    found = {f"alpha-{rate}": [(line, f"alpha = {rate};")] for rate in RATES if rate != right}
    return {**found, "alpha-squared": [(line, f"alpha = {right} ^ 2;")], "no-alpha": [(line, "alpha = 1;")]}


def loops(listing):
    """The loop over the samples."""
    found = {id: [("for k = 1:N", f"for k = {new}")] for id, new in LOOPS.items()}
    for id, divided in (("sum-a-pass", ""), ("mean-a-pass", " / N")):
        begin = "\n".join([*[f"S{W} = 0;" for W in weights(listing)], "for k = 1:N"])
        found[id] = [("for k = 1:N", begin)]
        for W in weights(listing):
            update = f"S{W} = S{W} + d{W};\nif k == N\n    {W} = {W} + S{W}{divided};\nend"
            found[id].append((update_line(W, listing), update))
    return found


def momentum():
    """The momentum."""
    lines = [f"mmt{k} = dW{k} + beta * mmt{k};" for k in (1, 2)]
    news = {
        "momentum-subtracted": "dW{k} - beta * mmt{k}",
        "no-momentum": "dW{k}",
        "momentum-averaged": "(1 - beta) * dW{k} + beta * mmt{k}",
        "momentum-undamped": "dW{k} + mmt{k}",
    }
    found = {id: [(lines[k - 1], f"mmt{k} = {new.format(k=k)};") for k in (1, 2)] for id, new in news.items()}
    for k in (1, 2):
        found[f"no-momentum-{k}"] = [(lines[k - 1], f"mmt{k} = dW{k};")]
    for id, new in (("nesterov", "dW{k} + beta * mmt{k}"), ("change-and-momentum", "dW{k} + mmt{k}")):
        found[id] = [(f"W{k} = W{k} + mmt{k};", f"W{k} = W{k} + {new.format(k=k)};") for k in (1, 2)]
    found["momentum-kept"] = [
        (f"mmt{k} = zeros(size(W{k}));", f"persistent mmt{k}\nif isempty(mmt{k})\n    mmt{k} = 0;\nend") for k in (1, 2)
    ]
    return {**found, **{f"beta-{b}": [("beta = 0.9;", f"beta = {b};")] for b in ("0.5", "0.8", "0.95", "0.99")}}


def momentum_added(listing):
    """A momentum where none belongs."""
    first = "begin = 1:bsize:(N - bsize + 1)" if listing == "delta_minibatch" else "k = 1:N"
    line = {W: update_line(W, listing) for W in weights(listing)}
    change = {W: f"d{W}" for W in weights(listing)}
    if listing in ("delta_batch", "delta_minibatch"):
        change = {"W": "total / N" if listing == "delta_batch" else "total / bsize"}
        line = {"W": f"W = W + {change['W']};"}
    added = [(line[W], f"m{W} = {change[W]} + 0.9 * m{W};\n{W} = {W} + m{W};") for W in line]
    begun = "\n".join(f"m{W} = 0;" for W in line)
    kept = "\n".join(f"persistent m{W}\nif isempty(m{W})\n    m{W} = 0;\nend" for W in line)
    return {
        id: [*added, (f"for {first}", f"{ahead}\nfor {first}")]
        for id, ahead in (("with-momentum", begun), ("with-kept-momentum", kept))
    }


def dropout():
    """The nodes that are dropped, and the way back through them."""
    kept, scale = "kept = randperm(n, round(n * (1 - ratio)));", "m(kept) = 1 / (1 - ratio);"
    found = {
        "unscaled": [(scale, "m(kept) = 1;")],
        "scaled-by-ratio": [(scale, "m(kept) = 1 / ratio;")],
        "scaled-down": [(scale, "m(kept) = 1 - ratio;")],
        "scaled-by-dropped": [(scale, "m(kept) = ratio;")],
        "kept-and-dropped": [(kept, "kept = randperm(n, round(n * ratio));")],
        "one-mask": [(f"m{k} = Dropout(s{k}, 0.2);", f"m{k} = m1;") for k in (2, 3)],
        "ratio-0.5": [(f"m{k} = Dropout(s{k}, 0.2);", f"m{k} = Dropout(s{k}, 0.5);") for k in (1, 2, 3)],
        "no-dropout": [(f"y{k} = s{k} .* m{k};", f"y{k} = s{k};") for k in (1, 2, 3)],
    }
    for k in (1, 2, 3):
        line = slope_line("deep_dropout", k)
        found[f"no-dropout-y{k}"] = [(f"y{k} = s{k} .* m{k};", f"y{k} = s{k};")]
        found[f"slope-without-mask-delta{k}"] = [(line, f"delta{k} = s{k} .* (1 - s{k}) .* e{k};")]
        found[f"exact-slope-delta{k}"] = [(line, f"delta{k} = m{k} .* s{k} .* (1 - s{k}) .* e{k};")]
        found[f"mask-twice-delta{k}"] = [(line, f"delta{k} = m{k} .* y{k} .* (1 - y{k}) .* e{k};")]
    return found


def everywhere(listing, found):
    """The same in every layer, as changes of each."""
    together = {}
    for id in list(found):
        begin, _, layer = id.rpartition("-")
        if layer in ("delta1", "e1"):
            those = [found[f"{begin}-{layer[:-1]}{k}"] for k in layers(listing) if f"{begin}-{layer[:-1]}{k}" in found]
            output = "no-output-slope" if begin == "no-slope" else f"output-{begin}"
            those += [found[output]] if listing in SLOPED and layer == "delta1" and output in found else []
            together[f"{begin}-everywhere"] = [change for those_changes in those for change in those_changes]
    if listing in DEEP:  # the error above the last hidden layer is delta itself
        together["e-for-delta-everywhere"] = found["e-for-delta-e1"] + found["e-for-delta-e2"]
    return together
