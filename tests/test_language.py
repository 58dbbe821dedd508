"""The language of what the programs print: every message has its Korean, and nothing else is in the catalogue."""

import ast
import json
import re
import string

import pytest
import runs

from deltarule.evidence.errata import DOCUMENTS
from deltarule.evidence.notes import PARTS, read_printed
from deltarule.evidence.textbook import read_functions, read_textbook, read_toml
from deltarule.programs import (
    document_run,
    language,
    notes_run,
    notes_verdicts,
    options,
    page,
    parts,
    searches,
    summary,
    tables,
)
from deltarule.programs.any_run import AnyRun
from deltarule.programs.networks_run import NetworksRun
from deltarule.programs.notes_run import NotesRun
from deltarule.programs.options import OneLineParser

PROGRAMS = runs.ROOT / "deltarule" / "programs"
KOREAN = read_toml(PROGRAMS / "messages" / "ko.toml")["messages"]
FILES = (
    *(
        "any_run",
        "run",
        "document_run",
        "notes_run",
        "options",
        "compare",
        "tables",
        "verdicts",
        "notes_verdicts",
        "summary",
        "page",
        "trainings",
    ),
)


def texts(node):
    """The texts that stand in an expression."""
    return {part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str)}


def of_calls(tree):
    """What is given to `_`, to `line`, to `map(_, ...)`, to `translate`, and as help."""
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        name = ast.unparse(call.func)
        if name in ("_", "line") or name.endswith(".translate"):
            yield from (arg.value for arg in call.args[:1] if isinstance(arg, ast.Constant))
        if name == "map" and ast.unparse(call.args[0]) == "_" and isinstance(call.args[1], ast.List):
            yield from texts(call.args[1])
        if name.endswith("add_argument"):
            helps = (key.value for key in call.keywords if key.arg == "help")
            yield from (text.value for text in helps if isinstance(text, ast.Constant))


def messages():
    """Every message that a program may have to translate."""
    for path in (*(PROGRAMS / f"{name}.py" for name in FILES), runs.ROOT / "deltarule" / "study" / "program.py"):
        yield from of_calls(ast.parse(path.read_text(encoding="utf-8")))
    yield from re.findall(r'_\(["\'](.*?)["\']\)', (PROGRAMS / "templates" / "report.html").read_text(encoding="utf-8"))
    for name in (*parts.names(), "compare", "study"):
        tree = ast.parse(runs.file(name).read_text(encoding="utf-8"))
        yield from (line for line in ast.get_docstring(tree).splitlines() if not line.startswith("study.py "))
    textbook = runs.ROOT / "reference" / "textbook.toml"
    for reference in (r for references in read_textbook(textbook).values() for r in references):
        yield from (reference.label, reference.source)
    yield from (reference.source for reference in read_functions(textbook))
    for printed in (p for part in PARTS for found in read_printed(textbook, part).values() for p in found):
        yield from (printed.document, *([printed.quantity] if " " in printed.quantity else []))
    yield from (
        *summary.LISTED_SLOPE.splitlines(),
        *(parts.HEADINGS[part] for part in parts.FOLDERS),
        *DOCUMENTS.values(),
        *ELSEWHERE,
    )
    yield from (text for headings in summary.HEADINGS.values() for text in headings)
    for words in notes_verdicts.WORDS.values():
        yield from (text for name, text in words._asdict().items() if name != "results" and text != "PyTorch")


TRAINED = (  # headings and criteria of the scripts that train
    "network", "loss", "train", "test", "loss, book's code",
    "normalised", "plain", "normalised, book's code", "plain, book's code",
    "rank", "trial", "validation", "training", *searches.NAMES.values(),
    "at least 80% of the test digits recognised",
    "a loss below 2.2, and 2.3 at first",
    "the smallest loss by AdaGrad, then by Adam, Momentum and SGD",
    "nothing learned from 0.01, a loss of 2.30; more from Xavier's start, most from He's",
    "batch normalisation ahead from at least 12 of the 16 scales",
    "all learned by heart, and with decay and dropout a test accuracy closer to it",
    "a best learning rate above 0.001",
    "at least 60% of the test digits recognised",
)  # fmt: skip
ELSEWHERE = (  # messages that are put together, or come from argparse, or from the scripts
    "show this help message and exit",
    "output", "batch", "input", "target", "class",
    "pass", "FAIL", "ERROR",
    "hidden", "alpha", "scale", "starts", "converged", "rate", "95 % interval", "epochs: median", "quartiles",
    "learning rate, above 0",
    "share of the momentum that stays, in [0, 1)",
    "share of the nodes dropped, in [0, 1)",
    "nodes in each hidden layer",
    "samples in a batch",
    "write the weights: FILE.mat or FILE.npz",
    "start from the weights in a file: FILE.mat or FILE.npz",
    "every output within 0.1 of its target",
    "every output for the clean digits within 0.1 of its target",
    "one more epoch changes no output by 1e-9",
    "at least 90% of the digits recognised",
    *(run.CHANGES for run in (AnyRun, NotesRun, NetworksRun)), *(run.EACH_CHANGE for run in (AnyRun, NotesRun)),
    options.IN_THE_BOOK, options.IN_THE_NOTES, *options.LENGTHS.values(),
    *(what for _kind, _letter, what in options.NOTES_CHOICES.values()),
    options.KEPT, options.PROCESSES, options.TRIALS, *TRAINED,
    NotesRun.DRAWS, NetworksRun.DRAWS, document_run.DRAWS_NOTHING, notes_run.SIXTY_THOUSAND,
    "the same tables by a bias and by a threshold",
    "every derivative is the slope, by central differences",
    "the batch costs the mean of the two",
    "every mean difference below 1e-06", "every mean difference below 0.01",
    "f falls to a tenth",
    "sigmoid spreads more from Xavier's start than from 0.01, and most from 1",
    "activation", "at -1000", "at -1", "at 1", "at 1000", "slope: error",
    "hidden layer", "of", "mean difference", "largest difference", "largest gradient",
    "optimiser", "x at the end", "y at the end", "steps over y = 0",
    "function", "start", *(f"std of layer {k}" for k in range(1, 6)),
    "every image given to its class with at least 0.9", "XOR right in all four rows by two layers, in three by one",
    "image", "output at first", "printed, %", "layer", "parameters",
    "first bit", "second bit", "sequence", *(f"output of the {name}" for name in ("LSTM", "GRU", "RNN")),
    "a mean squared error below 0.01 with gates",
    "mean log-likelihood", "pixels that come back wrong, %", "test images right, %",
    "a mean log-likelihood 25 above that of the pixels alone",
    "0.03 more of the test images right from the machines' start",
    "mask by", "intersection / union", "pixels wrong, %",
    "the best mask with the skip; without it one 0.1 better than by the best threshold",
    "share of the error", *(f"{k} steps" for k in (5, 10, 20, 29)), "said", "measured",
    "a hundredth arrives as it is said, but for the RNN of 8 nodes and the LSTM whose forget gate has + 0",
    "digit", "with batch normalisation", "without",
    "every digit given to its class with at least 0.9, and without batch normalisation none",
    "board", "pair by pair", "all in a row", "at most 0.01 of other boards counted wrong, pair by pair",
    "test digits right", "0.1 more of the test digits right by the stack",
    "NAND by threshold", "OR by threshold", "XOR by threshold", "cross_entropy_error of both",
)  # fmt: skip


def fields(text):
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name)


def test_every_message_has_its_korean_and_the_catalogue_has_no_other():
    found = set(messages()) - {""}
    assert found - KOREAN.keys() == set()
    assert KOREAN.keys() - found == set()


def test_each_translation_has_the_same_places_to_fill_in_and_is_korean():
    for english, korean in KOREAN.items():
        assert fields(english) == fields(korean), english
        if english not in ("{right} of {all}", "{low} to {high}"):
            assert re.search("[가-힣]", korean), english


def test_convolution_has_one_word_that_of_the_readme():
    there = [korean for english, korean in KOREAN.items() if "onvolution" in english]
    assert len(there) >= 4
    assert all("합성곱" in korean for korean in there)
    assert "합성곱" in (runs.ROOT / "README.ko.md").read_text(encoding="utf-8")


def test_a_message_without_a_translation_stays_english():
    assert language.translator("ko")("no such message") == "no such message"
    assert language.translator("en")("verdict") == "verdict"


@pytest.mark.parametrize(
    ("arguments", "asked"),
    [
        ([], "en"),
        (["--language", "ko", "--help"], "ko"),
        (["--help", "--language=ko"], "ko"),
        (["--language", "fr"], "en"),
        (["--language"], "en"),
        (["--seed", "3", "--plot"], "en"),
    ],
)
def test_the_language_of_the_help_is_read_from_the_command_line_alone(arguments, asked, monkeypatch):
    monkeypatch.setenv("LANG", "ko_KR.UTF-8")
    assert language.asked_for(arguments) == asked


def test_a_run_in_korean_has_the_same_numbers_in_a_table_that_stays_straight():
    code, english = runs.text("backprop_xor", "--epochs", "500")
    same, korean = runs.text("backprop_xor", "--epochs", "500", "--language", "ko")
    assert same == code
    numbers = re.compile(r"\d\.\d{4}")
    assert numbers.findall(korean) == numbers.findall(english)
    assert "backprop_xor: 역전파로 XOR 배우기 (3장, BackpropXOR)." in korean
    assert "책과 다른 실행: epochs 500 (책: 10000)" in korean
    assert korean.splitlines()[-1] == "판정       수렴하지 않음"
    head, *rows = korean.split("\n\n")[1].splitlines()
    assert {tables.width(row) for row in (head, *rows)} == {tables.width(head)}


def test_help_in_korean_has_no_english_sentence_left():
    done = runs.start("mnist_conv", "--help", "--language", "ko")
    assert done.stdout.startswith("사용법: mnist_conv.py")
    described = re.findall(r"^ {24}(\S.*)$|^  -.{22}(\S.*)$", done.stdout, re.MULTILINE)
    assert len(described) >= 12
    assert "옵션:" in done.stdout
    assert "this help" not in done.stdout
    assert "in the book" not in done.stdout


def test_json_is_the_same_in_both_languages():
    records = [
        json.loads(runs.text("delta_sgd", "--epochs", "5", "--json", *more)[1]) for more in ([], ["--language", "ko"])
    ]
    for record in records:
        del record["seconds"]
    assert records[0] == records[1]


def test_the_page_in_korean_says_the_sentence_and_the_verdicts_in_korean():
    _, record = runs.record("delta_sgd", "--epochs", "10000")
    result = {
        "scripts": [record | {"gradient_error": 1e-10, "seconds": 1.0, "curves": {}}],
        "functions": [],
        "environment": record["environment"],
    }
    text = page.page(result, runs.ROOT / "reference", "ko")
    assert '<html lang="ko">' in text
    assert "스크립트 1개 중 1개가 책, GNU Octave, 기울기와 일치합니다(책의 시드와 설정 그대로)." in text
    assert '<td class="verdict pass">통과</td>' in text
    assert "4개 중 4개가 책과 일치 (책 2장, SGD 델타 규칙)" in text


def test_a_parser_without_a_language_is_english():
    assert OneLineParser(prog="a", description="b").format_help().startswith("usage: a")
