"""An array module that behaves towards NumPy as CuPy does: no implicit conversion, no mixing with NumPy arrays.

It computes with NumPy underneath, so that what the listings do on a GPU array can be tested on any machine.
"""

import sys
import types

import numpy as np


class ndarray(np.lib.mixins.NDArrayOperatorsMixin):
    """A NumPy array that only its own kind, and plain numbers, may touch."""

    def __init__(self, a):
        self._a = a

    def __array__(self, *args, **kwargs):
        raise TypeError("Implicit conversion to a NumPy array is not allowed.")

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        if any(getattr(a, "__array_priority__", 0) > 0 and not isinstance(a, np.generic) for a in inputs):
            return NotImplemented  # CuPy leaves an operation to what asks for it
        return wrap(getattr(ufunc, method)(*map(unwrap, inputs), **{k: unwrap(v) for k, v in kwargs.items()}))

    def __array_function__(self, func, kinds, args, kwargs):
        return wrap(func(*map(unwrap, args), **{k: unwrap(v) for k, v in kwargs.items()}))

    def __getattr__(self, name):
        if name.startswith("_") or name in ("tolist", "item", "tobytes", "data", "ctypes"):
            raise AttributeError(name)
        value = getattr(self._a, name)
        if callable(value):
            return lambda *args, **kwargs: wrap(value(*map(unwrap, args), **{k: unwrap(v) for k, v in kwargs.items()}))
        return wrap(value)

    def __getitem__(self, index):
        return wrap(self._a[unwrap(index)])

    def __setitem__(self, index, value):
        self._a[unwrap(index)] = unwrap(value)

    def __len__(self):
        return len(self._a)

    def __iter__(self):
        return map(wrap, self._a)

    def __bool__(self):
        return bool(self._a)

    def __float__(self):
        return float(self._a)

    def __int__(self):
        return int(self._a)


def wrap(a):
    """A result as the strict kind; NumPy's scalars become arrays without axes, as on a GPU."""
    if isinstance(a, np.ndarray | np.generic):
        return ndarray(np.asarray(a))
    return type(a)(map(wrap, a)) if type(a) in (tuple, list) else a


def unwrap(a):
    """What an operation may take: strict arrays, numbers, and lists of them; TypeError for a NumPy array."""
    if isinstance(a, ndarray):
        return a._a
    if isinstance(a, np.ndarray):
        raise TypeError("Unsupported type <class 'numpy.ndarray'>")
    return type(a)(map(unwrap, a)) if type(a) in (tuple, list) else a


def asarray(a, dtype=None):
    """The explicit way in: from NumPy arrays, numbers and lists."""
    return a if isinstance(a, ndarray) and dtype is None else ndarray(np.array(getattr(a, "_a", a), dtype=dtype))


def asnumpy(a):
    """The explicit way out."""
    return a._a


def _of(function):
    return lambda *args, **kwargs: wrap(function(*map(unwrap, args), **{k: unwrap(v) for k, v in kwargs.items()}))


for _name in [
    "arange",
    "argwhere",
    "ascontiguousarray",
    "broadcast_arrays",
    "broadcast_to",
    "concatenate",
    "empty",
    "exp",
    "isfinite",
    "log",
    "matmul",
    "maximum",
    "moveaxis",
    "multiply",
    "ones",
    "ones_like",
    "stack",
    "vdot",
    "where",
    "zeros",
    "zeros_like",
]:
    globals()[_name] = _of(getattr(np, _name))

lib = types.SimpleNamespace(
    stride_tricks=types.SimpleNamespace(sliding_window_view=_of(np.lib.stride_tricks.sliding_window_view))
)


def install_signal():
    """Make ``strictx.scipy.signal`` importable, as ``cupyx.scipy.signal`` is beside CuPy."""
    import scipy.signal

    module = types.ModuleType("strictx.scipy.signal")
    module.convolve2d = _of(scipy.signal.convolve2d)
    module.fftconvolve = _of(scipy.signal.fftconvolve)
    sys.modules.setdefault("strictx", types.ModuleType("strictx"))
    sys.modules.setdefault("strictx.scipy", types.ModuleType("strictx.scipy"))
    sys.modules["strictx.scipy.signal"] = module
