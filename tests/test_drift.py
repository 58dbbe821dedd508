"""The drift between two runs of all scripts, as its table tells it; test_judges.py has what counts as drift."""

import copy
import re

import numpy as np
import pytest
import runs

from deltarule.programs import drift


def quick():
    """What compare prints as JSON after one epoch of everything."""
    return runs.record("compare", "--epochs", "1")[1]


def test_ulps_count_neighbouring_numbers():
    a = np.array([1.0, -1.0, 1e-300, 0.0, 1e300])
    b = a.copy()
    for steps in (1, 2, 3):
        b = np.nextafter(b, 2e300)
        np.testing.assert_array_equal(drift.ulps(a, b)[[0, 2, 3, 4]], steps)
    np.testing.assert_array_equal(drift.ulps(a, a), 0)


def test_a_run_does_not_drift_from_itself():
    drift.check_run(quick())
    assert {rest[3] for _, *rest in drift.drift(quick(), quick())} == {0.0}
    text = drift.drift_text(quick(), quick())
    assert "the same environment" in text
    assert "15 of 15 scripts are identical to the last bit" in text


def test_drift_names_the_output_that_moved_most_and_what_else_is_different():
    saved = copy.deepcopy(quick())
    outputs = next(record for record in saved["scripts"] if record["script"] == "multi_class")["outputs"]["output"]
    outputs[2][4] = float(np.nextafter(np.nextafter(outputs[2][4], 1), 1))
    saved["environment"]["numpy"] = "1.0"
    found = dict((name, rest) for name, *rest in drift.drift(quick(), saved))
    assert found["multi_class"][:4] == ["output", 3, 5, 2.0]
    assert found["deep_relu"][3] == 0
    text = drift.drift_text(quick(), saved)
    assert re.search(r"multi_class +output +3 +5 +2 ", text)
    assert f"numpy: 1.0 there, {np.__version__} here" in text
    assert "14 of 15 scripts are identical to the last bit: delta_sgd, " in text


def test_runs_that_cannot_be_compared_are_named():
    saved = copy.deepcopy(quick())
    saved["scripts"][0]["seed"] = 5
    saved["scripts"][1]["epochs"] = 7
    saved["scripts"][5]["outputs"]["output"].pop()
    del saved["scripts"][3]
    text = drift.drift_text(quick(), saved)
    for reason in (
        "seed default here, 5 there",
        "epochs 1 here, 7 there",
        "not in the earlier run",
        r"\(3, 1\).* there",
    ):
        assert re.search(reason, text)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "No such file"),
        (b"{", "not what compare.py --json prints"),
        (b"\xff", "not what compare.py --json prints"),
        (b"[" * 100_000, "not what compare.py --json prints"),
        (b"[]", "not what compare.py --json prints: it has no environment"),
        (b'{"environment": {}, "scripts": [{"script": "\\u001b[2J", "outputs": []}]}', "must be rows of numbers"),
    ],
    ids=["missing", "not JSON", "not UTF-8", "too deep", "a list", "escapes"],
)
def test_a_bad_file_to_compare_with_gets_one_line_and_exit_2(content, reason, tmp_path):
    path = tmp_path / "earlier.json"
    if content is not None:
        path.write_bytes(content)
    done = runs.start("compare", "--against", str(path))
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
    assert reason in done.stderr
    assert str(path) in done.stderr
    assert done.stderr.rstrip("\n").isprintable()


def test_a_file_that_is_too_long_is_not_read_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(drift, "LARGEST_FILE", 1000)
    path = tmp_path / "earlier.json"
    path.write_bytes(b" " * 1001)
    with pytest.raises(SystemExit, match="2"):
        read_saved(path)
    path.write_bytes(b'{"environment": {}, "scripts": []}'.ljust(1000))
    assert read_saved(path) == {"environment": {}, "scripts": []}


def read_saved(path):
    from deltarule.programs import compare, options

    return compare.read_saved(options.OneLineParser(prog="compare.py"), path)
