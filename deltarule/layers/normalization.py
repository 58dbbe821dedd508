"""Batch normalisation: each feature moved and scaled to mean 0 and variance 1 over the batch, then as it is learned.

Running averages of the mean and the variance take their place when the network is used.
"""

from ..basics.arrays import namespace
from . import checks

EPSILON = 1e-6  # under the root


class BatchNormalization:
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
        self.gamma = checks.real("gamma", gamma)
        self.beta = checks.real("beta", beta, self.gamma)
        self.momentum = checks.ratio("momentum", momentum)
        if (running_mean is None) != (running_var is None):
            raise ValueError("running_mean and running_var must be given together")
        self.running_mean, self.running_var = running_mean, running_var
        if running_mean is not None:
            self.running_mean = checks.real("running_mean", running_mean, self.gamma)
            self.running_var = checks.real("running_var", running_var, self.gamma)
            if (self.running_var < 0).any():
                raise ValueError("running_var must not be negative")
        self.per_channel = checks.flag("per_channel", per_channel)
        self.xn = self.std = self.dgamma = self.dbeta = None
        self._trained = None

    def forward(self, x, train_flg=True):
        """What is normalised, of the shape of x; with `train_flg` by the batch, without it by the running averages."""
        rows, gamma, beta = self._checked(x)
        if self.running_mean is None:
            zeros = namespace(rows).zeros(rows.shape[1], dtype=rows.dtype)
            self.running_mean = self.running_var = zeros
        if train_flg:
            mean = rows.mean(axis=0)
            centred = rows - mean
            var = (centred * centred).mean(axis=0)
            self.running_mean = self.momentum * self.running_mean + (1 - self.momentum) * mean
            self.running_var = self.momentum * self.running_var + (1 - self.momentum) * var
        else:
            centred, var = rows - self.running_mean, self.running_var
        self.std = (var + EPSILON) ** 0.5
        self.xn = centred / self.std
        self._shape, self._trained = x.shape, bool(train_flg)
        return self._as_given(gamma * self.xn + beta)

    def backward(self, dout):
        """The gradient dx from that of the output; `dgamma` and `dbeta` are left in the layer.

        After a pass with the running averages these count as constants.
        """
        if self._trained is None:
            raise ValueError("backward needs a forward pass before it")
        dout = checks.real("dout", dout, self.xn)
        if dout.shape != self._shape:
            raise ValueError(f"dout must have the shape {self._shape} of what forward gave, not {dout.shape}")
        dout = self._rows(dout)
        dxn = dout * self.gamma
        if self._trained:
            dxn = dxn - dxn.mean(axis=0) - self.xn * (dxn * self.xn).mean(axis=0)
        self.dgamma, self.dbeta = (dout * self.xn).sum(axis=0), dout.sum(axis=0)
        return self._as_given(dxn / self.std)

    def _checked(self, x):
        """x as rows of features, gamma and beta, after checking that they fit."""
        self.gamma = checks.real("gamma", self.gamma)
        self.beta = checks.real("beta", self.beta, self.gamma)
        x = checks.real("x", x, self.gamma)
        if x.ndim not in (2, 4):
            raise ValueError(f"x must be samples (N, D) or images (N, C, H, W), not of shape {x.shape}")
        rows = self._rows(x)
        D = rows.shape[1]
        for name in ("gamma", "beta", "running_mean", "running_var"):
            a = getattr(self, name)
            if a is not None and a.shape != (D,) and (a.ndim or name.startswith("running")):
                raise ValueError(f"{name} must have the shape ({D},) for x of shape {x.shape}, not {a.shape}")
        return rows, self.gamma, self.beta

    def _rows(self, x):
        """x (N, ...) as rows of features."""
        if x.ndim == 4 and self.per_channel:
            return x.transpose(0, 2, 3, 1).reshape(-1, x.shape[1])
        return x.reshape(len(x), -1)

    def _as_given(self, rows):
        """Rows of features in the shape of the last x."""
        if len(self._shape) == 4 and self.per_channel:
            N, C, H, W = self._shape
            return rows.reshape(N, H, W, C).transpose(0, 3, 1, 2)
        return rows.reshape(self._shape)
