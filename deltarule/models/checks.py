"""Checks of this wing's arguments, on top of those that all wings share.

They run once a call, before anything is computed, and name the argument when one fails.
"""

import numpy as np

from ..basics.arrays import namespace
from ..basics.checks import (
    chain,
    count,
    dense,
    floating,
    in_unit_interval,
    inputs,
    leading_axes,
    number,
    rate,
    ratio,
    real,
    same_kind,
    targets,
)
from ..basics.sizes import room, shown, whole

__all__ = [
    "binary",
    "chain",
    "count",
    "dense",
    "draws",
    "fitted",
    "fitting",
    "floating",
    "given",
    "in_unit_interval",
    "inputs",
    "listed",
    "number",
    "optimizer",
    "place_targets",
    "rate",
    "ratio",
    "real",
    "room",
    "same_kind",
    "sequences",
    "sequences_targets",
    "sequences_weights",
    "shown",
    "size",
    "sizes",
    "targets",
    "unit_interval",
]


def size(name, value, least=1):
    """A number of things: an integer of at least `least`."""
    return whole(name, value, least)


def sizes(name, values):
    """Numbers of things, one after the other: a sequence of integers of at least 1."""
    return [size(f"{name}[{k}]", value) for k, value in enumerate(listed(name, values, "integers"))]


def given(arguments, *last):
    """The arguments of a call: weights, and behind them those named; ValueError where these are not there.

    Examples
    --------
    >>> given((), "X", "D")
    Traceback (most recent call last):
    ValueError: weights_X_D must be the weights and then X and D, but there are 0 arguments
    """
    if len(arguments) < len(last):
        name, behind = "_".join(["weights", *last]), " and ".join(last)
        raise ValueError(f"{name} must be the weights and then {behind}, but there are {len(arguments)} arguments")
    return arguments


def listed(name, values, what):
    """`values` as a list; TypeError where they are one thing and not several."""
    try:
        return list(values)
    except TypeError:
        message = f"{name} must be a sequence of {what}, not {shown(values)} of type {type(values).__name__}"
        raise TypeError(message) from None


def draws(name, rng, *methods):
    """TypeError unless `rng` is a stream that has these methods."""
    for method in methods:
        if not callable(getattr(rng, method, None)):
            raise TypeError(
                f"{name} must be a stream such as deltarule.matlab.rng(), which has {method}; not {shown(rng)} of type "
                f"{type(rng).__name__}"
            )


def optimizer(name, value):
    """TypeError unless `value` has an ``update``, as the optimisers of the from-scratch notes have."""
    if not callable(getattr(value, "update", None)):
        raise TypeError(f"{name} must have update(params, grads), as deltarule.layers.Adam() has, not {shown(value)}")


def unit_interval(name, a):
    """ValueError unless all elements are in [0, 1]."""
    if not in_unit_interval(a):
        raise ValueError(f"{name} must be in [0, 1], as cross-entropy takes it; it has elements outside")


def sequences_targets(shapes, X, D, **weights):
    """Sequences X (N, T, n), targets D (N, m) and the weights, the last of which gives the outputs."""
    X, *arrays = sequences_weights(shapes, X, **weights)
    return [X, targets(D, len(X), arrays[-1].shape[-2], arrays[0]), *arrays]


def sequences_weights(shapes, X, *, size="n", **weights):
    """Sequences X (N, T, n) and the weights, as in `sequences` and `fitting`; `size` is the letter of the inputs."""
    arrays = same_kind(**weights)
    X = sequences(X, arrays[0])
    return [X, *fitted(shapes, weights, arrays, {size: X.shape[2]})]


def sequences(X, W, name="X"):
    """X as finite sequences of shape (N, T, n), of the dtype and device of the weights W."""
    shape = getattr(X, "shape", None)
    if shape is not None and len(shape) == 3 and shape[1] == 0:
        raise ValueError(f"{name} must be sequences of at least one step, not of shape {tuple(shape)}")
    X = real(name, X, W)
    if X.ndim != 3:
        raise ValueError(f"{name} must be sequences (N, steps, inputs), not of shape {X.shape}; one is {name}[None]")
    return X


def fitting(shapes, weights, **sizes):
    """The weights as finite arrays of one dtype and device, whose last axes fit together.

    Parameters
    ----------
    shapes : str
        The shape of each by letters, as ``"h n, h h, m h"``; ``n+h`` is a sum. The first use of a letter says how large
        it is, and all others must agree.
    weights : dict of arrays
        By the names to use in messages, in the order of `shapes`; leading axes are networks.
    **sizes : int
        Letters that are known before.

    Returns
    -------
    list of arrays

    Raises
    ------
    TypeError, ValueError
        If an array is of the wrong type, shape, dtype or device, empty or not finite; the message names it.

    Examples
    --------
    >>> fitting("h n, m h", {"W1": [[1.0, 2.0]], "W2": [[1.0, 2.0]]}, n=2)
    Traceback (most recent call last):
    ValueError: W2 must have the shape (..., m, h) with n = 2, h = 1, not (1, 2)
    """
    return fitted(shapes, weights, same_kind(**weights), sizes)


def fitted(shapes, names, arrays, sizes):
    """The arrays, which are checked but for their shapes, where these fit together; see `fitting`."""
    axes = [shape.split() for shape in shapes.split(",")]
    several = False
    for name, W, letters in zip(names, arrays, axes, strict=True):
        if not _agree(W, letters, sizes):
            known = ", ".join(f"{letter} = {size}" for letter, size in sizes.items())
            wanted = ", ".join(letter.replace("+", " + ") for letter in letters)
            raise ValueError(f"{name} must have the shape (..., {wanted}) with {known}, not {W.shape}")
        several = several or W.ndim > len(letters)
    if several:
        leading_axes(names, arrays, list(map(len, axes)))
    return arrays


def _agree(W, letters, sizes):
    """Whether the last axes of W are as large as the letters say; a letter that is new becomes known."""
    if W.ndim < len(letters):
        return False
    found = sizes.copy()
    for letter, size in zip(letters, W.shape[-len(letters) :], strict=True):
        if letter.isdigit():
            known = int(letter)
        elif "+" in letter:
            known = sum(found[part] for part in letter.split("+"))
        else:
            known = found.setdefault(letter, size)
        if known != size:
            return False
    sizes.update(found)
    return True


def place_targets(D, X, W):
    """D as one-hot targets (N, T, m) of each place of the sequences X, for the m outputs of the weights W."""
    D = real("D", D, W)
    shape = (*X.shape[:2], W.shape[-2])
    if D.shape != shape:
        raise ValueError(f"D must have the shape {shape}, a target for each output of each place of X, not {D.shape}")
    if not (bool((D.max(axis=-1) == 1).all()) and int((D != 0).sum()) == shape[0] * shape[1]):
        raise ValueError("D must be one-hot, a single 1 among zeros for each place; it has a place that is not")
    return D


def binary(name, a):
    """`a` if all its elements are 0 or 1; ValueError that shows the first that is not, as one that is not a number."""
    ones = a == 1.0
    if np.count_nonzero(a) > np.count_nonzero(ones):  # NaN is neither 0 nor 1
        index = tuple(int(i) for i in namespace(a).argwhere(~(ones | (a == 0)))[0])
        raise ValueError(f"{name} must be binary, 0 or 1, but it is {float(a[index])} at {index}")
    return a
