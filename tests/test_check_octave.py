"""MATLAB functions checked under GNU Octave: right ones, planted mistakes, and files that do not run."""

import codecs
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import planted_matlab
import planted_matlab_images
import pytest
import runs
from closeness import assert_within
from scipy.io import savemat

from deltarule import matlab
from deltarule.check import LISTINGS, CheckError, looks, mistakes, search
from deltarule.check.compare import TOLERANCE, deviations
from deltarule.check.conventions import same
from deltarule.check.conventions import turned as turned_over
from deltarule.check.errors import PortError
from deltarule.check.forms import Run
from deltarule.check.octave import errors, process
from deltarule.check.octave.checking import check_file, conventions, octave_port, up_to
from deltarule.check.octave.draws import permuted, random_numbers
from deltarule.check.octave.misprints import TELLING, matlab_errata, misprints
from deltarule.check.octave.process import lacking
from deltarule.check.octave.source import code, names_in, read_source, read_text, words
from deltarule.check.subjects import first_update, subjects
from deltarule.matlab import permutations

PORTS = planted_matlab.PORTS
FILES = planted_matlab.FILES
QUICK = ["delta_sgd", "backprop_xor"]
PLANTED = [name for name in FILES if name != "mnist_conv"]
SLOW = pytest.mark.slow
COUNT = "N = size(X, 1);"
needs_octave = pytest.mark.skipif(shutil.which("octave-cli") is None, reason="needs GNU Octave")


def written(folder, listing, *changes, file=None):
    """A port with some of its lines changed, as a file of its own name."""
    path = folder / (file or f"{FILES[listing]}.m")
    path.write_text(planted_matlab.planted.changed(planted_matlab.port(listing), changes), encoding="utf-8")
    return path


def said(path, **how):
    """What is said of a file that cannot be checked."""
    with pytest.raises(CheckError) as error:
        check_file(path, **how)
    return str(error.value)


def short(listing):
    """The starts of a listing, looked at after one epoch and ten."""
    return [up_to(start, 10) for start in subjects(listing)]


def named(path, listing):
    """The mistakes that explain a port, by its first update, its first epoch and its first ten."""
    starts = short(listing)
    port = octave_port(path, starts=starts)
    first, mine = looks.of_port(port, first_update(listing)), [looks.of_port(port, start) for start in starts]
    found = search.singles(LISTINGS[listing], mistakes(listing), first, mine, TOLERANCE)
    return [m.id for reason in found for m in reason.mistakes]


# Right ports


@needs_octave
@pytest.mark.usefixtures("unhurried")
@pytest.mark.parametrize("listing", QUICK)
def test_a_right_port_is_called_right(listing):
    finding = check_file(PORTS / f"{FILES[listing]}.m")
    assert (finding.listing, finding.verdict, finding.notes) == (listing, "RIGHT", ())
    assert finding.epochs == (1, 10, 100, 1000)
    assert finding.within <= TOLERANCE
    assert "goes down the slope" in finding.gradient


@pytest.mark.slow
@needs_octave
@pytest.mark.parametrize("listing", [name for name in FILES if name not in QUICK])
def test_every_other_right_port_is_called_right(listing):
    finding = check_file(PORTS / f"{FILES[listing]}.m")
    assert (finding.listing, finding.verdict, finding.notes) == (listing, "RIGHT", ())
    assert finding.within <= TOLERANCE


@needs_octave
@pytest.mark.parametrize("name", ["Sigmoid", "sigmoid", "SIGMOID"])
def test_a_helper_of_the_book_that_is_not_there_is_ours_however_it_is_spelled(name, tmp_path):
    path = tmp_path / "DeltaSGD.m"
    body = planted_matlab.port("delta_sgd").partition("\nfunction y = Sigmoid")[0]
    path.write_text(body.replace("Sigmoid(v)", f"{name}(v)"), encoding="utf-8")
    assert lacking(read_source(path)) == [name]
    port = octave_port(path, starts=short("delta_sgd"))
    ours = looks.of_listing("delta_sgd", port.starts[0], (1, 10)).weights
    mine = looks.of_port(port, port.starts[0]).weights
    assert_within(mine[10][0], ours[10][0], relative=1e-13, absolute=1e-15)  # Octave's exponential is another


@needs_octave
def test_a_helper_beside_the_port_is_the_one_that_is_called(tmp_path):
    path = tmp_path / "BackpropXOR.m"
    path.write_text(planted_matlab.port("backprop_xor").partition("\nfunction y = Sigmoid")[0], encoding="utf-8")
    (tmp_path / "Sigmoid.m").write_text("function y = Sigmoid(x)\ny = 1 ./ (1 + exp(x));\n", encoding="utf-8")
    assert lacking(read_source(path)) == []
    assert named(path, "backprop_xor") == ["exp-plus-everywhere"]


def test_a_helper_that_a_file_beside_the_port_calls_is_ours_where_it_is_not_there(tmp_path):
    path = tmp_path / "DeltaSGD.m"
    path.write_text("function W = DeltaSGD(W, X, D)\nW = forward(W, X);\n", encoding="utf-8")
    (tmp_path / "forward.m").write_text("function y = forward(W, X)\ny = Softmax(W * X');\n", encoding="utf-8")
    (tmp_path / "other.m").write_text("function y = other(x)\ny = ReLU(x);\n", encoding="utf-8")
    assert lacking(read_source(path)) == ["Softmax"]


def test_matlabs_own_conv_is_no_helper_of_the_book(tmp_path):
    path = tmp_path / "MnistConv.m"
    path.write_text("function W = MnistConv(W)\nW = conv(W, Conv(W, Pool(W)));\n", encoding="utf-8")
    assert lacking(read_source(path)) == ["Conv", "Pool"]


@pytest.mark.slow
@needs_octave
@pytest.mark.parametrize(
    ("listing", "changes", "note"),
    [
        (
            "delta_sgd",
            [("x = X(k, :)';", "x = X(:, k);"), ("N = size(X, 1);", "N = size(X, 2);")],
            "samples are columns",
        ),
        ("delta_sgd", [(COUNT, "N = 4;")], "it takes 4 samples, and no fewer"),
        ("multi_class", [("N = size(X, 3);", "N = 5;")], "it takes 5 samples, and no fewer"),
        ("delta_sgd", [("W = W + dW;", "W = single(W + dW);")], "it computes in float32"),
        (
            "delta_sgd",
            [("function W = DeltaSGD(W, X, D)", "function [W, y] = DeltaSGD(W, X, D)")],
            "of the 2 values that come back the first 1 are taken",
        ),
    ],
)
def test_another_form_is_said_and_no_mistake(listing, changes, note, tmp_path):
    finding = check_file(written(tmp_path, listing, *changes))
    assert finding.verdict == "RIGHT"
    assert [text for text in finding.notes if text.startswith(note)]


@pytest.mark.slow
@needs_octave
def test_constants_may_be_arguments_and_arguments_may_come_in_another_order(tmp_path):
    changes = [("function W = DeltaSGD(W, X, D)", "function W = DeltaSGD(X, D, W, alpha)"), ("alpha = 0.9;", "")]
    assert check_file(written(tmp_path, "delta_sgd", *changes)).notes == ()


@pytest.mark.slow
@needs_octave
def test_a_file_of_another_name_is_told_by_its_function(tmp_path):
    path = written(tmp_path, "delta_sgd", file="it's mine-2.m")
    finding = check_file(path)
    assert (finding.listing, finding.port, finding.verdict) == ("delta_sgd", "it's mine-2.m", "RIGHT")
    assert finding.notes == ("the function is named DeltaSGD; MATLAB calls it by the name of its file",)


@pytest.mark.slow
@needs_octave
def test_comments_in_korean_of_an_older_windows_do_no_harm(tmp_path):
    path = tmp_path / "DeltaSGD.m"
    path.write_bytes(f"% 델타 규칙\r\n{planted_matlab.port('delta_sgd')}".encode("cp949"))
    assert check_file(path).verdict == "RIGHT"


@needs_octave
def test_what_a_function_keeps_from_call_to_call_begins_anew_from_each_start(tmp_path):
    path = tmp_path / "BackpropMmt.m"
    path.write_text(planted_matlab.with_mistake("backprop_mmt", "momentum-kept"), encoding="utf-8")
    assert named(path, "backprop_mmt") == ["momentum-kept"]


@pytest.mark.slow
@needs_octave
def test_what_a_function_prints_goes_nowhere(tmp_path, capfd):
    path = written(tmp_path, "delta_sgd", ("e = d - y;", "e = d - y\ndisp('printed'); fprintf(stderr, 'printed');"))
    assert check_file(path).verdict == "RIGHT"
    assert capfd.readouterr() == ("", "")


@needs_octave
def test_one_process_of_octave_checks_a_right_port(tmp_path, monkeypatch):
    folder, calls = tmp_path / "bin", tmp_path / "calls"
    folder.mkdir()
    octave = folder / "octave-cli"
    octave.write_text(f'#!/bin/sh\necho >> "{calls}"\nexec "{shutil.which("octave-cli")}" "$@"\n', encoding="utf-8")
    octave.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)
    assert check_file(PORTS / "DeltaSGD.m").verdict == "RIGHT"
    assert calls.read_text(encoding="utf-8") == "\n"


# Random numbers


def test_permutations_of_many_rows_are_those_of_each():
    uniforms = matlab.rng(3).rand(500, 32)
    expected = [permutations.ordered(20, 16, row) for row in uniforms.tolist()]
    np.testing.assert_array_equal(permuted(uniforms), expected)


@needs_octave
@pytest.mark.parametrize("arguments", [(8,), (20, 16), (10, 3), (100, 2), (5, 5), (1, 1), (20, 4)])
def test_randperm_of_a_port_is_matlabs(arguments, tmp_path):
    uniforms = matlab.rng(5).rand(1, 4000)
    savemat(tmp_path / "in.mat", {"uniforms": uniforms})
    folder, call = runs.ROOT / "reference" / "octave" / "check", ", ".join(map(str, arguments))
    program = (
        f"warning('off', 'all'); addpath('{folder}'); in = load('{tmp_path / 'in.mat'}');"
        f"random_numbers('begin', in.uniforms, zeros(16, 0));"
        f"for k = 1:30, printf('%d ', randperm({call})); end; printf('%.17g ', rand(2, 2), rand(1), rand());"
    )
    done = subprocess.run(
        ["octave-cli", "--no-gui", "--no-init-file", "--quiet", "--eval", program],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    stream = matlab.rng(5)
    expected = [n for _ in range(30) for n in stream.randperm(*arguments)]
    expected += [*stream.rand(2, 2).ravel(order="F"), stream.rand(), stream.rand()]
    np.testing.assert_array_equal([float(word) for word in done.stdout.split()], expected)


@needs_octave
def test_a_port_that_draws_far_too_many_numbers_is_told_so(tmp_path):
    line = "kept = randperm(n, round(n * (1 - ratio)));"
    path = written(tmp_path, "deep_dropout", (line, f"rand(100);\n{line}"))
    assert re.match(r"DeepDropout\.m, line 43: it draws more than \d+ random numbers, which is far", said(path))


# Mistakes


@needs_octave
@pytest.mark.parametrize(
    ("listing", "id"),
    [("delta_minibatch", "sum-for-mean"), ("backprop_ce", "after-update-e1"), ("deep_dropout", "unscaled")],
)
def test_a_planted_mistake_is_named_alone(listing, id, tmp_path):
    path = tmp_path / f"{FILES[listing]}.m"
    path.write_text(planted_matlab.with_mistake(listing, id), encoding="utf-8")
    assert named(path, listing) == [id]


@pytest.mark.slow
@needs_octave
def test_the_pages_hidden_delta_is_named_with_its_erratum(tmp_path):
    line = "delta1 = y1 .* (1 - y1) .* e1;"
    finding = check_file(written(tmp_path, "backprop_xor", (line, "delta1 = y1.*(1-y).*e1;")))
    assert finding.mistakes == ("slope-half-of-output-delta1",)
    assert "(errata: hidden-delta)" in " ".join(str(finding).split())
    assert str(finding).endswith("WRONG, exit 1")


def test_a_third_of_the_mistakes_has_a_matlab_form():
    for listing in PLANTED:
        plants = planted_matlab.plants(listing)
        assert [m.id for m in mistakes(listing)[::3] if m.id not in plants] == []
        texts = {planted_matlab.with_mistake(listing, m.id) for m in mistakes(listing)[::3]}
        assert len({*texts, planted_matlab.port(listing)}) == len(mistakes(listing)[::3]) + 1


@pytest.mark.slow
@needs_octave
@pytest.mark.parametrize("listing", PLANTED)
def test_a_third_of_the_mistakes_planted_in_matlab_is_named_alone(listing, tmp_path):
    wrong = {}
    for mistake in mistakes(listing)[::3]:
        path = tmp_path / f"{FILES[listing]}.m"
        path.write_text(planted_matlab.with_mistake(listing, mistake.id), encoding="utf-8")
        found = named(path, listing)
        if found != [mistake.id]:
            wrong[mistake.id] = found
    assert wrong == {}


CONVOLUTION = planted_matlab_images.plants()
BY_THE_SECOND_BATCH = {
    "momentum-averaged", "no-momentum-1", "nesterov", "beta-0.5", "beta-0.99", "divided-by-N", "last-batch",
}  # fmt: skip


def test_a_third_of_the_convolutional_networks_mistakes_has_a_matlab_form():
    assert CONVOLUTION.keys() == {mistake.id for mistake in mistakes("mnist_conv")[::3]}


def after_an_epoch(path, images):
    """What a port's weights are from a random start after an epoch over so many images, and that start."""
    (start,) = (replace(s, X=s.X[:images], D=s.D[:images], epochs=(1,)) for s in subjects("mnist_conv")[1:2])
    port = octave_port(path, starts=[start])
    return looks.of_port(port, start).weights[1], start


@pytest.mark.slow
@needs_octave
@pytest.mark.parametrize("id", sorted(CONVOLUTION))
def test_the_convolutional_network_with_a_mistake_in_matlab_is_the_listing_with_it(id, tmp_path):
    batches = 2 if id in BY_THE_SECOND_BATCH else 1
    weights, start = after_an_epoch(written(tmp_path, "mnist_conv", *CONVOLUTION[id]), 100 * batches)
    right = LISTINGS["mnist_conv"]
    (mistake,) = (each for each in mistakes("mnist_conv") if each.id == id)
    for form, met in ((right.changed(mistake.steps), True), (right, False)):
        with np.errstate(all="ignore"):
            expected = Run(form, start.X, start.D).epoch(start.weights)
        assert (max(deviations(weights, expected, start.weights)) <= TOLERANCE) == met


@pytest.mark.slow
@needs_octave
@pytest.mark.parametrize("id", ["convolution", "tiled", "max-pooling"])
def test_a_mistake_planted_in_the_convolutional_network_is_named_alone(id, tmp_path):
    starts = [replace(start, epochs=(1,)) for start in subjects("mnist_conv")[:1]]
    port = octave_port(written(tmp_path, "mnist_conv", *CONVOLUTION[id]), starts=starts)
    first, mine = looks.of_port(port, first_update("mnist_conv")), [looks.of_port(port, start) for start in starts]
    found = search.singles(LISTINGS["mnist_conv"], mistakes("mnist_conv"), first, mine, TOLERANCE)
    assert [m.id for reason in found for m in reason.mistakes] == [id]


# The page's misprints

PRINTED = {
    "sigmoid-operand": "y = 1 / (1 + exp(-));",
    "sigmoid-matrix-division": "y = 1 / (1 + exp(-x));",
    "broken-element-product": "delta = y. * (1-y). * e;",
    "hidden-delta": "delta1 = y1. * (1-y). * e1;",
    "hidden-delta-ce": "delta1 = y1.*(1 - y).*e1;",
    "hidden-delta-multi-class": "  delta1=y1.* (1-y) .*e1;",
    "momentum-names": "mnt1 = dW1 + beta * mnt1;",
    "sizeof": "dW1 = zeros(sizeof(W1));",
    "missing-parenthesis": "momentum1 = zeros(sizeof(W1);",
    "momentum-variables": "momentum2 = zeros(sizeof(W5);",
    "momentum-variables-again": "momentum3 = zeros(sizeof(Wo);",
    "e5-for-e3": "e5 = reshape(e4,  size(y3));",
    "conv2-without-image": "delta1_x(:, :, c) = conv2(:, :), rot90(delta2(:, :, c), 2), 'valid');",
    "book-text-delta2-x": "dW1 = dW1 + delta2_x;",
    "end-run-together": "endWo = Wo + momentumo;",
}
OF = {"hidden-delta-ce": "backprop_ce", "hidden-delta-multi-class": "multi_class"}


@pytest.mark.parametrize("id", PRINTED)
def test_a_line_as_the_page_prints_it_is_known_by_its_erratum(id):
    (found,) = misprints(f"% first line\n{PRINTED[id]}\n", OF.get(id, "mnist_conv"))
    assert found.number == 2
    assert id in [erratum.id for erratum in found.errata]


def test_every_misprint_that_a_line_tells_is_in_the_list_and_has_a_line_here():
    assert PRINTED.keys() == TELLING.keys()
    listed = {erratum.id for listing in ("mnist_conv", *OF.values()) for erratum in matlab_errata(listing)}
    assert listed == TELLING.keys()


def test_no_line_of_a_right_file_is_called_a_misprint():
    files = [*PORTS.glob("*.m"), *(runs.ROOT / "reference" / "octave").rglob("*.m")]
    assert len(files) > 30
    for path in files:
        assert misprints(path.read_text(encoding="utf-8"), "backprop_xor") == [], path


HIDDEN = "delta1 = y1 .* (1 - y1) .* e1;"


@needs_octave
@pytest.mark.parametrize(
    ("listing", "line", "printed", "ids"),
    [
        ("backprop_xor", "y = 1 ./ (1 + exp(-x));", PRINTED["sigmoid-operand"], ["sigmoid-operand"]),
        ("delta_sgd", "delta = y .* (1 - y) .* e;", PRINTED["broken-element-product"], ["broken-element-product"]),
        ("backprop_xor", HIDDEN, PRINTED["hidden-delta"], ["broken-element-product", "hidden-delta"]),
        pytest.param(
            "mnist_conv",
            "m1 = zeros(size(W1));",
            "m1 = zeros(sizeof(W1);",
            ["sizeof", "missing-parenthesis"],
            marks=SLOW,
        ),
        pytest.param(
            "mnist_conv",
            "dW1(:, :, c) = dW1(:, :, c) + conv2(x, rot90(delta2, 2), 'valid');",
            PRINTED["conv2-without-image"],
            ["conv2-without-image"],
            marks=SLOW,
        ),
    ],
)
def test_a_misprint_that_does_not_parse_is_shown_beside_its_line(listing, line, printed, ids, tmp_path):
    path = written(tmp_path, listing, (line, printed))
    number = 1 + [text.strip() for text in path.read_text(encoding="utf-8").splitlines()].index(printed)
    text = said(path)
    assert text.startswith(f"{path.name}, line {number}: it does not parse")
    assert f"line {number} is a misprint of the page: {printed}" in text
    assert re.findall(r"errata: ([\w-]+)\)", text) == ids


@needs_octave
@pytest.mark.parametrize(
    ("listing", "changes", "message", "id"),
    [
        (
            "backprop_mmt",
            [("mmt1 = dW1 + beta * mmt1;", PRINTED["momentum-names"])],
            "line 21: 'mnt1' undefined",
            "momentum-names",
        ),
        (
            "multi_class",
            [(HIDDEN, "delta1 = y1 .* (1-y) .* e1;")],
            "line 15: product: noncon",
            "hidden-delta-multi-class",
        ),
    ],
)
def test_a_misprint_that_does_not_run_is_shown_beside_its_line(listing, changes, message, id, tmp_path):
    text = said(written(tmp_path, listing, *changes))
    assert text.startswith(f"{FILES[listing]}.m, {message}")
    assert re.findall(r"errata: ([\w-]+)\)", text) == [id]


@needs_octave
def test_a_readers_own_typo_is_told_from_the_pages_and_those_are_listed(tmp_path):
    changes = [("e = d - y;", "e = (d - y;"), (HIDDEN, PRINTED["hidden-delta"])]
    text = said(written(tmp_path, "backprop_xor", *changes)).splitlines()
    assert text == [
        "BackpropXOR.m, line 12: it does not parse, syntax error",
        "    e = (d - y;",
        "line 12 is none of the page's misprints",
        "other lines that are misprints of the page (by erratum): 15 (broken-element-product, hidden-delta)",
    ]


@needs_octave
def test_a_missing_end_is_told_of_the_end_of_the_file(tmp_path):
    path = tmp_path / "DeltaSGD.m"
    path.write_text("function W = DeltaSGD(W, X, D)\nfor k = 1:4\n    W = W;\n", encoding="utf-8")
    assert said(path).startswith("DeltaSGD.m, at its end: it does not parse")


@needs_octave
def test_a_misprint_in_a_file_beside_the_port_is_shown_with_that_file(tmp_path):
    path = tmp_path / "DeltaSGD.m"
    path.write_text(planted_matlab.port("delta_sgd").partition("\nfunction y = Sigmoid")[0], encoding="utf-8")
    (tmp_path / "Sigmoid.m").write_text("function y = Sigmoid(x)\ny = 1 / (1 + exp(-));\n", encoding="utf-8")
    text = said(path)
    assert text.startswith("Sigmoid.m, line 2: it does not parse")
    assert "errata: sigmoid-operand" in text


# What cannot be checked


@needs_octave
@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("e = d - yy;", "line 10: 'yy' undefined\n    e = d - yy;"),
        ("e = Softmax(d, y);", "line 10: .*called with too many inputs\n    e = Softmax"),
        ("error('my own');", "line 10: my own\n"),
        ("W = W * 'a';\nW = W * [1, 2];", "line 11: .*nonconformant"),
        ("e = input('e? ');", "line 10: input: reading user-input failed"),
    ],
)
def test_an_error_of_the_function_is_told_with_its_own_line_and_nothing_of_ours(line, message, tmp_path):
    text = said(written(tmp_path, "delta_sgd", ("e = d - y;", line)))
    assert re.match(rf"DeltaSGD\.m, {message}", text)
    assert not re.search(r"check_port|feval|answer|/tmp|near line", text)


@pytest.mark.slow
@needs_octave
@pytest.mark.parametrize(
    ("last", "message"),
    [
        ("W = 'abc';", "returns a char, where a matrix of numbers is wanted"),
        ("W = {W};", "returns a cell, where a matrix of numbers is wanted"),
        ("W = [W, 1];", r"returns a W of shape \(1, 4\); delta_sgd returns \(1, 3\)"),
        ("W = W * 1i;", "returns a W of dtype complex128, where numbers are wanted"),
    ],
)
def test_what_are_no_weights_is_refused(last, message, tmp_path):
    path = tmp_path / "DeltaSGD.m"
    path.write_text(f"function W = DeltaSGD(W, X, D)\n{last}\nend\n", encoding="utf-8")
    assert re.search(message, said(path))


@needs_octave
def test_weights_that_stop_being_finite_are_looked_at_on_the_way(tmp_path):
    change = ("W = W + dW;", "W = W + dW;\npersistent n\nn = [n, 1];\nif numel(n) == 25\n    W = W + NaN;\nend")
    start = short("delta_sgd")[0]
    port = octave_port(written(tmp_path, "delta_sgd", change), starts=[start])
    assert list(looks.of_port(port, start).weights) == [1, 6, 7]


@needs_octave
def test_a_loop_without_end_is_ended_after_the_limit(tmp_path):
    path = written(tmp_path, "delta_sgd", ("e = d - y;", "while true\nend"))
    began = time.monotonic()
    assert "DeltaSGD.m does not come to an end within 0.7 s" in said(path, limit=0.7)
    assert time.monotonic() - began < 20


@needs_octave
def test_a_function_that_ends_octave_is_told_so(tmp_path):
    text = said(written(tmp_path, "delta_sgd", ("e = d - y;", "exit(3);")))
    assert text.startswith("DeltaSGD.m ends Octave, with exit code 3, before it is done")


@needs_octave
@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_octave_ends_when_the_check_is_interrupted(tmp_path):
    pid = tmp_path / "pid"
    tell = f"fid = fopen('{pid}.part', 'w'); fprintf(fid, '%d', getpid()); fclose(fid); rename('{pid}.part', '{pid}');"
    path = written(tmp_path, "delta_sgd", ("e = d - y;", f"{tell}\nwhile true\nend"))
    program = f"from deltarule.check.octave.checking import check_file; check_file({str(path)!r})"
    with subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 60
        while not pid.is_file() and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        assert process.wait(30) != 0
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text(encoding="utf-8")), 0)


def test_without_octave_it_is_said_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    text = said(PORTS / "DeltaSGD.m")
    assert "apt-get install octave" in text
    assert "\n" not in text


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "holds no function: it has no code at all"),
        ("% only a comment\n%{\nfunction W = DeltaSGD(W, X, D)\n%}\n", "holds no function"),
        ("clear all\nW = DeltaSGD(W, X, D);\n", "is a script, not a function: it begins with 'clear all'"),
        ("function = \n", "its first line should be as"),
        ("function W = Other(W, X, D)\n", "not that of a function 'Other'; say which one"),
        ("function W = DeltaSGD(W, X)\n", r"DeltaSGD\.m takes 2 arguments \(W, X\); delta_sgd takes 3: W, X, D"),
        ("function DeltaSGD(W, X, D)\n", r"DeltaSGD\.m returns 0 values \(none\); delta_sgd returns 1: W"),
    ],
)
def test_a_file_without_the_function_is_refused(content, message, tmp_path):
    path = tmp_path / ("Other.m" if "Other" in content else "DeltaSGD.m")
    path.write_text(content, encoding="utf-8")
    assert re.search(message, said(path))


def test_a_file_that_is_not_there_is_refused(tmp_path):
    assert said(tmp_path / "DeltaSGD.m").endswith("DeltaSGD.m: No such file or directory")
    (tmp_path / "BackpropXOR.m").mkdir()
    assert said(tmp_path / "BackpropXOR.m").endswith("Is a directory")


def test_as_many_weights_are_asked_of_a_listing_as_it_has(tmp_path):
    path = tmp_path / "BackpropXOR.m"
    path.write_text("function W1 = BackpropXOR(W1, W2, X, D)\n", encoding="utf-8")
    assert said(path) == "BackpropXOR.m returns 1 value (W1); backprop_xor returns 2: W1, W2"
    path = tmp_path / "DeepReLU.m"
    path.write_text("function [W1, W2] = DeepReLU(W1, W2, W3, W4, X, D)\n", encoding="utf-8")
    assert said(path) == "DeepReLU.m returns 2 values (W1, W2); deep_relu returns 4: W1, W2, W3, W4"


@needs_octave
def test_what_is_known_of_the_first_update_alone_is_said_of_it_and_not_of_all(tmp_path):
    """The first sample is (0, 0, 1), so that only the third weight changes, which this one forgets."""
    (tmp_path / "DeltaSGD.m").write_text(
        """function W = DeltaSGD(W, X, D)
  for k = 1:4
    y = Sigmoid(W*X(k, :)');
    dW = 0.9*y*(1 - y)*(D(k) - y)*X(k, :);
    W(1) = W(1) + dW(1);
    W(2) = W(2) + dW(2);
    W(3) = W(3) + dW(2);
  end
end
""",
        encoding="utf-8",
    )
    found = check_file(tmp_path / "DeltaSGD.m")
    assert "the change of W in the first update is 0: it is not changed at all" in found.unexplained
    assert not any(text.startswith("the change of W is") for text in found.unexplained)


@needs_octave
def test_a_call_trains_one_epoch(tmp_path):
    start = short("delta_sgd")[0]
    port = octave_port(PORTS / "DeltaSGD.m")
    (W,) = port(start.weights, start.X, start.D)
    assert_within(W, looks.of_listing("delta_sgd", start, (1,)).weights[1][0], relative=1e-13, absolute=1e-15)


# Text


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("y = x'; % it's", "y = x'; "),
        ("y = 'a % b'; # c", "y = ; "),
        ("y = [x' 'a%b'];", "y = [x' ];"),
        ("disp(\"100 % 'of' it\")", "disp()"),
        ("e1 = W2'*delta;  % W2'", "e1 = W2'*delta;  "),
        ("a = {x}'; b = x.';", "a = {x}'; b = x.';"),
    ],
)
def test_comments_and_strings_are_no_code_and_transposes_are(line, kept):
    assert code(line) == kept


def test_the_first_line_may_go_on_and_lie_below_comments(tmp_path):
    path = tmp_path / "mine.m"
    path.write_text("\n% a comment\n%{\nfunction x = y(z)\n%}\n\nfunction [W1, ... the first\n W2] = BackpropXOR ...\n"
                    "    (W1, W2, ... weights\n     X, D)\nW1 = helper(W1);\nend\nfunction y = helper(x)\ny = x;\n",
                    encoding="utf-8")  # fmt: skip
    source = read_source(path)
    assert (source.name, source.inputs, source.outputs) == ("BackpropXOR", ("W1", "W2", "X", "D"), ("W1", "W2"))
    assert source.defines == {"BackpropXOR", "helper"}
    assert {"helper", "W1"} <= source.calls


# What is handed over, and what comes back


def handed(listing, epochs=(1,)):
    """The port of a listing's file, and its own start."""
    start = replace(subjects(listing)[0], epochs=epochs)
    return octave_port(PORTS / f"{FILES[listing]}.m", starts=[start]), start


def test_a_port_has_two_minutes_and_an_hour_where_the_check_is_to_be_thorough_or_as_long_as_it_is_told():
    path = PORTS / "DeltaSGD.m"
    for how, limit, seconds, last in (
        ({}, 120.0, looks.SECONDS, 1000),
        ({"thorough": True}, 3600.0, float("inf"), 10_000),
        ({"limit": 7.0}, 7.0, looks.SECONDS, 1000),
        ({"thorough": True, "limit": 7.0}, 7.0, float("inf"), 10_000),
    ):
        port = octave_port(path, **how)
        assert (port.limit, port.seconds, port.listing, port.name) == (limit, seconds, "delta_sgd", "DeltaSGD.m")
        assert [start.epochs[-1] for start in port.starts] == [last] * 3


def test_a_start_is_looked_at_up_to_so_many_epochs_and_at_the_last_of_them():
    start = replace(subjects("delta_sgd")[0], epochs=(1, 10, 100))
    assert [up_to(start, epochs).epochs for epochs in (9, 10, 11, 100)] == [(1,), (1, 10), (1, 10), (1, 10, 100)]


def test_the_arguments_of_a_port_are_what_their_names_say(tmp_path):
    path = tmp_path / "BackpropXOR.m"
    for inputs, order in (
        ("W1, W2, X, D", ["W1", "W2", "X", "D"]),
        ("x, d, W2, W1", ["X", "D", "W2", "W1"]),
        ("W1, W2, X, D, alpha", ["W1", "W2", "X", "D", "alpha"]),
        ("lr, W1, W2, X, D, epochs", ["alpha", "W1", "W2", "X", "D", "epochs"]),
        ("LR, W1, W2, X, D", ["alpha", "W1", "W2", "X", "D"]),
        ("varargin", ["W1", "W2", "X", "D"]),
    ):
        path.write_text(f"function [W1, W2] = BackpropXOR({inputs})\n", encoding="utf-8")
        assert octave_port(path).order == order
    path.write_text("function varargout = BackpropXOR(W1, W2, X, D)\n", encoding="utf-8")
    assert octave_port(path).order == ["W1", "W2", "X", "D"]
    for inputs, message in (
        ("", "BackpropXOR.m takes 0 arguments (none); backprop_xor takes 4: W1, W2, X, D"),
        ("W1, W2, X", "BackpropXOR.m takes 3 arguments (W1, W2, X); backprop_xor takes 4: W1, W2, X, D"),
        ("alpha, W1, X, D", "BackpropXOR.m takes 3 arguments (W1, X, D); backprop_xor takes 4: W1, W2, X, D"),
    ):
        path.write_text(f"function [W1, W2] = BackpropXOR({inputs})\n", encoding="utf-8")
        assert said(path) == message


@pytest.mark.parametrize(
    ("listing", "shape", "D", "samples", "targets", "notes"),
    [
        ("delta_sgd", (4, 3), [0.0, 0, 1, 1], [(4, 3), (3, 4)], [(4, 1), (1, 4)],
         ["samples are columns", "targets are a row", "weights are transposed"]),
        ("multi_class", (2, 5, 5), np.eye(5)[:2], [(5, 5, 2), (2, 5, 5), (25, 2), (2, 25)], [(2, 5), (5, 2)],
         ["images lie along the first axis", "images are given as columns", "images are given as rows",
          "targets are columns", "weights are transposed"]),
        ("mnist_conv", (3, 28, 28), [0, 5, 9], [(28, 28, 3)], [(3, 1), (1, 3)], ["classes are a row"]),
    ],
)  # fmt: skip
def test_samples_targets_and_weights_are_handed_over_in_each_form_the_books_own_first(
    listing, shape, D, samples, targets, notes
):
    X, D = np.arange(float(np.prod(shape))).reshape(shape), np.array(D)
    found = conventions(listing, D)
    turned = 1 + ("weights are transposed" in notes)
    assert len({each.notes for each in found}) == len(found) == len(samples) * len(targets) * turned
    assert {each.samples(X).shape for each in found} == set(samples)
    assert {each.targets(D).shape for each in found} == set(targets)
    assert {note for each in found for note in each.notes} == set(notes)
    assert all((each.weights is turned_over) is ("weights are transposed" in each.notes) for each in found)
    first = found[0]
    assert (first.notes, first.samples(X).shape, first.targets(D).shape) == ((), samples[0], targets[0])
    assert [first.samples(X)[k if listing == "delta_sgd" else (..., k)].tolist() for k in range(len(X))] == X.tolist()
    assert first.targets(D).ravel().tolist() == ([10, 5, 9] if listing == "mnist_conv" else D.ravel().tolist())


def test_images_as_columns_and_rows_are_read_column_by_column_as_matlab_reads_them():
    X, D = np.arange(50.0).reshape(2, 5, 5), np.eye(2)
    by_note = {each.notes: each for each in conventions("multi_class", D)}
    columns = by_note["images are given as columns",].samples(X)
    assert columns[:, 1].tolist() == X[1].ravel(order="F").tolist()
    assert by_note["images are given as rows",].samples(X).tolist() == columns.T.tolist()
    D = np.array([[1, 2], [3, 4]])
    assert by_note["targets are columns",].targets(D).tolist() == [[1, 3], [2, 4]]


def test_what_octave_is_asked_for_holds_each_argument_in_its_place():
    port, start = handed("backprop_xor", (1, 10))
    for transposed in (False, True):
        convention = replace(port.own_conventions[0], weights=turned_over if transposed else same)
        job = port._job(convention, start)
        turned = [W.T if transposed else W for W in start.weights]
        expected = [*turned, start.X, start.D[:, None]]
        assert [a.tolist() for a in job["arguments"][0]] == [a.tolist() for a in expected]
        assert (job["places"], job["looks"].tolist(), job["seconds"]) == ([1.0, 2.0], [1, 10], looks.SECONDS)
        assert (job["uniforms"].shape, job["permutations"].shape) == ((0, 0), (0, 0))


def test_a_port_that_draws_has_matlabs_numbers_behind_its_start_twice_as_many_as_the_listing_draws():
    _, start = handed("deep_dropout", (1, 2))
    uniforms, permuted_by_call = random_numbers("deep_dropout", start)
    calls = 3 * 5 * 2
    assert uniforms.shape == (1, calls * 32 * 2)
    assert_within(uniforms, matlab_behind(start).rand(1, uniforms.size), absolute=0, relative=0)
    drawn = matlab_behind(start)
    assert permuted_by_call.T.tolist() == [list(map(int, drawn.randperm(20, 16))) for _ in range(calls)]
    assert start.rng.rand() == matlab_behind(start).rand()


def matlab_behind(start):
    """A stream as it stands behind the start of deep_dropout."""
    rng = matlab.rng("default")
    for W in start.weights:
        rng.rand(*W.shape)
    return rng


def test_starts_that_are_known_so_far_are_not_trained_again():
    starts = short("delta_sgd")
    port, convention = octave_port(PORTS / "DeltaSGD.m", starts=starts), None
    convention = port.own_conventions[0]
    names = [subject.name for _, subject in port._jobs(starts[0])]
    first = first_update("delta_sgd")
    assert names == [starts[0].name, first.name, starts[1].name, starts[2].name]
    for last, again in ((9, True), (10, False), (11, False)):
        port.kept = {port._key(convention, starts[1]): SimpleNamespace(last=last)}
        assert (starts[1].name in [subject.name for _, subject in port._jobs(starts[0])]) is again
    port.convention = port.own_conventions[2]
    tried = port._jobs(first)
    assert [each for each, _ in tried] == port.own_conventions[1:]
    assert all(subject is first for _, subject in tried)
    assert all(each is port.convention for each, _ in port._jobs(starts[0]))


def answered(job="job1", looks=(1,), **more):
    return {f"{job}_looks": np.array([looks], np.float64), **more}


def test_what_comes_back_is_read_by_look_and_what_is_no_matrix_is_told(tmp_path):
    port, start = handed("backprop_xor", (1, 10))
    there = {f"job2_W{k}_{epoch}": np.full((2, 2), 10.0 * epoch + k) for k in (1, 2) for epoch in (1, 10)}
    found = port._looks(answered("job2", (1, 10), **there), "job2", start, tmp_path)
    assert (found.error, found.last, list(found.weights)) == ("", 10, [1, 10])
    assert [[W[0, 0] for W in those] for those in found.weights.values()] == [[11, 12], [101, 102]]
    with pytest.raises(PortError, match=r"^BackpropXOR\.m returns a cell, where a matrix of numbers is wanted$"):
        port._looks(answered(job1_W1_1=np.array(["a cell"]), job1_W2_1=np.ones(1)), "job1", start, tmp_path)


def test_an_error_in_one_start_is_told_with_the_line_that_it_came_through_first(tmp_path):
    port, start = handed("backprop_xor")
    folder = tmp_path / "copies"
    mine, other = str(folder / "port" / "BackpropXOR.m"), str(folder / "ours" / "check_port.m")
    calls = {"job1_files": np.array([f"{other}\n{mine}\n{mine}"]), "job1_lines": np.array([[9, 15, 2]])}
    found = port._looks(answered(looks=(), job1_error=np.array(["my own"]), **calls), "job1", start, folder)
    line = planted_matlab.port("backprop_xor").splitlines()[14].strip()
    assert found.error.splitlines()[:2] == ["BackpropXOR.m, line 15: my own", f"    {line}"]
    with pytest.raises(PortError, match=r"^BackpropXOR\.m, line 15: my own"):
        port._trained(found, start)
    said = np.array([f"parse error near line 3 of file {mine}\n\n  syntax error\n\n>>> x\n"])
    with pytest.raises(CheckError, match=r"^BackpropXOR\.m, line 3: it does not parse, syntax error"):
        port._looks(answered(looks=(), job1_error=said, **calls), "job1", start, folder)


def test_weights_come_back_as_the_listing_has_them_and_what_differs_is_noted(tmp_path):
    start, path = short("backprop_xor")[0], tmp_path / "mine.m"
    for outputs, name, notes in (
        ("W1, W2", "BackpropXOR", ["the function is named BackpropXOR; MATLAB calls it by the name of its file"]),
        ("W1, W2", "mine", []),
        ("W1, W2, y", "mine", ["of the 3 values that come back the first 2 are taken"]),
    ):
        path.write_text(f"function [{outputs}] = {name}(W1, W2, X, D)\n", encoding="utf-8")
        for transposed in (False, True):
            port = octave_port(path, "backprop_xor", starts=[start])
            port.convention = replace(port.own_conventions[0], weights=turned_over if transposed else same)
            there = tuple(W.T if transposed else W for W in start.weights)
            found = SimpleNamespace(error="", weights={1: there, 10: there, 100: there}, last=100)
            trained = port._trained(found, start)
            assert (list(trained), port.notes) == ([1, 10], notes)
            for those in trained.values():
                assert [W.tolist() for W in those] == [W.tolist() for W in start.weights]


# Octave's words and files


@pytest.mark.parametrize(
    ("said", "is_one"),
    [
        ("parse error near line 3 of file /a/b.m\n\n  syntax error\n", True),
        ("parse error:\n\n  syntax error\n", True),
        ("'x' undefined", False),
        ("parse errors are no errors of ours", False),
    ],
)
def test_a_file_that_does_not_parse_is_known_by_octaves_words(said, is_one):
    assert errors.does_not_parse(said) is is_one


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("parse error near line 3 of file a.m\n\n  syntax error\n\n>>> x = (\n        ^\n", "syntax error"),
        ("parse error near line 3 of file a.m\n\n  'y' undefined\n\n>>> x = y\n", "'y' undefined"),
        ("parse error near line 3 of file a.m\n\n>>> x = (\n        ^\n", "a syntax error"),
        ("parse error near line 3 of file a.m", "a syntax error"),
    ],
)
def test_why_a_file_does_not_parse_is_told_in_octaves_words_where_it_has_any(said, reason):
    assert errors.parse_message(said) == f"it does not parse, {reason}"


def test_an_error_is_told_with_its_line_the_end_of_the_file_or_none(tmp_path):
    path = tmp_path / "DeltaSGD.m"
    path.write_text("function W = DeltaSGD(W, X, D)\nW = W;\n  W = Y;\n", encoding="utf-8")
    source, mine = read_source(path), str(tmp_path / "DeltaSGD.m")
    own = "is none of the page's misprints"
    for stack, lines in (
        ([(mine, 3), (mine, 2)], ["DeltaSGD.m, line 3: no Y", "    W = Y;", f"line 3 {own}"]),
        ([("/elsewhere/f.m", 1), (mine, 2)], ["DeltaSGD.m, line 2: no Y", "    W = W;", f"line 2 {own}"]),
        ([(mine, 4)], ["DeltaSGD.m, at its end: no Y"]),
        ([(mine, 1)], ["DeltaSGD.m, line 1: no Y", "    function W = DeltaSGD(W, X, D)", f"line 1 {own}"]),
        ([(mine, -1)], ["DeltaSGD.m, at its end: no Y"]),
        ([("/elsewhere/f.m", 1)], ["DeltaSGD.m: no Y"]),
        ([], ["DeltaSGD.m: no Y"]),
    ):
        text = errors.told(source, "delta_sgd", " no Y near line 3, column 7\n", tmp_path / "copies", stack)
        assert text.splitlines() == lines


@pytest.mark.parametrize("line", ["error('no such size');", "if n < 3, error('few'), end", "error ('x')", 'error "x"'])
def test_an_error_that_the_reader_raises_is_not_compared_with_the_page(line):
    assert errors.of_the_page(f"function f\n{line}\n", "delta_sgd", 2, line) == []
    other = line.replace("error", "errors")
    assert errors.of_the_page(f"function f\n{other}\n", "delta_sgd", 2, other) == [
        "line 2 is none of the page's misprints"
    ]


def test_the_misprints_of_a_line_and_of_others_are_told_word_by_word():
    source = f"function f\n{PRINTED['sizeof']}\nx = 1;\n{PRINTED['missing-parenthesis']}\n"
    size = next(e for e in matlab_errata("mnist_conv") if e.id == "sizeof")
    others = "other lines that are misprints of the page (by erratum): "
    assert errors.of_the_page(source, "mnist_conv", 2, PRINTED["sizeof"]) == [
        f"line 2 is a misprint of the page: {PRINTED['sizeof']}\n  {size.effect} (errata: sizeof)",
        f"{others}4 (sizeof, missing-parenthesis)",
    ]
    assert errors.of_the_page(source, "mnist_conv", 3, "x = 1;") == [
        "line 3 is none of the page's misprints", f"{others}2 (sizeof), 4 (sizeof, missing-parenthesis)",
    ]  # fmt: skip
    assert errors.of_the_page("x = 1;\n", "mnist_conv", 0, "") == []


def test_a_listing_has_its_own_erratum_of_those_that_share_a_line():
    for listing, own in (("backprop_xor", "hidden-delta"), ("backprop_ce", "hidden-delta-ce"),
                         ("multi_class", "hidden-delta-multi-class")):  # fmt: skip
        assert [e.id for e in matlab_errata(listing) if e.id.startswith("hidden-delta")] == [own]


def test_without_the_list_of_errata_no_line_is_called_a_misprint_and_no_function_is_run(monkeypatch, tmp_path):
    monkeypatch.setattr(process.places, "reference", lambda: None)
    assert misprints(PRINTED["sizeof"], "mnist_conv") == []
    port, _ = handed("delta_sgd")
    with pytest.raises(
        CheckError, match=r"^the folder reference/octave of the package, which runs MATLAB functions, is"
    ):
        process.write_files(port, tmp_path)


@pytest.mark.parametrize(("listing", "random"), [("delta_sgd", False), ("deep_relu", False), ("deep_dropout", True)])
def test_beside_a_port_lie_our_driver_its_helpers_and_random_numbers_where_it_draws(listing, random, tmp_path):
    body = planted_matlab.port(listing).partition("\nfunction y")[0]
    path = tmp_path / f"{FILES[listing]}.m"
    path.write_text(body, encoding="utf-8")
    folder = tmp_path / "copies"
    folder.mkdir()
    port = octave_port(path, starts=short(listing))
    process.write_files(port, folder)
    helpers = lacking(port.source)
    expected = {"check_port", "random_numbers", *helpers, *(("randperm", "rand") if random else ())}
    assert {file.stem for file in (folder / "ours").iterdir()} == expected
    assert [file.name for file in (folder / "port").iterdir()] == [path.name]
    assert (folder / "port" / path.name).read_text(encoding="utf-8") == body
    for name in helpers:
        assert re.search(
            rf"^function \w+ = {name}\(", (folder / "ours" / f"{name}.m").read_text(encoding="utf-8"), re.M
        )


def test_a_path_is_quoted_for_matlab_and_its_text_is_read_whole():
    assert process.quoted("it's mine/a") == "'it''s mine/a'"
    assert process.text(np.array(["one text"])) == "one text"
    assert process.text(np.array([["a", "b"]])) == "ab"
    assert process.text(np.array([])) == ""


@needs_octave
@pytest.mark.parametrize("name", ["octave-cli", "octave"])
def test_octave_is_run_by_either_of_its_names(name, tmp_path, monkeypatch):
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / name).symlink_to(shutil.which("octave-cli"))
    monkeypatch.setenv("PATH", str(folder))
    port, start = handed("delta_sgd")
    assert port.train(start).keys() == {1}


# The reader's text


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("a\n%{\nb\n%}\nc", "a\n\n\n\nc"),
        ("a\n#{\nb\n#}\nc", "a\n\n\n\nc"),
        ("a\n%{\nb\n%{\nc\n%}\nd\n%}\ne", "a\n\n\n\n\n\n\n\ne"),
        ("  %{  \nb\n  %}  \nc", "\n\n\nc"),
        ("a %{\nb\n%}\nc", "a \nb\n\nc"),
        ("%}\na", "\na"),
    ],
)
def test_a_block_of_comments_is_no_code_and_its_lines_are_counted(text, kept):
    assert code(text) == kept


def test_names_are_those_of_code_and_none_behind_a_point_or_within_a_number():
    assert names_in("y = a1.b + Sigmoid(x2); % other\nz = 'text'; q = 2e3 + W';") == {
        "y", "a1", "Sigmoid", "x2", "z", "q", "W",
    }  # fmt: skip
    assert words(" W1, ~ , my_x2") == ("W1", "~", "my_x2")
    assert words(None) == words("") == ()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_file_is_read_in_the_encodings_and_line_ends_of_any_editor(encoding, end, tmp_path):
    path = tmp_path / "f.m"
    path.write_bytes(f"% 델타{end}x = 1;{end}".encode(encoding))
    assert read_text(path) == "% 델타\nx = 1;\n"


@pytest.mark.parametrize("mark", [codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE])
def test_a_file_that_an_editor_of_windows_has_saved_as_unicode_is_read_and_what_is_no_text_refused(mark, tmp_path):
    path = tmp_path / "f.m"
    path.write_bytes(mark + "% 델타\r\n".encode("utf-16-le" if mark == codecs.BOM_UTF16_LE else "utf-16-be"))
    assert read_text(path) == "% 델타\n"
    for content in (mark + b"%", mark + b"\0\0", b"% x\0", bytes(range(256))):
        path.write_bytes(content)
        with pytest.raises(CheckError, match=r"f\.m is no text$"):
            read_text(path)


def test_bytes_of_no_korean_encoding_are_read_as_latin_text(tmp_path):
    path = tmp_path / "f.m"
    path.write_bytes(b"% \xff\x80 x")
    assert read_text(path) == "% \xff\x80 x"
