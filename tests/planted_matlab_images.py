"""For a third of the mistakes in the convolutional network, the lines of its MATLAB port that each changes.

The port is tests/ports/MnistConv.m; a change is as `planted.changed` takes it.
"""

IMAGE, CONV, POOL, ROW = "x = X(:, :, k);", "y1 = Conv(x, W1);", "y3 = Pool(y2);", "y4 = y3(:);"
HIDDEN, OUTPUT, TARGET, DELTA = "y5 = ReLU(W5 * y4);", "y = Softmax(Wo * y5);", "d(D(k)) = 1;", "delta = d - y;"
DELTA5, E3, E2 = (
    "delta5 = (y5 > 0) .* e5;",
    "e3 = reshape(W5' * delta5, size(y3));",
    "e2 = kron(e3(:, :, c), ones(2)) / 4;",
)
DELTA2 = "delta2 = (y2(:, :, c) > 0) .* e2;"
DW1 = "dW1(:, :, c) = dW1(:, :, c) + conv2(x, rot90(delta2, 2), 'valid');"
DWO = "dWo = dWo + delta * y5';"
ALPHA, BETA, SIZE, IMAGES = "alpha = 0.01;", "beta = 0.95;", "bsize = 100;", "for k = begin:(begin + bsize - 1)"
BATCHES = "for begin = 1:bsize:(N - bsize + 1)"
MOMENTA = {W: f"m{W[1]} = alpha * d{W} / bsize + beta * m{W[1]};" for W in ("W1", "W5", "Wo")}
NEWS = {W: f"{W} = {W} + m{W[1]};" for W in MOMENTA}

SQUARES = [f"y2({i}:2:end, {j}:2:end, :)" for i in (1, 2) for j in (1, 2)]
NUMBERS_FIRST = "permute(y3, [3, 2, 1])"
TOTALS = f"""\
totals = 0;
{IMAGES}
    totals = totals + exp(Wo * ReLU(W5 * reshape(Pool(ReLU(Conv(X(:, :, k), W1))), [], 1)));
end
{IMAGES}"""


def plants():
    """By id of the mistake, the changes of the port's text."""
    return {**forward(), **back(), **weight_changes(), **momenta(), **batches()}


def forward():
    """From the image to the error of the output."""
    v5 = "W5 * y4"
    activations = {
        "no-activation-y5": v5,
        "sigmoid-y5": f"1 ./ (1 + exp(-({v5})))",
        "tanh-y5": f"tanh({v5})",
        "leaky-y5": f"max({v5}, 0.01 * {v5})",
        "relu-minus-y5": f"min({v5}, 0)",
        "absolute-y5": f"abs({v5})",
    }
    return {
        "pixels-by-255": [(IMAGE, "x = X(:, :, k) / 255;")],
        "images-mirrored": [(IMAGE, "x = X(:, end:-1:1, k);")],
        "convolution": [(CONV, "y1 = Conv(x, flip(flip(W1, 1), 2));")],
        "max-pooling": [(POOL, f"y3 = max(max({SQUARES[0]}, {SQUARES[1]}), max({SQUARES[2]}, {SQUARES[3]}));")],
        "maps-row-by-row": [(ROW, "y4 = reshape(permute(y3, [2, 1, 3]), [], 1);")],
        "maps-numbers-first-both": [
            (ROW, f"y4 = reshape({NUMBERS_FIRST}, [], 1);"),
            (E3, f"e3 = permute(reshape(W5' * delta5, size({NUMBERS_FIRST})), [3, 2, 1]);"),
        ],
        **{id: [(HIDDEN, f"y5 = {new};")] for id, new in activations.items()},
        "softmax-minus": [(OUTPUT, "y = Softmax(-Wo * y5);")],
        "softmax-axis": [(IMAGES, TOTALS), (OUTPUT, "y = exp(Wo * y5) ./ totals;")],
        "zero-first": [(TARGET, "d(mod(D(k), 10) + 1) = 1;")],
        "error-sign": [(DELTA, "delta = y - d;")],
        "error-squared": [(DELTA, "delta = (d - y) .^ 2;")],
        "error-rounded": [(DELTA, "delta = d - (y > 0.5);")],
        "output-slope-of-v": [(DELTA, "v = Wo * y5;\ndelta = v .* (1 - v) .* (d - y);")],
    }


def back():
    """From the error of the output to the filters."""
    return {
        "no-slope-delta5": [(DELTA5, "delta5 = e5;")],
        "slope-y-delta5": [(DELTA5, "delta5 = y5 .* e5;")],
        "slope-alone-delta5": [(DELTA5, "delta5 = double(y5 > 0);")],
        "e-for-delta-e4": [(E3, "e3 = reshape(W5' * e5, size(y3));")],
        "tiled": [(E2, "e2 = repmat(e3(:, :, c), 2, 2) / 4;")],
        "slope-of-e-delta2": [(DELTA2, "delta2 = max(e2, 0);")],
        "gradient-turned": [(DW1, "dW1(:, :, c) = dW1(:, :, c) + rot90(conv2(x, rot90(delta2, 2), 'valid'), 2);")],
    }


def weight_changes():
    """The changes of the weights, the learning rate and beta."""
    return {
        **{f"no-alpha-{W}": [(MOMENTA[W], MOMENTA[W].replace("alpha * ", ""))] for W in ("W1", "W5")},
        "alpha-twice-W5": [(MOMENTA["W5"], MOMENTA["W5"].replace("alpha", "alpha ^ 2"))],
        "never-Wo": [(NEWS["Wo"], "")],
        "not-summed-Wo": [(DWO, "dWo = dWo + delta * ones(1, numel(y5));")],
        "replaced-W5": [(NEWS["W5"], "W5 = m5;")],
        **{f"alpha-{rate}": [(ALPHA, f"alpha = {rate};")] for rate in ("0.001", "0.2", "0.5")},
        "alpha-squared": [(ALPHA, "alpha = 0.01 ^ 2;")],
        **{f"beta-{beta}": [(BETA, f"beta = {beta};")] for beta in ("0.5", "0.99")},
        "divided-by-N": [(line, line.replace("bsize", "N")) for line in MOMENTA.values()],
    }


def momenta():
    """The momentum."""
    changes = {W: f"alpha * d{W} / bsize" for W in NEWS}
    return {
        "momentum-averaged": [
            (MOMENTA[W], f"m{W[1]} = (1 - beta) * {change} + beta * m{W[1]};") for W, change in changes.items()
        ],
        "no-momentum-1": [(MOMENTA["W1"], f"m1 = {changes['W1']};")],
        "nesterov": [(NEWS[W], f"{W} = {W} + {change} + beta * m{W[1]};") for W, change in changes.items()],
    }


def batches():
    """The batches."""
    return {
        "one-by-one": [(SIZE, "bsize = 1;")],
        "batches-of-10": [(SIZE, "bsize = 10;")],
        "last-batch": [(BATCHES, "for begin = (floor(N / bsize) - 1) * bsize + 1")],
    }
