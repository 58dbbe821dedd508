"""The order of hidden nodes: weights of the same network whose nodes are numbered otherwise."""

import numpy as np

NEAR = 1e-2  # of the largest weight, up to which two nodes may be the same; the check itself decides


def order(mine, right):
    """By hidden layer, the place among `mine` of each node of `right`; None where the nodes are not the same.

    Parameters
    ----------
    mine, right : sequence of array
        The weights of a layered network, shape (nodes, inputs) each.

    Returns
    -------
    list of array, or None
    """
    found = []
    for W, R in zip(mine[:-1], right[:-1], strict=True):
        W = W[:, found[-1]] if found else W
        off = abs(W[:, None] - R[None]).max(axis=-1)
        places = off.argmin(axis=0)
        if len(set(places)) < len(places) or not off.min(axis=0).max() <= NEAR * abs(R).max():
            return None
        found.append(places)
    return found


def in_place(places):
    """Whether an order is none, or leaves every node where it is."""
    return not places or all(np.array_equal(each, np.sort(each)) for each in places)


def alike(stack, mine, unit):
    """Which of many networks may be `mine` but for the order of their last hidden nodes, by the last weights alone.

    Parameters
    ----------
    stack : array
        The last weights of the networks, shape (..., outputs, nodes).
    mine : array
        Shape (outputs, nodes).
    unit : array or float
        How far each number of `mine` may be off.

    Returns
    -------
    array of bool
        Shape (...): True where each row has the numbers of `mine`, in any order.
    """
    off = abs(np.sort(stack, axis=-1) - np.sort(mine, axis=-1)).max(axis=(-2, -1))
    return off <= NEAR * abs(mine).max() + np.max(unit)


def in_order(weights, places):
    """Weights whose hidden nodes are put into an order, as `order` gives it.

    Examples
    --------
    >>> W1, W2 = in_order([np.array([[1.0], [2.0]]), np.array([[3.0, 4.0]])], [np.array([1, 0])])
    >>> print(W1.ravel(), W2)
    [2. 1.] [[4. 3.]]
    """
    rows, columns = [*places, slice(None)], [slice(None), *places]
    return tuple(np.asarray(W)[row][:, column] for W, row, column in zip(weights, rows, columns, strict=True))
