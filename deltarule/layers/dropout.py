"""Dropout: while a network is trained, nodes drawn at random give 0.

What that takes away on average is made up for when the network is used, or at once.
"""

from ..basics.arrays import namespace
from . import checks


class Dropout:
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
        self.mask = self._factor = self._like = None

    def forward(self, x, train_flg=True):
        """x without the elements that are dropped, or x times what is let through on average."""
        x = checks.real("x", x)
        kept = 1 - self.dropout_ratio
        if train_flg:
            self.mask = namespace(x).asarray(self.rng.rand(*x.shape) > self.dropout_ratio)
            self._factor = self.mask / kept if self.inverted else self.mask
        else:
            self._factor = 1.0 if self.inverted else kept
        self._like = x
        return x * self._factor

    def backward(self, dout):
        """The gradient of x from that of the output, through the last pass."""
        return checks.gradient("dout", dout, self._like) * self._factor
