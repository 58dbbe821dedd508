"""How runs of the from-scratch notes' scripts are judged, in pairs: what is right, and wrong by just more."""

import numpy as np
import pytest
import runs

from deltarule.evidence.from_scratch import read_golden
from deltarule.evidence.notes import Printed
from deltarule.programs import notes_verdicts

GOLDEN = runs.ROOT / "reference" / "golden"


def paths():
    held = read_golden(GOLDEN / "from_scratch" / "h_paths.npz")
    return {name: held[name].copy() for name in ("SGD", "Adam")}


@pytest.mark.parametrize(
    ("by", "met"), [(0, True), (0.99e-9, True), (1.01e-9, False), (np.nan, False), (np.inf, False)]
)
def test_the_book_codes_results_are_met_within_the_tolerance_and_not_beyond_it(by, met):
    ours = paths()
    ours["Adam"][7, 1] += by * abs(ours["Adam"]).max()
    found = notes_verdicts.against_book_code(GOLDEN, None, {("h_paths", ""): ours})
    assert notes_verdicts.met(found) is met
    assert found["entries"] == 2
    if by:
        assert found["entry"] == "Adam"


def test_another_seed_and_nothing_to_compare_are_no_run_of_the_books_code():
    runs_of_seed = {("i_gradient_check", "ch04_"): {"next_rand": 0.5}}
    assert notes_verdicts.against_book_code(GOLDEN, 3, runs_of_seed) is None
    assert notes_verdicts.against_book_code(GOLDEN, None, {("h_paths", ""): {}}) is None
    assert not notes_verdicts.met(notes_verdicts.against_book_code(GOLDEN, 1, runs_of_seed))


def test_large_arrays_are_compared_with_what_the_file_has_kept_of_them():
    golden = read_golden(GOLDEN / "from_scratch" / "i_gradient_check_seed1.npz")
    ours = np.zeros((784, 50))
    ours.ravel()[::97] = golden["ch04_backprop_W1__every97"]
    found = notes_verdicts.against_book_code(GOLDEN, 1, {("i_gradient_check", "ch04_"): {"backprop_W1": ours}})
    assert found["entries"] == 3
    assert (found["entry"], notes_verdicts.met(found)) == ("ch04_backprop_W1__sum_norm", False)  # the others are 0 here


PRINTED = Printed("price", ("715.0000000000001", "2.2"), "repr", (12, 18, 19))


def test_a_printed_number_is_judged_in_the_notes_own_run_from_any_seed_and_in_no_other():
    ours = 715.0000000000001, 2.2
    for changed, judged in (({}, True), ({"seed": (2, 1)}, True), ({"lr": (2, 1)}, False)):
        assert notes_verdicts.judge(PRINTED, ours, changed)["judged"] is judged
    assert notes_verdicts.judge(PRINTED, ours, {"seed": (2, 1), "lr": (2, 1)})["judged"] is False


def test_what_is_said_of_a_printed_number_holds_ours_beside_it():
    found = notes_verdicts.judge(PRINTED, np.array([[715.0, 2.2]]), {})
    assert found == {
        "quantity": "price", "document": "notes", "lines": [12, 18, 19], "source": "notes, lines 12, 18-19",
        "form": "repr", "printed": ["715.0000000000001", "2.2"], "values": [715.0, 2.2],
        "matched": [False, True], "judged": True,
    }  # fmt: skip
    assert notes_verdicts.in_a_sentence([found], {}) == (
        "1 of 2 numbers as the notes print them (notes, lines 12, 18-19)"
    )
    shown = found | {"judged": False, "lines": [20]}
    assert notes_verdicts.in_a_sentence([found, shown], {"hidden_size": 1, "lr": 2}) == (
        "printed for other choices (hidden size, lr): shown, not judged (notes, lines 12, 18-20)"
    )


def test_lines_that_follow_each_other_are_one_range():
    assert notes_verdicts.source([1371, 1372]) == "notes, lines 1371-1372"
    assert notes_verdicts.source([1369, 1371, 1372, 1375]) == "notes, lines 1369, 1371-1372, 1375"


OPTIONS_OF = type("Options", (), {"dtype": "float64"})
RIGHT = {"converged": True, "references": [], "book_code": {"deviation": 0.0, "tolerance": 1e-9}}
MISSED = {"judged": True, "matched": [True, False]}


@pytest.mark.parametrize(
    ("more", "verdict"),
    [
        ({}, "pass"),
        ({"converged": None}, "pass"),
        ({"converged": False}, "fail"),
        ({"book_code": None}, "pass"),
        ({"book_code": {"error": "gone"}}, "fail"),
        ({"book_code": {"deviation": 1e-9, "tolerance": 1e-9}}, "pass"),
        ({"book_code": {"deviation": 1.001e-9, "tolerance": 1e-9}}, "fail"),
        ({"book_code": {"deviation": float("nan"), "tolerance": 1e-9}}, "fail"),
        ({"references": [{"judged": True, "matched": [True, True]}]}, "pass"),
        ({"references": [MISSED]}, "fail"),
        ({"references": [MISSED | {"judged": False}]}, "pass"),
    ],
)
def test_the_verdict_is_a_pass_where_all_that_is_judged_is_right(more, verdict):
    assert notes_verdicts.verdict({**RIGHT, **more}, OPTIONS_OF) == verdict


@pytest.mark.parametrize(("dtype", "verdict"), [("float32", "pass"), ("float64", "fail")])
def test_the_book_code_judges_no_run_in_float32_as_it_has_none(dtype, verdict):
    options = type("Options", (), {"dtype": dtype})
    found = RIGHT | {"book_code": {"deviation": 1e-7, "tolerance": 1e-9}}
    assert notes_verdicts.verdict(found, options) == verdict


@pytest.mark.parametrize(
    ("changed", "more", "words"),
    [
        ({}, {"verdict": "pass"}, "pass"),
        ({}, {"verdict": "fail"}, "FAIL"),
        ({"seed": (2, 1)}, {"verdict": "pass"}, "pass: as the book's code from this seed"),
        ({"seed": (2, 1)}, {"verdict": "fail"}, "FAIL"),
        ({"seed": (2, 1)}, {"verdict": "pass", "book_code": None}, "as it should be; not judged against the notes"),
        ({"seed": (2, 1)}, {"verdict": "fail", "book_code": None, "converged": False}, "not as it should be"),
        ({"lr": (2, 1)}, {"verdict": "pass", "book_code": None, "converged": None}, "not judged against the notes"),
        ({"dtype": ("float32", "float64")}, {"verdict": "pass"}, "as it should be; not judged against the notes"),
        (
            {"seed": (2, 1)},
            {"verdict": "pass", "references": [{"judged": True, "matched": [True]}]},
            "pass: as printed, though not the notes' run",
        ),
        ({"seed": (2, 1)}, {"verdict": "fail", "references": [MISSED]}, "FAIL"),
    ],
)
def test_the_verdict_in_words_calls_no_other_run_a_failure_of_the_notes(changed, more, words):
    assert notes_verdicts.verdict_in_words({**RIGHT, **more}, changed) == words


def test_a_run_is_held_against_the_results_in_words_or_the_error_is_said():
    found = {"entries": 3, "entry": "ch04_W1", "deviation": 2.5e-10, "tolerance": 1e-9}
    assert notes_verdicts.results_in_words(found) == (
        "3 results, the worst within 2.5e-10, where 1e-09 is allowed (ch04_W1)"
    )
    assert notes_verdicts.results_in_words({"error": "the file is gone"}) == "the file is gone"
    assert notes_verdicts.results_in_words({"deviation": 2.5e-16, "tolerance": 1e-12}) == (
        "the weights within 2.5e-16 of the largest, where 1e-12 is allowed"
    )


OTHERS = notes_verdicts.WORDS["networks"]


@pytest.mark.parametrize(
    ("changed", "more", "words"),
    [
        ({}, {"verdict": "pass"}, "pass"),
        ({"seed": (2, 1)}, {"verdict": "pass"}, "pass: as PyTorch from this seed"),
        ({"seed": (2, 1)}, {"verdict": "fail"}, "FAIL"),
        ({"seed": (2, 1)}, {"verdict": "pass", "torch": None}, "as it should be; not judged against the document"),
        ({"alpha": (2, 1)}, {"torch": None, "converged": None}, "not judged against the document"),
        (
            {"seed": (2, 1)},
            {"verdict": "pass", "references": [{"judged": True, "matched": [True]}]},
            "pass: as printed, though not the document's run",
        ),
    ],
)
def test_the_other_networks_are_judged_by_pytorchs_weights_and_in_words_of_their_own(changed, more, words):
    found = {"converged": True, "references": [], "torch": {"deviation": 1e-12, "tolerance": 1e-12}}
    assert notes_verdicts.verdict(found, OPTIONS_OF, OTHERS) == "pass"
    missed = found | {"torch": {"deviation": 1.01e-12, "tolerance": 1e-12}}
    assert notes_verdicts.verdict(missed, OPTIONS_OF, OTHERS) == "fail"
    assert notes_verdicts.verdict_in_words({**found, **more}, changed, words=OTHERS) == words


def test_places_in_several_documents_are_named_document_by_document():
    found = [
        notes_verdicts.judge(Printed("a", ("2048",), "rounded", (57,), "primer"), 2048, {}),
        notes_verdicts.judge(Printed("b", ("30,150",), "rounded", (165,), "keras"), 30150, {}),
        notes_verdicts.judge(Printed("c", ("1,510",), "rounded", (166,), "keras"), 1511, {}),
    ]
    assert notes_verdicts.in_a_sentence(found, {}, words=OTHERS) == (
        "2 of 3 numbers as printed (keras, lines 165-166; primer, line 57)"
    )
