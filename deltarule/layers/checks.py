"""Checks of this wing's arguments, on top of those that both wings share.

They run once a call, before anything is computed, and name the argument when one fails.
"""

import numpy as np

from ..basics.arrays import namespace
from ..basics.checks import number, rate, ratio, real
from ..basics.sizes import room, shown, whole

__all__ = [
    "choice",
    "draws",
    "dtype",
    "flag",
    "gradient",
    "images",
    "number",
    "outline",
    "parameters_and_gradients",
    "rate",
    "ratio",
    "real",
    "room",
    "samples",
    "shown",
    "size",
    "whole",
]


def size(name, value):
    """A number of things: an integer of at least 1."""
    return whole(name, value, 1)


def flag(name, value):
    """True or False; TypeError for anything else."""
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"{name} must be True or False, not {shown(value)} of type {type(value).__name__}")
    return bool(value)


def choice(name, value, known):
    """The one of the names in `known` that `value` spells, in capital letters or small ones."""
    names = {one.lower(): one for one in known}
    if not isinstance(value, str):
        raise TypeError(f"{name} must be the name of one of {', '.join(known)}, not {shown(value)}")
    if value.lower() not in names:
        raise ValueError(f"{name} must be one of {', '.join(known)}, not {shown(value)}{_nearest(value, names)}")
    return names[value.lower()]


def _nearest(value, names):
    """The end of a message that suggests the nearest name, if one is near."""
    from difflib import get_close_matches  # here and not above: only a wrong name needs it

    near = get_close_matches(value.lower(), names, n=1)
    return f"; did you mean {names[near[0]]!r}?" if near else ""


def dtype(name, value):
    """float64 or float32 as NumPy's dtype."""
    try:
        found = np.dtype(value)
    except TypeError:
        found = None
    if value is None or found not in (np.float64, np.float32):
        raise ValueError(f"{name} must be float64 or float32, not {shown(value)}")
    return found


def draws(name, rng, *methods):
    """TypeError unless `rng` is a stream that has these methods."""
    for method in methods:
        if not callable(getattr(rng, method, None)):
            raise TypeError(
                f"{name} must be a stream such as numpy.random.RandomState(1) or deltarule.matlab.rng(), which has "
                f"{method}; not {shown(rng)} of type {type(rng).__name__}"
            )


def samples(name, x, like=None, *, finite=False):
    """`x` as finite numbers with one sample a row, of shape (N, ...); of the dtype and on the device of `like`."""
    x = real(name, x, like, finite=finite)
    if x.ndim < 2:
        raise ValueError(
            f"{name} must have one sample a row, the shape (N, ...), not {x.shape}; a single sample is {name}[None]"
        )
    return x


def images(name, x, like=None, *, finite=False):
    """`x` as finite images of shape (N, C, H, W); of the dtype and on the device of `like`."""
    x = real(name, x, like, finite=finite)
    if x.ndim != 4:
        raise ValueError(f"{name} must be images (N, channels, height, width), not of shape {x.shape}")
    return x


def outline(a):
    """An array of the shape, dtype and device of `a` that takes no memory: what `gradient` has to know of an output."""
    xp = namespace(a)
    return xp.broadcast_to(xp.zeros((), dtype=a.dtype), a.shape)


def gradient(name, dout, out, *, finite=False):
    """`dout` as finite numbers, one for each of what a forward pass gave: `out`, of which shape, dtype and device."""
    if out is None:
        raise RuntimeError(f"backward needs a forward pass before it, whose output {name} belongs to")
    dout = real(name, dout, out, finite=finite)
    if dout.shape != out.shape:
        raise ValueError(f"{name} must have the shape {out.shape} of the forward pass's output, not {dout.shape}")
    return dout


def parameters_and_gradients(params, grads):
    """The key, parameter and gradient of each, for an optimiser that is about to change the parameters.

    Parameters
    ----------
    params : dict of arrays
        Finite, float64 or float32; they are going to be written to.
    grads : dict of arrays
        Of the same keys, shapes, dtypes and devices, all finite.

    Returns
    -------
    list of (key, array, array)
    """
    for name, arrays in (("params", params), ("grads", grads)):
        if not hasattr(arrays, "keys"):
            raise TypeError(f"{name} must be a dict of arrays, not {shown(arrays)} of type {type(arrays).__name__}")
    if params.keys() != grads.keys():
        raise ValueError(f"grads must have the keys of params, {_listed(params)}, not {_listed(grads)}")
    changeable = {key: _changeable(key, p) for key, p in params.items()}
    return [(key, p, _of_parameter(key, p, grads[key])) for key, p in changeable.items()]


def _listed(arrays):
    return ", ".join(map(repr, arrays)) or "none"


def _changeable(key, p):
    """`p` if it is an array of finite floating numbers that can be written to."""
    kind = getattr(p, "dtype", None)
    if getattr(kind, "char", "") not in ("d", "f") or not kind.isnative or isinstance(p, np.generic):
        what = kind or type(p).__name__
        raise TypeError(
            f"params[{key!r}] must be an array of float64 or float32, which is changed in place, not {what}"
        )
    if type(p) is np.ndarray and not p.flags.writeable:
        raise ValueError(f"params[{key!r}] must be an array that can be changed, but it is read-only")
    return real(f"params[{key!r}]", p)


def _of_parameter(key, p, g):
    g = real(f"grads[{key!r}]", g, p)
    if g.shape != p.shape:
        raise ValueError(f"grads[{key!r}] must have the shape {p.shape} of params[{key!r}], not {g.shape}")
    return g
