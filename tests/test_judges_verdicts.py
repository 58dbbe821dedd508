"""What the verdicts of runs, and the gate between two of them, say and let pass: in pairs, and word by word."""

import dataclasses
import json
import math
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from deltarule.evidence.textbook import Reference
from deltarule.listings.experiments import EXPERIMENTS
from deltarule.programs import drift, earlier, verdicts, weight_files
from deltarule.programs.weight_files import Held

CPU = SimpleNamespace(device="cpu", dtype="float64")
JUDGED = {"judged": True, "matched": [True], "seed": "default", "source": "book"}
SHOWN = {**JUDGED, "judged": False}


def copied(text):
    """The same text as another object, as JSON gives it."""
    return "".join(list(text))


@pytest.mark.parametrize(("off", "verdict"), [(0, "pass"), (0.999e-12, "pass"), (1e-12, "pass"), (1.001e-12, "fail")])
def test_weights_pass_up_to_the_tolerance_and_no_further(off, verdict):
    found = {"converged": True, "references": [], "octave": {"deviation": off}}
    assert verdicts.verdict(found, CPU) == verdict
    assert verdicts.verdict(found, SimpleNamespace(device="gpu", dtype=copied("float64"))) == "pass"
    assert verdicts.verdict(found, SimpleNamespace(device="cpu", dtype=copied("float32"))) == "pass"
    assert verdicts.verdict({**found, "octave": {"error": "none"}}, CPU) == "fail"


@pytest.mark.parametrize(
    ("verdict", "converged", "references", "changed", "said"),
    [
        ("pass", True, [JUDGED], {}, "pass"),
        ("fail", True, [JUDGED], {}, "FAIL"),
        ("pass", True, [], {}, "pass"),
        ("fail", False, [SHOWN], {}, "FAIL"),
        ("pass", True, [SHOWN, JUDGED], {"seed": (7, 1)}, "pass: as printed, though not the book's run"),
        ("fail", True, [SHOWN, JUDGED], {"seed": (7, 1)}, "FAIL"),
        ("pass", True, [SHOWN], {"alpha": (1, 2)}, "converged; not judged against the book"),
        ("fail", True, [], {"alpha": (1, 2)}, "converged; not judged against the book"),
        ("fail", False, [SHOWN], {"alpha": (1, 2)}, "not converged"),
        ("pass", False, [], {"alpha": (1, 2)}, "not converged"),
    ],
)
def test_a_verdict_is_told_in_words_and_another_run_than_the_books_is_no_failure_of_the_books(
    verdict, converged, references, changed, said
):
    found = {"verdict": copied(verdict), "converged": converged, "references": references}
    assert verdicts.verdict_in_words(found, changed) == said
    assert verdicts.verdict_in_words(found, changed, str.upper) == said.upper()


def test_what_is_not_the_books_is_told_with_the_books_beside_it():
    changed = {"alpha": (0.3, 0.9), "batch_size": (7, 2)}
    assert verdicts.in_words(changed) == "alpha 0.3 (book: 0.9), batch size 7 (book: 2)"
    assert verdicts.in_words(changed, str, "{name}={here}/{book}") == "alpha=0.3/0.9, batch size=7/2"
    assert verdicts.in_words({}) == ""


@pytest.mark.parametrize(
    ("reference", "changed", "said"),
    [
        ({"judged": True, "matched": [True, False, True]}, {}, "2 of 3 numbers as printed (book, p. 3)"),
        ({"judged": True, "seed": "unknown", "matched": [False]}, {"a": 1}, "0 of 1 numbers as printed (book, p. 3)"),
        (
            {"judged": False, "seed": copied("unknown")},
            {"alpha": 1},
            "printed from a start that was not published: shown, not judged (book, p. 3)",
        ),
        ({"judged": False, "seed": 3}, {"a": 1}, "printed for other choices (a): shown, not judged (book, p. 3)"),
        (
            {"judged": False},
            {"alpha": 1, "batch_size": 2},
            "printed for other choices (alpha, batch size): shown, not judged (book, p. 3)",
        ),
    ],
)  # fmt: skip
def test_what_came_of_a_reference_is_told_in_a_sentence(reference, changed, said):
    given = {"seed": "default", "matched": [True], "source": "book, p. 3", **reference}
    assert verdicts.in_a_sentence(given, changed) == said


def test_a_judged_reference_carries_what_was_printed_beside_our_numbers():
    reference = Reference("book", "output", ("0.50", "0.25"), ((1, 1), (2, 1)), 10, "default", "book, p. 3")
    found = verdicts.judge(reference, {"output": np.array([[0.5], [0.3]])}, {})
    assert found == {
        "label": "book", "source": "book, p. 3", "seed": "default", "printed": ["0.50", "0.25"], "values": [0.5, 0.3],
        "matched": [True, False], "judged": True, "sentence": "1 of 2 numbers as printed (book, p. 3)",
    }  # fmt: skip


@pytest.mark.parametrize("column", [True, False])
def test_outputs_are_close_on_either_side_of_their_targets_and_no_further(column):
    D = np.array([0.0, 1.0, 1.0, 0.0])
    sides = np.array([1, -1, 1, -1])
    for off, right in ((0.0999, True), (0.1001, False)):
        for k in range(4):
            y = D + sides * 0.0999
            y[k] = D[k] + sides[k] * off
            assert verdicts.close(D, y[:, None] if column else y) is right
    assert verdicts.close(np.zeros(1), np.full(1, 0.1))


def test_the_numbers_of_a_drift_are_those_that_the_documentation_states():
    assert drift.FLOAT32_TOLERANCE == 1e-4
    assert drift.HEADINGS == ["script", "what", "at", "ulps", "relative", ""]
    nothing = drift.Drift("a")
    assert (nothing.what, nothing.at, nothing.ulps, nothing.relative, nothing.reason) == (
        "",
        (),
        math.inf,
        math.inf,
        "",
    )


def script(name="a", **more):
    return {"script": name, "dtype": "float64", "outputs": {"output": [[1.0, 2.0]]}, "weights": {"W": [[4.0]]}, **more}


def run(*records, **more):
    return {"scripts": list(records), "environment": {"cpu": "one"}, **more}


@pytest.mark.parametrize(
    ("here", "there", "reason"),
    [
        ({"seed": 1}, {"seed": 2}, "seed 1 here, 2 there"),
        ({}, {"seed": 2}, "seed None here, 2 there"),
        ({"choices": {"a": 0.5, "hidden": 4}}, {"choices": {"a": 0.9}}, "choices a 0.5, hidden 4 here, a 0.9 there"),
        ({"outputs": {"output": [[1.0]]}}, {}, "output: (1, 1) here, (1, 2) there"),
        ({"weights": {"W": [[4.0]], "V": [[1.0]]}}, {}, "V: (1, 1) here, none there"),
        ({}, {"weights": {"W": [[4.0]], "V": [[1.0]]}}, "V: none here, (1, 1) there"),
        ({"weights": {}}, {}, "no result here"),
        ({}, {"weights": {}}, "no result there"),
        ({"verdict": "error"}, {}, "no result here"),
        ({}, {"verdict": "error"}, "no result there"),
        ({}, {"loaded": "w.mat"}, "started from w.mat there"),
    ],
)  # fmt: skip
def test_why_runs_are_not_compared_is_told_word_by_word(here, there, reason):
    (found,) = drift.drift(run(script(**here)), run(script(**there)))
    assert (found.reason, found.what, found.relative) == (reason, "", math.inf)


def test_axes_that_matlab_adds_to_a_file_of_weights_are_taken_off_and_no_others():
    here = script(outputs={}, quantities={"loss": 1.0}, weights={"b": [1.0, 2.0], "W": [[3.0, 4.0]], "c": [5.0]})
    for b, c, alike in (
        ([[1.0, 2.0]], [[5.0]], True),
        ([[1.0], [2.0]], [5.0], True),
        ([1.0, 2.0], [[[5.0]]], True),
        ([[1.0, 2.0], [1.0, 2.0]], [5.0], False),
    ):
        there = {
            "script": "a",
            "weights": {"b": np.array(b), "W": np.array([[3.0, 4.0]]), "c": np.array(c), "x": np.ones(3)},
        }
        (found,) = drift.drift(run(here), run(there))
        assert (found.relative == 0) is alike
    for W in ([3.0, 4.0], [[3.0], [4.0]]):
        (found,) = drift.drift(run(here), run({"script": "a", "weights": {"b": [1.0, 2.0], "W": W, "c": [5.0]}}))
        assert found.reason.startswith("W: (1, 2) here, ")
    (found,) = drift.drift(run(here), run({"script": "a", "weights": {"b": [1.0, 2.0], "W": [[3.0, 4.0]]}}))
    assert found.reason == "c: (1,) here, none there"


def test_a_matrix_of_several_rows_and_columns_is_no_vector_of_as_many_numbers():
    there = {"script": "a", "weights": {"b": np.array([[1.0, 2.0], [3.0, 4.0]])}}
    here = script(outputs={}, quantities={"loss": 1.0}, weights={"b": [1.0, 2.0, 3.0, 4.0]})
    assert drift.drift(run(here), run(there))[0].reason == "b: (4,) here, (2, 2) there"


def test_the_number_that_lies_furthest_off_stands_for_its_array_and_the_worst_array_for_its_script():
    here = script(
        outputs={"output": [[1.0, 2.0 + 4e-9]], "other": [[-5.0, 0.5 - 2e-9]]}, weights={"W": [[4.0 + 4e-9, 1.0]]}
    )
    there = script(outputs={"output": [[1.0 - 1e-9, 2.0]], "other": [[-5.0, 0.5]]}, weights={"W": [[4.0, 1.0]]})
    (found,) = drift.drift(run(here), run(there))
    assert (found.what, found.at) == ("output", (1, 2))
    assert abs(found.relative - 2e-9) < 1e-14
    assert found.ulps == round(4e-9 / 2**-51)
    (found,) = drift.drift(run(here), run({**there, "outputs": here["outputs"]}))
    assert (found.what, found.at) == ("W", (1, 1))
    single = {"dtype": "float32"}
    (found,) = drift.drift(run({**here, **single}), run({**there, **single}))
    assert 0 < found.ulps < 0.1


def test_the_drift_is_told_line_by_line():
    here = [script("far"), script("near"), script("same")]
    there = [
        script("far", weights={"W": [[5.0]]}),
        script("near", outputs={"output": [[1.0, 2.0 + 2**-40]]}),
        script("same"),
    ]
    versions = {"version": "2", "commit": None}, {"version": "1", "commit": None}
    now = run(*here, deltarule=versions[0])
    then = {**run(*there, {"script": "gone"}, deltarule=versions[1]), "environment": {"cpu": "two", "blas": "x"}}
    assert [" ".join(line.split()) for line in drift.drift_text(now, then, 0.5).splitlines()] == [
        "drift from the earlier run",
        "script what at ulps relative",
        "gone not run here - - - DRIFT",
        "far W 1, 1 1125899906842624 2.0e-01",
        "near output 1, 2 2048 4.5e-13",
        "",
        "1 of 4 scripts are identical to the last bit",
        "drift FAIL: gone by more than 0.5 (as asked for)",
        "",
        "version: 1 there, 2 here",
        "cpu: two there, one here",
        "blas: x there, unknown here",
    ]
    assert drift.identical(now, then) == ["same"]
    passed = drift.drift_text(run(script()), run(script())).splitlines()
    assert passed == [
        "drift from the earlier run",
        "1 of 1 scripts are identical to the last bit",
        "drift      pass: none by more than 0 (the same environment)",
        "",
        "the same environment",
    ]
    assert drift.drift_text(run(script()), {**run(script()), "environment": None}).splitlines()[-1] == (
        "the earlier run does not tell its environment"
    )


def test_a_drift_of_just_the_tolerance_passes_and_one_step_more_fails():
    here, there = run(script(weights={"W": [[4.0]]})), run(script(weights={"W": [[5.0]]}))
    less = math.nextafter(0.2, 0)
    assert drift.report(here, there, 0.2)["passed"]
    assert not drift.report(here, there, less)["passed"]
    assert [each["passed"] for each in drift.report(here, there, 0.2)["scripts"]] == [True]
    assert [each["passed"] for each in drift.report(here, there, less)["scripts"]] == [False]
    assert "DRIFT" not in drift.drift_text(here, there, 0.2)
    assert "pass: none" in drift.drift_text(here, there, 0.2)
    assert "DRIFT" in drift.drift_text(here, there, less)
    assert "FAIL: a by" in drift.drift_text(here, there, less)
    found = drift.report(here, there, 0.2)
    assert (found["tolerance"], found["why"]) == (0.2, "as asked for")
    assert json.loads(json.dumps(found["scripts"], allow_nan=False))[0]["relative"] == 0.2


@pytest.mark.parametrize(
    ("here", "there", "expected"),
    [
        ({}, {}, (0.0, "the same environment")),
        ({}, {"environment": None}, (1e-12, "another environment")),
        ({"environment": None}, {"environment": None}, (1e-12, "another environment")),
        ({}, {"environment": {"cpu": "two"}}, (1e-12, "another environment")),
        ({"scripts": []}, {"environment": None}, (1e-12, "another environment")),
        ({"scripts": [{"device": "gpu"}]}, {"environment": None}, (1e-10, "another environment")),
        ({"scripts": [{"dtype": "float32"}]}, {"environment": None}, (1e-4, "another environment, float32")),
        ({"scripts": [{"dtype": "float64"}]}, {"environment": None}, (1e-12, "another environment")),
        ({"scripts": [{"dtype": "float32"}]}, {}, (0.0, "the same environment")),
    ],
)  # fmt: skip
def test_the_tolerance_is_that_of_the_environments_and_is_told_why(here, there, expected):
    assert drift.default_tolerance({**run(script()), **here}, {**run(script()), **there}) == expected


def test_what_is_not_finite_is_infinitely_far_in_its_own_place_alone():
    a, b = np.array([1.0, math.nan, 3.0, math.inf]), np.array([1.0, 2.0, math.inf, math.inf])
    assert drift.ulps(a, b).tolist() == [0, math.inf, math.inf, math.inf]
    assert drift.relative(a, b).tolist() == [0, math.inf, math.inf, math.inf]
    assert drift.relative([2.0, 1.0], [4.0, math.nan]).tolist() == [0.5, math.inf]
    assert drift.relative([-2.0, 1.0], [-4.0, 1.0]).tolist() == [0.5, 0]
    assert drift.relative([], []).tolist() == []
    assert drift.relative([0.25], [0.125]).tolist() == [1]
    assert (
        drift.printable("a\x1b\t\n\x9bz")
        == "a\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}\n\N{REPLACEMENT CHARACTER}z"
    )
    assert drift.ulps([1.0], [1.0 + 2**-23], "float32").tolist() == [1]
    assert drift.ulps([-4.0], [-3.0]).tolist() == [2.0**50]


def held(**variables):
    return Held(Path("w.mat"), variables)


def test_a_file_of_weights_tells_the_run_and_its_choices_and_nothing_else():
    W = np.array([[1.0, 2.0]])
    found = earlier.record(
        held(listing="delta_sgd", W=W, seed=3, epochs=7, alpha=0.5, X=np.eye(2), note="mine", n=np.array(["a"]), i=2)
    )
    assert {k: v for k, v in found.items() if k != "weights"} == {
        "script": "delta_sgd", "seed": 3, "epochs": 7, "choices": {"alpha": 0.5},
    }  # fmt: skip
    assert found["weights"]["W"].tolist() == W.tolist()
    assert found["weights"]["i"].shape == (1, 1)
    assert "n" not in found["weights"]
    assert "choices" not in earlier.record(held(listing="delta_sgd", W=W))
    assert earlier.record(held(listing="gradient_check", b=np.float64(2)))["weights"]["b"].shape == (1,)
    for name in ("xor", 3, None):
        with pytest.raises(ValueError, match=f"such as 'backprop_xor', not {name!r}$"):
            earlier.record(held(listing=name, W=W))


def test_of_octaves_file_the_weights_after_the_last_epoch_are_read_under_their_own_names():
    def kept(*names, epochs):
        return {f"{name}_epoch_{n}": np.full((1, 2), k + n) for k, name in enumerate(names) for n in epochs}

    one = earlier.record(held(name="delta_sgd", seed="7", epochs=np.array([1.0, 10.0]), **kept("W1", epochs=(1, 10))))
    assert {k: v for k, v in one.items() if k != "weights"} == {
        "script": "delta_sgd", "seed": 7, "epochs": 10, "generator": "twister", "dtype": "float64",
    }  # fmt: skip
    assert {name: W.tolist() for name, W in one["weights"].items()} == {"W": [[10, 10]]}
    two = earlier.record(held(name="backprop_xor", seed="default", epochs=10, **kept("W1", "W2", epochs=(1, 10))))
    assert two["seed"] == "default"
    assert {name: W.tolist() for name, W in two["weights"].items()} == {"W1": [[10, 10]], "W2": [[11, 11]]}
    products = kept("W1", "W5_u", "v_W5", "Wo", epochs=(1, 3))
    conv = earlier.record(held(name="mnist_conv_epochs", seed=1, epochs=[1, 3], **products))
    assert (conv["script"], conv["seed"], conv["epochs"]) == ("mnist_conv", 1, 3)
    assert {name: W.tolist() for name, W in conv["weights"].items()} == {
        "W1": [[3, 3]], "W5_u": [[4, 4]], "v_W5": [[5, 5]], "Wo": [[6, 6]],
    }  # fmt: skip
    none = earlier.record(held(name="delta_sgd", W1_start=np.ones(1)))
    assert (none["seed"], none["epochs"], none["weights"]) == ("default", 0, {})


@pytest.mark.parametrize(
    ("part", "right", "wrong"),
    [
        ("listings", {"outputs": {"y": [[1.0]]}, "weights": {"W": [[1]], "W1": [[[None]]]}}, {"weights": {"W": [1.0]}}),
        (None, {"weights": {"W": [[1.0]]}}, {"outputs": {"y": [[[1.0]]]}}),
        ("unknown", {"weights": {"W": [[1.0]]}}, {"weights": {"W": [[[[1.0]]]]}}),
        ("from_scratch", {"quantities": {"a": 1, "b": [True], "c": [[[[2.5]]]]}}, {"quantities": {"a": [[[[[1.0]]]]]}}),
        ("from_scratch", {"weights": {"a": [1], "c": [[[[2.5]]]]}}, {"weights": {"a": 1.0}}),
        ("networks", {"quantities": {"a": None}, "weights": {"a": [1]}}, {"weights": {"a": [True]}}),
        ("networks", {"quantities": {}}, {"weights": {"a": [[[[[1.0]]]]]}}),
        ("from_scratch", {"quantities": {"a": [1]}}, {"quantities": {"a": "text"}}),
        ("from_scratch", {"quantities": {"a": [1]}}, {"quantities": {"a": []}}),
    ],
)
def test_the_arrays_of_a_run_have_the_axes_of_their_part_and_no_others(part, right, wrong):
    record = {"script": "a"} | ({"part": part} if part else {})
    earlier.check_run({"environment": {}, "scripts": [{**record, **right}]})
    (field,) = wrong
    with pytest.raises(ValueError, match=f"^the {field} of 'a' must be arrays of numbers, by name$"):
        earlier.check_run({"environment": {}, "scripts": [{"script": "b"}, {**record, **wrong}]})


@pytest.mark.parametrize(
    ("saved", "said"),
    [
        ([], "it has no environment"),
        ({"scripts": []}, "it has no environment"),
        ({"environment": {}}, "it has no list of scripts"),
        ({"environment": {}, "scripts": [{}, 1]}, "it has no list of scripts"),
        ({"environment": {}, "scripts": [{"script": "a"}, {}]}, "each of its scripts must have a name of its own"),
        ({"environment": {}, "scripts": [{"script": "a"}] * 2}, "each of its scripts must have a name of its own"),
    ],
)
def test_what_a_run_lacks_is_told(saved, said):
    with pytest.raises(ValueError, match=f"^{said}$"):
        earlier.check_run(saved)


def test_the_seed_of_a_script_without_options_is_its_own():
    assert earlier._own_seed("multi_class") == EXPERIMENTS["multi_class"].seed == 3
    assert earlier._own_seed("gradient_check") == 1
    assert earlier._own_seed("softmax_classifier") == "default"
    assert earlier.LARGEST_FILE == 2**28


@pytest.mark.parametrize("layers", [2, 3, 4])
def test_the_layers_of_octaves_file_have_names_from_w1_on(layers):
    kept = {f"W{k}_epoch_9": np.full((1, 2), k) for k in range(1, layers + 1)}
    found = earlier.record(held(name="deep_relu", seed=1, epochs=9, **kept))
    assert {name: W[0, 0] for name, W in found["weights"].items()} == {f"W{k}": k for k in range(1, layers + 1)}


def test_of_a_folder_the_trained_weights_from_the_seed_are_read_one_file_for_each_script(tmp_path):
    def write(name, **told):
        weight_files.write(tmp_path / f"{name}.npz", {"W": np.ones((1, 3)), **told})

    write("a", listing="delta_sgd", seed="default", epochs=0)
    write("b", listing="delta_sgd", seed="default", epochs=1)
    write("c", listing="delta_batch", seed=7, epochs=5)
    write("d", listing="multi_class", seed=3)
    write("e", listing="multi_class", seed=7)
    for seed, names in (
        (None, ["delta_sgd", "multi_class"]),
        (7, ["delta_batch", "multi_class"]),
        ("default", ["delta_sgd"]),
    ):
        found = earlier.read(tmp_path, seed)
        assert [record["script"] for record in found["scripts"]] == names
        assert [record["epochs"] for record in found["scripts"] if record["script"] == "delta_sgd"] in ([], [1])
        assert (found["environment"], found["whole"]) == (None, False)
    with pytest.raises(ValueError, match="^it has no files of weights, .mat or .npz, of runs from this seed$"):
        earlier.read(tmp_path, 8)
    write("f", listing="multi_class", seed=3)
    with pytest.raises(ValueError, match="^it has two files of multi_class$"):
        earlier.read(tmp_path)


def test_json_of_just_the_largest_size_is_read_and_one_byte_more_is_not(tmp_path, monkeypatch):
    path = tmp_path / "run.json"
    path.write_text(json.dumps({"environment": {}, "scripts": []}))
    for largest, right in ((path.stat().st_size, True), (path.stat().st_size - 1, False)):
        monkeypatch.setattr(earlier, "LARGEST_FILE", largest)
        if right:
            assert earlier.read(path) == {"environment": {}, "scripts": [], "whole": True}
        else:
            with pytest.raises(ValueError, match=f"^it is longer than {largest} bytes$"):
                earlier.read(path)


def test_a_drift_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        drift.Drift("a").relative = 0.0
