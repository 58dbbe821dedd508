"""What every layer of a network is: it checks what it is given, unless the network knows that to be finite."""


class Layer:
    """A layer, used by itself or by a network.

    Notes
    -----
    Used by itself, a layer looks at every number that it is given. In a network an array goes from layer to layer, and
    what is made of finite numbers by choosing among them, or by making them smaller, is finite: to look again would
    take some hundredths of the time of a step of `SimpleConvNet`.
    """

    _keeps_finite = False  # whether finite numbers give finite numbers, forward and backward
    _given_finite = False  # whether what it is given now is known to be finite; only `told_finite` sets it


def told_finite(layer, method, a, *more):
    """``method(a, *more)``, a method of the layer, which need not look whether `a` is finite: it is."""
    layer._given_finite = True
    try:
        return method(a, *more)
    finally:
        layer._given_finite = False
