"""The layers of a fully connected network: `Affine`, `Relu`, `LeakyRelu`, `Sigmoid`, the softmax with its loss.

Samples are rows. A layer's ``forward`` keeps what its ``backward`` needs; neither writes into what it was given.
"""

import numpy as np

from ..basics.arrays import namespace
from ..basics.functions import sigmoid
from . import checks
from .activations import softmax_of
from .costs import cross_entropy_of
from .labels import as_digits
from .layer import Layer


class Relu(Layer):
    """max(0, x), element by element.

    Attributes
    ----------
    mask : array of bool, or None
        Where the last input was 0 or below: there the output and the gradient are 0.

    Notes
    -----
    Source: the from-scratch notes, class ``Relu``, chapter 5. Its ``backward`` writes the zeros into the gradient that
    it is given; this one returns a new array.

    Examples
    --------
    >>> layer = Relu()
    >>> print(layer.forward([[1.0, -0.5], [-2.0, 3.0]]))
    [[1. 0.]
     [0. 3.]]
    >>> print(layer.mask)
    [[False  True]
     [ True False]]
    """

    _keeps_finite = True

    def __init__(self):
        self.mask = None
        self._out = None

    def forward(self, x):
        """max(0, x).

        Parameters
        ----------
        x : array of any shape

        Returns
        -------
        array, shape and dtype of `x`

        Raises
        ------
        TypeError, ValueError
            If `x` is not an array of finite real numbers.
        """
        x = checks.real("x", x, finite=self._given_finite)
        self.mask = x <= 0
        self._out = checks.outline(x)
        return np.maximum(x, 0)

    def backward(self, dout):
        """The gradient with respect to the input, from that with respect to the output.

        Parameters
        ----------
        dout : array, shape and dtype of the output

        Returns
        -------
        array of that shape
            `dout`, and 0 where the mask is set.

        Raises
        ------
        TypeError, ValueError
            If `dout` is not of the output's shape, dtype and device, or not finite.
        RuntimeError
            If there was no forward pass.
        """
        dout = checks.gradient("dout", dout, self._out, finite=self._given_finite)
        return dout * ~self.mask  # the quickest way by far for large images


class LeakyRelu(Layer):
    """x where it is above 0, else a x, element by element: where `Relu` is 0, a small slope is left to learn by.

    Parameters
    ----------
    a : float
        The slope on the left.

    Attributes
    ----------
    a : float
    mask : array of bool, or None
        Where the last input was 0 or below: there the gradient is multiplied by `a`.

    Raises
    ------
    TypeError, ValueError
        If `a` is not a finite number.

    Notes
    -----
    Source: the Keras notes, 2.3.1, which name the function; the from-scratch notes, chapter 3, ``leaky_ReLU``. It is
    `deltarule.layers.leaky_relu` as a layer.

    Examples
    --------
    >>> layer = LeakyRelu()
    >>> print(layer.forward([[1.0, -0.5], [-2.0, 3.0]]))
    [[ 1.   -0.05]
     [-0.2   3.  ]]
    >>> print(layer.backward([[1.0, 1.0], [1.0, 1.0]]))
    [[1.  0.1]
     [0.1 1. ]]
    """

    def __init__(self, a=0.1):
        self.a = checks.number("a", a)
        self.mask = None
        self._out = None

    @property
    def _keeps_finite(self):
        return abs(self.a) <= 1

    def forward(self, x):
        """x or a x; arguments, return value and errors are those of `Relu.forward`."""
        x = checks.real("x", x, finite=self._given_finite)
        self.mask = x <= 0
        self._out = checks.outline(x)
        return np.maximum(x, 0) + self.a * np.minimum(x, 0)

    def backward(self, dout):
        """dout, or a dout where the mask is set; arguments and errors are those of `Relu.backward`."""
        dout = checks.gradient("dout", dout, self._out, finite=self._given_finite)
        return namespace(dout).where(self.mask, self.a * dout, dout)


class Sigmoid(Layer):
    """1 / (1 + exp(-x)), element by element.

    Attributes
    ----------
    out : array or None
        The last output.

    Notes
    -----
    Source: the from-scratch notes, class ``Sigmoid``, chapter 5.

    Examples
    --------
    >>> layer = Sigmoid()
    >>> print(layer.forward([[0.0, -1000.0]]), layer.backward([[1.0, 1.0]]))
    [[0.5 0. ]] [[0.25 0.  ]]
    """

    _keeps_finite = True

    def __init__(self):
        self.out = None

    def forward(self, x):
        """The sigmoid of `x`; arguments, return value and errors are those of `Relu.forward`."""
        self.out = sigmoid(checks.real("x", x, finite=self._given_finite))
        return self.out

    def backward(self, dout):
        """dout (1 - out) out; arguments, return value and errors are those of `Relu.backward`."""
        dout = checks.gradient("dout", dout, self.out, finite=self._given_finite)
        dx = 1.0 - self.out
        dx *= self.out
        dx *= dout
        return dx


class Affine(Layer):
    """x @ W + b, each sample of any number of axes flattened to one row.

    Parameters
    ----------
    W : array, shape (n, m)
        Weights of n inputs and m outputs, float64 or float32.
    b : array, shape (m,)
        Biases, of the same dtype.

    Attributes
    ----------
    W, b : array
        The arrays given, not copies: an optimiser that changes them in place changes the layer.
    dW, db : array or None
        Gradients with respect to them, from the last ``backward`` or ``weight_gradients``.

    Raises
    ------
    TypeError, ValueError
        If the two do not fit together or have elements that are not finite real numbers.

    Notes
    -----
    Source: the from-scratch notes, class ``Affine``, chapter 5. It does not flatten, so that in the notes'
    SimpleConvNet the images that come out of the pooling do not fit the weights.

    Examples
    --------
    >>> layer = Affine([[1.0, 3.0, 5.0], [2.0, 4.0, 6.0]], [0.0, 0.0, 0.0])
    >>> print(layer.forward([[1.0, 2.0]]))
    [[ 5. 11. 17.]]
    >>> print(layer.backward([[1.0, 0.0, 0.0]]), layer.dW.tolist())
    [[1. 2.]] [[1.0, 0.0, 0.0], [2.0, 0.0, 0.0]]
    """

    def __init__(self, W, b):
        self.W = checks.real("W", W)
        self.b = checks.real("b", b, self.W)
        self.dW = None
        self.db = None
        self._x = self._shape = self._out = None
        if self.W.ndim != 2:
            raise ValueError(f"W must be a matrix (inputs, outputs), not of shape {self.W.shape}")
        if self.b.shape != self.W.shape[1:]:
            raise ValueError(
                f"b must have the shape {self.W.shape[1:]} for W of shape {self.W.shape}, not {self.b.shape}"
            )

    def forward(self, x):
        """x @ W + b.

        Parameters
        ----------
        x : array, shape (N, ...)
            N samples; the elements of each are as many as W has rows.

        Returns
        -------
        array, shape (N, m)

        Raises
        ------
        TypeError, ValueError
            If `x` does not fit W in shape, dtype or device, or is not finite.
        """
        x = checks.samples("x", x, self.W, finite=self._given_finite)
        self._shape = x.shape
        rows = x.reshape(len(x), -1)
        if rows.shape[1] != self.W.shape[0]:
            raise ValueError(
                f"x must have samples of {self.W.shape[0]} elements for W of shape {self.W.shape}, "
                f"not of {rows.shape[1]}: its shape is {x.shape}"
            )
        out = rows @ self.W
        out += self.b
        self._x, self._out = rows, out
        return out

    def backward(self, dout):
        """The gradient with respect to `x`, of its shape; sets dW and db.

        Arguments and errors are those of `Relu.backward`.
        """
        dout = self.weight_gradients(dout)
        if self._x.flags.c_contiguous:
            return (dout @ self.W.T).reshape(self._shape)
        return (self.W @ dout.T).T.reshape(self._shape)  # samples last in memory, as images come and are to go back

    def weight_gradients(self, dout):
        """Sets dW and db alone, and returns `dout`: all that the first layer of a network needs."""
        dout = checks.gradient("dout", dout, self._out, finite=self._given_finite)
        self.dW = self._x.T @ dout
        self.db = dout.sum(axis=0)
        return dout


class SoftmaxWithLoss:
    """The softmax of the scores and its cross-entropy, averaged over the batch.

    Attributes
    ----------
    loss : number or None
        The last loss.
    y : array or None
        The last probabilities, shape (N, n).
    t : array or None
        The labels as they were given.

    Notes
    -----
    Source: the from-scratch notes, class ``SoftmaxWithLoss``, chapter 5. Its loss is the sum over the batch and its
    gradient that of the mean; here both are of the mean. The 1e-7 within the logarithm of the loss is left out of the
    gradient, as there. Its ``backward`` ignores `dout`.

    Examples
    --------
    >>> layer = SoftmaxWithLoss()
    >>> print(round(float(layer.forward([[0.0, 0.0], [0.0, 0.0]], [0, 1])), 6))
    0.693147
    >>> print(layer.backward())
    [[-0.25  0.25]
     [ 0.25 -0.25]]
    """

    def __init__(self):
        self.loss = None
        self.y = None
        self.t = None
        self._digits = None

    def forward(self, x, t):
        """The mean of -ln(p + 1e-7), p the probability of each sample's label.

        Parameters
        ----------
        x : array, shape (N, n)
            Scores.
        t : array of int, shape (N,), or array, shape (N, n)
            Labels: digits from 0 to n - 1, or one-hot rows.

        Returns
        -------
        number

        Raises
        ------
        TypeError, ValueError
            If `x` is not finite or not of two axes, or `t` does not fit it.
        """
        x = checks.samples("x", x)
        if x.ndim != 2:
            raise ValueError(f"x must be scores (N, outputs), not of shape {x.shape}")
        self._digits = as_digits(t, x)
        self.t = t
        self.y = softmax_of(x)
        self.loss = cross_entropy_of(self.y, self._digits)
        return self.loss

    def backward(self, dout=1):
        """dout (y - t) / N, with t as one-hot rows.

        Parameters
        ----------
        dout : number
            The gradient with respect to the loss.

        Returns
        -------
        array, shape (N, n)

        Raises
        ------
        TypeError, ValueError
            If `dout` is not a finite real number.
        RuntimeError
            If there was no forward pass.
        """
        dout = checks.number("dout", dout)
        if self.y is None:
            raise RuntimeError("backward needs a forward pass before it")
        n = len(self.y)
        dx = self.y.copy()
        dx[namespace(dx).arange(n), self._digits] -= 1
        dx *= dout / n
        return dx
