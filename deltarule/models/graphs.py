"""Graph convolution: every node takes what its neighbours and itself give, weighted by how many neighbours each has."""

import numpy as np

from ..basics.arrays import T
from ..basics.functions import relu, softmax
from ..listings.training import train
from . import checks

SHAPES = "h n, m h"  # of W1 and W2


def normalised_adjacency(edges, nodes):
    """The matrix that a graph convolution mixes nodes with: S = R^-1/2 (A + I) R^-1/2, R the row sums of A + I.

    Parameters
    ----------
    edges : array of int, shape (E, 2)
        The two nodes of each edge, counted from 0; no edge twice, none from a node to itself.
    nodes : int
        How many nodes there are.

    Returns
    -------
    array of float64, shape (nodes, nodes)
        Symmetric.

    Raises
    ------
    TypeError, ValueError
        If `edges` is not of that shape, or of indices out of range; if an edge is there twice or leads to where it
        begins; if a node has no neighbour.

    Examples
    --------
    >>> print(normalised_adjacency([[0, 1], [1, 2]], 3).round(4))
    [[0.5    0.4082 0.    ]
     [0.4082 0.3333 0.4082]
     [0.     0.4082 0.5   ]]
    """
    nodes = checks.size("nodes", nodes)
    checks.room(nodes * nodes, nodes=nodes)
    edges = _checked_edges(edges, nodes)
    A = np.eye(nodes)
    A[edges[:, 0], edges[:, 1]] = A[edges[:, 1], edges[:, 0]] = 1
    scale = A.sum(axis=0) ** -0.5
    return scale[:, None] * A * scale


def gcn_changes(W1, W2, x, d, alpha, S):
    """Weight changes for cross-entropy, summed over the nodes that have a target: the columns of x (n, nodes).

    A node without a target has a column of zeros in d (m, nodes).
    """
    xs = x @ S
    v1 = W1 @ xs
    y1 = relu(v1)
    ys = y1 @ S
    y = softmax(W2 @ ys)

    known = d.sum(axis=-2, keepdims=True)
    e = d - known * y
    delta = e

    e1 = T(W2) @ delta @ T(S)
    delta1 = (v1 > 0) * e1

    dW1 = alpha * delta1 @ T(xs)
    dW2 = alpha * delta @ T(ys)
    return dW1, dW2


def gcn_karate(W1, W2, X, D, S, *, alpha=0.5):
    """Train a graph convolutional network of two layers for one epoch, by the nodes whose class is known.

    Z = softmax(W2 relu(W1 x S) S): each layer mixes the nodes by S, and then acts on every node alike.

    Parameters
    ----------
    W1 : array, shape (..., h, n)
        Weights from n features of a node. Leading axes are independent networks; those of the weights are broadcast
        together, and the new weights have them.
    W2 : array, shape (..., m, h)
        Weights to m classes.
    X : array, shape (N, n)
        The features of N nodes, the identity where there are none.
    D : array, shape (N, m)
        The classes of the nodes, one-hot, and zeros for those that are not known; at least one is.
    S : array, shape (N, N)
        What mixes the nodes, as `normalised_adjacency` gives it.
    alpha : float
        Learning rate, above 0.

    Returns
    -------
    W1, W2 : arrays, shapes and dtype of the arguments
        The weights after the epoch; the arguments stay as they are.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong type, shape, dtype or device, empty or not finite; the message names it.

    Notes
    -----
    Source: GCN of the Korean summary (docs/sources.md), which has no code for it; equations and example are those of
    Kipf and Welling (2017). `gcn_changes` is the body, `deltarule.listings.training.train` the loop.

    Examples
    --------
    >>> from deltarule import data, matlab
    >>> edges, faction = data.karate()
    >>> S, X, D = normalised_adjacency(edges, 34), np.eye(34), np.zeros((34, 2))
    >>> D[0, 0] = D[33, 1] = 1  # the instructor and the administrator, who fell out
    >>> rng = matlab.rng()
    >>> W1, W2 = 0.1 * (2 * rng.rand(8, 34) - 1), 0.1 * (2 * rng.rand(2, 8) - 1)
    >>> for epoch in range(300):
    ...     W1, W2 = gcn_karate(W1, W2, X, D, S)
    >>> found = gcn_forward(W1, W2, X, S).argmax(axis=1)
    >>> print(np.flatnonzero(found != faction) + 1)
    [9]
    """
    X, S, W1, W2 = _checked(X, S, W1, W2)
    D = checks.real("D", D, W1)
    if D.shape != (len(X), W2.shape[-2]):
        raise ValueError(f"D must have the shape {(len(X), W2.shape[-2])}, a class for each node of X, not {D.shape}")
    ones = int((D == 1).sum())
    if not (ones and int((D != 0).sum()) == ones and bool((D.sum(axis=1) <= 1).all())):
        raise ValueError(
            "D must have a single 1 among zeros for each node whose class is known, one at least, else zeros"
        )
    alpha = checks.rate("alpha", alpha)
    return train(gcn_changes, (W1, W2), T(X)[None], T(D)[None], alpha, S)


def gcn_forward(W1, W2, X, S):
    """Outputs of a graph convolutional network: for each node how likely each class is.

    Parameters
    ----------
    W1 : array, shape (..., h, n)
    W2 : array, shape (..., m, h)
    X : array, shape (N, n)
    S : array, shape (N, N)

    Returns
    -------
    array, shape (..., N, m)

    Raises
    ------
    TypeError, ValueError
        As `gcn_karate`.

    Examples
    --------
    >>> S = normalised_adjacency([[0, 1]], 2)
    >>> print(gcn_forward([[1.0, 0.0]], [[1.0], [1.0]], np.eye(2), S))
    [[0.5 0.5]
     [0.5 0.5]]
    """
    X, S, W1, W2 = _checked(X, S, W1, W2)
    return T(softmax(W2 @ relu(W1 @ (T(X) @ S)) @ S))


def cut(edges, sides):
    """How many edges lead from one side to the other.

    Parameters
    ----------
    edges : array of int, shape (E, 2)
        As for `normalised_adjacency`.
    sides : array of int, shape (N,)
        The side of each node.

    Returns
    -------
    int

    Raises
    ------
    TypeError, ValueError
        As `normalised_adjacency`, or if `sides` is not of that shape.

    Examples
    --------
    >>> cut([[0, 1], [1, 2]], [0, 0, 1])
    1
    """
    sides = np.asarray(sides)
    if sides.ndim != 1:
        raise ValueError(f"sides must have the shape (nodes,), the side of each node, not {sides.shape}")
    edges = _checked_edges(edges, len(sides))
    return int((sides[edges[:, 0]] != sides[edges[:, 1]]).sum())


def _checked(X, S, W1, W2):
    """Nodes (N, n), what mixes them and the weights."""
    W1, W2 = checks.fitting(SHAPES, {"W1": W1, "W2": W2})
    X, S = checks.real("X", X, W1), checks.real("S", S, W1)
    if X.ndim != 2 or X.shape[1] != W1.shape[-1]:
        raise ValueError(f"X must have the shape (nodes, {W1.shape[-1]}) for the inputs of W1, not {X.shape}")
    if S.shape != (len(X), len(X)):
        raise ValueError(f"S must have the shape {(len(X), len(X))} for the nodes of X, not {S.shape}")
    return X, S, W1, W2


def _checked_edges(edges, nodes):
    """Edges as an array of int."""
    edges = np.asarray(edges)
    if edges.dtype.kind not in "iu":
        raise TypeError(f"edges must be integers, the numbers of nodes, not of dtype {edges.dtype}")
    if edges.ndim != 2 or edges.shape[1] != 2 or not len(edges):
        raise ValueError(f"edges must have the shape (edges, 2), not {edges.shape}")
    if edges.min() < 0 or edges.max() >= nodes:
        wrong = int(edges[(edges < 0) | (edges >= nodes)][0])
        raise ValueError(f"edges must be of nodes from 0 to {nodes - 1}, not {wrong}")
    pairs = np.sort(edges, axis=1)
    loops = pairs[pairs[:, 0] == pairs[:, 1], 0]
    if len(loops):
        raise ValueError(f"edges must lead to another node, but one leads from {int(loops[0])} to itself")
    if len(np.unique(pairs, axis=0)) < len(pairs):
        raise ValueError("edges must be there once each, but one is there twice")
    alone = np.setdiff1d(np.arange(nodes), edges)
    if len(alone):
        raise ValueError(f"edges must give every node a neighbour, but node {int(alone[0])} has none")
    return edges
