"""Images (N, C, H, W) and the windows that a filter sees of them: `im2col`, `col2im`, and how many windows there are.

What `im2col` lays out as a matrix is one view of the images, `windows`, which the layers take without the copy.
"""

from math import prod

from ..basics.arrays import namespace
from . import checks


def output_size(size, filter, stride=1, pad=0, *, round_down=False):
    """How many places a filter takes along one side of an image: (size + 2 pad - filter) / stride + 1.

    Parameters
    ----------
    size : int
        Rows or columns of the image.
    filter : int
        Rows or columns of the filter, or of the pool.
    stride : int
        From one place of the filter to the next.
    pad : int
        Zeros put on at either end.
    round_down : bool
        What a stride that does not divide leaves over at the end, the filter does not see. Without it that is an error.

    Returns
    -------
    int

    Raises
    ------
    TypeError, ValueError
        If an argument is not an integer, or too small; if the filter is larger than the image with its padding; or if
        the stride does not divide and `round_down` is false.

    Notes
    -----
    Source: the from-scratch notes, chapter 7, the formula of the output's size; they ask for an error where it does not
    divide.

    Examples
    --------
    >>> output_size(28, 5)
    24
    >>> output_size(7, 3, stride=2), output_size(8, 3, stride=2, round_down=True)
    (3, 3)
    """
    return _places_along("size", size, "filter", filter, (stride, pad, round_down))


def _places_along(size_name, size, filter_name, filter, how):
    """`output_size`, whose messages call the size and the filter by the names that the caller's arguments have."""
    stride, pad, round_down = how
    size, filter = checks.size(size_name, size), checks.size(filter_name, filter)
    stride, pad = checks.size("stride", stride), checks.whole("pad", pad)
    round_down = checks.flag("round_down", round_down)
    left = size + 2 * pad - filter
    if left < 0:
        told = f"{filter_name} must be no larger than the image"
        raise ValueError(f"{told}, {size} and twice {pad} of padding, not {filter}")
    if left % stride and not round_down:
        raise ValueError(
            f"stride must divide {size} + 2*{pad} - {filter} = {left} ({size_name} + 2*pad - {filter_name}), and "
            f"{stride} does not; round_down=True leaves out what is over"
        )
    return left // stride + 1


def im2col(input_data, filter_h, filter_w, stride=1, pad=0, *, round_down=False):
    """Every window that a filter sees of the images, as one row of a matrix.

    Parameters
    ----------
    input_data : array, shape (N, C, H, W)
        N images of C channels.
    filter_h, filter_w : int
        Rows and columns of the filter.
    stride : int
        From one window to the next, in both directions.
    pad : int
        Rows and columns of zeros around each image.
    round_down : bool
        Whether the stride may leave over rows and columns at the end; see `output_size`.

    Returns
    -------
    array, shape (N * out_h * out_w, C * filter_h * filter_w)
        Rows in the order (image, row, column), their elements in the order (channel, row, column).

    Raises
    ------
    TypeError, ValueError
        If `input_data` is not of finite numbers with four axes, or the sizes do not fit.

    Notes
    -----
    Source: the from-scratch notes, chapter 7, ``im2col``.

    Examples
    --------
    >>> import numpy as np
    >>> im2col(np.ones((1, 3, 7, 7)), 5, 5).shape, im2col(np.ones((10, 3, 7, 7)), 5, 5).shape
    ((9, 75), (90, 75))
    """
    x = checks.images("input_data", input_data)
    out_h, out_w = output_sizes(x.shape, filter_h, filter_w, stride, pad, round_down)
    checks.room(prod((*x.shape[:2], out_h, out_w, int(filter_h), int(filter_w))), filter_h=filter_h, filter_w=filter_w)
    if pad:
        x = images_last(x, pad)
    seen = windows(x, filter_h, filter_w, stride).transpose(0, 4, 5, 1, 2, 3)
    return seen.copy(order="C").reshape(len(x) * out_h * out_w, -1)


def col2im(col, input_shape, filter_h, filter_w, stride=1, pad=0, *, round_down=False):
    """Images whose pixels are the sums of what the windows hold in their place: the transpose of `im2col`.

    Parameters
    ----------
    col : array, shape (N * out_h * out_w, C * filter_h * filter_w)
        As `im2col` lays it out.
    input_shape : tuple of int
        (N, C, H, W).
    filter_h, filter_w, stride, pad, round_down
        As for `im2col`.

    Returns
    -------
    array, shape (N, C, H, W)

    Raises
    ------
    TypeError, ValueError
        If `col` is not of finite numbers, or its shape is not what `im2col` gives for these sizes.

    Notes
    -----
    Source: the from-scratch notes, chapter 7; they name ``col2im`` and do not print it.

    Examples
    --------
    >>> import numpy as np
    >>> print(col2im(np.ones((4, 4)), (1, 1, 3, 3), 2, 2)[0, 0])
    [[1. 2. 1.]
     [2. 4. 2.]
     [1. 2. 1.]]
    """
    col = checks.real("col", col)
    if not isinstance(input_shape, tuple | list) or len(input_shape) != 4:
        raise ValueError(f"input_shape must be (N, C, H, W), not {checks.shown(input_shape)}")
    N, C, H, W = (checks.size("input_shape", n) for n in input_shape)
    checks.room(N * C * H * W, input_shape=input_shape)
    out_h, out_w = output_sizes((N, C, H, W), filter_h, filter_w, stride, pad, round_down)
    wanted = N * out_h * out_w, C * filter_h * filter_w
    if col.shape != wanted:
        raise ValueError(f"col must have the shape {wanted} for images {tuple(input_shape)}, not {col.shape}")
    seen = col.reshape(N, out_h, out_w, C, filter_h, filter_w).transpose(0, 3, 4, 5, 1, 2)
    x = namespace(col).zeros((N, C, H + 2 * pad, W + 2 * pad), dtype=col.dtype)
    add_windows(seen, x, stride)
    return cropped(x, pad)


def windows(x, filter_h, filter_w, stride):
    """A view (N, C, filter_h, filter_w, out_h, out_w) of the images x: [..., i, j, :, :] is what element i, j sees."""
    seen = namespace(x).lib.stride_tricks.sliding_window_view(x, (filter_h, filter_w), axis=(2, 3))
    return seen[:, :, ::stride, ::stride].transpose(0, 1, 4, 5, 2, 3)


def places(x, filter_h, filter_w, stride):
    """For each element of a filter, row by row, a view (N, C, out_h, out_w) of the pixels of x that it lies on."""
    height, width = x.shape[2] - filter_h + 1, x.shape[3] - filter_w + 1
    for i in range(filter_h):
        for j in range(filter_w):
            yield x[:, :, i : i + height : stride, j : j + width : stride]


def add_windows(seen, x, stride):
    """Add windows, of the shape of `windows`, to the pixels of the images x that they are of."""
    _, _, filter_h, filter_w, _, _ = seen.shape
    for k, pixels in enumerate(places(x, filter_h, filter_w, stride)):
        pixels += seen[:, :, k // filter_w, k % filter_w]


def images_last(x, pad=0, value=0):
    """The images x with `pad` rows and columns of the value around each, which lie last in memory.

    The shape stays (N, C, H, W), but neighbours in memory are the same pixel of one image after the other. So what is
    done to a part of every image is done to long rows, whatever the part. `pad` is a number, or what `pads_of` gives.
    """
    (above, below), (left, right) = pad if isinstance(pad, tuple) else ((pad, pad), (pad, pad))
    if not (above or below or left or right):
        return namespace(x).ascontiguousarray(x.transpose(1, 2, 3, 0)).transpose(3, 0, 1, 2)
    N, C, H, W = x.shape
    image = zeros_like(x, (N, C, H + above + below, W + left + right))
    if value:
        image.fill(value)
    cropped(image, pad)[...] = x
    return image


def zeros_like(x, shape):
    """Zeros of the shape (N, C, H, W), images last in memory, of the dtype and on the device of x."""
    N, *sizes = shape
    return namespace(x).zeros((*sizes, N), dtype=x.dtype).transpose(3, 0, 1, 2)


def empty_like(x, shape):
    """`zeros_like` without the zeros: for what is going to be written to everywhere."""
    N, *sizes = shape
    return namespace(x).empty((*sizes, N), dtype=x.dtype).transpose(3, 0, 1, 2)


def cropped(x, pad):
    """The images that have `pad` rows and columns around them in x; a number, or what `pads_of` gives."""
    (above, below), (left, right) = pad if isinstance(pad, tuple) else ((pad, pad), (pad, pad))
    return x[:, :, above : x.shape[2] - below, left : x.shape[3] - right]


def same_zeros(size, filter, stride):
    """The zeros before and behind a side that give size / stride places, rounded up; an odd one goes behind."""
    wanted = max((-(-size // stride) - 1) * stride + filter - size, 0)
    return wanted // 2, wanted - wanted // 2


def pads_of(shape, filter_h, filter_w, stride, pad):
    """The rows (above, below) and columns (left, right) around images of a shape; `pad` is a number, or "same"."""
    if pad == "same":
        return same_zeros(shape[2], filter_h, stride), same_zeros(shape[3], filter_w, stride)
    return (pad, pad), (pad, pad)


def output_sizes(shape, filter_h, filter_w, stride, pad, round_down, names=("filter_h", "filter_w")):
    """`output_size` for the rows and for the columns of images of the shape (N, C, H, W); `names` are the filter's."""
    filters, pad = (checks.size(names[0], filter_h), checks.size(names[1], filter_w)), checks.whole("pad", pad)
    sides = zip(("H", "W"), shape[2:], names, filters, strict=True)
    found = tuple(_places_along(*side, (stride, pad, round_down)) for side in sides)
    checks.room(prod(shape[:2]) * prod(side + 2 * pad for side in shape[2:]), pad=pad)
    return found
