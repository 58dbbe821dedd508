"""Windows of images: as printed, by their definition, and `col2im` as the transpose of `im2col`."""

import tracemalloc

import numpy as np
import pytest
import strict
from closeness import assert_within
from hypothesis import given, settings
from hypothesis import strategies as st

from deltarule.layers import col2im, im2col, output_size


@st.composite
def sizes(draw):
    """The shape of images, and rows and columns of a filter, stride and padding that fit them."""
    N, C = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    stride, pad = draw(st.integers(1, 3)), draw(st.integers(0, 2))
    filter_h, filter_w = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    H, W = (draw(st.integers(max(1, f - 2 * pad), f + 6)) for f in (filter_h, filter_w))
    return (N, C, H, W), filter_h, filter_w, stride, pad


def by_definition(x, filter_h, filter_w, stride, pad):
    """The windows of the images, one by one."""
    x = np.pad(x, [(0, 0), (0, 0), (pad, pad), (pad, pad)])
    _, _, H, W = x.shape
    return np.array([
        image[:, i : i + filter_h, j : j + filter_w].ravel()
        for image in x
        for i in range(0, H - filter_h + 1, stride)
        for j in range(0, W - filter_w + 1, stride)
    ])  # fmt: skip


def test_the_shapes_are_as_printed():
    # the from-scratch notes, chapter 7
    assert im2col(np.random.RandomState(0).rand(1, 3, 7, 7), 5, 5, stride=1, pad=0).shape == (9, 75)
    assert im2col(np.random.RandomState(0).rand(10, 3, 7, 7), 5, 5, stride=1, pad=0).shape == (90, 75)


@given(sizes(), st.booleans())
@settings(deadline=None)
def test_rows_are_the_windows_one_by_one(given_sizes, turned):
    shape, *how = given_sizes
    x = np.random.RandomState(0).randn(*shape)
    if turned:
        x = x[:, :, ::-1].swapaxes(2, 3).copy().swapaxes(2, 3)
    np.testing.assert_array_equal(im2col(x, *how, round_down=True), by_definition(x, *how))


@given(sizes())
@settings(deadline=None)
def test_col2im_is_the_transpose_of_im2col(given_sizes):
    shape, *how = given_sizes
    rng = np.random.RandomState(0)
    x = rng.randn(*shape)
    col = im2col(x, *how, round_down=True)
    other = rng.randn(*col.shape)
    back = col2im(other, shape, *how, round_down=True)
    assert back.shape == shape
    assert_within(np.vdot(back, x), np.vdot(other, col), absolute=1e-11, relative=0)


def test_a_pixel_is_in_as_many_windows_as_it_is_said_to_be():
    ones = np.ones((4, 4))
    np.testing.assert_array_equal(col2im(ones, (1, 1, 3, 3), 2, 2), [[[[1, 2, 1], [2, 4, 2], [1, 2, 1]]]])
    ones = np.ones((9, 9))
    np.testing.assert_array_equal(
        col2im(ones, (1, 1, 5, 5), 3, 3, stride=2, pad=1)[0, 0], np.outer([1, 2, 1, 2, 1], [1, 2, 1, 2, 1])
    )


@pytest.mark.parametrize("stride", range(1, 9))
@pytest.mark.parametrize("pad", range(3))
def test_the_output_is_as_large_as_there_are_places_for_the_filter(stride, pad):
    for size in range(1, 12):
        for filter in range(1, size + 2 * pad + 1):
            starts = range(0, size + 2 * pad - filter + 1, stride)
            assert output_size(size, filter, stride, pad, round_down=True) == len(starts)
            if starts[-1] + filter == size + 2 * pad:
                assert output_size(size, filter, stride, pad) == len(starts)
            else:
                with pytest.raises(ValueError, match="^stride must divide"):
                    output_size(size, filter, stride, pad)


def test_a_stride_that_does_not_divide_is_said_with_the_sizes_and_rounded_down_by_keyword():
    x = np.ones((1, 1, 8, 8))
    message = r"^stride must divide 8 \+ 2\*0 - 3 = 5 \(size \+ 2\*pad - filter\), and 2 does not; round_down=True"
    with pytest.raises(ValueError, match=message):
        output_size(8, 3, 2)
    message = message.replace("size", "H").replace("filter", "filter_h")
    with pytest.raises(ValueError, match=message):
        im2col(x, 3, 3, 2)
    with pytest.raises(ValueError, match=message):
        col2im(np.ones((9, 9)), x.shape, 3, 3, 2)
    col = im2col(x, 3, 3, 2, round_down=True)
    assert col.shape == (9, 9)
    assert col2im(col, x.shape, 3, 3, 2, round_down=True)[0, 0, :, 7].tolist() == [0] * 8


def test_what_comes_out_is_new_and_what_goes_in_is_not_written_to():
    x = np.arange(16.0).reshape(1, 1, 4, 4)
    x.flags.writeable = False
    for size, pad in ((1, 0), (2, 0), (2, 1), (4, 0)):
        col = im2col(x, size, size, pad=pad)
        kept = col.copy()
        kept.flags.writeable = False
        back = col2im(kept, x.shape, size, size, pad=pad)
        assert not np.shares_memory(col, x)
        assert not np.shares_memory(back, kept)
        col += 1
        back += 1
    np.testing.assert_array_equal(x.ravel(), np.arange(16))


def test_float32_stays_and_integers_become_float64():
    x = np.arange(16).reshape(1, 1, 4, 4)
    for pad in (0, 1):
        assert im2col(x.astype(np.float32), 2, 2, pad=pad).dtype == np.float32
        assert im2col(x, 2, 2, pad=pad).dtype == np.float64
    assert col2im(np.ones((9, 4), np.float32), x.shape, 2, 2).dtype == np.float32
    assert col2im(np.ones((9, 4), int), x.shape, 2, 2).dtype == np.float64


def test_arrays_stay_on_their_device():
    x = np.random.RandomState(0).randn(2, 3, 5, 5)
    for how in ((2, 2), (3, 3, 2, 1)):
        col = im2col(x, *how)
        there = im2col(strict.asarray(x), *how)
        np.testing.assert_array_equal(strict.asnumpy(there), col)
        back = col2im(there, x.shape, *how)
        np.testing.assert_array_equal(strict.asnumpy(back), col2im(col, x.shape, *how))


@pytest.mark.slow
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_the_windows_of_1000_images_take_no_more_memory_than_the_matrix_and_less_than_1_gb(dtype):
    x = np.ones((1000, 1, 28, 28), dtype)
    tracemalloc.start()
    col = im2col(x, 5, 5)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert col.shape == (576_000, 25)
    assert peak < 1.1 * col.nbytes < 2**30


X = np.ones((2, 3, 6, 5))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((X[0], 2, 2), r"input_data must be images .* not of shape \(3, 6, 5\)"),
        ((X * np.nan, 2, 2), "input_data must be finite"),
        ((X.astype(str), 2, 2), "input_data must be of real numbers"),
        ((X[:0], 2, 2), "input_data must have at least one element"),
        ((X, 0, 2), "filter_h must be at least 1, not 0"),
        ((X, 2, -1), "filter_w must be at least 1, not -1"),
        ((X, 2.0, 2), "filter_h must be an integer, not 2.0"),
        ((X, 2, True), "filter_w must be an integer, not True"),
        ((X, 7, 2), "filter_h must be no larger than the image, 6 and twice 0 of padding, not 7"),
        ((X, 2, 8, 1, 1), "filter_w must be no larger than the image, 5 and twice 1 of padding, not 8"),
        ((X, 2, 2, 0), "stride must be at least 1, not 0"),
        ((X, 2, 2, "1"), "stride must be an integer"),
        ((X, 2, 2, 1, -1), "pad must be at least 0, not -1"),
        ((X, 2, 2, 1, 0.5), "pad must be an integer"),
    ],
)
def test_what_im2col_cannot_take_is_refused_by_name(arguments, message):
    with pytest.raises((ValueError, TypeError), match=f"^{message}"):
        im2col(*arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((np.ones((40, 11)), X.shape, 2, 2), r"col must have the shape \(40, 12\) for images \(2, 3, 6, 5\), not"),
        ((np.ones((39, 12)), X.shape, 2, 2), r"col must have the shape \(40, 12\)"),
        ((np.full((40, 12), np.inf), X.shape, 2, 2), "col must be finite"),
        ((np.ones((40, 12)), X.shape[1:], 2, 2), r"input_shape must be \(N, C, H, W\), not \(3, 6, 5\)"),
        ((np.ones((40, 12)), 4, 2, 2), r"input_shape must be \(N, C, H, W\), not 4"),
        ((np.ones((40, 12)), (2, 3, 6, 0), 2, 2), "input_shape must be at least 1, not 0"),
        ((np.ones((40, 12)), (2, 3, 6.0, 5), 2, 2), "input_shape must be an integer"),
        ((np.ones((40, 12)), X.shape, 2, 0), "filter_w must be at least 1"),
    ],
)
def test_what_col2im_cannot_take_is_refused_by_name(arguments, message):
    with pytest.raises((ValueError, TypeError), match=f"^{message}"):
        col2im(*arguments)


def test_round_down_must_be_true_or_false():
    for call in (
        lambda: output_size(8, 3, 2, round_down=1),
        lambda: im2col(X, 2, 2, round_down="yes"),
        lambda: col2im(np.ones((40, 12)), X.shape, 2, 2, round_down=None),
    ):
        with pytest.raises(TypeError, match="^round_down must be True or False"):
            call()
