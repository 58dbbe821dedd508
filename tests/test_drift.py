"""The gate between two runs: what counts as drift, in pairs of right and just more than the bound, and what is said."""

import copy
import json
import math
import re

import numpy as np
import pytest
import runs

from deltarule.evidence.golden import OCTAVE_TOLERANCE
from deltarule.programs import drift, earlier, parts

JUST_MORE, JUST_LESS = 1.001, 0.999
ASKED = {"seed": 1, "generator": "twister", "epochs": 2, "device": "cpu", "dtype": "float64", "choices": {"alpha": 0.9}}
RIGHT = {"outputs": {"output": [[0.25, 0.5], [1.0, 2.0]]}, "weights": {"W1": [[3.0, -4.0]], "W2": [[0.5], [8.0]]}}
HERE, ELSEWHERE = {"cpu": "one"}, {"cpu": "another"}


def script(name="a", **more):
    """A script's record as its JSON has it."""
    return copy.deepcopy({"script": name, "verdict": "pass", **ASKED, **RIGHT, **more})


def run(*records, environment=HERE):
    return {"scripts": list(records), "environment": environment}


def drifted(here, there):
    (found,) = drift.drift(run(here), run(there))
    return found


def moved(what, place, by):
    """The right record with one number off by so much, relative to the largest of its array."""
    record = script()
    rows = {**record["outputs"], **record["weights"]}[what]
    rows[place[0]][place[1]] += by * np.abs(rows).max()
    return record


PLACES = [
    (what, (k, c)) for what, a in {**RIGHT["outputs"], **RIGHT["weights"]}.items() for k, c in np.ndindex(np.shape(a))
]


@pytest.mark.parametrize(("what", "place"), PLACES)
@pytest.mark.parametrize("tolerance", [1e-12, 1e-3])
def test_an_output_or_a_weight_off_by_just_more_than_the_tolerance_fails_and_just_less_passes(what, place, tolerance):
    for factor, passes in ((JUST_LESS, True), (JUST_MORE, False)):
        here = run(moved(what, place, factor * tolerance))
        found = drift.report(here, run(script()), tolerance)
        assert found["passed"] is found["scripts"][0]["passed"] is passes
        assert (found["scripts"][0]["what"], found["scripts"][0]["at"]) == (what, tuple(i + 1 for i in place))
        assert f"drift      {'pass' if passes else 'FAIL: a'}" in drift.drift_text(here, run(script()), tolerance)


@pytest.mark.parametrize(("what", "place"), PLACES)
def test_in_the_same_environment_the_last_bit_of_any_number_fails(what, place):
    record = script()
    rows = {**record["outputs"], **record["weights"]}[what]
    rows[place[0]][place[1]] = float(np.nextafter(rows[place[0]][place[1]], math.inf))
    assert drift.report(run(script()), run(script()))["passed"]
    found = drift.report(run(record), run(script()))
    assert (found["tolerance"], found["passed"]) == (0, False)
    assert 0.5 <= found["scripts"][0]["ulps"] <= 1
    assert drift.report(run(record), run(script(), environment=ELSEWHERE))["passed"]


@pytest.mark.parametrize(
    ("more", "tolerance"),
    [
        ({}, OCTAVE_TOLERANCE["cpu"]),
        ({"device": "gpu"}, OCTAVE_TOLERANCE["gpu"]),
        ({"dtype": "float32"}, drift.FLOAT32_TOLERANCE),
    ],
)
def test_another_environment_has_a_tolerance_of_its_own(more, tolerance):
    there = run(script(**more), environment=ELSEWHERE)
    assert drift.default_tolerance(run(script(**more)), there)[0] == tolerance
    assert drift.default_tolerance(run(script(**more)), run(script(**more)))[0] == 0
    assert drift.default_tolerance(run(script(**more)), {**there, "environment": None})[0] == tolerance


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, None])
@pytest.mark.parametrize(("what", "place"), PLACES)
def test_a_number_that_is_not_finite_has_drifted_infinitely_even_if_it_did_so_before(what, place, bad):
    wrong = script()
    {**wrong["outputs"], **wrong["weights"]}[what][place[0]][place[1]] = bad
    for here, there in ((wrong, script()), (script(), wrong), (wrong, wrong)):
        found = drifted(here, there)
        assert (found.what, found.at, found.ulps, found.relative) == (
            what,
            (place[0] + 1, place[1] + 1),
            math.inf,
            math.inf,
        )
        assert not drift.report(run(here), run(there), 1e300)["passed"]


@pytest.mark.parametrize("field", drift.SAME_RUN)
def test_runs_that_differ_in_what_they_did_are_not_compared_and_fail(field):
    other = {"beta": 1} if field == "choices" else "other"
    found = drifted(script(), script(**{field: other}))
    assert found.reason.startswith(f"{field} ")
    assert found.reason.endswith("beta 1 there" if field == "choices" else "other there")
    assert found.relative == math.inf


@pytest.mark.parametrize(
    ("here", "there", "reason"),
    [
        ([script("a")], [script("a"), script("b")], "not run here"),
        ([script("a"), script("b")], [script("a")], "not in the earlier run"),
        ([script("a"), script("b")], [script("a"), {"script": "b", "verdict": "error"}], "no result there"),
        ([script("a"), {"script": "b", "verdict": "error"}], [script("a"), script("b")], "no result here"),
        (
            [script("a"), script("b")],
            [script("a"), script("b", weights={"W1": [[1.0, 2.0]]})],
            "W2: .* here, none there",
        ),
        (
            [script("a"), script("b")],
            [script("a"), script("b", outputs={"output": [[1.0]]})],
            r"\(2, 2\) here, \(1, 1\) ",
        ),
        ([script("a"), script("b")], [script("a"), script("b", outputs={"y": [[1.0]]})], "output: .* here, none there"),
        ([script("a"), script("b")], [script("a"), script("b", loaded="w.mat")], "started from w.mat there"),
    ],
)
def test_a_script_that_is_missing_or_cannot_be_compared_fails_and_is_named(here, there, reason):
    found = drift.report(run(*here), run(*there), 1e300)
    assert [each["passed"] for each in found["scripts"]] == [True, False]
    assert not found["passed"]
    text = drift.drift_text(run(*here), run(*there), 1e300)
    assert re.search(rf"^b +.*{reason}.* DRIFT$", text, re.MULTILINE)
    assert "drift      FAIL: b by more than" in text
    assert drift.report(run(script("a")), run(script("a")), 0)["passed"]


def test_what_differs_most_is_named_first_and_what_is_identical_is_only_counted():
    here = [script("same"), script("little"), script("much"), script("gone")]
    here[1]["weights"]["W2"][1][0] += 1e-9
    here[2]["outputs"]["output"][0][1] += 0.01
    text = drift.drift_text(run(*here), run(*(script(each["script"]) for each in here[:3])), 1e-6)
    rows = [line.split() for line in text.splitlines()[2:5]]
    assert [row[0] for row in rows] == ["gone", "much", "little"]
    assert rows[1][1:4] == ["output", "1,", "2"]
    assert rows[1][-2:] == ["5.0e-03", "DRIFT"]  # 0.01 of 2, the largest output
    assert rows[2][-1] == "1.3e-10"
    assert "1 of 4 scripts are identical to the last bit" in text
    assert "drift      FAIL: gone, much by more than 1e-06 (as asked for)" in text


def test_ulps_count_neighbouring_numbers():
    a = np.array([1.0, -1.0, 1e-300, 0.0, 1e300])
    b = a.copy()
    for steps in (1, 2, 3):
        b = np.nextafter(b, 2e300)
        np.testing.assert_array_equal(drift.ulps(a, b)[[0, 2, 3, 4]], steps)
    np.testing.assert_array_equal(drift.ulps(a, a), 0)
    single = np.array([1.0, 3.0], np.float32)
    np.testing.assert_array_equal(drift.ulps(single, np.nextafter(single, np.float32(9)), "float32"), 1)


def test_ulps_are_counted_in_the_unit_of_the_larger_number():
    below = np.nextafter(1.0, 0)  # the numbers below 1 lie half as far apart as those above
    assert drift.ulps(np.array([1.0]), np.array([below])) == 0.5
    assert drift.ulps(np.array([below]), np.array([1.0])) == 0.5
    assert drift.ulps(np.array([-1e308]), np.array([1e308])) > 1e15


def test_a_number_that_appears_among_zeros_has_drifted_infinitely():
    np.testing.assert_array_equal(drift.relative([0.0, 1e-300], [0.0, 0.0]), [0, math.inf])
    np.testing.assert_array_equal(drift.relative([0.0, 0.0], [0.0, 0.0]), 0)
    np.testing.assert_array_equal(drift.relative([-1e308, 1e308], [1e308, 1e308]), [math.inf, 0])


def test_a_quantity_that_is_null_in_both_runs_has_not_drifted_and_one_that_is_in_one_of_them_has():
    def notes(value):
        return {**script(), "outputs": {}, "weights": {}, "quantities": {"plain": value, "normalised": 0.9}}

    assert drifted(notes(None), notes(None)).relative == 0
    assert drifted(notes(0.5), notes(0.5)).relative == 0
    assert drifted(notes(0.5), notes(None)).reason == "plain: a number here, none there"
    assert drifted(notes(None), notes([0.5])).reason == "plain: none here, (1,) there"
    assert drifted(notes(0.5), notes(None)).relative == math.inf


ALL = len(parts.names())


def quick():
    """What compare prints as JSON after one epoch of everything."""
    return runs.record("compare", *runs.SHORT)[1]


@pytest.mark.slow
def test_a_real_run_does_not_drift_from_itself():
    earlier.check_run(quick())
    assert {each.relative for each in drift.drift(quick(), quick())} == {0.0}
    text = drift.drift_text(quick(), quick())
    assert "the same environment" in text.splitlines()
    assert f"{ALL} of {ALL} scripts are identical to the last bit" in text
    assert all(record["weights"] or record["quantities"] for record in quick()["scripts"])


@pytest.mark.slow
def test_two_steps_of_one_output_of_a_real_run_are_found_and_the_environment_is_told():
    there = copy.deepcopy(quick())
    outputs = next(each for each in there["scripts"] if each["script"] == "multi_class")["outputs"]["output"]
    outputs[2][4] = float(np.nextafter(np.nextafter(outputs[2][4], 1), 1))
    there["environment"]["numpy"] = "1.0"
    there["deltarule"] = {"version": "0.0.1", "commit": None}
    (found,) = [each for each in drift.drift(quick(), there) if each.relative]
    assert (found.script, found.what, found.at, found.ulps) == ("multi_class", "output", (3, 5), 2.0)
    text = drift.drift_text(quick(), there)
    assert f"numpy: 1.0 there, {np.__version__} here" in text
    assert "version: 0.0.1 there" in text
    assert f"{ALL - 1} of {ALL} scripts are identical to the last bit\ndrift      pass: none by more than 1e-12" in text


def test_json_tells_the_drift_and_null_where_it_is_infinite():
    found = drift.report(run(script()), run(script("b")))
    assert json.loads(json.dumps(found, allow_nan=False))["scripts"][0] == {
        **{"script": "a", "what": "", "at": [], "ulps": None, "relative": None},
        **{"reason": "not in the earlier run", "passed": False},
    }


def test_what_would_steer_a_terminal_is_not_printed():
    there = run(script(), {"script": "b\x1b[2J", "verdict": "error"}, environment={"cpu": "\x1b]0;x\x07"})
    printed = drift.drift_text(run(script()), there)
    assert "\x1b" not in printed
    assert "\x07" not in printed
