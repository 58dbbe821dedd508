"""Checks of arguments: one line to call, a full sentence when one fails.

They run once a call, before anything is computed, and cost a few microseconds; see `finite`.
"""

import operator
from math import inf, isfinite
from numbers import Real

import numpy as np
from numpy import vdot

from .arrays import namespace, vectors
from .networks import Networks

FEW = 32  # elements of a NumPy array up to which Python's floats are quicker than a NumPy call
# elements of two vectors up to which OpenBLAS multiplies them in one thread; the others that it takes for more go on
# looking for work for 0.1 s afterwards (measured, OpenBLAS 0.3.31), in which they hold up threads that have some
MANY = 10_000


def number(name, value):
    """`value` as a float; TypeError unless it is a real number, ValueError unless it is finite."""
    if type(value) is not float:  # the question whether it is a number is slow beside a small listing
        if isinstance(value, bool) or not isinstance(value, Real):
            raise TypeError(f"{name} is {value!r} of type {type(value).__name__}; it takes a real number")
        value = float(value)
    if not isfinite(value):
        raise ValueError(f"{name} is {value!r}; it takes a finite number")
    return value


def rate(name, value):
    """A learning rate: a finite number above 0."""
    value = number(name, value)
    if value <= 0:
        raise ValueError(f"{name} is {value!r}; it takes a number above 0")
    return value


def ratio(name, value):
    """A share that leaves something over: a number in [0, 1)."""
    value = number(name, value)
    if not 0 <= value < 1:
        raise ValueError(f"{name} is {value!r}; it takes a number in [0, 1)")
    return value


def count(name, value, most, what):
    """An integer from 1 to `most`, the number of `what`."""
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise TypeError(f"{name} is {value!r} of type {type(value).__name__}; it takes an integer")
    value = operator.index(value)
    if not 1 <= value <= most:
        raise ValueError(f"{name} is {value}; it takes 1 to {most}, the number of {what}")
    return value


def finite(a):
    """Whether every element of the floating array `a` is finite.

    A sum is one quick pass, of a few elements in Python's floats, of more as the squares that the BLAS adds. It is
    finite only if all elements are; the element-wise look is for when it overflows, and for many elements.
    """
    total = inf
    if a.size <= FEW and isinstance(a, np.ndarray):
        total = sum(a.ravel().tolist())
    elif a.size <= MANY:
        total = vdot(a, a)
    return isfinite(total) or bool(np.isfinite(a).all())


def in_unit_interval(a):
    """Whether every element of the finite array `a` is from 0 to 1."""
    if a.size <= FEW and isinstance(a, np.ndarray):
        values = a.ravel().tolist()
        return min(values) >= 0 and max(values) <= 1
    return bool(((a >= 0) & (a <= 1)).all())


def real(name, a, dtype=None):
    """`a` as a non-empty array of finite float32 or float64 numbers.

    Integers and booleans become `dtype` (float64 when None); floating numbers must be of it. Many networks at once
    pass as they are: one that is no longer finite does not stop the others.
    """
    if isinstance(a, Networks):
        return a
    if not isinstance(a, np.ndarray):
        a = _asarray(name, a)
    if a.dtype.char not in "fd":
        a = _floating(name, a, dtype or np.float64)
    if dtype is not None and a.dtype != dtype:
        raise ValueError(
            f"{name} is {a.dtype} but the weights are {dtype}; convert one with .astype, so that all agree"
        )
    if a.size == 0:
        raise ValueError(f"{name} is empty, of shape {a.shape}; it takes at least one element")
    if not finite(a):
        xp = namespace(a)
        index = tuple(int(i) for i in xp.argwhere(~xp.isfinite(a))[0])
        raise ValueError(f"{name} is {float(a[index])} at {index}; it takes finite numbers")
    return a


def _floating(name, a, dtype):
    if a.dtype.kind not in "iub":
        raise TypeError(f"{name} is of dtype {a.dtype}; it takes real numbers in float64 or float32")
    return a.astype(dtype)


def _asarray(name, a):
    xp = namespace(a)
    try:
        return xp.asarray(a)
    except ValueError as error:
        raise ValueError(f"{name} is no array: {error}") from None


def dense(X, D, *, one_hot=False, unit_interval=False, **weights):
    """The arguments of a network of fully connected layers, checked.

    Parameters
    ----------
    X : array, shape (N, inputs) or (N, rows, columns)
        Samples; images are laid out column by column.
    D : array, shape (N,) or (N, outputs)
        Targets; with `one_hot` each row a single 1 among zeros, with `unit_interval` all in [0, 1].
    **weights : array, shape (..., nodes, nodes of the layer before)
        By the name to use in messages, from input to output.

    Returns
    -------
    list of arrays
        X of shape (N, inputs), D of shape (N, outputs), and the weights, all of one floating dtype.
    """
    X, *layers = _chain(X, weights)
    outputs = layers[-1].shape[-2]
    D = targets(D, len(X), outputs, layers[0], one_hot=one_hot)
    if unit_interval and not in_unit_interval(D):
        raise ValueError("D has elements outside [0, 1]; cross-entropy takes targets in [0, 1]")
    return [X, D, *layers]


def inputs(X, **weights):
    """The arguments of a forward pass: X of shape (N, inputs), and the weights, as in `dense`."""
    return _chain(X, weights)


def _chain(X, weights):
    """X as rows and the weights, after checking that each layer takes what the one before gives."""
    layers = same_kind(**weights)
    X = samples(X, layers[0])
    if X.ndim != 2:
        X = _rows(X)
    given = X.shape[1]
    for k, W in enumerate(layers):
        shape = W.shape
        if len(shape) < 2 or shape[-1] != given:
            raise ValueError(
                f"{list(weights)[k]} has shape {shape}; it takes (..., nodes, {given}) for the {given} "
                + (f"nodes of {list(weights)[k - 1]}" if k else "elements of a sample of X")
            )
        if len(shape) > 2:
            leading_axes(weights, layers, [2] * len(layers))
        given = shape[-2]
    return [X, *layers]


def _rows(X):
    if X.ndim != 3:
        raise ValueError(f"X has shape {X.shape}; it takes vectors (N, inputs) or images (N, rows, columns)")
    return vectors(X)


def same_kind(**weights):
    """The weights as finite arrays of one dtype and one device."""
    layers = []
    dtype = None
    for name, W in weights.items():
        layers.append(real(name, W, dtype))
        if dtype is None:
            dtype = layers[0].dtype
        else:
            same_device(name, layers[-1], layers[0])
    return layers


def samples(X, W, name="X"):
    """X as a finite array of the dtype and device of the weights W."""
    X = real(name, X, W.dtype)
    same_device(name, X, W)
    return X


def same_device(name, a, W):
    """ValueError unless `a` and the weights W belong to one array module."""
    if type(a) is not type(W) and namespace(a) is not namespace(W):
        raise ValueError(
            f"{name} is a {namespace(a).__name__} array but the weights are {namespace(W).__name__} arrays; "
            "move one, so that all are on one device"
        )


def leading_axes(names, weights, own):
    """ValueError unless the leading axes (many networks), all but the last `own` of each, broadcast."""
    try:
        np.broadcast_shapes(*(W.shape[:-n] for W, n in zip(weights, own, strict=True)))
    except ValueError:
        listed = ", ".join(f"{name} {W.shape}" for name, W in zip(names, weights, strict=True))
        raise ValueError(f"the leading axes of the weights do not match: {listed}") from None


def targets(D, n, outputs, W, *, one_hot=False):
    """D as an array of shape (n, outputs) like the weights W."""
    D = real("D", D, W.dtype)
    same_device("D", D, W)
    if D.ndim == 1 and outputs == 1:
        D = D.reshape(-1, 1)
    if D.shape != (n, outputs):
        alone = f" or ({n},)" if outputs == 1 else ""
        raise ValueError(
            f"D has shape {D.shape}; it takes ({n}, {outputs}){alone} for {n} samples and {outputs} outputs"
        )
    # a row whose largest element is 1 adds at least 1 to the sum of squares, and just 1 if the others are 0
    if one_hot and not (bool((D.max(axis=1) == 1).all()) and vdot(D, D) == n):
        raise ValueError("D has a row that is not one-hot; it takes a single 1 among zeros in each row")
    return D


def labels(D, n, like):
    """D as an integer array of n digits 0-9, in the array module of `like`."""
    if not isinstance(D, np.ndarray):
        D = _asarray("D", D)
    same_device("D", D, like)
    if D.dtype.kind not in "iuf":
        raise TypeError(f"D is of dtype {D.dtype}; it takes the digits 0 to 9")
    if D.shape != (n,):
        raise ValueError(f"D has shape {D.shape}; it takes ({n},), one digit for each image of X")
    if not bool(((D >= 0) & (D <= 9) & (D % 1 == 0)).all()):
        raise ValueError("D has labels that are not digits; it takes 0 to 9 (MATLAB's label 10 is the digit 0)")
    return D.astype(np.int64)


def choice(name, value, known):
    """`value` if it is one of the names in `known`."""
    if not isinstance(value, str) or value not in known:
        raise ValueError(f"{name} is {value!r}; it takes one of {', '.join(map(repr, known))}")
    return value


def images(x, W, name="x", filters="W"):
    """ValueError unless the filters W (..., p, q, f) fit the images x (N, rows, columns), or one (rows, columns)."""
    if x.ndim not in (2, 3):
        raise ValueError(f"{name} has shape {x.shape}; it takes images (N, rows, columns), or one (rows, columns)")
    if W.ndim < 3:
        raise ValueError(f"{filters} has shape {W.shape}; it takes filters (..., p, q, number)")
    if W.shape[-3] > x.shape[-2] or W.shape[-2] > x.shape[-1]:
        raise ValueError(f"{filters} has shape {W.shape}; filters no larger than the images, {x.shape[-2:]}, fit")


def maps(name, x):
    """`x` as floating maps (..., rows, columns, f), rows and columns even in number; integers become float64."""
    if not isinstance(x, np.ndarray):
        x = _asarray(name, x)
    if x.dtype.kind not in "iubf":
        raise TypeError(f"{name} is of dtype {x.dtype}; it takes real numbers")
    if x.ndim < 3 or x.shape[-3] % 2 or x.shape[-2] % 2:
        raise ValueError(
            f"{name} has shape {x.shape}; it takes maps (..., rows, columns, number), rows and columns even"
        )
    return x if x.dtype.kind == "f" else x.astype(np.float64)  # whose sums do not run over


def convolutional(X, W1, W5, Wo):
    """The arguments of the convolutional network: images X (N, rows, columns) and weights that fit."""
    W1, W5, Wo = weights = same_kind(W1=W1, W5=W5, Wo=Wo)
    X = samples(X, W1)
    if X.ndim != 3:
        raise ValueError(f"X has shape {X.shape}; it takes images (N, rows, columns)")
    images(X, W1, "X", "W1")
    p, q, f = W1.shape[-3:]
    r, c = X.shape[1] - p + 1, X.shape[2] - q + 1
    if r % 2 or c % 2:
        raise ValueError(
            f"W1 has shape {W1.shape}; on images {X.shape[1:]} its maps are {r} x {c}, and pooling takes even sizes"
        )
    features = r // 2 * (c // 2) * f
    if W5.ndim < 2 or W5.shape[-1] != features:
        raise ValueError(f"W5 has shape {W5.shape}; it takes (..., nodes, {features}) for the pooled maps of W1")
    if Wo.ndim < 2 or Wo.shape[-2:] != (10, W5.shape[-2]):
        raise ValueError(f"Wo has shape {Wo.shape}; it takes (..., 10, {W5.shape[-2]}) for the nodes of W5")
    leading_axes(("W1", "W5", "Wo"), weights, (3, 2, 2))
    return [X, *weights]


def targets_and_outputs(d, y, *, unit_interval=False):
    """Targets of shape (N,) or (N, outputs) and outputs of shape (N,) or (..., N, outputs), for a cost function."""
    y = real("y", y)
    d = real("d", d, y.dtype)
    same_device("d", d, y)
    if y.ndim > 1 and d.shape == y.shape[-2:-1] and y.shape[-1] == 1:
        d = d.reshape(-1, 1)
    if d.ndim == 0 or d.shape != y.shape[-2:]:
        raise ValueError(f"d has shape {d.shape} but y {y.shape}; each output takes one target")
    if unit_interval:
        for name, a in (("d", d), ("y", y)):
            if not in_unit_interval(a):
                raise ValueError(f"{name} has elements outside [0, 1]; cross-entropy takes none")
    return d, y


def momenta(given, *weights):
    """None, or momenta as a list of arrays like the weights."""
    if given is None:
        return None
    if not isinstance(given, tuple | list) or len(given) != len(weights):
        raise ValueError(f"momenta is {given!r}; it takes {len(weights)} arrays, one for each of the weights")
    arrays = [samples(m, W, name="momenta") for m, W in zip(given, weights, strict=True)]
    for m, W in zip(arrays, weights, strict=True):
        if m.shape != W.shape:
            raise ValueError(f"momenta has an array of shape {m.shape}; it takes {W.shape}, as the weights have")
    return arrays


def stream(name, rng):
    """TypeError unless `rng` can draw ``randperm``."""
    if not callable(getattr(rng, "randperm", None)):
        raise TypeError(
            f"{name} is {rng!r} of type {type(rng).__name__}; it takes a stream, such as deltarule.matlab.rng()"
        )
