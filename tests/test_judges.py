"""Every judge in pairs: a run that is right, and one that has converged and is wrong by just more than its bound."""

import dataclasses
import hashlib
import json
import math
import shutil
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from runs import ROOT
from scipy.io import savemat

from deltarule.evidence import golden, gradients
from deltarule.evidence.textbook import read_textbook, same_digits
from deltarule.listings.experiments import EXPERIMENTS
from deltarule.programs import compare, run, summary

GOLDEN = ROOT / "reference" / "golden"
JUST_MORE = 1.001
SEEDS = [(name, seed) for name in golden.SMALL for seed in EXPERIMENTS[name].octave_seeds]
CPU = SimpleNamespace(device="cpu", dtype="float64")


def weights_of_octave(name, seed, epochs):
    return golden.weights_at(golden.read_golden(GOLDEN / golden.file_name(name, seed)), epochs)


def moved(weights, layer, by):
    """The weights with one element of one layer off by so much, relative to the largest of all."""
    weights = [W.copy() for W in weights]
    weights[layer].flat[weights[layer].size // 2] += by * max(abs(W).max() for W in weights)
    return weights


@pytest.mark.parametrize(("name", "seed"), SEEDS)
def test_octaves_own_weights_are_right_after_each_epoch_and_for_another_number_of_epochs_there_is_no_judge(name, seed):
    for epochs in golden.kept_epochs(name):
        weights = weights_of_octave(name, seed, epochs)
        assert golden.judge(GOLDEN, name, seed, epochs, weights) == {"deviation": 0}
        assert golden.judge(GOLDEN, name, seed, epochs + 1, weights) is None
    assert golden.judge(GOLDEN, name, 99, epochs, weights) is None


@pytest.mark.parametrize(("name", "seed"), SEEDS)
def test_a_single_weight_of_any_layer_off_by_more_than_the_tolerance_is_seen(name, seed):
    tolerance = golden.OCTAVE_TOLERANCE["cpu"]
    for epochs in golden.kept_epochs(name):
        weights = weights_of_octave(name, seed, epochs)
        for layer in range(len(weights)):
            for by, right in ((tolerance * 0.9, True), (tolerance * 1.1, False)):
                found = golden.judge(GOLDEN, name, seed, epochs, moved(weights, layer, by))["deviation"]
                assert (found <= tolerance) is right, (epochs, layer, by, found)


@pytest.mark.parametrize("seed", golden.MNIST_SEEDS)
def test_each_of_the_convolutional_networks_weights_is_judged(seed, monkeypatch):
    kept = golden.read_golden(GOLDEN / golden.file_name("mnist_conv_epochs", seed))
    right = {key: kept[f"{key}_epoch_3"] for key in ("W1", "W5_u", "v_W5", "Wo")}
    monkeypatch.setattr(golden, "mnist_summary", lambda *weights: weights[0])
    assert golden.judge(GOLDEN, "mnist_conv", seed, 3, [right]) == {"deviation": 0}
    assert golden.judge(GOLDEN, "mnist_conv", seed, 2, [right]) is None
    for key in right:
        for by, passes in ((0.9e-12, True), (1.1e-12, False), (math.nan, False)):
            wrong = right | {key: moved([right[key]], 0, by)[0]}
            found = golden.judge(GOLDEN, "mnist_conv", seed, 3, [wrong])["deviation"]
            assert (found <= golden.OCTAVE_TOLERANCE["cpu"]) is passes, key


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_deviates_infinitely_on_either_side_and_in_any_layer(bad):
    right = [np.ones((2, 2)), np.ones(3)]
    for layer in (0, 1):
        wrong = [W.copy() for W in right]
        wrong[layer].flat[-1] = bad
        assert golden.deviation(wrong, right) == golden.deviation(right, wrong) == math.inf
    assert golden.deviation(right, right) == 0


def test_the_tolerances_are_those_that_the_documentation_states():
    assert golden.OCTAVE_TOLERANCE == {"cpu": 1e-12, "gpu": 1e-10}
    assert gradients.GRADIENT_TOLERANCE == 1e-7
    assert run.CONVERGED_WITHIN == 0.1


RIGHT = {"converged": True, "octave": {"deviation": 1e-12}, "references": [{"judged": True, "matched": [True, True]}]}


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ({}, "pass"),
        ({"octave": None}, "pass"),
        ({"octave": {"deviation": 1e-12 * JUST_MORE}}, "fail"),
        ({"octave": {"deviation": math.nan}}, "fail"),
        ({"octave": {"deviation": math.inf}}, "fail"),
        ({"octave": {"error": "missing"}}, "fail"),
        ({"references": [{"judged": True, "matched": [False, True]}]}, "fail"),
        ({"references": [{"judged": True, "matched": [True, False]}]}, "fail"),
        ({"references": [*RIGHT["references"], {"judged": True, "matched": [False]}]}, "fail"),
        ({"references": [{"judged": False, "matched": [False]}]}, "pass"),
        ({"references": []}, "pass"),
        ({"converged": False}, "fail"),
    ],
)
def test_a_run_passes_when_it_converged_and_met_all_its_references(found, expected):
    assert run.verdict(RIGHT | found, CPU) == expected


def test_a_gpu_has_its_own_tolerance_and_float32_is_not_held_against_octave():
    gpu = SimpleNamespace(device="gpu", dtype="float64")
    assert run.verdict(RIGHT | {"octave": {"deviation": 1e-10}}, gpu) == "pass"
    assert run.verdict(RIGHT | {"octave": {"deviation": 1e-10 * JUST_MORE}}, gpu) == "fail"
    single = SimpleNamespace(device="cpu", dtype="float32")
    assert run.verdict(RIGHT | {"octave": {"deviation": 1e-5}}, single) == "pass"
    assert run.verdict(RIGHT | {"converged": False}, single) == "fail"


PRINTED = [
    (name, reference)
    for name, found in read_textbook(ROOT / "reference" / "textbook.toml").items()
    for reference in found
]


@pytest.mark.parametrize(("name", "reference"), PRINTED, ids=lambda value: getattr(value, "label", value))
def test_a_printed_number_off_by_one_in_its_last_digit_is_seen_wherever_it_stands(name, reference):
    sizes = [max(place[axis] for place in reference.at) for axis in range(len(reference.at[0]))]
    ours = np.zeros(sizes)
    for place, digits in zip(reference.at, reference.printed, strict=True):
        ours[tuple(i - 1 for i in place)] = float(digits)
    assert run.judge(reference, {reference.quantity: ours}, {})["matched"] == [True] * len(reference.at)
    for k, (place, digits) in enumerate(zip(reference.at, reference.printed, strict=True)):
        unit = 10.0 ** -len(digits.partition(".")[2])
        for off in (0.51 * unit, -0.51 * unit, math.nan, math.inf):
            wrong = ours.copy()
            wrong[tuple(i - 1 for i in place)] += off
            matched = run.judge(reference, {reference.quantity: wrong}, {})["matched"]
            assert [j for j, match in enumerate(matched) if not match] == [k], (place, off)


@pytest.mark.parametrize(
    ("seed", "changed", "judged"),
    [
        ("any", {}, True),
        ("any", {"seed": (7, "default")}, True),
        ("any", {"epochs": (9999, 10000)}, False),
        ("any", {"epochs": (10001, 10000)}, False),
        ("any", {"alpha": (0.8, 0.9)}, False),
        ("any", {"dtype": ("float32", "float64")}, False),
        ("default", {}, True),
        ("default", {"seed": (7, "default")}, False),
        ("default", {"hidden": (5, 4)}, False),
        ("unknown", {}, False),
    ],
)
def test_printed_numbers_count_for_the_books_own_run_alone(seed, changed, judged):
    (reference,) = read_textbook(ROOT / "reference" / "textbook.toml")["delta_sgd"]
    reference = dataclasses.replace(reference, seed=seed)
    assert run.judge(reference, {"output": np.zeros((4, 1))}, changed)["judged"] is judged


def test_a_negative_zero_and_a_number_that_is_not_finite_are_not_the_printed_digits():
    assert same_digits(0.00004, "0.0000")
    assert not same_digits(0.00006, "0.0000")
    assert not any(same_digits(value, "0.0000") for value in (math.nan, math.inf, -math.inf))


def test_an_output_has_converged_within_a_tenth_of_its_target_and_no_further():
    D, near = np.array([[0.0, 1.0], [1.0, 0.0]]), np.array([[0.1, 0.9], [0.9, 0.1]])
    assert run.close(D, near)
    for place in np.ndindex(2, 2):
        for off in (1e-9 * (1 if near[place] < 0.5 else -1), math.nan, math.inf, -math.inf):
            far = near.copy()
            far[place] += off
            assert not run.close(D, far), (place, off)


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_a_gradient_off_by_more_than_the_tolerance_fails_its_script(name):
    exempt = name == "deep_dropout"
    assert not compare.gradient_missed(name, gradients.GRADIENT_TOLERANCE)
    for error in (gradients.GRADIENT_TOLERANCE * JUST_MORE, 1.0, math.inf, math.nan):
        assert compare.gradient_missed(name, error) is not exempt


@pytest.mark.parametrize("name", sorted(set(gradients.CHECKS) - {"deep_dropout"}))
def test_a_change_of_any_single_weight_is_held_against_the_gradient(name, monkeypatch):
    judged = {}
    error = gradients.gradient_error
    monkeypatch.setattr(gradients, "gradient_error", lambda *given: judged.update(given=given) or error(*given))
    assert gradients.CHECKS[name](1) <= gradients.GRADIENT_TOLERANCE
    changes, cost, weights = judged["given"]
    largest = max(abs(dW).max() for dW in changes)
    slopes = gradients.central_difference(cost, weights)
    monkeypatch.setattr(gradients, "central_difference", lambda *_: slopes)  # the costly half, once
    for layer in range(len(changes)):
        for by in (1.1 * gradients.GRADIENT_TOLERANCE * largest, math.nan):
            wrong = [dW.copy() for dW in changes]
            wrong[layer].flat[0] += by
            assert not error(wrong, cost, weights) <= gradients.GRADIENT_TOLERANCE, layer


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_the_gradient_of_each_listing_that_a_script_trains_is_checked(name, monkeypatch):
    experiment = EXPERIMENTS[name]
    bodies = {each.changes for each in (experiment, *experiment.beside)}
    for key in gradients.CHECKS:
        monkeypatch.setitem(
            gradients.CHECKS,
            key,
            lambda seed, key=key: float(EXPERIMENTS[key].changes in bodies) if key in EXPERIMENTS else 0.0,
        )
    assert gradients.experiment_error(experiment) == 1
    for key in set(gradients.CHECKS) & set(EXPERIMENTS):
        wrong_alone = {other: (lambda seed, other=other, key=key: float(other == key)) for other in gradients.CHECKS}
        monkeypatch.setattr(gradients, "CHECKS", wrong_alone)
        assert gradients.experiment_error(experiment) == (EXPERIMENTS[key].changes in bodies), key


PASSED = {
    "scripts": [{"verdict": "pass"}, {"verdict": "pass"}],
    "functions": [{"matched": [True, True]}, {"matched": [True]}],
}


@pytest.mark.parametrize(
    "wrong",
    [
        {"scripts": [{"verdict": "fail"}, {"verdict": "pass"}]},
        {"scripts": [{"verdict": "pass"}, {"verdict": "fail"}]},
        {"scripts": [{"verdict": "pass"}, {"verdict": "error"}]},
        {"functions": [{"matched": [True, False]}, {"matched": [True]}]},
        {"functions": [{"matched": [True, True]}, {"matched": [False]}]},
        {"functions": [{"matched": [True, True]}, {"matched": []}]},
        {"functions": [{"error": "unreadable"}]},
    ],
)
def test_the_comparison_passes_when_every_script_and_every_function_does(wrong):
    assert summary.passed(PASSED)
    assert not summary.passed(PASSED | wrong)


def reference_with(folder, name, change):
    """A copy of the scripts and references whose golden file is changed, with its sum entered."""
    for part in ("scripts", "reference"):
        shutil.copytree(ROOT / part, folder / part)
    path = folder / "reference" / "golden" / name
    held = golden.read_golden(path)
    change(held)
    savemat(path, held)
    line = f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {name}\n"
    sums = path.parent / golden.SUMS
    kept = [entry for entry in sums.read_text().splitlines(keepends=True) if not entry.endswith(f" {name}\n")]
    sums.write_text("".join([*kept, line]))
    return folder / "scripts"


@pytest.mark.parametrize(("off", "code", "verdict"), [(0.9e-12, 0, "pass"), (1.2e-12, 1, "fail")])
def test_a_converged_script_fails_when_its_weights_are_not_octaves(off, code, verdict, tmp_path):
    def change(held):
        held["W1_epoch_10000"] = held["W1_epoch_10000"] + off * abs(held["W1_epoch_10000"]).max() * np.array(
            [[0, 0, 1]]
        )

    scripts = reference_with(tmp_path, "delta_sgd_default.mat", change)
    done = subprocess.run([sys.executable, scripts / "delta_sgd.py", "--json"], capture_output=True, check=False)
    record = json.loads(done.stdout)
    assert (done.returncode, record["verdict"], record["converged"]) == (code, verdict, True)
    assert all(record["references"][0]["matched"])


def test_a_converged_script_fails_when_its_golden_file_is_missing_or_a_printed_digit_is_another(tmp_path):
    for part in ("scripts", "reference"):
        shutil.copytree(ROOT / part, tmp_path / part)
    command = [sys.executable, tmp_path / "scripts" / "delta_sgd.py", "--json"]
    textbook = tmp_path / "reference" / "textbook.toml"
    whole = textbook.read_text(encoding="utf-8")
    for printed, other in (("0.0102", "0.0103"), ("0.0083", "0.0082"), ("0.9932", "0.9933"), ("0.9917", "0.9916")):
        textbook.write_text(whole.replace(f'"{printed}"', f'"{other}"', 1), encoding="utf-8")
        done = subprocess.run(command, capture_output=True, check=False)
        record = json.loads(done.stdout)
        assert (done.returncode, record["verdict"], record["converged"]) == (1, "fail", True)
        assert record["references"][0]["matched"].count(False) == 1
    textbook.write_text(whole, encoding="utf-8")
    (tmp_path / "reference" / "golden" / "delta_sgd_default.mat").unlink()
    done = subprocess.run(command, capture_output=True, check=False)
    assert (done.returncode, json.loads(done.stdout)["verdict"]) == (1, "fail")
