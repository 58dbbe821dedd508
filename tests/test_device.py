"""Where it is computed and in which dtype: the scripts' options, and the listings on a GPU where there is one."""

import json
import re
import runpy
import sys
import types

import numpy as np
import pytest
import runs
import strict
from closeness import assert_within
from networks import CASES, mnist_start, relative

from deltarule import data, matlab, mnist_conv, mnist_conv_forward
from deltarule.listings.convolution import FORMS
from deltarule.listings.experiments import EXPERIMENTS
from deltarule.programs.parts import MODELS

SCRIPTS = [name for name in EXPERIMENTS if name not in ("mnist_conv", "plot_features")]


@pytest.fixture
def double(monkeypatch):
    """The array module that refuses NumPy arrays, in the place of CuPy."""
    runtime = types.SimpleNamespace(
        getDeviceCount=lambda: 1, getDeviceProperties=lambda device: {"name": b"NumPy behind a double"}
    )
    monkeypatch.setattr(strict, "cuda", types.SimpleNamespace(runtime=runtime), raising=False)
    monkeypatch.setattr(strict, "__version__", "0", raising=False)
    monkeypatch.setitem(sys.modules, "cupy", strict)
    strict.install_signal()


def here(name, capsys, monkeypatch, *options):
    """Exit code and record of a script run in this process."""
    monkeypatch.setattr(sys, "argv", [name, "--json", *options])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(runs.file(name)), run_name="__main__")
    return ended.value.code, json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("name", SCRIPTS)
def test_script_computes_on_the_device_what_it_does_on_the_cpu(name, double, capsys, monkeypatch):
    options = "--epochs", "20", "--seed", "1"
    _, there = here(name, capsys, monkeypatch, *options, "--device", "gpu")
    _, cpu = here(name, capsys, monkeypatch, *options)
    assert (there["device"], cpu["device"]) == ("gpu", "cpu")
    assert there["environment"]["gpu"] == "NumPy behind a double"
    for label, y in cpu["outputs"].items():
        assert_within(there["outputs"][label], y, absolute=1e-14, relative=1e-12)
    for label, curve in cpu["curves"].items():
        assert_within(there["curves"][label], curve, absolute=0, relative=1e-12)


SECONDS = ("lstm_adding", "transformer_parity", "rbm_digits", "dbn_digits", "unet_digits", "colour_digits")  # each


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] if name in SECONDS else []) for name in MODELS]
)
def test_a_script_of_the_other_networks_computes_on_the_device_what_it_does_on_the_cpu(
    name, double, capsys, monkeypatch
):
    options = () if MODELS[name] is None else (f"--{MODELS[name]}", "2")
    _, there = here(name, capsys, monkeypatch, *options, "--device", "gpu")
    _, cpu = here(name, capsys, monkeypatch, *options)
    assert (there["device"], cpu["device"]) == ("gpu", "cpu")
    for field in ("quantities", "weights", "curves"):
        assert there[field].keys() == cpu[field].keys()
        for label, a in cpu[field].items():
            if (name, label) == ("transformer_parity", "bk"):
                # Softmax takes no notice of it: its exact gradient is 0, and what is there is rounding on either side.
                for each in (a, there[field][label]):
                    assert_within(each, np.zeros_like(each), absolute=1e-12, relative=0)
            else:
                assert_within(there[field][label], a, absolute=1e-14, relative=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["mnist_conv", "plot_features"])
def test_mnist_scripts_compute_on_the_device_as_well(name, double, capsys, monkeypatch, tmp_path):
    options = "--epochs", "1", "--plot", str(tmp_path / "maps.png"), "--convolution", "matmul"
    _, there = here(name, capsys, monkeypatch, *options, "--device", "gpu")
    _, cpu = here(name, capsys, monkeypatch, *options)
    assert_within(there["outputs"]["output"], cpu["outputs"]["output"], absolute=1e-10, relative=0)
    assert there["digits"] == cpu["digits"]
    assert (tmp_path / "maps.png").stat().st_size > 10_000


@pytest.mark.parametrize(
    ("module", "reason"),
    [
        ("raise ImportError", r"a GPU needs CuPy, which is not installed: pip install"),
        (
            "class cuda:\n class runtime:\n  def getDeviceCount():\n   raise RuntimeError('no driver')",
            "CuPy finds no GPU: no driver",
        ),
    ],
)
def test_without_a_gpu_one_line_says_what_is_missing(module, reason, tmp_path, monkeypatch):
    (tmp_path / "cupy.py").write_text(module)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    done = runs.start("delta_sgd", "--device", "gpu")
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert re.search(reason, done.stderr)


@pytest.mark.parametrize(
    ("option", "value"), [("--device", "tpu"), ("--dtype", "float16"), ("--dtype", ""), ("--convolution", "winograd")]
)
def test_an_unknown_device_dtype_or_form_is_refused_in_one_line(option, value):
    done = runs.start("mnist_conv", option, value)
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert option in done.stderr


@pytest.mark.parametrize("name", ["delta_sgd", "backprop_ce", "multi_class"])
def test_float32_trains_as_well_and_is_compared_but_not_judged(name):
    code, run = runs.record(name, "--dtype", "float32")
    assert (code, run["verdict"], run["dtype"]) == (0, "pass", "float32")
    assert 1e-9 < run["octave"]["deviation"] < 1e-2
    assert not any(reference["judged"] for reference in run["references"])


@pytest.mark.gpu
@pytest.mark.parametrize("name", sorted(CASES))
def test_listing_on_a_gpu_is_that_on_the_cpu(name, cupy):
    case = CASES[name]
    weights, _ = case.start()
    samples = tuple(cupy.asarray(a) for a in case.data())
    moved = case.train([cupy.asarray(W) for W in weights], 20, rng=matlab.rng(5), samples=samples)
    assert relative([cupy.asnumpy(W) for W in moved], case.train(weights, 20, rng=matlab.rng(5))) < 1e-10


@pytest.mark.gpu
def test_many_networks_on_a_gpu_are_those_on_the_cpu(cupy):
    case = CASES["backprop_xor"]
    weights = tuple(2 * matlab.rng(1).rand(1000, *shape) - 1 for shape in case.shapes)
    samples = tuple(cupy.asarray(a) for a in case.data())
    moved = case.train([cupy.asarray(W) for W in weights], 100, samples=samples)
    assert relative([cupy.asnumpy(W) for W in moved], case.train(weights, 100)) < 1e-10


@pytest.mark.gpu
@pytest.mark.parametrize("form", sorted(FORMS))
def test_mnist_conv_on_a_gpu_is_that_on_the_cpu(form, cupy):
    X, D = data.mnist()
    weights = mnist_start()
    n, epochs = (200, 1) if form == "direct" else (8000, 3)
    ours, theirs = weights, tuple(cupy.asarray(W) for W in weights)
    Xg, Dg = cupy.asarray(X[:n]), cupy.asarray(D[:n])
    for _ in range(epochs):
        ours = mnist_conv(*ours, X[:n], D[:n])
        theirs = mnist_conv(*theirs, Xg, Dg, form=form)
    assert relative([cupy.asnumpy(W) for W in theirs], ours) < 1e-10
    y = mnist_conv_forward(*theirs, cupy.asarray(X[8000:8100]), form=form)
    assert_within(cupy.asnumpy(y), mnist_conv_forward(*ours, X[8000:8100]), absolute=1e-10, relative=0)
