"""MATLAB's columns, and where an array lives."""

import numpy as np
import strict
from scipy import signal

from deltarule.basics import arrays


def test_the_module_of_an_array_is_found_without_importing_cupy():
    assert arrays.namespace(np.zeros(2)) is np
    assert arrays.namespace([1.0]) is np
    assert arrays.namespace(3.0) is np
    assert arrays.namespace(strict.asarray(np.zeros(2))) is strict


def test_the_signal_module_is_that_of_the_array():
    assert arrays.signal(np.zeros(2)) is signal
    strict.install_signal()
    assert arrays.signal(strict.asarray(np.zeros(2))).__name__ == "strictx.scipy.signal"


def test_on_cpu_is_the_array_itself_or_what_comes_back():
    a = np.arange(3.0)
    assert arrays.on_cpu(a) is a
    back = arrays.on_cpu(strict.asarray(a))
    assert type(back) is np.ndarray
    np.testing.assert_array_equal(back, a)


def test_vectors_go_column_by_column_whatever_the_axes():
    for shape in ((4,), (4, 3), (4, 3, 2), (4, 3, 2, 5)):
        samples = np.random.default_rng(0).random(shape)
        found = arrays.vectors(samples)
        assert found.shape == (4, int(np.prod(shape[1:])))
        for row, sample in zip(found, samples, strict=True):
            np.testing.assert_array_equal(row, np.ravel(sample, order="F"))


def test_columns_are_batches_and_an_incomplete_one_is_left_out():
    samples = np.arange(14.0).reshape(7, 2)
    for size in (1, 2, 3, 7):
        found = arrays.columns(samples, size)
        assert found.shape == (7 // size, 2, size)
        for k, batch in enumerate(found):
            np.testing.assert_array_equal(batch.T, samples[k * size : (k + 1) * size])


def test_transpose_leaves_leading_axes():
    assert arrays.T(np.zeros((5, 4, 3, 2))).shape == (5, 4, 2, 3)
