"""MATLAB's columns, and where an array lives."""

import sys
import types
import warnings

import numpy as np
import pytest
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


@pytest.mark.parametrize(
    ("warning", "shown"),
    [
        ("FutureWarning('cupyx.jit.rawkernel is experimental. The interface can change in the future.')", 0),
        ("FutureWarning('cupyx.scipy.signal will go')", 1),
        ("DeprecationWarning('cupyx.jit.rawkernel is experimental')", 1),
    ],
)
def test_what_cupy_says_of_its_own_filters_is_not_shown(warning, shown, tmp_path, monkeypatch):
    ndarray = type("ndarray", (), {"__module__": "likecupy"})
    monkeypatch.setitem(sys.modules, "likecupy", types.SimpleNamespace(ndarray=ndarray, __name__="likecupy"))
    (tmp_path / "likecupyx" / "scipy").mkdir(parents=True)
    (tmp_path / "likecupyx" / "scipy" / "signal.py").write_text(f"import warnings\nwarnings.warn({warning})\n")
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("likecupyx.scipy.signal", "likecupyx.scipy", "likecupyx"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        assert arrays.signal(ndarray()).__name__ == "likecupyx.scipy.signal"
    assert len(seen) == shown
    for name in ("likecupyx.scipy.signal", "likecupyx.scipy", "likecupyx"):
        del sys.modules[name]


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
