"""The fast form of convolution, ReLU and pooling: it gives what the page's three lines give, forward and back."""

import numpy as np
import pytest
from closeness import assert_within

from deltarule import matlab
from deltarule.listings import squares
from deltarule.listings.convolution import FORMS, Features
from deltarule.listings.squares import Squares, cut

SIZES = [  # of an image, and of the filters
    *[((28, 28), (9, 9, 20)), ((8, 8), (3, 3, 3)), ((7, 9), (2, 4, 3)), ((5, 6), (4, 1, 2)), ((6, 8), (1, 1, 2))],
    *[((10, 10), (9, 9, 1)), ((12, 10), (5, 7, 4)), ((4, 9), (3, 2, 1))],
    ((11, 12), (10, 9, 15)),  # 80 of 90 pixels of a patch at a time
    ((12, 12), (9, 7, 60)),  # 20 of 63
    ((6, 5), (5, 4, 300)),  # 4 of 20
    ((4, 5), (3, 2, 301)),  # not even 4, so that all go at once
]


def arrays(shape, filters, N, dtype=np.float64, seed=1):
    """Images, filters and errors of the pooled maps, read-only."""
    rng = matlab.rng(seed)
    (rows, cols), (p, q, f) = shape, filters
    pooled = f, (cols - q + 1) // 2, (rows - p + 1) // 2, N
    found = [rng.randn(*size).astype(dtype) for size in ((N, *shape), filters, pooled)]
    for a in found:
        a.setflags(write=False)
    return found


@pytest.mark.parametrize("N", [1, 2, 5])
@pytest.mark.parametrize(("shape", "filters"), SIZES)
def test_it_gives_what_the_lines_give_forward_and_back(shape, filters, N):
    x, W1, e3 = arrays(shape, filters, N)
    lines, fast = Features(*FORMS["direct"]), Squares(N, shape, filters, x.dtype)
    y3 = fast.forward(x, W1)
    assert y3.shape == e3.shape
    assert_within(y3, lines.forward(x, W1), absolute=1e-13, relative=1e-12)
    assert_within(fast.backward(e3), lines.backward(e3), absolute=1e-12, relative=1e-11)


@pytest.mark.parametrize(("shape", "filters"), SIZES)
@pytest.mark.parametrize("most", [1, 3, 4])
def test_parts_of_the_places_give_together_what_all_give_at_once(shape, filters, most, monkeypatch):
    x, W1, e3 = arrays(shape, filters, 5)
    whole = Squares(5, shape, filters, x.dtype)
    monkeypatch.setattr(squares, "MULTIPLICATIONS", 1)
    monkeypatch.setattr(squares, "PLACES", most)
    parts = Squares(5, shape, filters, x.dtype)
    assert len(parts.parts) > 1
    assert_within(parts.forward(x, W1), whole.forward(x, W1), absolute=1e-13, relative=1e-12)
    assert_within(parts.backward(e3), whole.backward(e3), absolute=1e-12, relative=1e-11)


@pytest.mark.parametrize(("shape", "filters"), SIZES)
def test_patches_are_views_of_the_rows_laid_out(shape, filters):
    fast = Squares(2, shape, filters, np.float64)
    assert all(np.shares_memory(part.patches, fast.strips) for _, part in fast.parts)


@pytest.mark.parametrize(
    ("filters", "lengths"),
    [((9, 9, 20), [60, 21]), ((13, 11, 9), [132, 11]), ((9, 7, 60), [20, 20, 20, 3]), ((3, 2, 301), [6])],
)
def test_so_many_pixels_are_taken_at_once_that_a_product_has_few_results(filters, lengths):
    p, q, _ = filters
    ((_, part),) = Squares(1, (p + 1, q + 1), filters, np.float64).parts
    assert sum(lengths) == q * p
    for turned in part.turned:
        assert [patches.shape[-1] for patches, _ in turned] == lengths
        assert [products.shape[-1] for _, products in turned] == lengths


@pytest.mark.parametrize(("shape", "filters"), SIZES[:3])
def test_float32_stays_float32(shape, filters):
    x, W1, e3 = arrays(shape, filters, 3, np.float32)
    fast, double = Squares(3, shape, filters, np.float32), Squares(3, shape, filters, np.float64)
    y3, expected = fast.forward(x, W1), double.forward(x.astype(float), W1.astype(float))
    assert y3.dtype == np.float32
    assert_within(y3, expected, absolute=1e-4, relative=0)
    dW1 = fast.backward(e3)
    assert dW1.dtype == np.float32
    assert_within(dW1, double.backward(e3.astype(float)), absolute=1e-3, relative=0)


def test_what_it_gave_stays_and_nothing_is_left_over_when_it_is_used_again():
    shape, filters = SIZES[2]
    fast = Squares(2, shape, filters, np.float64)
    given = []
    for seed in (1, 2, 3):
        x, W1, e3 = arrays(shape, filters, 2, seed=seed)
        given.append((fast.forward(x, W1), fast.backward(e3)))
    for seed, (y3, dW1) in enumerate(given, start=1):
        x, W1, e3 = arrays(shape, filters, 2, seed=seed)
        fresh = Squares(2, shape, filters, np.float64)
        np.testing.assert_array_equal(y3, fresh.forward(x, W1))
        np.testing.assert_array_equal(dW1, fresh.backward(e3))


def test_an_output_of_exactly_zero_lets_no_error_through():
    shape, filters = SIZES[1]
    x, W1, e3 = arrays(shape, filters, 2)
    W1 = W1.copy()
    W1[..., 1] = 0
    fast = Squares(2, shape, filters, np.float64)
    assert not fast.forward(x, W1)[1].any()
    dW1 = fast.backward(e3)
    assert not dW1[..., 1].any()
    assert dW1[..., 0].all()


def test_what_is_not_finite_is_not_hidden():
    shape, filters = SIZES[1]
    x, W1, _ = arrays(shape, filters, 2)
    W1 = W1.copy()
    W1[0, 0, 1] = np.nan
    y3 = Squares(2, shape, filters, np.float64).forward(x, W1)
    assert np.isnan(y3[1]).all()
    assert np.isfinite(y3[[0, 2]]).all()


@pytest.mark.parametrize(
    ("n", "filters", "lengths"),
    [
        (1000, (9, 9, 20), [512, 488]),  # 20 * 81 * 576 = 933,120 multiplications, and 64 more places are too many
        (1200, (9, 9, 20), [448, 448, 304]),
        (500, (9, 9, 20), [500]),
        (576, (9, 9, 20), [576]),
        (577, (9, 9, 20), [320, 257]),
        (640, (25, 25, 5), [320, 320]),  # 5 * 25**2 * 320 is a million
        (200, (101, 101, 20), [64, 64, 64, 8]),  # too many even so
        (1, (1, 1, 1), [1]),
    ],
)
def test_so_many_places_are_taken_at_once_that_a_product_stays_small(n, filters, lengths):
    parts = cut(n, filters)
    assert [len(range(n)[places]) for places in parts] == lengths
    assert [k for places in parts for k in range(n)[places]] == list(range(n))
