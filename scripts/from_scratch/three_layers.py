"""Arrays, their products, and a signal through a network of three layers (chapter 3)."""

import sys

import numpy as np

from deltarule.layers import identity, sigmoid
from deltarule.programs.notes_run import start

run = start(__file__, __doc__)

A, B = np.array([1, 2, 3, 4]), np.array([[1, 2], [3, 4], [5, 6]])
found = {"A": A, "ndim(A)": A.ndim, "A.shape": A.shape, "A.shape[0]": A.shape[0]}
found |= {"B": B, "ndim(B)": B.ndim, "B.shape": B.shape}
found["dot(A,B)"] = np.array([[1, 2], [3, 4]]) @ np.array([[5, 6], [7, 8]])
found["dot(X,W)"] = np.array([1, 2]) @ np.array([[1, 3, 5], [2, 4, 6]])

X = np.array([1.0, 0.5])
W1, B1 = np.array([[0.1, 0.3, 0.5], [0.2, 0.4, 0.6]]), np.array([0.1, 0.2, 0.3])
W2, B2 = np.array([[0.1, 0.4], [0.2, 0.5], [0.3, 0.6]]), np.array([0.1, 0.2])
W3, B3 = np.array([[0.1, 0.3], [0.2, 0.4]]), np.array([0.1, 0.2])
X, W1, B1, W2, B2, W3, B3 = run.to_device(X, W1, B1, W2, B2, W3, B3)

A1 = X @ W1 + B1
Z1 = sigmoid(A1)
A2 = Z1 @ W2 + B2
Z2 = sigmoid(A2)
A3 = Z2 @ W3 + B3
Y = identity(A3)


def draw(figures):
    layers = {"X": X, "Z1": Z1, "Z2": Z2, "Y": Y}
    return figures.network(run.caption, layers, [W1, W2, W3])


sys.exit(run.finish(found | {"A1": A1, "Z1": Z1, "A2": A2, "Z2": Z2, "A3": A3, "Y": Y}, draw=draw))
