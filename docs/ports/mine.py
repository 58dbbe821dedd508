"""Back-propagation as a summary of the book prints it: the slope in delta1 is half that of the output."""

import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def backprop(W1, W2, X, D):
    alpha = 0.9
    for k in range(4):
        x = X[k : k + 1].T
        d = D[k]
        y1 = sigmoid(W1 @ x)
        y = sigmoid(W2 @ y1)
        e = d - y
        delta = y * (1 - y) * e
        e1 = W2.T @ delta
        delta1 = y1 * (1 - y) * e1
        W1 = W1 + alpha * delta1 @ x.T
        W2 = W2 + alpha * delta @ y1.T
    return W1, W2
