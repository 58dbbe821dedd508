"""The same training as `other_networks.py` by PyTorch, in eager mode, with its own layers where it has them.

python benchmarks/torch_other_networks.py lstm_adding    prints the seconds as JSON

From the same start on the same batches, but for what is drawn in training, by PyTorch's own generator, and for the GRU:
torch.nn.GRU resets after the product, ours before it.
"""

import json
import sys

import numpy as np
import other_networks
import torch
from torch.nn.functional import (
    batch_norm,
    binary_cross_entropy_with_logits,
    conv2d,
    cross_entropy,
    interpolate,
    leaky_relu,
    linear,
    max_pool2d,
    pad,
    scaled_dot_product_attention,
)

from deltarule.models import transformer
from deltarule.models.experiments import COLOUR, EXPERIMENTS

SGD, Adam = torch.optim.SGD, torch.optim.Adam
EPSILON = 1e-7  # of Adam
GATES = {"lstm_adding": ("Wi", "Wf", "Wg", "Wq"), "gru_adding": ("Wr", "Wu", "Wg")}
RECURRENT = {"lstm_adding": torch.nn.LSTM, "gru_adding": torch.nn.GRU, "rnn_adding": torch.nn.RNN}


def parameter(a):
    return torch.nn.Parameter(torch.tensor(np.asarray(a)))


def started(name):
    """The experiment, its weights by name and its samples."""
    experiment = EXPERIMENTS[name]
    weights = dict(zip(experiment.names, map(parameter, experiment.start(1)[0]), strict=True))
    return experiment, weights, [None if a is None else torch.tensor(a) for a in experiment.samples()]


def update(optimizer, cost, clip=None):
    optimizer.zero_grad()
    cost.backward()
    if clip is not None:
        torch.nn.utils.clip_grad_norm_(optimizer.param_groups[0]["params"], clip)
    for group in optimizer.param_groups if isinstance(optimizer, Adam) else ():
        t = 1 + (int(optimizer.state[p]["step"]) if (p := group["params"][0]) in optimizer.state else 0)
        group["eps"] = EPSILON / (1 - group["betas"][1] ** t) ** 0.5  # ours is added before the correction
    optimizer.step()


def softmax_classifier(name):
    W, X, _ = other_networks.three_images()
    W, X, labels = parameter(W), torch.tensor(X), torch.arange(3)
    optimizer = SGD([W], 0.1)

    def epoch():
        for n in range(3):
            update(optimizer, cross_entropy(linear(X[n : n + 1], W), labels[n : n + 1]))

    return [W], epoch


def recurrent_layer(kind, Wx, Wh):
    """A recurrent layer of PyTorch's with these weights."""
    layer = kind(Wx.shape[1], Wh.shape[1], bias=False, batch_first=True, dtype=torch.float64)
    layer.weight_ih_l0, layer.weight_hh_l0 = torch.nn.Parameter(Wx), torch.nn.Parameter(Wh)
    return layer


def rnn_xor(name):
    experiment, W, (X, D) = started(name)
    layer = recurrent_layer(torch.nn.RNN, W["Wx"].data, W["Wh"].data)
    weights = [*layer.parameters(), W["Wo"]]
    optimizer = SGD(weights, experiment.options["alpha"])

    def epoch():
        y = (layer(X)[0][:, -1] @ W["Wo"].T)[:, 0]
        update(optimizer, binary_cross_entropy_with_logits(y, D, reduction="sum"))

    return weights, epoch


def adding(name):
    experiment, W, (X, D) = started(name)
    o, n = experiment.options, X.shape[2]
    if name in GATES:
        gates = torch.cat([W[gate].data for gate in GATES[name]])
        layer = recurrent_layer(RECURRENT[name], gates[:, :n].clone(), gates[:, n:].clone())
    else:
        layer = recurrent_layer(RECURRENT[name], W["Wx"].data, W["Wh"].data)
    weights = [*layer.parameters(), W["Wo"]]

    def epoch():
        optimizer = SGD(weights, o["alpha"], momentum=o["beta"])
        for x, d in zip(X.split(o["size"]), D.split(o["size"]), strict=True):
            y = (layer(x)[0][:, -1] @ W["Wo"].T)[:, 0]
            update(optimizer, ((y - d) ** 2).mean() / 2, o["norm"])

    return weights, epoch


def batch_norm_depth(name):
    experiment, W, (X, D) = started(name)
    x, digits = X.transpose(1, 2).reshape(len(X), -1), D.argmax(dim=1)
    optimizer = SGD(W.values(), experiment.options["alpha"])

    def epoch():
        y = x
        for i in range(1, 11):
            gamma, beta = W[f"gamma{i}"][:, 0], W[f"beta{i}"][:, 0]
            y = torch.sigmoid(batch_norm(y @ W[f"W{i}"].T, None, None, gamma, beta, training=True, eps=1e-5))
        update(optimizer, cross_entropy(y @ W["Wo"].T, digits, reduction="sum"))

    return W.values(), epoch


def attention_reversal(name):
    experiment, W, (X, D) = started(name)
    o, D = experiment.options, D.argmax(dim=2)

    def epoch():
        optimizer = SGD(W.values(), o["alpha"], momentum=o["beta"])
        for x, d in zip(X.split(o["size"]), D.split(o["size"]), strict=True):
            u = scaled_dot_product_attention(x @ W["Wq"].T, x @ W["Wk"].T, x @ W["Wv"].T)
            cost = cross_entropy((u @ W["Wo"].T).flatten(0, 1), d.flatten(), reduction="sum") / o["size"]
            update(optimizer, cost)

    return W.values(), epoch


def encoder_layer(W):
    """torch.nn.TransformerEncoderLayer with these weights."""
    (heads, _, n), f = W["Wq"].shape, len(W["W1"])
    layer = torch.nn.TransformerEncoderLayer(n, heads, f, dropout=0.0, batch_first=True, dtype=torch.float64)
    ours = {"linear1.weight": "W1", "linear1.bias": "b1", "linear2.weight": "W2", "linear2.bias": "b2"}
    ours |= {"self_attn.out_proj.weight": "Wo", "self_attn.out_proj.bias": "bo"}
    ours |= {f"norm{i}.{theirs}": f"{own}{i}" for i in "12" for theirs, own in (("weight", "gamma"), ("bias", "beta"))}
    state = {theirs: W[own].data.reshape(layer.state_dict()[theirs].shape) for theirs, own in ours.items()}
    for theirs, letter, shape in (("weight", "W", (-1, n)), ("bias", "b", (-1,))):
        state[f"self_attn.in_proj_{theirs}"] = torch.cat([W[f"{letter}{k}"].data.reshape(shape) for k in "qkv"])
    layer.load_state_dict(state)
    return layer


def transformer_parity(name):
    experiment, W, (X, D) = started(name)
    layer, size, D = encoder_layer(W), experiment.options["size"], D.argmax(dim=2)
    P = torch.tensor(transformer.positions(len(W["We"]), X.shape[1])).T
    weights = [W["We"], W["Wc"], *layer.parameters()]
    optimizer = Adam(weights, 0.003)

    def epoch():
        for x, d in zip(X.split(size), D.split(size), strict=True):
            scores = layer(x @ W["We"].T + P) @ W["Wc"].T
            update(optimizer, cross_entropy(scores.flatten(0, 1), d.flatten()))

    return weights, epoch


def relation_dots(name):
    experiment, W, (X, D) = started(name)
    size, D = experiment.options["size"], D.argmax(dim=1)
    i, j = torch.nonzero(~torch.eye(X.shape[1], dtype=torch.bool), as_tuple=True)
    pairs = torch.cat([X[:, i], X[:, j]], dim=2)
    optimizer = Adam(W.values(), 0.003)

    def epoch():
        for x, d in zip(pairs.split(size), D.split(size), strict=True):
            g = torch.tanh(linear(torch.tanh(linear(x, W["G1"])), W["G2"]))
            a = g.sum(dim=1) / g.shape[1] ** 0.5
            update(optimizer, cross_entropy(linear(torch.tanh(linear(a, W["F1"])), W["F2"]), d))

    return W.values(), epoch


def gcn_karate(name):
    experiment, W, _ = started(name)
    S, known, classes = torch.tensor(experiment.constants()["S"]), [0, 33], torch.tensor([0, 1])
    optimizer = SGD(W.values(), experiment.options["alpha"])

    def epoch():
        scores = S @ torch.relu(S @ W["W1"].T) @ W["W2"].T
        update(optimizer, cross_entropy(scores[known], classes, reduction="sum"))

    return W.values(), epoch


def machine(name):
    """CD-1 as its formula has it, without autograd, which is quicker."""
    experiment, weights, (X, _) = started(name)
    W, b, c = (weights[key].data for key in "Wbc")
    b, c, alpha = b[:, 0].clone(), c[:, 0].clone(), experiment.options["alpha"]
    size = experiment.options["size"] or len(X)

    @torch.no_grad()
    def epoch():
        for d in X.split(size):
            h = torch.sigmoid(linear(d, W, c))
            v = torch.bernoulli(torch.sigmoid(torch.bernoulli(h) @ W + b))
            after = torch.sigmoid(linear(v, W, c))
            W.add_(h.T @ d - after.T @ v, alpha=alpha / size)
            b.add_((d - v).sum(0), alpha=alpha / size)
            c.add_((h - after).sum(0), alpha=alpha / size)

    return [W, b, c], epoch


def glorot_digits(name):
    experiment, W, (X, D) = started(name)
    o, D = experiment.options, D.argmax(dim=1)
    optimizer = SGD(W.values(), o["alpha"])

    def epoch():
        for x, d in zip(X.split(o["size"]), D.split(o["size"]), strict=True):
            y = torch.sigmoid(linear(x, W["W1"], W["c1"][:, 0]))
            y = torch.sigmoid(linear(y, W["W2"], W["c2"][:, 0]))
            update(optimizer, cross_entropy(linear(y, W["Wo"], W["co"][:, 0]), d))

    return W.values(), epoch


def gan_gaussian(name):
    experiment, W, (X, _) = started(name)
    o, cost = experiment.options, binary_cross_entropy_with_logits

    def one(V1, V2, x):
        return torch.tanh(linear(x, V1[:, :1], V1[:, 1])) @ V2.T

    makes, judges = (W["G1"], W["G2"]), (W["D1"], W["D2"])
    G, D = SGD(makes, o["alpha"]), SGD(judges, o["alpha"])
    true, false = torch.ones(o["size"], 1, dtype=torch.float64), torch.zeros(o["size"], 1, dtype=torch.float64)

    def epoch():
        for x in X.split(o["size"]):
            z = torch.randn(len(x), 1, dtype=torch.float64)
            made = one(*makes, z)
            update(D, cost(one(*judges, x), true) + cost(one(*judges, made.detach()), false))
            update(G, cost(one(*judges, made), true))

    return W.values(), epoch


def unet_digits(name):
    experiment, W, (X, D) = started(name)
    size, optimizer = experiment.options["size"], Adam(W.values(), 0.01)

    def layer(x, k):
        return torch.relu(conv2d(x, W[f"W{k}"], W[f"b{k}"][:, 0], padding=1))

    def epoch():
        for x, d in zip(X.split(size), D.split(size), strict=True):
            y1 = layer(x[:, None], 1)
            u = interpolate(layer(max_pool2d(y1, 2), 2), scale_factor=2, mode="nearest")
            scores = conv2d(layer(torch.cat([y1, u], dim=1), 3), W["Wo"][:, :, None, None], W["bo"][:, 0])[:, 0]
            update(optimizer, binary_cross_entropy_with_logits(scores, d))

    return W.values(), epoch


def coloured(name):
    network, batches = other_networks.coloured(name)
    W = {key: parameter(a) for key, a in network.params.items()}
    batches = [tuple(map(torch.tensor, batch)) for batch in batches]
    optimizer = Adam(W.values(), COLOUR["lr"])

    def scores(x):
        if name == "MLP":
            x = leaky_relu(x.flatten(1) @ W["W1"] + W["b1"], 0.1)
            x = leaky_relu(x @ W["W2"] + W["b2"], 0.1)
        else:
            x = leaky_relu(conv2d(x, W["W1"], W["b1"], stride=2, padding=1), 0.1)
            x = leaky_relu(conv2d(pad(x, (0, 1, 0, 1)), W["W2"], W["b2"], stride=2), 0.1).flatten(1)
        return x @ W["W3"] + W["b3"]

    def epoch():
        for x, t in batches:
            update(optimizer, cross_entropy(scores(x), t))

    return W.values(), epoch


MADE = {
    **dict.fromkeys(RECURRENT, adding),
    **dict.fromkeys(("rbm_bars", "rbm_digits"), machine),
    **dict.fromkeys(("MLP", "stack"), coloured),
}


def main(name):
    weights, epoch = MADE.get(name, globals().get(name))(name)
    measured = other_networks.timed(name, epoch)
    arrays = [W.detach().numpy() for W in weights]
    print(json.dumps({**measured, **other_networks.ends(arrays), "torch": torch.__version__}))


if __name__ == "__main__":
    main(*sys.argv[1:])
