"""XOR out of AND and OR in a hidden layer, and what one layer alone can do at most (lecture, DNN)."""

import sys
from itertools import product

import numpy as np

from deltarule.models import step_forward, xor_layers
from deltarule.programs.networks_run import start

run = start(__file__, __doc__, draws=False)

X, D = run.to_device(np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.array([[0.0], [1.0], [1.0], [0.0]]))
W1, W2 = run.to_device(*xor_layers())
y1, y = step_forward(X, W1, W2)

rows = [["input", "target", "AND", "OR", "output"]]
for x, d, hidden, output in zip(X, D, y1, y, strict=True):
    rows.append([" ".join(f"{float(a):g}" for a in x), *(f"{float(a):g}" for a in (*d, *hidden, *output))])

each = np.linspace(-1, 1, 21)  # w1, w2 and the bias of a single node: 9,261 of them at once, a row each
(one_layer,) = step_forward(X, *run.to_device(np.array(list(product(each, each, each)))))
right = int((one_layer == D).sum(axis=0).max())
found = {"AND": y1[:, 0], "OR": y1[:, 1], "XOR": y[:, 0], "right at most by one layer": right}
rows.append(["one layer", "", "", "", f"{right} of 4"])


def draw(figures):
    return figures.layers_of_steps(run.caption, X, D, lambda X: step_forward(X, *run.to_device(*xor_layers())))


holds, criterion = bool((y == D).all()) and right == 3, "XOR right in all four rows by two layers, in three by one"
sys.exit(run.finish(found, rows=rows, holds=holds, criterion=criterion, draw=draw))
