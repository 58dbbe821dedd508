"""Two runs on one machine give identical bytes; with one and two BLAS threads they agree, and the report says how."""

import hashlib
import json
import re

import numpy as np
import pytest
import runs
from closeness import assert_within

from deltarule.listings.experiments import EXPERIMENTS
from deltarule.programs import drift

FEW = {name: "1" if name == "mnist_conv" else "50" for name in EXPERIMENTS if name != "plot_features"}
NAMES = [pytest.param(name, marks=pytest.mark.slow) if name == "mnist_conv" else name for name in FEW]


def printed(name, threads=None, epochs=None):
    """The JSON of a script as it is printed, with 0 for its time."""
    environment = {"OPENBLAS_NUM_THREADS": threads} if threads else {}
    done = runs.start(name, "--json", "--epochs", epochs or FEW[name], environment=environment)
    assert done.stderr == ""
    return re.sub(r'"seconds": [0-9.e-]+', '"seconds": 0', done.stdout, count=1)


@pytest.mark.parametrize("name", NAMES)
def test_two_runs_give_identical_bytes_but_for_the_time(name):
    assert printed(name) == printed(name)


@pytest.mark.parametrize("name", ["mnist_conv", "multi_class", "deep_relu"])
def test_with_one_and_two_threads_the_results_agree_and_the_report_says_whether_they_are_identical(name):
    one, two = ({"scripts": [json.loads(printed(name, threads))]} for threads in "12")
    for run in (one, two):
        run["environment"] = run["scripts"][0]["environment"]
    (first,), (second,) = one["scripts"], two["scripts"]
    assert_within(first["outputs"]["output"], second["outputs"]["output"], absolute=1e-12, relative=0)
    text = drift.drift_text(one, two)
    same = first["weights"] == second["weights"] and first["outputs"] == second["outputs"]
    assert f"{int(same)} of 1 scripts are identical to the last bit" in text
    assert "OPENBLAS_NUM_THREADS: 2 there, 1 here" in text


def test_weights_that_differ_in_the_last_bit_are_not_identical():
    run = json.loads(printed("backprop_xor"))
    result = {"scripts": [run], "environment": run["environment"]}
    assert drift.identical(result, result) == ["backprop_xor"]
    other = json.loads(json.dumps(run))
    other["weights"]["W2"][0][3] = float(np.nextafter(other["weights"]["W2"][0][3], 1))
    changed = {"scripts": [other], "environment": {}}
    assert drift.identical(result, changed) == []
    assert "0 of 1 scripts are identical" in drift.drift_text(result, changed)
    assert drift.identical(result, {"scripts": []}) == []


@pytest.mark.parametrize("name", ["delta_sgd", "sgd_vs_batch"])
def test_the_digest_is_that_of_the_weights_bytes(name):
    for epochs in ("3", "4"):
        run = json.loads(printed(name, epochs=epochs))
        weights = [np.array(W) for W in run["weights"].values()]
        assert run["weights_sha256"] == hashlib.sha256(b"".join(W.tobytes() for W in weights)).hexdigest()
