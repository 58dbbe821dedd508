"""Checks of arguments: one line to call; a full sentence that names the argument when one fails.

They run once a call, before anything is computed.
"""

from math import inf, isfinite
from numbers import Real

import numpy as np

from .arrays import namespace, vectors
from .networks import Networks
from .sizes import shown, whole


def number(name, value):
    """`value` as a float; TypeError unless it is a real number, ValueError unless it is finite."""
    if type(value) is not float:  # the question whether it is a number is slow beside a small listing
        if isinstance(value, bool) or not isinstance(value, Real):
            raise TypeError(f"{name} must be a real number, not {shown(value)} of type {type(value).__name__}")
        try:
            value = float(value)
        except OverflowError:
            raise ValueError(f"{name} must be a number that a double can hold, not {shown(value)}") from None
    if not isfinite(value):
        raise ValueError(f"{name} must be finite, not {shown(value)}")
    return value


def rate(name, value):
    """A learning rate: a finite number above 0."""
    value = number(name, value)
    if value <= 0:
        raise ValueError(f"{name} must be above 0, not {shown(value)}")
    return value


def ratio(name, value):
    """A share that leaves something over: a number in [0, 1)."""
    value = number(name, value)
    if not 0 <= value < 1:
        raise ValueError(f"{name} must be in [0, 1), not {shown(value)}")
    return value


def count(name, value, most, what=None):
    """An integer from 1 to `most`, which is the number of `what` if that is given."""
    value = whole(name, value, -inf)
    if not 1 <= value <= most:
        limit = f"{most}, the number of {what}" if what else f"{most}"
        raise ValueError(f"{name} must be from 1 to {limit}, not {shown(value)}")
    return value


def choice(name, value, known):
    """`value` if it is one of the names in `known`."""
    if not isinstance(value, str) or value not in known:
        raise ValueError(f"{name} must be one of {', '.join(map(repr, known))}, not {shown(value)}")
    return value


def stream(name, rng):
    """TypeError unless `rng` can draw ``randperm``."""
    if not callable(getattr(rng, "randperm", None)):
        raise TypeError(
            f"{name} must be a stream such as deltarule.matlab.rng(), not {shown(rng)} of type {type(rng).__name__}"
        )


def plain_array(name, a):
    """`a` as an array of NumPy's or CuPy's own type, or as the many networks that it is.

    Lists and numbers become NumPy arrays, and so do NumPy's matrices, whose ``*`` would be another product. A masked
    array is refused, since its mask would be lost.
    """
    if type(a) in (np.ndarray, Networks):
        return a
    if isinstance(a, np.ma.MaskedArray):
        raise TypeError(f"{name} must not be a masked array; fill it first, as with {name}.filled(0)")
    try:
        return namespace(a).asarray(a)
    except (ValueError, RecursionError, OverflowError) as error:
        raise ValueError(f"{name} must be an array, or lists that form one: {error}") from None


def floating(name, a):
    """`a` as an array of float32, if it is that, or float64; TypeError unless it is of real numbers."""
    if type(a) is not np.ndarray:
        a = plain_array(name, a)
    if a.dtype.char in "fd":
        return a
    if a.dtype.kind not in "iubf":
        raise TypeError(f"{name} must be of real numbers, not of dtype {a.dtype}")
    return a.astype(np.float64)  # as MATLAB computes, where small integers would run over


def columns(name, a):
    """`a` as `floating`, with at least one axis and one element: a vector, or one column a sample."""
    a = floating(name, a)
    if a.ndim == 0 or a.size == 0:
        raise ValueError(f"{name} must be a vector or a matrix with elements, not of shape {a.shape}")
    return a


def real(name, a, like=None, *, finite=False):
    """`a` as a non-empty array of finite float32 or float64 numbers.

    Integers and booleans become floating numbers: of the dtype of the array `like`, float64 when it is None. Floating
    numbers must be of that dtype, and on the same device. Many networks at once pass as they are: one that is no longer
    finite does not stop the others. With `finite` the numbers are known to be that, and not looked at.
    """
    if type(a) is not np.ndarray:
        a = plain_array(name, a)
        if type(a) is Networks:
            return a
    if a.dtype.char not in "fd" or not a.dtype.isnative:
        a = _as_float(name, a, np.float64 if like is None else like.dtype)
    if like is not None and (a.dtype != like.dtype or type(a) is not type(like)):
        _agree(name, a, like)
    if a.size == 0:
        raise ValueError(f"{name} must have at least one element, not the shape {a.shape}")
    # quick, and never finite where an element is not; it may also run over, and it would copy what is not contiguous
    if not (finite or (a.flags.c_contiguous and isfinite(np.vdot(a, a)))):
        _all_finite(name, a)
    return a


class NotFinite(ValueError):
    """An array has an element that is no finite number; the message names both."""


def _all_finite(name, a):
    """NotFinite unless every element of the array is finite."""
    inner = a.transpose(sorted(range(a.ndim), key=lambda axis: -a.strides[axis]))  # its axes as they lie in memory
    if inner.flags.c_contiguous and isfinite(np.vdot(inner, inner)):
        return
    xp = namespace(a)
    finite = xp.isfinite(a)
    if not finite.all():
        index = tuple(int(i) for i in xp.argwhere(~finite)[0])
        raise NotFinite(f"{name} must be finite, but it is {float(a[index])} at {index}")


def _agree(name, a, like):
    """ValueError unless `a` has the dtype of the weights `like`, and its array module."""
    if a.dtype != like.dtype:
        raise ValueError(f"{name} must be {like.dtype} as the weights are, not {a.dtype}; convert one with .astype")
    same_device(name, a, like)


def _as_float(name, a, dtype):
    """Integers and booleans as `dtype`, and floating numbers in this machine's order of bytes; others are refused."""
    if a.dtype.char in "fd":
        return a.astype(a.dtype.newbyteorder("="))
    if a.dtype.kind not in "iub":
        raise TypeError(f"{name} must be of real numbers, float64 or float32, not of dtype {a.dtype}")
    return a.astype(dtype)


def in_unit_interval(a):
    """Whether every element of the array `a` is from 0 to 1; there must be one."""
    if type(a) is np.ndarray:  # NaN would be the least
        return a.item(a.argmin()) >= 0 and a.item(a.argmax()) <= 1
    return bool(((a >= 0) & (a <= 1)).all())


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
    X, *layers = chain(X, weights, same_kind(**weights))
    D = targets(D, len(X), layers[-1].shape[-2], layers[0], one_hot=one_hot)
    if unit_interval and not in_unit_interval(D):
        raise ValueError("D must be in [0, 1], as cross-entropy takes it; it has elements outside")
    return [X, D, *layers]


def inputs(X, **weights):
    """The arguments of a forward pass: X of shape (N, inputs), and the weights, as in `dense`."""
    return chain(X, weights, same_kind(**weights))


def chain(X, names, layers, *, finite=False):
    """X as rows and the weights, which are known to be of one kind, where each layer takes what the one before gives.

    With `finite` the elements of X are not looked at.
    """
    X = real("X", X, layers[0], finite=finite)
    if X.ndim != 2:
        X = _rows(X, layers[0])
    given, source = X.shape[1], "elements of a sample of X"
    several = False
    for name, W in zip(names, layers, strict=True):
        if W.ndim < 2 or W.shape[-1] != given:
            raise ValueError(
                f"{name} must have the shape (..., nodes, {given}) for the {given} {source}, not {W.shape}"
            )
        given, source = W.shape[-2], f"nodes of {name}"
        several = several or W.ndim > 2
    if several:
        leading_axes(names, layers, [2] * len(layers))
    return [X, *layers]


def _rows(X, W):
    """Images as rows of the elements that the weights W act on."""
    if X.ndim != 3:
        raise ValueError(f"X must be vectors (N, inputs) or images (N, rows, columns), not of shape {X.shape}")
    if W.ndim >= 2:
        images_first(X, X.shape[1] * X.shape[2], X.shape[0] * X.shape[1], W.shape[-1])
    return vectors(X)


def images_first(X, given, given_if_turned, wanted):
    """ValueError where X does not fit, and would if its images lay along the last axis, as they do in MATLAB.

    Parameters
    ----------
    X : array, three axes
    given, given_if_turned : int or None
        How many inputs for the weights an image makes as X lies, and if the images lie along its last axis.
    wanted : int
        How many the weights take.
    """
    if given != wanted == given_if_turned:
        raise ValueError(
            f"X must be images (N, rows, columns); of shape {X.shape} they lie along the last axis, as in MATLAB: "
            "numpy.moveaxis(X, -1, 0) turns them, or deltarule.matlab.load(file, images='X')"
        )


def same_kind(**weights):
    """The weights as finite arrays of one dtype and one device."""
    layers = []
    for name, W in weights.items():
        layers.append(real(name, W, layers[0] if layers else None))
    return layers


def samples(X, W, name="X"):
    """X as a finite array of the dtype and device of the weights W."""
    return real(name, X, W)


def same_device(name, a, W):
    """ValueError unless `a` and the weights W belong to one array module."""
    if type(a) is not type(W) and namespace(a) is not namespace(W):
        raise ValueError(
            f"{name} must be a {namespace(W).__name__} array as the weights are, not a {namespace(a).__name__} array; "
            "move one, so that all are on one device"
        )


def leading_axes(names, weights, own):
    """ValueError unless the leading axes (many networks), all but the last `own` of each, broadcast."""
    try:
        np.broadcast_shapes(*(W.shape[:-n] for W, n in zip(weights, own, strict=True)))
    except ValueError:
        listed = ", ".join(f"{name} {W.shape}" for name, W in zip(names, weights, strict=True))
        raise ValueError(f"the leading axes of the weights must broadcast together; they do not: {listed}") from None


def targets(D, n, outputs, W, *, one_hot=False):
    """D as an array of shape (n, outputs) like the weights W."""
    D = real("D", D, W)
    if D.ndim == 1 and outputs == 1:
        D = D.reshape(-1, 1)
    if D.shape != (n, outputs):
        alone = f" or ({n},)" if outputs == 1 else ""
        raise ValueError(
            f"D must have the shape ({n}, {outputs}){alone} for {n} samples and {outputs} outputs, not {D.shape}"
        )
    # a 1 in each of n rows and n elements that are not 0: one in each row
    if one_hot and not (bool((D.max(axis=1) == 1).all()) and int(np.count_nonzero(D)) == n):
        raise ValueError("D must be one-hot, a single 1 among zeros in each row; it has a row that is not")
    return D


def targets_and_outputs(d, y, *, unit_interval=False):
    """Targets of shape (N,) or (N, outputs) and outputs of shape (N,) or (..., N, outputs), for a cost function."""
    y = real("y", y)
    d = real("d", d, y)
    if y.ndim > 1 and d.shape == y.shape[-2:-1] and y.shape[-1] == 1:
        d = d.reshape(-1, 1)
    if d.ndim == 0 or d.shape != y.shape[-2:]:
        raise ValueError(f"d must have one target for each output of y, {y.shape}, not the shape {d.shape}")
    if unit_interval:
        for name, a in (("d", d), ("y", y)):
            if not in_unit_interval(a):
                raise ValueError(f"{name} must be in [0, 1], as cross-entropy takes it; it has elements outside")
    return d, y


def momenta(given, *weights):
    """None, or momenta as a list of arrays like the weights."""
    if given is None:
        return None
    if not isinstance(given, tuple | list) or len(given) != len(weights):
        raise ValueError(f"momenta must be {len(weights)} arrays, one for each of the weights, not {shown(given)}")
    arrays = [samples(m, W, name="momenta") for m, W in zip(given, weights, strict=True)]
    for m, W in zip(arrays, weights, strict=True):
        if m.shape != W.shape:
            raise ValueError(f"momenta must have the shapes of the weights, {W.shape} and not {m.shape}")
    return arrays
