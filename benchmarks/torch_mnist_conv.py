"""The training of mnist_conv by PyTorch, for the benchmarks: python benchmarks/torch_mnist_conv.py [--dtype float32]

Same start, same images, same batches, same momentum. Prints as JSON the seconds of three epochs over 8,000 images and
the largest difference from our weights.
"""

import argparse
import json
import time

import numpy as np
import torch
from torch.nn.functional import avg_pool2d, conv2d, cross_entropy, relu

from deltarule import mnist_conv
from deltarule.listings.experiments import EXPERIMENTS, mnist_training


def flatten(W5):
    """W5 (100, 2000) with its columns in PyTorch's order, row by row, instead of MATLAB's."""
    return W5.reshape(-1, 20, 10, 10).swapaxes(-1, -2).reshape(W5.shape)


def train(weights, X, D, epochs, alpha=0.01, beta=0.95, size=100):
    """The weights after so many epochs; momentum starts at zero in each."""
    for _ in range(epochs):
        momenta = [torch.zeros_like(W) for W in weights]
        for begin in range(0, len(X) - size + 1, size):
            W1, W5, Wo = weights
            y3 = avg_pool2d(relu(conv2d(X[begin : begin + size], W1)), 2)
            v = relu(y3.flatten(1) @ W5.T) @ Wo.T
            gradients = torch.autograd.grad(cross_entropy(v, D[begin : begin + size]), weights)
            with torch.no_grad():
                for W, m, gradient in zip(weights, momenta, gradients, strict=True):
                    m.mul_(beta).sub_(gradient, alpha=alpha)
                    W.add_(m)
    return weights


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dtype", choices=["float64", "float32"], default="float64")
    parser.add_argument("--epochs", type=int, default=3)
    options = parser.parse_args()
    X, D = mnist_training()
    W1, W5, Wo = start = EXPERIMENTS["mnist_conv"].start()[0]
    given = W1.transpose(2, 0, 1)[:, None], flatten(W5), Wo
    dtype = getattr(torch, options.dtype)
    weights = [torch.tensor(np.ascontiguousarray(W), dtype=dtype, requires_grad=True) for W in given]
    images, classes = torch.tensor(X[:, None], dtype=dtype), torch.tensor((D - 1) % 10)
    began = time.perf_counter(), time.process_time()
    weights = train(weights, images, classes, options.epochs)
    seconds, cpu = time.perf_counter() - began[0], time.process_time() - began[1]

    ours = start
    for _ in range(options.epochs):
        ours = mnist_conv(*ours, X, D)
    W1, W5, Wo = ours
    expected = W1.transpose(2, 0, 1)[:, None], flatten(W5), Wo
    off = max(abs(W.detach().numpy() - E).max() for W, E in zip(weights, expected, strict=True))
    print(json.dumps({"seconds": seconds, "cpu": cpu, "difference": float(off), "torch": torch.__version__}))


if __name__ == "__main__":
    main()
