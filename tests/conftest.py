"""Tests that run side by side share the cores: each worker's BLAS, and that of the scripts it starts, takes one."""

import os
import re
import signal
import sys
import zlib

import hypothesis
import pytest

if "PYTEST_XDIST_WORKER" in os.environ:  # before anything imports NumPy
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# a shell has what it starts in the background ignore these; the tests send them, and the programs they start inherit it
for _name, _handler in (("SIGINT", signal.default_int_handler), ("SIGHUP", signal.SIG_DFL)):
    if hasattr(signal, _name) and signal.getsignal(getattr(signal, _name)) is signal.SIG_IGN:
        signal.signal(getattr(signal, _name), _handler)

# how long an example takes says how busy the machine is, and an old hypothesis draws many that it finds too large
_CHECKS = hypothesis.HealthCheck.too_slow, hypothesis.HealthCheck.data_too_large
hypothesis.settings.register_profile("any machine", deadline=None, suppress_health_check=_CHECKS)
hypothesis.settings.load_profile("any machine")

collect_ignore = ["mutation.py", "fuzz.py"]  # programs, of POSIX alone


def pytest_configure(config):
    if hasattr(config.option, "loadscopereorder"):  # pytest-xdist would begin with the files of most tests; by name
        config.option.loadscopereorder = False  # those of the check, which take longest, come early


def pytest_addoption(parser):
    parser.addoption("--share", metavar="K/N", help="of the slow tests only the K-th of N shares")


def pytest_collection_modifyitems(config, items):
    """Leave out the slow tests of other shares."""
    told = config.getoption("--share", None)
    if told is None:
        return
    numbers = re.fullmatch(r"(\d+)/(\d+)", told)
    share, shares = map(int, numbers.groups()) if numbers else (0, 0)
    if not 1 <= share <= shares:
        raise pytest.UsageError(f"--share takes K/N, with K from 1 to N, not {told}")
    others = {item for item in items if "slow" in item.keywords and share_of(item.nodeid, shares) != share}
    config.hook.pytest_deselected(items=list(others))
    items[:] = [item for item in items if item not in others]


def share_of(name, shares):
    """The share of a test, from 1: the tests of a file are in one, since what one has trained others look at."""
    return zlib.crc32(name.partition("::")[0].encode()) % shares + 1


@pytest.fixture(scope="module")
def unhurried():
    """Every look of a check is taken, however busy the machine is."""
    from deltarule.check import looks  # here, so that coverage sees the package imported

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(looks, "SECONDS", float("inf"))
        yield


@pytest.fixture(autouse=True)
def ctrl_c():
    """A script that runs within a test takes signals for itself; afterwards they are pytest's again."""
    names = ("SIGINT", "SIGTERM", "SIGHUP")
    handlers = {number: signal.getsignal(number) for name in names if (number := getattr(signal, name, None))}
    hook = sys.unraisablehook
    yield
    sys.unraisablehook = hook
    for number, handler in handlers.items():
        signal.signal(number, handler)


@pytest.fixture
def cupy():
    """CuPy, where it is and finds a GPU."""
    module = pytest.importorskip("cupy")
    try:
        module.cuda.runtime.getDeviceCount()
    except RuntimeError as error:
        pytest.skip(f"no GPU: {error}")
    return module
