"""Convolution and pooling as parts, with what they are made of, and what is done wrong in them."""

import numpy as np

from ...layers.images import add_windows, cropped, places, windows
from ..steps import step
from .layers import missing, same
from .mine import NotTaken, function, layer
from .part import Mistakes, Part, Probe, mistake, there_and_back

LABELS = {"y": "forward", "dx": "backward", "col": "the matrix", "image": "the images"}


def padded(x, pad, value=0.0):
    """Images with a margin of so many pixels."""
    return np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)), constant_values=value)


def seen(x, h, w, stride):
    """What each element of a filter sees: (N, C, h, w, out_h, out_w)."""
    return np.array(windows(x, h, w, stride))


def laid_out(order):
    """From windows to a matrix: the axes in an order, a row for each of the first three."""

    def lay(seen):
        a = seen.transpose(order)
        return a.reshape(a.shape[0] * a.shape[1] * a.shape[2], -1)

    return lay


ROWS = (0, 4, 5, 1, 2, 3)


def _im2col():
    steps = {
        "image": step("x pad", padded, "x with pad zeros on all sides"),
        "step": step("stride", same, "stride"),
        "seen": step("image h w step", seen, "the pixels below each element of the filter, at every place of it"),
        "col": step("seen", laid_out(ROWS), "a row for each image, row and column; in it channels, rows and columns"),
    }
    m = Mistakes(steps)
    mistakes = (
        m("places-exchanged", "col", "seen", laid_out((0, 5, 4, 1, 2, 3)), "laid out with rows and columns of the "
          "places exchanged"),
        m("elements-exchanged", "col", "seen", laid_out((0, 4, 5, 1, 3, 2)), "laid out with rows and columns of the "
          "filter exchanged"),
        m("channels-last", "col", "seen", laid_out((0, 4, 5, 2, 3, 1)), "laid out with the channels last in each row"),
        m("images-last", "col", "seen", laid_out((4, 5, 0, 1, 2, 3)), "laid out with the images last among the rows"),
        m("no-transpose", "col", "seen", lambda s: s.reshape(s.shape[0] * s.shape[4] * s.shape[5], -1),
          "reshaped without the transpose"),
        m("transposed", "col", "seen", lambda s: laid_out(ROWS)(s).T, "transposed", "a column for each place"),
        m("turned", "col", "seen", lambda s: laid_out(ROWS)(s[:, :, ::-1, ::-1]), "laid out with the filter turned "
          "around", "as for a convolution in mathematics"),
        m("stride-ignored", "step", "", lambda: 1, "1", "stride is ignored"),
        m("pad-ignored", "image", "x", same, "x", "without padding"),
        m("pad-edge", "image", "x pad", lambda x, p: np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)), "edge"),
          "x with its edge repeated", "in place of zeros"),
        m("pad-ones", "image", "x pad", lambda x, p: padded(x, p, 1.0), "x with ones on all sides"),
        m("pad-behind", "image", "x pad", lambda x, p: np.pad(x, ((0, 0), (0, 0), (0, 2 * p), (0, 2 * p))),
          "x with all its zeros behind it", "below and right alone"),
        m("pad-before", "image", "x pad", lambda x, p: np.pad(x, ((0, 0), (0, 0), (2 * p, 0), (2 * p, 0))),
          "x with all its zeros before it", "above and left alone"),
        m("filter-exchanged", "seen", "image h w step", lambda x, h, w, s: seen(x, w, h, s),
          "of a filter with height and width exchanged"),
    )  # fmt: skip
    rng = np.random.RandomState(8)
    small, large = rng.randn(2, 3, 5, 6), rng.randn(2, 3, 5, 6)

    def probe(name, x, h, w, stride=1, pad=0):
        demands = ("stride",) * (stride > 1) + ("pad",) * (pad > 0)
        return Probe(name, {"x": x, "h": h, "w": w, "stride": stride, "pad": pad}, ("col",), demands)

    probes = (
        probe("3 x 2", small, 3, 2), probe("stride 2", large, 3, 2, 2), probe("pad 1", small, 3, 2, 1, 1),
        probe("both", large, 3, 4, 2, 1),
    )  # fmt: skip
    use = function("x", "h", "w", options=("stride", "pad"), result="col")
    return Part("im2col", steps, probes, use, mistakes, labels=LABELS)


def summed(seen, shape, pad, step):
    """Images whose pixels are the sums of their windows."""
    N, C, H, W = shape
    x = np.zeros((N, C, H + 2 * pad, W + 2 * pad), seen.dtype)
    add_windows(seen, x, step)
    return x


def overwritten(seen, shape, pad, step, by_places=False):
    """`summed` with one window in place of the sum: the last, in the order of the places, or of a window's elements."""
    N, C, H, W = shape
    x = np.zeros((N, C, H + 2 * pad, W + 2 * pad), seen.dtype)
    of_elements = list(enumerate(places(x, seen.shape[2], seen.shape[3], step)))
    for k, pixels in of_elements[::-1] if by_places else of_elements:
        pixels[...] = seen[:, :, k // seen.shape[3], k % seen.shape[3]]
    return x


def from_rows(order):
    """From a matrix to windows, by axes that are put into an order."""

    def back(col, sizes):
        N, C, h, w, out_h, out_w = sizes
        return col.reshape(N, out_h, out_w, C, h, w).transpose(order)

    return back


BACK = (0, 3, 4, 5, 1, 2)


def _col2im():
    steps = {
        "seen": step("col sizes", from_rows(BACK), "the matrix as windows, undoing what im2col does"),
        "sums": step("seen shape pad stride", summed, "the sums of the windows at each pixel"),
        "image": step("sums pad", cropped, "the sums without the padding"),
    }
    m = Mistakes(steps)
    size = lambda s, shape: s[:, :, : shape[2], : shape[3]]  # noqa: E731
    mistakes = (
        m("overwritten", "sums", "seen shape pad stride", overwritten, "the last window's value at each pixel",
          "= for +="),
        m("mean", "sums", "seen shape pad stride", lambda s, n, p, k: summed(s, n, p, k)
          / np.maximum(summed(np.ones_like(s), n, p, k), 1), "the mean of the windows at each pixel"),
        m("pad-left", "image", "sums", same, "the sums with the padding"),
        m("cropped-behind", "image", "sums shape", size, "cropped below and right alone", "from 0 and not from pad"),
        m("filter-exchanged", "seen", "col sizes", lambda c, s: c.reshape(s[0], s[4], s[5], s[1], s[3], s[2])
          .transpose(0, 3, 5, 4, 1, 2), "the matrix as windows with height and width of the filter exchanged"),
        m("channels-last", "seen", "col sizes", lambda c, s: c.reshape(s[0], s[4], s[5], s[2], s[3], s[1])
          .transpose(0, 5, 3, 4, 1, 2), "the matrix as windows with the channels last in each row"),
        m("no-transpose", "seen", "col sizes", lambda c, s: c.reshape(s), "the matrix reshaped without the transpose"),
        m("turned", "seen", "col sizes", lambda c, s: from_rows(BACK)(c, s)[:, :, ::-1, ::-1],
          "the matrix as windows that are turned around"),
        m("places-exchanged", "seen", "col sizes", lambda c, s: c.reshape(s[0], s[5], s[4], s[1], s[2], s[3])
          .transpose(0, 3, 4, 5, 2, 1), "the matrix as windows with rows and columns of the places exchanged"),
        m("images-last", "seen", "col sizes", lambda c, s: c.reshape(s[4], s[5], s[0], s[1], s[2], s[3])
          .transpose(2, 3, 4, 5, 0, 1), "the matrix as windows with the images last among the rows"),
    )  # fmt: skip
    rng = np.random.RandomState(9)

    def probe(name, shape, h, w, stride=1, pad=0):
        out = [(n + 2 * pad - f) // stride + 1 for n, f in zip(shape[2:], (h, w), strict=True)]
        col = rng.randn(shape[0] * out[0] * out[1], shape[1] * h * w)
        given = {"col": col, "shape": shape, "h": h, "w": w, "stride": stride, "pad": pad,
                 "sizes": (*shape[:2], h, w, *out)}  # fmt: skip
        return Probe(name, given, ("image",), ("stride",) * (stride > 1) + ("pad",) * (pad > 0))

    probes = (
        probe("3 x 2", (2, 3, 5, 6), 3, 2), probe("stride 2", (2, 3, 5, 6), 3, 2, 2),
        probe("pad 1", (2, 3, 5, 6), 3, 2, 1, 1), probe("both", (2, 3, 5, 6), 3, 4, 2, 1),
    )  # fmt: skip
    use = function("col", "shape", "h", "w", options=("stride", "pad"), result="image")
    return Part("col2im", steps, probes, use, mistakes, labels=LABELS)


def correlated(seen, W, b):
    """The maps of windows under filters: (N, F, out_h, out_w)."""
    return np.einsum("nchwij,fchw->nfij", seen, W) + b[:, None, None]


def _convolution():
    steps = {
        "image": step("x pad", padded, "x with pad zeros on all sides"),
        "step": step("stride", same, "stride"),
        "seen": step("image W step", lambda x, W, s: seen(x, *W.shape[2:], s), "what the filters see"),
        "y": step("seen W b", correlated, "the sum of the products at each place, plus b"),
        "dW": step("seen dout", lambda s, d: np.einsum("nchwij,nfij->fchw", s, d), "what the filters saw, times dout, "
                   "summed over images and places"),
        "db": step("dout", lambda d: d.sum(axis=(0, 2, 3)), "the sum of dout over images and places"),
        "dseen": step("W dout", lambda W, d: np.einsum("fchw,nfij->nchwij", W, d), "W times dout at each place"),
        "sums": step("dseen x pad step", lambda s, x, p, k: summed(s, x.shape, p, k), "the sums of the windows"),
        "dx": step("sums pad", cropped, "the sums, without the padding"),
    }  # fmt: skip
    m = Mistakes(steps)
    flip = lambda W: W[:, :, ::-1, ::-1]  # noqa: E731
    mistakes = (
        m("turned", "y", "seen W b", lambda s, W, b: correlated(s, flip(W), b), "that of filters turned around",
          "a convolution in mathematics"),
        m("no-bias", "y", "seen W b", lambda s, W, b: correlated(s, W, 0 * b), "without b"),
        m("filters-transposed", "y", "seen W b", lambda s, W, b: correlated(s, W.swapaxes(2, 3), b)
          if W.shape[2] == W.shape[3] else correlated(s, W.reshape(*W.shape[:2], W.shape[3], W.shape[2])
          .swapaxes(2, 3), b), "that of filters with rows and columns exchanged"),
        m("mean-of-channels", "y", "seen W b", lambda s, W, b: correlated(s, W / W.shape[1], b),
          "the mean over the channels", "for the sum"),
        m("one-channel", "y", "seen W b", lambda s, W, b: correlated(s[:, :1], W[:, :1], b),
          "that of the first channel alone"),
        m("maps-not-moved", "y", "seen W b", lambda s, W, b: correlated(s, W, b).transpose(0, 2, 3, 1)
          .reshape(len(s), len(W), *s.shape[4:]), "reshaped without moving the axis of the filters"),
        m("stride-ignored", "step", "", lambda: 1, "1", "stride is ignored"),
        m("pad-ignored", "image", "x", same, "x", "without padding"),
        m("dw-mean", "dW", "seen dout", lambda s, d: np.einsum("nchwij,nfij->fchw", s, d) / len(d),
          "divided by the number of images a second time"),
        m("dw-turned", "dW", "seen dout", lambda s, d: flip(np.einsum("nchwij,nfij->fchw", s, d)), "turned around"),
        m("dw-transposed", "dW", "seen dout", lambda s, d: np.einsum("nchwij,nfij->chwf", s, d)
          .reshape(d.shape[1], *s.shape[1:4]), "reshaped without its transpose"),
        m("db-mean", "db", "dout", lambda d: d.mean(axis=(0, 2, 3)), "the mean of dout"),
        m("db-not-summed", "db", "dout", lambda d: d.sum(axis=0), "the sum over the images alone"),
        m("db-by-images", "db", "dout", lambda d: d.sum(axis=(0, 2, 3)) / len(d), "divided by the number of images"),
        m("dx-turned", "dseen", "W dout", lambda W, d: np.einsum("fchw,nfij->nchwij", flip(W), d),
          "that of filters turned around"),
        m("dx-overwritten", "sums", "dseen x pad step", lambda s, x, p, k: overwritten(s, x.shape, p, k),
          "one window's value at each pixel", "= for +="),
        m("dx-overwritten-by-places", "sums", "dseen x pad step",
          lambda s, x, p, k: overwritten(s, x.shape, p, k, True), "the last window's value at each pixel", "= for +="),
        m("dx-padded", "dx", "sums", same, "the sums with the padding"),
        m("dx-cropped-behind", "dx", "sums x", lambda s, x: s[:, :, : x.shape[2], : x.shape[3]],
          "cropped below and right alone"),
        mistake("no-backward", "there is no backward", "the layer cannot be trained without it",
                "notes-no-backward", dx=("", missing), dW=("", missing), db=("", missing)),
    )  # fmt: skip
    rng = np.random.RandomState(10)
    W, b = rng.randn(4, 3, 3, 3), rng.randn(4)

    def probe(name, shape, stride=1, pad=0, W=W):
        out = [(n + 2 * pad - f) // stride + 1 for n, f in zip(shape[2:], W.shape[2:], strict=True)]
        given = {"x": rng.randn(*shape), "W": W, "b": b, "stride": stride, "pad": pad,
                 "dout": rng.randn(shape[0], len(W), *out)}  # fmt: skip
        demands = ("stride",) * (stride > 1) + ("pad",) * (pad > 0)
        return Probe(name, given, ("y", "dx", "dW", "db"), demands)

    probes = (
        probe("stride 1", (2, 3, 5, 6)), probe("stride 2", (2, 3, 5, 7), 2), probe("pad 1", (2, 3, 5, 6), 1, 1),
        probe("3 x 2", (2, 3, 5, 6), W=rng.randn(4, 3, 3, 2)),
    )  # fmt: skip
    use = layer("W", "b", options=("stride", "pad"), gradients=("dW", "db"))
    return Part("Convolution", steps, probes, use, mistakes, True, ("conv2d", "convlayer", "convolutionlayer"),
                work=there_and_back, labels=LABELS)  # fmt: skip


def largest(seen):
    """The largest of each window."""
    return seen.max(axis=(2, 3))


def first_of(seen, chosen):
    """1 where the chosen value of each window stands, else 0."""
    return 1.0 * (seen == chosen[:, :, None, None])


def _square(use):
    """The use of a layer that is given one size for both sides of its windows."""

    def use_square(mine, given, demands=()):
        if given["h"] != given["w"]:
            raise NotTaken("window of another height than width")
        return use(mine, given, demands)

    return use_square


def _pooling():
    steps = {
        "value": step("", lambda: -np.inf, "minus infinity, which is never the largest"),
        "fits": step("x", same, "as large as padding makes it"),
        "image": step("fits pad value", padded, "x with a margin that is never the largest"),
        "step": step("stride", same, "stride"),
        "seen": step("image h w step", seen, "the windows"),
        "y": step("seen", largest, "the largest of each window"),
        "where": step("seen y", first_of, "where the largest stands"),
        "dseen": step("where dout", lambda w, d: w * d[:, :, None, None], "dout where the largest stands, else 0"),
        "sums": step("dseen x pad step", lambda s, x, p, k: summed(s, x.shape, p, k), "the sums of the windows"),
        "dx": step("sums pad", cropped, "the sums, without the padding"),
    }
    m = Mistakes(steps)
    every = lambda s, d: np.ones_like(s) * d[:, :, None, None]  # noqa: E731
    mistakes = (
        mistake("mean", "the mean of each window is taken, on both ways", "it should be the largest",
                y=("seen", lambda s: s.mean(axis=(2, 3))),
                dseen=("seen dout", lambda s, d: every(s, d) / (s.shape[2] * s.shape[3]))),
        m("mean-forward", "y", "seen", lambda s: s.mean(axis=(2, 3)), "the mean of each window"),
        m("smallest", "y", "seen", lambda s: s.min(axis=(2, 3)), "the smallest of each window"),
        m("sum", "y", "seen", lambda s: s.sum(axis=(2, 3)), "the sum of each window"),
        m("first", "y", "seen", lambda s: s[:, :, 0, 0], "the first of each window"),
        m("zero-padding", "value", "", lambda: 0.0, "0", "which is the largest where all others are negative"),
        mistake("pad-not-counted", "the size of the output is worked out without pad, so that the reshape fails",
                "it should be (size + 2 pad - window) / stride + 1", "notes-pool-padding",
                fits=("x pad", lambda x, p: _refuse(x) if p else x)),
        m("pad-cut-off", "y", "seen x h w step", lambda s, x, h, w, k: largest(s)[
            :, :, : (x.shape[2] - h) // k + 1, : (x.shape[3] - w) // k + 1], "the largest of as many windows as there "
          "are without padding"),
        m("over-channels", "y", "seen", lambda s: np.repeat(largest(s).max(axis=1, keepdims=True), s.shape[1], axis=1),
          "the largest over all channels"),
        m("axes-not-moved", "y", "seen", lambda s: largest(s).transpose(0, 2, 3, 1).reshape(*s.shape[:2], *s.shape[4:]),
          "reshaped without moving the axis of the channels"),
        m("window-exchanged", "seen", "image h w step", lambda x, h, w, s: seen(x, w, h, s),
          "those of a window with height and width exchanged"),
        m("stride-ignored", "step", "", lambda: 1, "1", "stride is ignored"),
        m("backward-to-all", "dseen", "seen dout", every, "dout for the whole window"),
        m("backward-shared", "dseen", "seen dout", lambda s, d: every(s, d) / (s.shape[2] * s.shape[3]),
          "dout shared out over the window", "as for a mean"),
        m("backward-first", "where", "seen", lambda s: _corner(s), "the first place of each window"),
        m("backward-times-largest", "dseen", "where dout y", lambda w, d, y: w * (d * y)[:, :, None, None],
          "dout times the largest"),
        m("backward-where", "dseen", "where", same, "1 where the largest stands", "without dout"),
        m("backward-axes-not-moved", "dseen", "where dout", lambda w, d: w
          * d.transpose(0, 2, 3, 1).reshape(d.shape)[:, :, None, None], "that of dout with its axes not moved"),
        m("backward-overwritten", "sums", "dseen x pad step", lambda s, x, p, k: overwritten(s, x.shape, p, k),
          "one window's value at each pixel", "= for +="),
        m("backward-overwritten-by-places", "sums", "dseen x pad step",
          lambda s, x, p, k: overwritten(s, x.shape, p, k, True), "the last window's value at each pixel", "= for +="),
        mistake("no-backward", "there is no backward", "the layer cannot be trained without it",
                "notes-no-backward", dx=("", missing)),
    )  # fmt: skip
    rng = np.random.RandomState(11)

    def probe(name, shape, h, w, stride=2, pad=0):
        out = [(n + 2 * pad - f) // stride + 1 for n, f in zip(shape[2:], (h, w), strict=True)]
        given = {"x": rng.randn(*shape) - 0.5, "h": h, "w": w, "stride": stride, "pad": pad,
                 "dout": rng.randn(*shape[:2], *out)}  # fmt: skip
        return Probe(name, given, ("y", "dx"), ("stride", *("pad",) * (pad > 0)))

    probes = (
        probe("stride 1", (2, 3, 4, 5), 2, 2, 1), probe("2 x 2", (2, 3, 6, 4), 2, 2),
        probe("3 x 2", (2, 3, 5, 6), 3, 2),
        probe("pad 1", (2, 3, 4, 6), 2, 2, 2, 1),
    )  # fmt: skip
    use, square = layer("h", "w", options=("stride", "pad")), _square(layer("h", options=("stride", "pad")))
    return Part("Pooling", steps, probes, use, mistakes, True, ("maxpooling", "maxpool2d", "maxpool", "pool2d"),
                ways=(("its windows are squares, of one size", square),), work=there_and_back,
                labels=LABELS)  # fmt: skip


def _refuse(x):
    raise ValueError(f"the windows of images of shape {x.shape} do not fit")


def _corner(seen):
    """1 at the first place of each window, else 0."""
    where = np.zeros_like(seen)
    where[:, :, 0, 0] = 1
    return where


EXACT = "it divides without rounding down"


def exact(left, stride):
    """left / stride + 1."""
    return left / stride + 1


def _output_size():
    steps = {
        "left": step("size filter pad", lambda n, f, p: n + 2 * p - f, "size + 2 pad - filter"),
        "y": step("left stride", lambda left, s: left // s + 1, "(size + 2 pad - filter) / stride + 1"),
    }
    m = Mistakes(steps)
    needs = "size filter pad"
    mistakes = (
        m("no-plus-1", "y", "left stride", lambda left, s: left // s, "numerator / stride", "without the 1"),
        m("pad-once", "left", needs, lambda n, f, p: n + p - f, "size + pad - filter", "pad on one side alone"),
        m("no-pad", "left", "size filter", lambda n, f: n - f, "size - filter", "without pad"),
        m("pad-minus", "left", needs, lambda n, f, p: n - 2 * p - f, "size - 2 pad - filter"),
        m("no-stride", "y", "left", lambda left: left + 1, "numerator + 1", "without stride"),
        m("plus-1-inside", "y", "left stride", lambda left, s: (left + 1) / s, "(numerator + 1) / stride"),
        m("plus-1-inside-down", "y", "left stride", lambda left, s: (left + 1) // s, "(numerator + 1) // stride"),
        m("times-stride", "y", "left stride", lambda left, s: left * s + 1, "numerator * stride + 1"),
        m("filter-added", "left", needs, lambda n, f, p: n + 2 * p + f, "size + 2 pad + filter"),
        m("plus-2", "y", "left stride", lambda left, s: left // s + 2, "numerator / stride + 2"),
    )
    probes = tuple(
        Probe(name, {"size": n, "filter": f, "stride": s, "pad": p}, ("y",), ("stride",) * (s > 1) + ("pad",) * (p > 0))
        for name, n, f, s, p in (
            ("28 and 5", 28, 5, 1, 0), ("stride 2", 7, 3, 2, 0), ("pad 2", 28, 5, 1, 2), ("both", 10, 4, 2, 2),
        )
    )  # fmt: skip
    use = function("size", "filter", options=("stride", "pad"), result="y")
    return Part("output_size", steps, probes, use, mistakes, names=("convoutputsize", "outputsize", "outsize"),
                alike=(((EXACT, {"y": step("left stride", exact, "numerator / stride + 1")}),),),
                labels={"y": "the size"})  # fmt: skip


# The listing's own convolution and pooling, of the first wing: maps (rows, columns, f)


def valid(x, W):
    """The correlation of an image with filters (p, q, f), where they lie within it: (rows, columns, f)."""
    p, q, _ = W.shape
    return np.einsum("ijpq,pqf->ijf", np.lib.stride_tricks.sliding_window_view(x, (p, q)), W)


def _conv():
    steps = {
        "filters": step("W", same, "as they are, since conv2 turns them and rot90 turns them back"),
        "image": step("x", same, "x itself, without zeros around it"),
        "y": step("image filters", valid, "the sum of the products, where a filter lies within the image"),
    }
    m = Mistakes(steps)
    around = lambda x, W, n: np.pad(x, [(k // n, k // n if n == 1 else k - k // n) for k in  # noqa: E731
                                        (W.shape[0] - 1, W.shape[1] - 1)])  # fmt: skip
    mistakes = (
        m("turned", "filters", "W", lambda W: W[::-1, ::-1], "turned around", "a convolution where a correlation "
          "belongs, without rot90(W, 2)"),
        m("turned-once", "filters", "W", lambda W: np.rot90(W), "turned by a quarter", "rot90(W) for rot90(W, 2)"),
        m("upside-down", "filters", "W", lambda W: W[::-1], "upside down"),
        m("left-right", "filters", "W", lambda W: W[:, ::-1], "with left and right exchanged"),
        m("transposed", "filters", "W", lambda W: W.swapaxes(0, 1), "transposed"),
        m("same", "image", "x W", lambda x, W: around(x, W, 2), "x with zeros around it", "'same' for 'valid'"),
        m("full", "image", "x W", lambda x, W: around(x, W, 1), "x with zeros around it", "'full' for 'valid'"),
        m("mean", "y", "image filters", lambda x, W: valid(x, W) / W[..., 0].size, "the mean of the products"),
        m("maps-transposed", "y", "image filters", lambda x, W: valid(x, W).swapaxes(0, 1), "transposed"),
        m("first-filter", "y", "image filters", lambda x, W: np.repeat(valid(x, W)[..., :1], W.shape[2], axis=2),
          "that of the first filter in all maps"),
        m("relu", "y", "image filters", lambda x, W: np.maximum(valid(x, W), 0), "with the ReLU that follows it"),
    )  # fmt: skip
    rng = np.random.RandomState(12)
    probes = tuple(
        Probe(name, {"x": rng.randn(7, size), "W": rng.randn(3, 3, 2)}, ("y",))
        for name, size in (("a square", 7), ("7 x 9", 9))
    )
    first = function("x", "W", change={"y": lambda y: np.moveaxis(y, 0, -1)})
    filters_first = function("x", "W", change={"W": lambda W: np.moveaxis(W, -1, 0).copy(),
                                               "y": lambda y: np.moveaxis(y, 0, -1)})  # fmt: skip
    return Part("conv", steps, probes, function("x", "W"), mistakes, labels={"y": "the maps"},
                ways=(("the maps come first", first), ("filters and maps come first", filters_first)))  # fmt: skip


def squares(x):
    """The 2 x 2 squares of maps (rows, columns, f): (rows / 2, columns / 2, f, 4)."""
    r, c, f = x.shape
    return x.reshape(r // 2, 2, c // 2, 2, f).transpose(0, 2, 4, 1, 3).reshape(r // 2, c // 2, f, 4)


def _pool():
    steps = {
        "four": step("x", squares, "the 2 x 2 squares"),
        "y": step("four", lambda a: a.mean(axis=-1), "the mean of each square"),
    }
    m = Mistakes(steps)
    mistakes = (
        m("largest", "y", "four", lambda a: a.max(axis=-1), "the largest of each square", "maximum for mean"),
        m("smallest", "y", "four", lambda a: a.min(axis=-1), "the smallest of each square"),
        m("sum", "y", "four", lambda a: a.sum(axis=-1), "the sum of each square", "not divided by 4"),
        m("by-2", "y", "four", lambda a: a.sum(axis=-1) / 2, "half the sum of each square"),
        m("first", "y", "four", lambda a: a[..., 0], "the first of each square"),
        m("last", "y", "four", lambda a: a[..., 3], "the last of each square"),
        m("rows-alone", "y", "four", lambda a: a[..., :2].mean(axis=-1), "the mean of the upper two of each square"),
        m("columns-alone", "y", "four", lambda a: a[..., ::2].mean(axis=-1), "the mean of the left two of each square"),
        m("stride-1", "y", "x", lambda x: (x[:-1, :-1] + x[1:, :-1] + x[:-1, 1:] + x[1:, 1:]) / 4,
          "the mean of every four neighbours", "with a stride of 1"),
        m("length", "y", "four", lambda a: np.sqrt((a * a).mean(axis=-1)), "the root of the mean square"),
        m("transposed", "y", "four", lambda a: a.mean(axis=-1).swapaxes(0, 1), "transposed"),
    )  # fmt: skip
    rng = np.random.RandomState(13)
    probes = tuple(Probe(name, {"x": rng.randn(6, size, 3)}, ("y",)) for name, size in (("a square", 6), ("6 x 8", 8)))
    first = function("x", change={"x": lambda x: np.moveaxis(x, -1, 0).copy(), "y": lambda y: np.moveaxis(y, 0, -1)})
    return Part("pool", steps, probes, function("x"), mistakes, labels={"y": "the maps"},
                ways=(("the maps come first", first),), names=("meanpool", "averagepool", "meanpooling"))  # fmt: skip


IMAGES = (_im2col(), _col2im(), _convolution(), _pooling(), _output_size(), _conv(), _pool())
