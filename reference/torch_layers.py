"""Compute what PyTorch makes of the from-scratch notes' layers, costs, optimisers and networks: the file torch.npz.

python reference/torch_layers.py          writes reference/golden/from_scratch/torch.npz
python reference/torch_layers.py --check  compares instead; exit 1 if anything differs

Needs PyTorch, which the package does not: `pip install torch==2.13.0`. All is float64. Nothing of `deltarule.layers` is
used here: gradients are autograd's, and what has no function in PyTorch is written with its operations. An entry
CASE.in.NAME is what a case was given, CASE.NAME what came out; big arrays are kept as ORIGIN.md beside the file says.
"""

from deltarule.basics import process  # noqa: F401  first: Ctrl-C ends it while NumPy is loading, too

# isort: split
import json
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
from torch_files import kept, made_by, main, optimizer, parameter, torch

from deltarule import data
from deltarule.evidence import from_scratch

F = torch and torch.nn.functional

FILE = Path(__file__).resolve().parent / "golden" / from_scratch.FOLDER / from_scratch.TORCH
SEED = 20

# How often which networks are trained. Each draws its weights layer by layer, scale * randn(inputs, outputs), then for
# each iteration choice(images, batch), then the masks of dropout, rand(batch, nodes) > ratio, the first layer's first.
DENSE = {
    "two_layer_sigmoid": {"hidden": [50], "activation": "sigmoid", "init": 0.01, "optimizer": "SGD", "lr": 0.1},
    "two_layer_relu": {"hidden": [50], "activation": "relu", "init": 0.01, "optimizer": "SGD", "lr": 0.1},
    "momentum": {"hidden": [40, 30, 20], "activation": "relu", "init": "he", "optimizer": "Momentum", "lr": 0.05},
    "decay": {"hidden": [40, 30], "activation": "relu", "init": "he", "optimizer": "SGD", "lr": 0.1, "decay": 0.1},
    "dropout": {
        **{"hidden": [40, 30], "activation": "relu", "init": "he", "optimizer": "Nesterov", "lr": 0.05},
        "dropout": 0.2,
    },
    "batchnorm": {
        **{"hidden": [40, 30], "activation": "relu", "init": "he", "optimizer": "Momentum", "lr": 0.05},
        "batchnorm": True,
    },
    "everything": {
        **{"hidden": [40, 30], "activation": "sigmoid", "init": "xavier", "optimizer": "SGD", "lr": 0.5},
        **{"decay": 0.01, "dropout": 0.3, "batchnorm": True},
    },
    "adagrad": {"hidden": [40, 30], "activation": "sigmoid", "init": "xavier", "optimizer": "AdaGrad", "lr": 0.01},
    "rmsprop": {"hidden": [40, 30], "activation": "sigmoid", "init": "xavier", "optimizer": "RMSprop", "lr": 0.001},
    "adam": {"hidden": [40, 30], "activation": "relu", "init": "he", "optimizer": "Adam", "lr": 0.001},
}
CONVOLUTIONAL = {
    "convnet": {"filters": 30, "size": 5, "pad": 0, "stride": 1, "hidden": 30, "optimizer": "Momentum", "lr": 0.05},
    "convnet_stride": {
        "filters": 6,
        "size": 4,
        "pad": 1,
        "stride": 2,
        "hidden": 20,
        "optimizer": "Nesterov",
        "lr": 0.05,
    },
    "convnet_adam": {"filters": 8, "size": 3, "pad": 1, "stride": 1, "hidden": 20, "optimizer": "Adam", "lr": 0.001},
}
TRAINED = {"seed": SEED, "images": 300, "batch": 50, "iterations": 10, "used_on": 20}


def given(**arrays):
    """What a case is given, by the names of its entries."""
    return {f"in.{name}": a for name, a in arrays.items()}


def through(function, dout=None, **arrays):
    """What a function gives and, for the output gradient `dout` or for ones, the gradients of all it is given."""
    tensors = {name: parameter(a) for name, a in arrays.items()}
    y = function(**tensors)
    y.backward(torch.ones_like(y) if dout is None else torch.tensor(dout))
    return {"y": y, **{f"d{name}": tensor.grad for name, tensor in tensors.items()}}


def with_inputs(function, dout=None, **arrays):
    """The same, and what the function is given."""
    return {**given(**arrays), **({} if dout is None else given(dout=dout)), **through(function, dout, **arrays)}


def cosines(*shape):
    """An output gradient: cos(0), cos(1), ... in C order."""
    return np.cos(np.arange(np.prod(shape))).reshape(shape)


def activations(rng):
    """By case: each activation and its slope, at +-1000, at 0, and at random places."""
    x = np.concatenate([[-1000.0, -30.0, -1.0, -0.1, 0.0, 0.1, 1.0, 30.0, 1000.0], 3 * rng.randn(20)])
    functions = {
        "sigmoid": torch.sigmoid,
        "tanh": torch.tanh,
        "relu": torch.relu,
        "leaky_relu": lambda x: F.leaky_relu(x, 0.1),
        "prelu": lambda x: F.prelu(x, torch.tensor([1.5], dtype=torch.float64)),
        "elu": lambda x: F.elu(x, 1.0),
        "elu_alpha": lambda x: F.elu(x, 0.7),
        "identity": lambda x: 1 * x,
    }
    found = {f"activation_{name}": through(f, x=x) for name, f in functions.items()}
    found["activations"] = given(x=x)
    found["activation_step"] = {"y": torch.heaviside(torch.tensor(x), torch.zeros(1, dtype=torch.float64))}
    rows = np.concatenate([3 * rng.randn(4, 6), [[1000.0, 999.0, 0.0, -1000.0, 998.0, -5.0]]])
    slopes = [torch.autograd.functional.jacobian(lambda v: torch.softmax(v, -1), torch.tensor(row)) for row in rows]
    y = torch.softmax(torch.tensor(rows), dim=-1)
    found["activation_softmax"] = {**given(x=rows), "y": y, "dx": torch.stack(slopes)}
    return found


def nodes(rng):
    """Multiplication, addition, the layers of a dense network, and masks."""
    x, y = rng.randn(2, 3, 4)
    inputs, W, b, dout = rng.randn(4, 2, 3, 3), rng.randn(18, 5), rng.randn(5), rng.randn(4, 5)
    z, dz, mask = rng.randn(6, 5), rng.randn(6, 5), rng.rand(6, 5) > 0.2
    z[0, 0] = z[5, 2] = 0
    kept = torch.tensor(mask)
    return {
        "mul": with_inputs(torch.mul, dz[:3, :4], input=x, other=y),
        "add": with_inputs(torch.add, dz[:3, :4], input=x, other=y),
        "affine": with_inputs(lambda x, W, b: F.linear(x.flatten(1), W.T, b), dout, x=inputs, W=W, b=b),
        "relu": with_inputs(lambda x: torch.relu(x), dz, x=z),
        "leaky_relu": with_inputs(lambda x: F.leaky_relu(x, 0.1), dz, x=z),
        "sigmoid": with_inputs(lambda x: torch.sigmoid(x), dz, x=z),
        "dropout": {**given(mask=mask), **with_inputs(lambda x: x * kept, dz, x=z)},
        "dropout_inverted": {**given(mask=mask), **with_inputs(lambda x: x * kept / 0.8, dz, x=z)},
    }


def costs(rng):
    """The costs; the one of softmax as PyTorch has it, and with the 1e-7 of the notes added under the logarithm."""
    z, labels, t = 3 * rng.randn(6, 5), rng.randint(0, 5, 6), rng.randn(6, 5)
    z[5] = [0.0, 30.0, 0.0, 0.0, 0.0]  # sure, and wrong: here the 1e-7 counts
    labels[5] = 3
    y, classes = torch.softmax(torch.tensor(z), dim=1).numpy(), torch.tensor(labels)

    def with_delta(x):
        return -(torch.softmax(x, dim=1)[torch.arange(6), classes] + 1e-7).log().mean()

    def half_a_sum(y):
        return F.mse_loss(y, torch.tensor(t), reduction="sum") / 2

    named = {  # MAPE and SMAPE PyTorch does not have
        "mse": lambda y: F.mse_loss(y, torch.tensor(t)),
        "mape": lambda y: 100 * ((y - torch.tensor(t)) / torch.tensor(t)).abs().mean(),
        "smape": lambda y: 100 * ((y - torch.tensor(t)).abs() / ((y.abs() + torch.tensor(t).abs()) / 2)).mean(),
    }
    shares = 1 / (1 + np.exp(-t))

    def binary(y):
        return F.binary_cross_entropy(y, torch.tensor(shares))

    return {
        **{name: {**given(t=t), **with_inputs(cost, y=z)} for name, cost in named.items()},
        "binary_cross_entropy": {**given(t=shares), **with_inputs(binary, y=y)},
        "softmax_loss": {**given(t=labels), **with_inputs(lambda x: F.cross_entropy(x, classes), x=z)},
        "softmax_loss_delta": {**given(t=labels), **with_inputs(with_delta, x=z)},
        "mean_squared_error": {**given(t=t), **with_inputs(half_a_sum, y=z)},
        "cross_entropy_error": {**given(t=labels), **with_inputs(lambda y: F.nll_loss(y.log(), classes), y=y)},
    }


def images(rng):
    """Windows, convolutions and pooling, of several strides and paddings; whole numbers, so that maxima are equal.

    Each output gradient is cos(0), cos(1), ... in C order.
    """
    x, W, b = rng.randn(2, 2, 7, 7), rng.randn(3, 2, 3, 3), rng.randn(3)
    ties = rng.randint(0, 3, (2, 2, 7, 7)).astype(float)
    found = {"images": given(x=x, W=W, b=b, ties=ties)}
    for stride, pad in ((1, 0), (2, 1), (3, 1), (3, 0), (1, 2)):
        how = {"stride": stride, "padding": pad}
        columns = F.unfold(torch.tensor(x), 3, **how)
        weighted = torch.tensor(cosines(len(x) * columns.shape[2], 18)).reshape(2, -1, 18).transpose(1, 2)
        found[f"im2col_s{stride}p{pad}"] = {
            "y": columns.transpose(1, 2).flatten(0, 1),
            "col2im": F.fold(weighted, (7, 7), 3, **how),
        }
        found[f"conv_s{stride}p{pad}"] = through(
            lambda x, W, b, how=how: F.conv2d(x, W, b, **how), cosines(2, 3, *2 * [side(7, 3, **how)]), x=x, W=W, b=b
        )
    for stride, (above, below) in {1: (1, 1), 2: (0, 1), 3: (0, 0)}.items():  # Keras's "same" for 6 rows

        def same(x, W, b, stride=stride, pads=(1, 1, above, below)):
            return F.conv2d(F.pad(x, pads), W, b, stride=stride)

        sides = -(-6 // stride), -(-7 // stride)
        found[f"conv_same_s{stride}"] = through(same, cosines(2, 3, *sides), x=x[:, :, :6], W=W, b=b)
    for size, stride, pad in ((2, 2, 0), (3, 2, 0), (2, 1, 0), (3, 3, 1), (3, 2, 1)):
        how = {"stride": stride, "padding": pad}
        found[f"pool_{size}s{stride}p{pad}"] = through(
            lambda x, size=size, how=how: F.max_pool2d(x, size, **how),
            cosines(2, 2, *2 * [side(7, size, **how)]),
            x=ties,
        )
    return found


def side(size, filter, stride, padding):
    """Rows of what a filter gives."""
    return (size + 2 * padding - filter) // stride + 1


def normalized(x, gamma, beta, dout):
    """Batch normalisation in training and then in use, with the momentum and the epsilon of the notes."""
    mean, var = torch.zeros(len(gamma), dtype=torch.float64), torch.zeros(len(gamma), dtype=torch.float64)

    def trained(x, gamma, beta):
        return F.batch_norm(x, mean, var, gamma, beta, training=True, momentum=0.1, eps=1e-6)

    found = with_inputs(trained, dout, x=x, gamma=gamma, beta=beta)
    use = F.batch_norm(torch.tensor(x), mean, var, torch.tensor(gamma), torch.tensor(beta), eps=1e-6)
    return {**found, "running_mean": mean, "running_var": var, "use": use}


def batch_normalizations(rng):
    """Batch normalisation of samples, and of images: each channel, as PyTorch does, or each pixel, by itself."""
    x, gamma, beta, dout = rng.randn(6, 5) + 2, rng.rand(5) + 0.5, rng.randn(5), rng.randn(6, 5)
    x4, gamma4, beta4, dout4 = rng.randn(4, 3, 2, 2), rng.rand(12) + 0.5, rng.randn(12), rng.randn(4, 3, 2, 2)
    return {
        "bn": normalized(x, gamma, beta, dout),
        "bn_channels": normalized(x4, gamma4[:3], beta4[:3], dout4),
        "bn_pixels": normalized(x4.reshape(4, 12), gamma4, beta4, dout4.reshape(4, 12)),
    }


def optimizers(rng):
    """Each optimiser through the same 25 gradients, some of them so small that the epsilon counts."""
    W, b = rng.randn(3, 4), rng.randn(4)
    dW, db = rng.randn(25, 3, 4) * 10.0 ** rng.uniform(-8, 0, (3, 4)), rng.randn(25, 4)
    found = {"optimizers": given(W=W, b=b, dW=dW, db=db)}
    runs = [(name, lr, 1e-7) for name, lr in (("SGD", 0.01), ("Momentum", 0.01), ("Nesterov", 0.01))]
    runs += [("AdaGrad", 0.01, 1e-7), ("RMSprop", 0.01, 1e-7), ("Adam", 0.001, 1e-7)]
    own = {"AdaGrad": 1e-10, "RMSprop": 1e-8, "Adam": 1e-8}
    runs += [(name, 0.001 if name == "Adam" else 0.01, eps) for name, eps in own.items()]
    for name, lr, epsilon in runs:
        tensors = [parameter(W), parameter(b)]
        steps = optimizer(name, tensors, lr, epsilon)
        path = []
        for gradients in zip(dW, db, strict=True):
            for tensor, gradient in zip(tensors, gradients, strict=True):
                tensor.grad = torch.tensor(gradient)
            steps.step()
            path.append(np.concatenate([tensor.detach().numpy().ravel() for tensor in tensors]))
        case = f"optimizer_{name}" + ("" if epsilon == 1e-7 else "_own_epsilon")
        found[case] = {**given(lr=lr, epsilon=epsilon), "path": np.array([path[0], path[4], path[24]])}
    return found


class Dense:
    """A network of dense layers with what the notes put between them."""

    def __init__(self, rng, hidden, activation, init, decay=0, dropout=0, batchnorm=False, **_):
        self.rng, self.decay, self.dropout = rng, decay, dropout
        self.activation = {"relu": torch.relu, "sigmoid": torch.sigmoid}[activation]
        sizes = [784, *hidden, 10]
        self.params, self.averages = {}, {}
        for i, (n, m) in enumerate(pairwise(sizes), 1):
            scale = {"he": np.sqrt(2 / n), "xavier": np.sqrt(1 / n)}.get(init, init)
            self.params[f"W{i}"], self.params[f"b{i}"] = parameter(scale * rng.randn(n, m)), parameter(np.zeros(m))
            if batchnorm and m != 10:
                self.params[f"gamma{i}"], self.params[f"beta{i}"] = parameter(np.ones(m)), parameter(np.zeros(m))
                self.averages[i] = torch.zeros(m, dtype=torch.float64), torch.zeros(m, dtype=torch.float64)
        self.layers = len(sizes) - 1

    def scores(self, x, training):
        p = self.params
        for i in range(1, self.layers + 1):
            x = x @ p[f"W{i}"] + p[f"b{i}"]
            if i == self.layers:
                return x
            if i in self.averages:
                how = {"training": training, "momentum": 0.1, "eps": 1e-6}
                x = F.batch_norm(x, *self.averages[i], p[f"gamma{i}"], p[f"beta{i}"], **how)
            x = self.activation(x)
            if self.dropout:  # the notes scale in use, not in training
                x = x * (torch.tensor(self.rng.rand(*x.shape) > self.dropout) if training else 1 - self.dropout)

    def penalty(self):
        return self.decay / 2 * sum((self.params[f"W{i}"] ** 2).sum() for i in range(1, self.layers + 1))

    def state(self):
        """The parameters, and the running averages."""
        averages = {
            f"running_{what}{i}": a
            for i, pair in self.averages.items()
            for what, a in zip(("mean", "var"), pair, strict=True)
        }
        return {**self.params, **averages}


class Convolutional:
    """The notes' convolutional network, on images (1, 28, 28)."""

    def __init__(self, rng, filters, size, pad, stride, hidden, **_):
        self.how = {"stride": stride, "padding": pad}
        rows = side(28, size, **self.how) // 2
        shapes = (filters, 1, size, size), (filters * rows * rows, hidden), (hidden, 10)
        self.params = {}
        for i, (shape, n) in enumerate(zip(shapes, (filters, hidden, 10), strict=True), 1):
            self.params[f"W{i}"], self.params[f"b{i}"] = parameter(0.01 * rng.randn(*shape)), parameter(np.zeros(n))

    def scores(self, x, training):
        W1, b1, W2, b2, W3, b3 = self.params.values()
        maps = F.max_pool2d(torch.relu(F.conv2d(x.reshape(-1, 1, 28, 28), W1, b1, **self.how)), 2)
        return torch.relu(maps.flatten(1) @ W2 + b2) @ W3 + b3

    def penalty(self):
        return 0

    def state(self):
        return self.params


def networks(_):
    """The training of each network: the losses after each update, and what comes of it."""
    pixels, digits = data.mnist()
    n, batch = TRAINED["images"], TRAINED["batch"]
    x = torch.tensor(np.ascontiguousarray(pixels[:n].reshape(n, -1)))
    t = torch.tensor(digits[:n].astype(np.int64))
    found = {
        "networks": {
            "in.dense": json.dumps(DENSE),
            "in.convolutional": json.dumps(CONVOLUTIONAL),
            "in.trained": json.dumps(TRAINED),
        }
    }
    for name, settings in {**DENSE, **CONVOLUTIONAL}.items():
        rng = np.random.RandomState(SEED)
        network = (Convolutional if name in CONVOLUTIONAL else Dense)(rng, **settings)
        steps = optimizer(settings["optimizer"], list(network.params.values()), settings["lr"])
        losses = []
        for _ in range(TRAINED["iterations"]):
            m = rng.choice(n, batch)
            steps.zero_grad()
            (F.cross_entropy(network.scores(x[m], True), t[m]) + network.penalty()).backward()
            steps.step()
            with torch.no_grad():  # as the notes record it: in use, with 1e-7 under the logarithm
                p = torch.softmax(network.scores(x[m], False), dim=1)[torch.arange(batch), t[m]]
                losses.append(float(-(p + 1e-7).log().mean() + network.penalty()))
        with torch.no_grad():
            scores = network.scores(x[: TRAINED["used_on"]], False)
        found[f"network_{name}"] = {
            **network.state(),
            "losses": np.array(losses),
            "scores": scores,
            "next_rand": rng.rand(),
        }
    return found


PARTS = (activations, nodes, costs, images, batch_normalizations, optimizers, networks)


def computed():
    """All entries of the file."""
    entries = made_by(SEED)
    for part in PARTS:
        for case, arrays in part(np.random.RandomState(SEED)).items():
            entries |= {f"{case}.{name}": a for name, a in kept(arrays).items()}
    return entries


if __name__ == "__main__":
    sys.exit(main(__doc__, {FILE: computed}))
