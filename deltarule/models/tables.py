"""The table of a network's layers: what each gives, and how many parameters it has."""

from math import prod
from typing import NamedTuple

from ..layers import output_size
from ..layers.checks import choice
from ..layers.images import same_zeros
from . import checks


class Flatten(NamedTuple):
    """The elements of a sample in one row."""


class Dense(NamedTuple):
    """A fully connected layer with biases."""

    nodes: int


class Conv(NamedTuple):
    """A layer of filters with biases.

    Attributes
    ----------
    filters, size, stride : int
        How many; their rows and columns; from one place to the next.
    pad : int or "same"
        Zeros at either end, or as many in all as Keras puts on for its "same".
    """

    filters: int
    size: int
    stride: int = 1
    pad: int | str = 0


class Row(NamedTuple):
    """A row of the table: the layer's name, the shape of what it gives for a sample, and its parameters."""

    layer: str
    shape: tuple
    parameters: int


def layer_table(shape, layers):
    """What each layer of a network gives for a sample of a shape, and how many parameters it has.

    Parameters
    ----------
    shape : tuple of int
        Of a sample: (rows, columns, channels), as Keras has it, or (elements,).
    layers : iterable of Flatten, Dense or Conv

    Returns
    -------
    list of Row
        The first is the input's.

    Raises
    ------
    TypeError, ValueError
        If a layer cannot stand where it does, or a size is no integer or too small; the message names the layer.

    Examples
    --------
    >>> for row in layer_table((32, 32, 3), [Flatten(), Dense(200), Dense(150), Dense(10)]):
    ...     print(*row)
    input (32, 32, 3) 0
    flatten (3072,) 0
    dense 200 (200,) 614600
    dense 150 (150,) 30150
    dense 10 (10,) 1510
    """
    shape = tuple(checks.sizes("shape", shape))
    rows = [Row("input", shape, 0)]
    for k, layer in enumerate(checks.listed("layers", layers, "Flatten, Dense and Conv")):
        rows.append(_row(f"layers[{k}]", rows[-1].shape, layer))
    return rows


def _row(where, shape, layer):
    """The row of a layer that is given samples of a shape."""
    if isinstance(layer, Flatten):
        return Row("flatten", (prod(shape),), 0)
    if isinstance(layer, Dense):
        if len(shape) != 1:
            raise ValueError(f"{where}, dense, must be given samples of one axis, not of shape {shape}: flatten them")
        nodes = checks.size(f"nodes of {where}", layer.nodes)
        return Row(f"dense {checks.shown(nodes)}", (nodes,), (shape[0] + 1) * nodes)
    if isinstance(layer, Conv):
        if len(shape) != 3:
            raise ValueError(f"{where}, conv, must be given samples (rows, columns, channels), not of shape {shape}")
        filters = checks.size(f"filters of {where}", layer.filters)
        rows, columns = (side(n, layer.size, layer.stride, layer.pad) for n in shape[:2])
        n, size, stride = map(checks.shown, (filters, layer.size, layer.stride))
        name = f"conv {n}, {size} x {size}, stride {stride}"
        return Row(name, (rows, columns, filters), (layer.size**2 * shape[2] + 1) * filters)
    raise TypeError(f"{where} must be Flatten, Dense or Conv, not {checks.shown(layer)} of type {type(layer).__name__}")


def parameters(rows):
    """How many parameters a network has, out of its table.

    Parameters
    ----------
    rows : list of Row
        As `layer_table` gives them.

    Returns
    -------
    int

    Raises
    ------
    TypeError
        If they are no such rows.

    Examples
    --------
    >>> parameters(layer_table((32, 32, 3), [Flatten(), Dense(200), Dense(150), Dense(10)]))
    646260
    """
    try:
        return sum(row.parameters for row in rows)
    except (AttributeError, TypeError):
        raise TypeError(
            f"rows must be those of layer_table, not {checks.shown(rows)} of type {type(rows).__name__}"
        ) from None


def side(size, filter, stride=1, pad=0):
    """How many places a filter takes along a side: (size + 2 pad - filter) / stride + 1; for "same", size / stride.

    What a stride that does not divide leaves over is left out, but for "same", where it is rounded up.

    Parameters
    ----------
    size, filter, stride : int
    pad : int or "same"

    Returns
    -------
    int

    Raises
    ------
    TypeError, ValueError
        As `deltarule.layers.output_size`, or if `pad` is another text than "same".

    Examples
    --------
    >>> side(28, 9), side(28, 9, pad=1), side(28, 9, pad=4), side(32, 4, 2, "same")
    (20, 22, 28, 16)
    """
    if isinstance(pad, str):
        before, after = same_padding(size, filter, stride, pad)
        return output_size(size + before + after, filter, stride, round_down=True)
    return output_size(size, filter, stride, pad, round_down=True)


def same_padding(size, filter, stride=1, pad="same"):
    """The zeros that Keras puts before and behind a side for its padding "same".

    Where their number is odd, there is one more behind. PyTorch's ``padding=p`` puts p at either end, and so lays the
    filter on other places.

    Parameters
    ----------
    size, filter, stride : int
    pad : {"same"}

    Returns
    -------
    tuple of int
        Before, and behind.

    Raises
    ------
    TypeError, ValueError
        If a size is no integer or too small, or `pad` is another text.

    Examples
    --------
    >>> same_padding(32, 4, 2), same_padding(16, 3, 2), same_padding(28, 9)
    ((1, 1), (0, 1), (4, 4))
    """
    choice("pad", pad, ("same",))
    size, filter = checks.size("size", size), checks.size("filter", filter)
    stride = checks.size("stride", stride)
    return same_zeros(size, filter, stride)
