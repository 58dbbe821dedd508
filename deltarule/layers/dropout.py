"""Dropout: while a network is trained, nodes drawn at random give 0.

What that takes away on average is made up for when the network is used, or at once.
"""

from ..basics.arrays import namespace
from . import checks
from .layer import Layer


class Dropout(Layer):
    """A layer that lets through each element with the probability 1 - dropout_ratio.

    Parameters
    ----------
    dropout_ratio : float
        Share of elements to drop, in [0, 1).
    rng : numpy.random.RandomState or deltarule.matlab.Stream
        Where the elements are drawn, by ``rng.rand(*x.shape)``; each training pass draws anew.
    inverted : bool
        Whether what is let through in training is divided by 1 - dropout_ratio, and use leaves x as it is, as in the
        frameworks. As the document has it, training lets through x and use multiplies it by 1 - dropout_ratio.

    Attributes
    ----------
    mask : array of bool or None
        What the last training pass let through.

    Raises
    ------
    TypeError, ValueError
        If `dropout_ratio` is not a number in [0, 1), or `rng` cannot draw.

    Notes
    -----
    Source: the from-scratch notes, chapter 6, class ``Dropout``.

    Examples
    --------
    >>> import numpy as np
    >>> layer = Dropout(0.5, rng=np.random.RandomState(0))
    >>> print(layer.forward(np.ones((2, 3))), layer.forward(np.ones(2), train_flg=False))
    [[1. 1. 1.]
     [1. 0. 1.]] [0.5 0.5]
    """

    def __init__(self, dropout_ratio=0.5, *, rng, inverted=False):
        self.dropout_ratio = checks.ratio("dropout_ratio", dropout_ratio)
        checks.draws("rng", rng, "rand")
        self.rng, self.inverted = rng, checks.flag("inverted", inverted)
        self.mask = self._out = None
        self._factors = ()

    @property
    def _keeps_finite(self):
        """Whether no element is made larger."""
        return not self.inverted

    def forward(self, x, train_flg=True):
        """x without the elements that are dropped, or scaled as they are on average.

        Parameters
        ----------
        x : array, shape (N, ...)
        train_flg : bool
            Whether elements are dropped.

        Returns
        -------
        array, shape and dtype of `x`

        Raises
        ------
        TypeError, ValueError
            If `x` is not an array of finite real numbers.
        """
        x = checks.real("x", x, finite=self._given_finite)
        kept = 1 - self.dropout_ratio
        if checks.flag("train_flg", train_flg):
            shape = x.shape if x.ndim > 1 else (1, x.size)  # of one number MATLAB's rand makes a square
            self.mask = namespace(x).asarray(self.rng.rand(*shape).reshape(x.shape) > self.dropout_ratio)
            self._factors = (self.mask, 1 / kept) if self.inverted else (self.mask,)
        else:
            self._factors = (1.0 if self.inverted else kept,)
        self._out = checks.outline(x)
        return self._through(x)

    def backward(self, dout):
        """The gradient with respect to x, from that with respect to the output: through the same elements.

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
        return self._through(checks.gradient("dout", dout, self._out, finite=self._given_finite))

    def _through(self, a):
        """What the last pass does to each element."""
        for factor in self._factors:
            a = a * factor
        return a
