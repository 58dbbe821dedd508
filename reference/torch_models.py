"""What PyTorch makes of the scripts of the other networks: from the same start, on the same samples, as many steps.

`TRAININGS` has a function for each; ``reference/torch_networks.py`` writes what they return. Gradients are autograd's,
layers PyTorch's own where it has them; nothing of the bodies in `deltarule.models` is used here.
"""

import numpy as np
from torch_files import torch

from deltarule import data
from deltarule.models.experiments import COLOUR, EXPERIMENTS, block_shapes, colour_training

F = torch and torch.nn.functional


def tensor(a):
    """An array as a tensor of float64."""
    return torch.tensor(np.asarray(a), dtype=torch.float64)


def started(name, rng):
    """The experiment of a script, and its starting weights by name, which get gradients."""
    experiment = EXPERIMENTS[name]
    return experiment, {n: tensor(W).requires_grad_() for n, W in experiment.draw(rng, **experiment.shapes).items()}


def descend(optimizer, cost, clip=None):
    """One update; a gradient of a larger norm than `clip` is scaled down to it."""
    optimizer.zero_grad()
    cost.backward()
    if clip is not None:  # torch.nn.utils.clip_grad_norm_ adds 1e-6 to the norm
        grads = [p.grad for group in optimizer.param_groups for p in group["params"]]
        norm = torch.sqrt(sum((g * g).sum() for g in grads))
        for g in grads:
            g *= min(1.0, clip / float(norm))
    optimizer.step()


def with_epsilon_hat(optimizer, epsilon, t):
    """Give torch.optim.Adam, before update t, what it adds to the root of the corrected v where we add to that of v."""
    for group in optimizer.param_groups:
        group["eps"] = epsilon / (1 - group["betas"][1] ** t) ** 0.5


def rnn_outputs(W, x):
    """Outputs (N, m) of torch.nn.RNN behind the last step, before any activation, for sequences x (N, T, n)."""
    h, n = W["Wx"].shape
    layer = torch.nn.RNN(n, h, bias=False, batch_first=True, dtype=torch.float64)
    parameters = {"weight_ih_l0": W["Wx"], "weight_hh_l0": W["Wh"]}
    _, last = torch.func.functional_call(layer, parameters, (x,))
    return last[0] @ W["Wo"].T


def lstm_outputs(W, x):
    """The same of torch.nn.LSTM, which has the gates in the order i, f, g, o."""
    h, n = W["Wf"].shape[0], x.shape[2]
    layer = torch.nn.LSTM(n, h, bias=False, batch_first=True, dtype=torch.float64)
    gates = torch.cat([W[name] for name in ("Wi", "Wf", "Wg", "Wq")])
    parameters = {"weight_ih_l0": gates[:, :n], "weight_hh_l0": gates[:, n:]}
    _, (last, _) = torch.func.functional_call(layer, parameters, (x,))
    return last[0] @ W["Wo"].T


def gru_outputs(W, x):
    """The same of a GRU that resets before the product, as Cho has it; torch.nn.GRU resets after it."""
    h = torch.zeros(len(x), len(W["Wr"]), dtype=torch.float64)
    for step in x.transpose(0, 1):
        z = torch.cat([step, h], dim=1)
        r, u = torch.sigmoid(z @ W["Wr"].T), torch.sigmoid(z @ W["Wu"].T)
        h = u * h + (1 - u) * torch.tanh(torch.cat([step, r * h], dim=1) @ W["Wg"].T)
    return h @ W["Wo"].T


def rnn_xor(rng):
    """All sequences as one batch, the sum of their cross-entropies."""
    experiment, W = started("rnn_xor", rng)
    X, D = map(tensor, experiment.samples())
    optimizer = torch.optim.SGD(W.values(), lr=experiment.options["alpha"])
    for _ in range(experiment.epochs):
        y = rnn_outputs(W, X)[:, 0]
        descend(optimizer, F.binary_cross_entropy_with_logits(y, D, reduction="sum"))
    return W


def adding(name, outputs):
    """The adding problem: half the mean squared error of batches, clipped, momentum from zero in every epoch."""

    def trained(rng):
        experiment, W = started(name, rng)
        X, D = map(tensor, experiment.samples())
        o = experiment.options
        for _ in range(experiment.epochs):
            optimizer = torch.optim.SGD(W.values(), lr=o["alpha"], momentum=o["beta"])
            for x, d in zip(X.split(o["size"]), D.split(o["size"]), strict=True):
                descend(optimizer, ((outputs(W, x)[:, 0] - d) ** 2).mean() / 2, o["norm"])
        return W

    return trained


def deep(name):
    """Sigmoid layers, normalised where there is a gamma; the sum of the cross-entropies of the five digits."""

    def trained(rng):
        experiment, W = started(name, rng)
        X, D = experiment.samples()
        x, digits = tensor(X.transpose(0, 2, 1).reshape(len(X), -1)), torch.tensor(D.argmax(axis=1))
        optimizer = torch.optim.SGD(W.values(), lr=experiment.options["alpha"])
        for _ in range(experiment.epochs):
            y = x
            for i in range(1, sum(n[0] == "W" for n in W)):
                y = y @ W[f"W{i}"].T
                if f"gamma{i}" in W:
                    gamma, beta = W[f"gamma{i}"][:, 0], W[f"beta{i}"][:, 0]
                    y = F.batch_norm(y, None, None, gamma, beta, training=True, eps=1e-5)
                y = torch.sigmoid(y)
            descend(optimizer, F.cross_entropy(y @ W["Wo"].T, digits, reduction="sum"))
        return W

    return trained


def attention(name):
    """One head by scaled_dot_product_attention, the cross-entropy of all places of a batch over its sequences."""

    def trained(rng):
        experiment, W = started(name, rng)
        X, D = map(tensor, experiment.samples())
        o = experiment.options
        for _ in range(experiment.epochs):
            optimizer = torch.optim.SGD(W.values(), lr=o["alpha"], momentum=o["beta"])
            for x, d in zip(X.split(o["size"]), D.argmax(dim=2).split(o["size"]), strict=True):
                u = F.scaled_dot_product_attention(x @ W["Wq"].T, x @ W["Wk"].T, x @ W["Wv"].T)
                scores = (u @ W["Wo"].T).flatten(0, 1)
                descend(optimizer, F.cross_entropy(scores, d.flatten(), reduction="sum") / o["size"])
        return W

    return trained


def encoder_layer(W, heads):
    """torch.nn.TransformerEncoderLayer, without dropout, as a function of its inputs (N, T, n) with the weights W."""
    n, f = W["Wo"].shape[0], W["W1"].shape[0]
    layer = torch.nn.TransformerEncoderLayer(n, heads, f, dropout=0.0, batch_first=True, dtype=torch.float64)
    parameters = {
        "self_attn.in_proj_weight": torch.cat([W[name].reshape(n, n) for name in ("Wq", "Wk", "Wv")]),
        "self_attn.in_proj_bias": torch.cat([W[name].reshape(n) for name in ("bq", "bk", "bv")]),
        "self_attn.out_proj.weight": W["Wo"],
        "self_attn.out_proj.bias": W["bo"][:, 0],
        "norm1.weight": W["gamma1"][:, 0],
        "norm1.bias": W["beta1"][:, 0],
        "linear1.weight": W["W1"],
        "linear1.bias": W["b1"][:, 0],
        "linear2.weight": W["W2"],
        "linear2.bias": W["b2"][:, 0],
        "norm2.weight": W["gamma2"][:, 0],
        "norm2.bias": W["beta2"][:, 0],
    }
    return lambda x: torch.func.functional_call(layer, parameters, (x,))


def encoder_block(rng):
    """No training: the output of TransformerEncoderLayer and all gradients, for 1, 2 and 4 heads of random weights."""
    found = {}
    for heads in (1, 2, 4):
        shapes = block_shapes(heads, n=8, f=12)
        W = {name: tensor(rng.randn(*shape) / 2).requires_grad_() for name, shape in shapes.items()}
        X, E = tensor(rng.randn(3, 5, 8)).requires_grad_(), tensor(rng.randn(3, 5, 8))
        y = encoder_layer(W, heads)(X)
        y.backward(E)
        gradients = {f"d{name}": a.grad for name, a in {**W, "X": X}.items()}
        found |= {f"{heads}.{name}": a for name, a in {"y": y, **gradients}.items()}
    return found


def transformer_sgd(rng):
    """An encoder layer between two linear ones: five epochs of plain gradient descent at 0.1.

    Adam would divide the gradient of bk, which is 0 but for rounding, by its own size.
    """
    experiment, W = started("transformer_parity", rng)
    X, D = map(tensor, experiment.samples())
    heads, n, size = W["Wq"].shape[0], W["Wo"].shape[0], experiment.options["size"]
    angles = torch.arange(X.shape[1], dtype=torch.float64)[:, None] * 10000 ** -(
        torch.arange(0, n, 2, dtype=torch.float64) / n
    )
    P = torch.stack([angles.sin(), angles.cos()], dim=2).reshape(-1, n)
    optimizer = torch.optim.SGD(W.values(), lr=0.1)
    for _ in range(5):
        for x, d in zip(X.split(size), D.argmax(dim=2).split(size), strict=True):
            z = encoder_layer(W, heads)(x @ W["We"].T + P)
            descend(optimizer, F.cross_entropy((z @ W["Wc"].T).flatten(0, 1), d.flatten()))
    return W


def gcn_karate(rng):
    """Two layers of relu(S X W'), the cross-entropy of the two nodes whose class is known."""
    experiment, W = started("gcn_karate", rng)
    edges, _ = data.karate()
    A = torch.eye(34, dtype=torch.float64)
    for a, b in edges.tolist():
        A[a, b] = A[b, a] = 1.0
    S = A / torch.sqrt(A.sum(dim=1, keepdim=True) * A.sum(dim=0, keepdim=True))
    optimizer = torch.optim.SGD(W.values(), lr=experiment.options["alpha"])
    for _ in range(experiment.epochs):
        scores = S @ torch.relu(S @ W["W1"].T) @ W["W2"].T
        descend(optimizer, F.cross_entropy(scores[[0, 33]], torch.tensor([0, 1]), reduction="sum"))
    return W


def dots(name, arranged):
    """The touching pairs of dots by Adam; `arranged` gives what the first layer takes of boards, (N, P, inputs)."""

    def trained(rng):
        experiment, W = started(name, rng)
        X, D = map(tensor, experiment.samples())
        X, D, size = arranged(X), D.argmax(dim=1), experiment.options["size"]
        optimizer, t = torch.optim.Adam(W.values(), lr=0.003), 0
        for _ in range(experiment.epochs):
            for x, d in zip(X.split(size), D.split(size), strict=True):
                g = torch.tanh(F.linear(torch.tanh(F.linear(x, W["G1"])), W["G2"]))
                a = g.sum(dim=1) / g.shape[1] ** 0.5
                scores = F.linear(torch.tanh(F.linear(a, W["F1"])), W["F2"])
                with_epsilon_hat(optimizer, 1e-7, t := t + 1)
                descend(optimizer, F.cross_entropy(scores, d))
        return W

    return trained


def every_two(X):
    """Each object beside each other one."""
    k = X.shape[1]
    i, j = torch.nonzero(~torch.eye(k, dtype=torch.bool), as_tuple=True)
    return torch.cat([X[:, i], X[:, j]], dim=2)


def divergence(name, epochs):
    """So many epochs of a machine: CD-1 as the gradient of a difference of free energies."""

    def trained(rng):
        experiment, weights = started(name, rng)
        X, W = tensor(experiment.samples()[0]), weights["W"]
        b, c = (weights[bias].detach()[:, 0].clone().requires_grad_() for bias in "bc")

        def energy(v):
            return -(v @ b).sum() - F.softplus(v @ W.T + c, threshold=700).sum()  # from 20 on it would be a line

        def bits(p):
            return (p > tensor(rng.rand(*p.T.shape)).T).double()

        optimizer = torch.optim.SGD((W, b, c), lr=experiment.options["alpha"])
        for _ in range(epochs):
            for d in X.split(experiment.options["size"] or len(X)):
                with torch.no_grad():
                    v = bits(torch.sigmoid(bits(torch.sigmoid(d @ W.T + c)) @ W + b))
                descend(optimizer, (energy(d) - energy(v)) / len(d))
        return {"W": W, "b": b[:, None], "c": c[:, None]}

    return trained


def rbm_exact(rng):
    """The exact gradient of the mean log-likelihood, through the sum over all states of visible and hidden nodes."""
    experiment, W = started("rbm_exact", rng)
    X, n = tensor(experiment.samples()[0]), W["W"].shape[1]
    states = tensor((np.arange(2**n)[:, None] >> np.arange(n)) & 1)
    optimizer = torch.optim.SGD(W.values(), lr=experiment.options["alpha"])

    def scores(v):
        return (v @ W["b"])[:, 0] + F.softplus(v @ W["W"].T + W["c"].T).sum(dim=1)

    for _ in range(experiment.epochs):
        descend(optimizer, torch.logsumexp(scores(states), 0) - scores(X).mean())
    return W


def glorot_digits(rng):
    """Two sigmoid layers with biases and a softmax, on a hundred labels."""
    experiment, W = started("glorot_digits", rng)
    X, D = experiment.samples()
    X, labels, o = tensor(X), torch.tensor(D.argmax(axis=1)), experiment.options
    optimizer = torch.optim.SGD(W.values(), lr=o["alpha"])
    for _ in range(experiment.epochs):
        for x, d in zip(X.split(o["size"]), labels.split(o["size"]), strict=True):
            y = torch.sigmoid(F.linear(x, W["W1"], W["c1"][:, 0]))
            y = torch.sigmoid(F.linear(y, W["W2"], W["c2"][:, 0]))
            descend(optimizer, F.cross_entropy(F.linear(y, W["Wo"], W["co"][:, 0]), d))
    return W


def gan_gaussian(rng):
    """The discriminator, then the generator on the same noise, by the mean of each batch."""
    experiment, W = started("gan_gaussian", rng)
    X, o = tensor(experiment.samples()[0]), experiment.options

    def one(V1, V2, x):
        return torch.tanh(torch.cat([x, torch.ones_like(x)], dim=1) @ V1.T) @ V2.T

    G = torch.optim.SGD((W["G1"], W["G2"]), lr=o["alpha"])
    D = torch.optim.SGD((W["D1"], W["D2"]), lr=o["alpha"])
    cost = torch.nn.BCEWithLogitsLoss()
    for _ in range(experiment.epochs):
        for x in X.split(o["size"]):
            z = tensor(rng.randn(1, len(x))).T
            made = one(W["G1"], W["G2"], z).detach()
            scores = one(W["D1"], W["D2"], x), one(W["D1"], W["D2"], made)
            descend(D, cost(scores[0], torch.ones_like(x)) + cost(scores[1], torch.zeros_like(x)))
            descend(G, cost(one(W["D1"], W["D2"], one(W["G1"], W["G2"], z)), torch.ones_like(x)))
    return W


def unet(name):
    """A U-Net by conv2d, max_pool2d and interpolate: the mean cross-entropy of the pixels of a batch, by Adam."""

    def trained(rng):
        experiment, W = started(name, rng)
        X, D = map(tensor, experiment.samples())
        optimizer, t = torch.optim.Adam(W.values(), lr=0.01), 0

        def layer(x, k):
            return torch.relu(F.conv2d(x, W[f"W{k}"], W[f"b{k}"][:, 0], padding=1))

        for _ in range(experiment.epochs):
            for x, d in zip(X.split(experiment.options["size"]), D.split(experiment.options["size"]), strict=True):
                y1 = layer(x[:, None], 1)
                u = F.interpolate(layer(F.max_pool2d(y1, 2), 2), scale_factor=2, mode="nearest")
                y3 = layer(torch.cat([y1, u], dim=1) if name == "unet_digits" else u, 3)
                scores = F.conv2d(y3, W["Wo"][:, :, None, None], W["bo"][:, 0])[:, 0]
                with_epsilon_hat(optimizer, 1e-7, t := t + 1)
                descend(optimizer, F.binary_cross_entropy_with_logits(scores, d))
        return W

    return trained


def colour_scores(name, W, x):
    """The scores of one of the networks of the Keras notes for images x; "same" is Keras's, one more zero behind."""
    if name == "MLP":
        x = F.leaky_relu(x.flatten(1) @ W["W1"] + W["b1"], 0.1)
        x = F.leaky_relu(x @ W["W2"] + W["b2"], 0.1)
    else:
        x = F.leaky_relu(F.conv2d(F.pad(x, (1, 1, 1, 1)), W["W1"], W["b1"], stride=2), 0.1)
        x = F.leaky_relu(F.conv2d(F.pad(x, (0, 1, 0, 1)), W["W2"], W["b2"], stride=2), 0.1).flatten(1)
    return x @ W["W3"] + W["b3"]


def colour(epochs):
    """Both networks on the same batches by Adam, whose epsilon is that of `deltarule.layers.Adam`."""

    def train(rng):
        X, labels = map(torch.tensor, colour_training())
        shapes = {"MLP": [(3072, 200), (200, 150), (150, 10)], "stack": [(10, 3, 4, 4), (20, 10, 3, 3), (1280, 10)]}
        networks, optimizers = {}, {}
        for name, of_network in shapes.items():
            W = networks[name] = {}
            for i, shape in enumerate(of_network, start=1):
                inputs, nodes = (shape[0], shape[1]) if len(shape) == 2 else (np.prod(shape[1:]), shape[0])
                W[f"W{i}"] = tensor(np.sqrt(2 / inputs) * rng.randn(*shape)).requires_grad_()
                W[f"b{i}"] = torch.zeros(nodes, dtype=torch.float64, requires_grad=True)
            optimizers[name] = torch.optim.Adam(W.values(), lr=COLOUR["lr"])
        steps = 0
        for _ in range(epochs):
            for batch in (rng.randperm(len(X)) - 1).reshape(-1, COLOUR["size"]):
                steps += 1
                for name, W in networks.items():
                    optimizers[name].param_groups[0]["eps"] = 1e-7 / np.sqrt(1 - 0.999**steps)
                    descend(optimizers[name], F.cross_entropy(colour_scores(name, W, X[batch]), labels[batch]))
        return {f"{name}_{key}": a for name, W in networks.items() for key, a in W.items()}

    return train


TRAININGS = {
    "colour_digits": colour(COLOUR["epochs"]),
    "rnn_xor": rnn_xor,
    "lstm_adding": adding("lstm_adding", lstm_outputs),
    "gru_adding": adding("gru_adding", gru_outputs),
    "batch_norm_depth": deep("batch_norm_depth"),
    "deep_sigmoid": deep("deep_sigmoid"),
    "attention_reversal": attention("attention_reversal"),
    "attention_placeless": attention("attention_placeless"),
    "encoder_block": encoder_block,
    "transformer_sgd": transformer_sgd,
    "relation_dots": dots("relation_dots", every_two),
    "row_dots": dots("row_dots", lambda X: X.flatten(1)[:, None]),
    "gcn_karate": gcn_karate,
    "rbm_bars_500": divergence("rbm_bars", 500),
    "rbm_exact": rbm_exact,
    "rbm_digits": divergence("rbm_digits", 5),
    "glorot_digits": glorot_digits,
    "unet_digits": unet("unet_digits"),
    "unet_plain": unet("unet_plain"),
    "gan_gaussian": gan_gaussian,
}
"""By script or what one trains beside it, a function from a seed's stream to the weights after the whole run."""
