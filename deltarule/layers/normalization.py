"""Batch normalisation: each feature moved and scaled to mean 0 and variance 1 over the batch, then as it is learned.

Running averages of the mean and the variance take their place when the network is used.
"""

from numbers import Real

import numpy as np

from ..basics.arrays import namespace
from . import checks
from .layer import Layer

EPSILON = 1e-6  # under the root


class BatchNormalization(Layer):
    """A layer that gives gamma (x - mean) / sqrt(variance + 1e-6) + beta, each feature by itself.

    Parameters
    ----------
    gamma, beta : array, shape (D,), or number
        What each feature is multiplied by and what is added; a number stands for D equal ones.
    momentum : float
        In [0, 1): the share of the running averages that stays when a batch comes in.
    running_mean, running_var : array, shape (D,), optional
        Averages to go on from; zeros without them.
    per_channel : bool
        Images (N, C, H, W) have D = C * H * W features, each pixel one of its own, as in the book's code; if this is
        true they have D = C, as in ``torch.nn.BatchNorm2d``.

    Attributes
    ----------
    gamma, beta : array
        The parameters, which may be replaced between passes.
    dgamma, dbeta : array or None
        The gradients that the last `backward` found.
    running_mean, running_var : array or None
        The averages, after a first pass.

    Raises
    ------
    TypeError, ValueError
        If the shapes do not fit, or a number is not finite, or a variance is negative.

    Notes
    -----
    Source: the from-scratch notes, chapter 6, batch normalisation, without code there. The variance divides by N, in
    the running average as well, where PyTorch divides by N - 1. Used before any training, the averages are zeros, and
    x is divided by 1e-3.

    Examples
    --------
    >>> import numpy as np
    >>> layer = BatchNormalization(np.ones(2), np.zeros(2))
    >>> print(layer.forward(np.array([[1.0, 10.0], [3.0, 30.0]])).round(3))
    [[-1. -1.]
     [ 1.  1.]]
    >>> print(layer.running_mean, layer.running_var)
    [0.2 2. ] [ 0.1 10. ]
    """

    def __init__(self, gamma, beta, momentum=0.9, running_mean=None, running_var=None, *, per_channel=False):
        self.gamma, self.beta = _parameters(gamma, beta)
        self.momentum = checks.ratio("momentum", momentum)
        self.running_mean, self.running_var = _averages(running_mean, running_var, _first_array(self.gamma, self.beta))
        self.per_channel = checks.flag("per_channel", per_channel)
        self.dgamma = self.dbeta = None
        self._xn = self._std = self._out = None
        self._by_batch = True

    def forward(self, x, train_flg=True):
        """x normalised, by the batch or by the running averages.

        Parameters
        ----------
        x : array, shape (N, D) or (N, C, H, W)
        train_flg : bool
            Whether the mean and the variance are those of the batch, which also goes into the running averages.

        Returns
        -------
        array, shape and dtype of `x`

        Raises
        ------
        TypeError, ValueError
            If `x` does not fit the parameters in shape, dtype or device, or is not finite, or its variance is not.
        """
        train_flg = checks.flag("train_flg", train_flg)
        x, rows, running_mean, running_var = self._checked(x)
        mean, var = running_mean, running_var
        if train_flg:
            mean, var = _mean_and_variance(rows)
            running_mean = self.momentum * running_mean + (1 - self.momentum) * mean
            running_var = self.momentum * running_var + (1 - self.momentum) * var
        self.running_mean, self.running_var = running_mean, running_var
        self._std = (var + EPSILON) ** 0.5
        self._xn = (rows - mean) / self._std
        self._out, self._by_batch = checks.outline(x), train_flg
        return self._as_given(self.gamma * self._xn + self.beta)

    def backward(self, dout):
        """The gradient with respect to x, from that with respect to the output; sets dgamma and dbeta.

        After a pass by the running averages these count as constants.

        Parameters
        ----------
        dout : array, shape and dtype of the output

        Returns
        -------
        array of that shape

        Raises
        ------
        TypeError, ValueError
            If `dout` is not of the output's shape, dtype and device, or not finite.
        RuntimeError
            If there was no forward pass.
        """
        dout = self._rows(checks.gradient("dout", dout, self._out, finite=self._given_finite))
        dxn = dout * self.gamma
        if self._by_batch:  # mean and variance move with x
            dxn = dxn - dxn.mean(axis=0) - self._xn * (dxn * self._xn).mean(axis=0)
        self.dgamma, self.dbeta = (dout * self._xn).sum(axis=0), dout.sum(axis=0)
        return self._as_given(dxn / self._std)

    def _checked(self, x):
        """x, as it is and as rows of features, and the running averages, after checking that all fit."""
        self.gamma, self.beta = _parameters(self.gamma, self.beta)
        x = checks.real("x", x, _first_array(self.gamma, self.beta), finite=self._given_finite)
        if x.ndim not in (2, 4):
            raise ValueError(f"x must be samples (N, D) or images (N, C, H, W), not of shape {x.shape}")
        rows = self._rows(x)
        D = rows.shape[1]
        for name in ("gamma", "beta", "running_mean", "running_var"):
            a = getattr(self, name)
            if hasattr(a, "dtype") and a.shape != (D,):
                raise ValueError(f"{name} must have the shape ({D},) for x of shape {x.shape}, not {a.shape}")
        if self.running_mean is None:
            zeros = namespace(x).zeros(D, dtype=x.dtype)
            return x, rows, zeros, zeros
        return (
            x,
            rows,
            checks.real("running_mean", self.running_mean, x),
            checks.real("running_var", self.running_var, x),
        )

    def _rows(self, x):
        """x (N, ...) as rows of features."""
        if x.ndim == 4 and self.per_channel:
            return x.transpose(0, 2, 3, 1).reshape(-1, x.shape[1])
        return x.reshape(len(x), -1)

    def _as_given(self, rows):
        """Rows of features in the shape of the last x."""
        shape = self._out.shape
        if len(shape) == 4 and self.per_channel:
            N, C, H, W = shape
            return rows.reshape(N, H, W, C).transpose(0, 3, 1, 2)
        return rows.reshape(shape)


def _parameters(gamma, beta):
    """gamma and beta, each an array (D,) or a number, checked."""
    checked = []
    for name, value in (("gamma", gamma), ("beta", beta)):
        if isinstance(value, Real):
            checked.append(checks.number(name, value))
            continue
        value = checks.real(name, value, _first_array(*checked))
        if value.ndim != 1:
            raise ValueError(f"{name} must be a number or of shape (D,), not of shape {value.shape}")
        checked.append(value)
    return checked


def _first_array(*parameters):
    """The first parameter that is not a number; None if all are."""
    return next((a for a in parameters if hasattr(a, "dtype")), None)


def _averages(mean, var, like):
    """The running averages, both or neither, checked; of the dtype and on the device of `like`."""
    if (mean is None) != (var is None):
        raise ValueError("running_mean and running_var must be given together")
    if mean is None:
        return None, None
    mean = checks.real("running_mean", mean, like)
    var = checks.real("running_var", var, mean)
    if (var < 0).any():
        raise ValueError("running_var must not be negative")
    return mean, var


def _mean_and_variance(rows):
    """The mean and the variance of each feature; the latter divides by the number of rows."""
    with np.errstate(over="ignore", invalid="ignore"):
        mean = rows.mean(axis=0)
        var = ((rows - mean) ** 2).mean(axis=0)
    if not namespace(rows).isfinite(var).all():
        raise ValueError(
            f"x must have a variance that {rows.dtype} can hold; it has a feature whose variance is infinite"
        )
    return mean, var
