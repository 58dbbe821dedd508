"""Mistakes in the convolutional network: filters, pooling, the order of maps, digits as classes, and the way back."""

import numpy as np

from ...basics.arrays import T
from ...basics.functions import relu
from ...listings.convolution import columns, correlate_matmul, gradient_matmul, pool, unpool
from ..listings import cut_images
from ..steps import step
from .mistake import Mistake, otherwise

# Maps are (f, columns, rows, N), filters (p, q, f), as in deltarule.listings.convolution


def squares(y):
    """The four elements of each 2 x 2 square, along a new first axis."""
    return np.stack([y[..., b::2, a::2, :] for b in (0, 1) for a in (0, 1)])


def rows_first(y3):
    """Maps as columns, read row by row, map by map."""
    return columns(np.ascontiguousarray(y3.swapaxes(-3, -2)))


def maps_last(y3):
    """Maps as columns, the map's number running first, as a C-ordered (rows, columns, maps) is read."""
    f, C, R, N = y3.shape
    return y3.transpose(2, 1, 0, 3).reshape(R * C * f, N)


def convolved(x, W):
    """With the filters turned by 180 degrees."""
    return correlate_matmul(x, W[::-1, ::-1])


def forward(form):
    """Convolution and pooling."""
    return [
        otherwise(form, "convolution", "y1", "W1 x", lambda W, x: convolved(x, W), "conv2(x, W1, 'valid')",
                  "a convolution, without rot90(W1, 2)"),
        otherwise(form, "filters-transposed", "y1", "W1 x", lambda W, x: correlate_matmul(x, W.swapaxes(0, 1)),
                  "Conv(x, W1')", "with each filter transposed"),
        otherwise(form, "images-transposed", "y1", "W1 x", lambda W, x: correlate_matmul(T(x), W), "Conv(x', W1)",
                  "with each image transposed"),
        otherwise(form, "no-relu", "y2", "y1", lambda y: y, "y1", "without the ReLU"),
        otherwise(form, "max-pooling", "y3", "y2", lambda y: squares(y).max(axis=0), "the maximum of each square",
                  "in place of its mean"),
        otherwise(form, "sum-pooling", "y3", "y2", lambda y: 4 * pool(y), "the sum of each square",
                  "in place of its mean"),
        otherwise(form, "subsampling", "y3", "y2", lambda y: squares(y)[0].copy(), "y2(1:2:end, 1:2:end)",
                  "one element of each square"),
        otherwise(form, "maps-row-by-row", "y4", "y3", rows_first, "the maps read row by row"),
        otherwise(form, "maps-numbers-first", "y4", "y3", maps_last, "y3.reshape(-1)",
                  "read row by row with the map's number running first"),
    ]  # fmt: skip


def _maps_back(y3, e4):
    f, C, R, N = y3.shape
    return np.ascontiguousarray(e4.reshape(f, R, C, N).swapaxes(1, 2))


def _numbers_first_back(y3, e4):
    f, C, R, N = y3.shape
    return np.ascontiguousarray(e4.reshape(R, C, f, N).transpose(2, 1, 0, 3))


def both_ways(form):
    """The maps laid out otherwise, on the way forward and back: the weights W5 are another order of the same."""
    should = "reshape(y3, [], 1) goes column by column, and map by map"
    pairs = [
        ("maps-row-by-row-both", "the maps are read row by row, forward and back", rows_first, _maps_back),
        ("maps-numbers-first-both", "the maps are read with the map's number running first, forward and back",
         maps_last, _numbers_first_back),
    ]  # fmt: skip
    found = [
        Mistake(id, says, {"y4": step("y3", there), "e3": step("y3 e4", back)}, should)
        for id, says, there, back in pairs
    ]
    turned = {
        "y1": step("W1 x", lambda W, x: convolved(x, W)),
        "dW1": step("alpha x delta2 n", lambda a, x, delta, n: a * gradient_matmul(x, delta)[::-1, ::-1] / n),
    }
    says = "the filters are turned by 180 degrees, forward and back: a convolution in place of a correlation"
    found.append(
        Mistake("convolution-both", says, turned, "Conv turns them with rot90(W1, 2), so that conv2 correlates")
    )
    return found


def _at_the_largest(y2, y3, e3):
    largest = squares(y2) == squares(y2).max(axis=0)
    e2 = np.zeros(y2.shape)
    for (b, a), here in zip([(b, a) for b in (0, 1) for a in (0, 1)], largest, strict=True):
        e2[..., b::2, a::2, :] = here * e3
    return e2


def back(form):
    """The way back through pooling, ReLU and convolution."""

    def tiled(e3):
        return np.tile(e3, (1, 2, 2, 1)) / 4

    def change(id, function, text, remark):
        return otherwise(form, id, "dW1", "alpha x delta2 n", function, text, remark)

    return [
        otherwise(form, "no-quarter", "e2", "e3", lambda e: 4 * unpool(e), "kron(e3, ones(2))", "without the 4"),
        otherwise(form, "tiled", "e2", "e3", tiled, "repmat(e3, 2, 2)/4", "the maps repeated, not their elements"),
        otherwise(form, "to-the-largest", "e2", "y2 y3 e3", _at_the_largest, "e3 at the largest of each square",
                  "as for maximum pooling"),
        otherwise(form, "no-slope-delta2", "delta2", "e2", lambda e: e, "e2", "without the ReLU's slope"),
        otherwise(form, "slope-of-e-delta2", "delta2", "e2", relu, "(e2 > 0)*e2", "the slope taken of the error"),
        otherwise(form, "slope-at-0-delta2", "delta2", "y2 e2", lambda y, e: (y >= 0) * e, "(y2 >= 0)*e2",
                  "with the slope 1 at 0"),
        otherwise(form, "e3-row-by-row", "e3", "y3 e4", _maps_back, "e4 laid out row by row"),
        otherwise(form, "e3-numbers-first", "e3", "y3 e4", _numbers_first_back, "e4.reshape(10, 10, 20)",
                  "laid out with the map's number running first"),
        change("gradient-turned", lambda a, x, d, n: a * gradient_matmul(x, d)[::-1, ::-1] / n,
               "alpha*rot90(conv2(x, rot90(delta2, 2), 'valid'), 2), averaged", "turned by 180 degrees"),
        change("gradient-convolved", lambda a, x, d, n: a * gradient_matmul(x, d[:, ::-1, ::-1]) / n,
               "alpha*conv2(x, delta2, 'valid'), averaged", "without rot90(delta2, 2)"),
        change("gradient-of-transposed", lambda a, x, d, n: a * gradient_matmul(x, d).swapaxes(0, 1) / n,
               "its transpose", "each filter's change transposed"),
        change("no-alpha-W1", lambda a, x, d, n: gradient_matmul(x, d) / n,
               "conv2(x, rot90(delta2, 2), 'valid'), averaged", "without alpha"),
        change("alpha-twice-W1", lambda a, x, d, n: a * a * gradient_matmul(x, d) / n,
               "alpha^2*conv2(x, rot90(delta2, 2), 'valid'), averaged", "with alpha twice"),
        otherwise(form, "never-W1", "dW1", "W1", lambda W: 0 * W, "0", "W1 is never changed"),
    ]  # fmt: skip


def digits(form):
    """Digits as classes otherwise: the listing has 1, 2, ..., 9, and 0 as class 10."""

    def classes(id, order, says):
        def targets(X, D):
            return (D[:, None] == np.asarray(order)).astype(X.dtype)

        return Mistake(id, says, {"ds": step("X D", targets)}, "the digit 0 should be class 10")

    return [
        classes("zero-first", range(10), "class 1 is the digit 0: the classes are 0, 1, ..., 9"),
        classes("zero-unknown", [*range(1, 10), 99], "the digit 0 is no class"),
        classes("classes-one-down", [*range(2, 10), 0, 1], "the digits are one class too low"),
    ]


def images(form):
    """Images otherwise."""

    def changed(id, function, says, should="the images should go in as they are, with pixels from 0 to 1"):
        return Mistake(id, says, {"xs": step("X", function)}, should)

    return [
        changed("pixels-by-255", lambda X: X / 255, "the pixels are divided by 255 once more"),
        changed("pixels-times-255", lambda X: X * 255, "the pixels are not divided by 255"),
        changed("pixels-inverted", lambda X: 1 - X, "the pixels are inverted"),
        changed("images-mirrored", lambda X: X[:, :, ::-1], "the images are mirrored"),
        changed("images-upside-down", lambda X: X[:, ::-1], "the images are upside down"),
        changed("pixels-float32", _single,
                "the pixels are divided by 255 in single precision", "MATLAB divides doubles"),
    ]  # fmt: skip


def _single(X):
    """Pixels k / 255 as float32 division has them."""
    return (np.round(X * 255).astype(np.float32) / np.float32(255)).astype(X.dtype)


def batches(form):
    """Otherwise than averages over batches of 100 images."""
    should = "the changes should be averaged over batches of 100, and an incomplete last batch be left out"

    def updates(id, function, says, **more):
        return Mistake(id, says, {"updates": step("xs ds", function), **more}, should)

    whole = cut_images(100)

    def with_rest(xs, ds):
        rest = len(xs) % 100
        return [*whole(xs, ds), *cut_images(rest)(xs[-rest:], ds[-rest:])] if rest else whole(xs, ds)

    hundred = step("", lambda: 100)
    return [
        Mistake("sum-for-mean", "the changes of a batch are added up", {"n": step("", lambda: 1)}, should),
        Mistake("divided-by-N", "the sum over a batch is divided by the number of all images",
                {"n": step("count", lambda count: count), "count": step("xs", len)}, should),
        updates("partial-batch", with_rest, "the incomplete last batch is trained too, by its own mean"),
        updates("partial-batch-by-100", with_rest, "the incomplete last batch is trained too, its sum divided by 100",
                n=hundred),
        updates("one-by-one", cut_images(1), "the weights change after each image"),
        updates("one-by-one-by-100", cut_images(1), "the weights change after each image, divided by 100", n=hundred),
        updates("first-batch", lambda xs, ds: whole(xs, ds)[:1], "only the first batch is trained"),
        updates("last-batch", lambda xs, ds: whole(xs, ds)[-1:], "only the last batch is trained"),
        updates("backwards", lambda xs, ds: whole(xs, ds)[::-1], "the batches are taken from the last to the first"),
        updates("batches-of-50", cut_images(50), "there are batches of 50"),
        updates("batches-of-10", cut_images(10), "there are batches of 10"),
    ]  # fmt: skip
