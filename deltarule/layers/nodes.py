"""The two nodes of the computational graphs: a product and a sum, of numbers or of arrays."""

from numbers import Real

from . import checks


class MulLayer:
    """x times y.

    Attributes
    ----------
    x, y : number or array, or None
        The last inputs.

    Notes
    -----
    Source: the from-scratch notes, class ``MulLayer``, chapter 5, "simple layers".

    Examples
    --------
    >>> layer = MulLayer()
    >>> print(layer.forward(100, 2), layer.backward(1.1))
    200 (2.2, 110.00000000000001)
    """

    def __init__(self):
        self.x = None
        self.y = None

    def forward(self, x, y):
        """x times y.

        Parameters
        ----------
        x, y : numbers, or arrays of one shape

        Returns
        -------
        number or array

        Raises
        ------
        TypeError, ValueError
            If they are not both numbers, or arrays of finite real numbers of one shape.
        """
        self.x, self.y = _pair(x, y)
        return self.x * self.y

    def backward(self, dout):
        """The gradients with respect to `x` and `y`.

        Parameters
        ----------
        dout : number or array, of the shape of the output

        Returns
        -------
        (dx, dy) : numbers or arrays
            dout times y, and dout times x.

        Raises
        ------
        TypeError, ValueError
            If `dout` is not of the output's shape, or not finite.
        RuntimeError
            If there was no forward pass.
        """
        dout = _output_gradient(dout, self.x)
        return dout * self.y, dout * self.x


class AddLayer:
    """x plus y.

    Notes
    -----
    Source: the from-scratch notes, class ``AddLayer``, chapter 5, "simple layers".

    Examples
    --------
    >>> layer = AddLayer()
    >>> print(layer.forward(200, 450), layer.backward(1.1))
    650 (1.1, 1.1)
    """

    def __init__(self):
        self._x = None

    def forward(self, x, y):
        """x plus y; arguments, return value and errors are those of `MulLayer.forward`."""
        self._x, y = _pair(x, y)
        return self._x + y

    def backward(self, dout):
        """`dout` for `x` and for `y`, each an array of its own; errors are those of `MulLayer.backward`."""
        dout = _output_gradient(dout, self._x)
        return dout * 1, dout * 1


def _value(name, a, like=None):
    """A number as it is, so that whole numbers stay whole; anything else as an array of finite numbers."""
    if isinstance(a, Real) and getattr(a, "ndim", 0) == 0:
        checks.number(name, a)
        return a
    return checks.real(name, a, like if hasattr(like, "dtype") and like.ndim else None)


def _shape(a):
    return getattr(a, "shape", ())


def _pair(x, y):
    """Both as numbers, or as arrays of one shape."""
    x = _value("x", x)
    y = _value("y", y, x)
    if _shape(x) != _shape(y):
        raise ValueError(f"y must have the shape {_shape(x)} of x, not {_shape(y)}")
    return x, y


def _output_gradient(dout, x):
    if x is None:
        raise RuntimeError("backward needs a forward pass before it")
    dout = _value("dout", dout, x)
    if _shape(dout) != _shape(x):
        raise ValueError(f"dout must have the shape {_shape(x)} of the output, not {_shape(dout)}")
    return dout
