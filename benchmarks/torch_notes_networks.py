"""The training of the from-scratch notes' networks by PyTorch, for the benchmarks.

python benchmarks/torch_notes_networks.py convnet float32    prints the seconds as JSON

The networks start from the same weights as ours, and train on the same batches (`notes_networks.py`).
"""

import json
import sys

import notes_networks
import torch
from torch.nn.functional import cross_entropy, max_pool2d, relu


def main(name, dtype):
    network, x, t, batches = notes_networks.work(name, dtype)
    params = {key: torch.tensor(W, requires_grad=True) for key, W in network.params.items()}
    optimizer = torch.optim.SGD(params.values(), lr=notes_networks.RATE)
    x, t, batches = torch.tensor(x), torch.tensor(t), [torch.tensor(batch) for batch in batches]
    forward = convnet if name == "convnet" else dense

    def step(batch):
        optimizer.zero_grad()
        cross_entropy(forward(params, x[batch], torch.sigmoid if name == "two_layer" else relu), t[batch]).backward()
        optimizer.step()

    found = notes_networks.timed(step, batches)
    arrays = [W.detach().numpy() for W in params.values()]
    print(json.dumps({**found, **notes_networks.ends(arrays), "torch": torch.__version__}))


def dense(params, x, activation):
    """The scores of a fully connected network."""
    last = len(params) // 2
    for i in range(1, last + 1):
        x = x @ params[f"W{i}"] + params[f"b{i}"]
        x = activation(x) if i < last else x
    return x


def convnet(params, x, activation):
    """The scores of the convolutional network."""
    x = max_pool2d(activation(torch.nn.functional.conv2d(x, params["W1"], params["b1"])), 2)
    x = activation(x.flatten(1) @ params["W2"] + params["b2"])
    return x @ params["W3"] + params["b3"]


if __name__ == "__main__":
    main(*sys.argv[1:])
