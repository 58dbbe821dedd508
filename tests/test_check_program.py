"""`deltarule check` as a user meets it: what it prints, its exit codes, its files, wrong arguments, interruption."""

import csv
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from runs import SCRIPTS

import deltarule
from deltarule import delta_sgd, matlab
from deltarule.check import python_files
from deltarule.check.errors import CheckError
from deltarule.listings.experiments import EXPERIMENTS
from deltarule.programs import check, command

RIGHT = """
import numpy as np

def delta_sgd(W, X, D):
    for x, d in zip(X, D):
        y = 1 / (1 + np.exp(-W @ x))
        W = W + 0.9 * y * (1 - y) * (d - y) * x
    return W
"""
WRONG = RIGHT.replace("y * (1 - y) * ", "")
PARTS = """
import numpy as np

class AdaGrad:
    def __init__(self, lr=0.01):
        self.lr, self.h = lr, None

    def update(self, params, grads):
        if self.h is None:
            self.h = {key: np.zeros_like(value) for key, value in params.items()}
        for key in params:
            self.h[key] += grads[key] * grads[key]
            params[key] -= self.lr * grads[key] / (np.sqrt(self.h[key]) * 1e-7)

class Rectifier:
    def forward(self, x):
        self.mask = x <= 0
        return np.where(self.mask, 0, x)

    def backward(self, dout):
        return np.where(self.mask, 0, dout)

def softmax(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)

def other(x):
    return x
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with a right file, a wrong one, and one that cannot be checked; the programs run in it."""
    files = {"right.py": RIGHT, "wrong.py": WRONG, "none.py": "x = 1\n", "broken.py": "def f(:\n"}
    files["loud.py"] = RIGHT + 'print("loud")\n'
    files["parts.py"] = PARTS
    files["raises.py"] = "def delta_sgd(W, X, D):\n    y = W @ x\n    return W\n"
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def ran(capsys, *arguments):
    """The exit code, and what is printed and said."""
    code = check.main(list(arguments))
    return code, *capsys.readouterr()


def refused(capsys, *arguments):
    """What is said of arguments that are refused."""
    with pytest.raises(SystemExit, match="2"):
        check.main(list(arguments))
    printed, said = capsys.readouterr()
    assert printed == ""
    assert said.count("\n") == 1
    assert said.startswith("deltarule check: ")
    return said.removeprefix("deltarule check: ")


def test_a_right_function_has_exit_0(folder, capsys):
    code, printed, said = ran(capsys, "right.py:delta_sgd")
    assert (code, said) == (0, "")
    lines = printed.splitlines()
    assert lines[0].split() == ["delta_sgd", "right.py:delta_sgd"]
    assert lines[-1].split() == ["verdict", "RIGHT"]


def test_a_wrong_function_has_exit_1_and_its_mistake_is_named(folder, capsys):
    code, printed, said = ran(capsys, "wrong.py")
    assert (code, said) == (1, "")
    assert printed.splitlines()[0].split() == ["delta_sgd", "wrong.py:delta_sgd"]
    assert "delta is e" in printed
    assert printed.splitlines()[-1].split() == ["verdict", "WRONG,", "exit", "1"]


def test_what_cannot_be_checked_has_exit_2_and_one_message_with_the_lines_of_the_file(folder, capsys):
    code, printed, said = ran(capsys, "raises.py")
    assert (code, printed) == (2, "")
    assert said.splitlines() == [
        "deltarule check: delta_sgd raises NameError: name 'x' is not defined",
        "  line 2, in delta_sgd: y = W @ x",
    ]


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("nothing.py", "nothing.py: there is no such file"),
        ("right.py:backprop", "right.py has no function 'backprop'; it has delta_sgd"),
        ("none.py", "none.py has no function with a listing's name; it has none. Say what is what with --listing"),
        ("broken.py", "broken.py, line 1: invalid syntax: def f(:"),
    ],
)
def test_each_reason_is_one_line(file, message, folder, capsys):
    assert ran(capsys, file) == (2, "", f"deltarule check: {message}\n")


def test_a_class_of_the_notes_is_checked_and_its_mistake_named_with_the_erratum(folder, capsys):
    code, printed, said = ran(capsys, "parts.py:AdaGrad", "--csv", "marks.csv")
    assert (code, said) == (1, "")
    lines = printed.splitlines()
    assert lines[0].split() == ["AdaGrad", "parts.py:AdaGrad"]
    assert "errata: notes-adagrad-times)" in " ".join(printed.split())
    assert lines[-1].split() == ["verdict", "WRONG,", "exit", "1"]
    with open("marks.csv", encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert [row[name] for name in ("file", "listing", "verdict", "mistake")] == [
        "parts.py:AdaGrad", "AdaGrad", "WRONG", "times-epsilon",
    ]  # fmt: skip
    assert row["deviation"] == ""  # where the gradient is 0, 0 / 0 is no number


def test_a_layer_of_another_name_is_checked_as_the_part_that_is_said(folder, capsys):
    code, printed, said = ran(capsys, "parts.py:Rectifier", "--listing", "Relu")
    assert (code, said) == (0, "")
    assert printed.splitlines()[0].split() == ["Relu", "parts.py:Rectifier"]
    assert printed.splitlines()[-1].split() == ["verdict", "RIGHT"]


def test_of_a_file_all_that_have_a_part_s_name_are_checked(folder, capsys):
    code, printed, said = ran(capsys, "parts.py", "--json")
    assert (code, said) == (1, "")
    assert [(each["file"], each["verdict"]) for each in json.loads(printed)["checked"]] == [
        ("parts.py:AdaGrad", "WRONG"), ("parts.py:softmax", "RIGHT"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["parts.py:Rectifier"], "listing must be one of Relu, .*TwoLayerNet for a class, not that of 'Rectifier'"),
        (["parts.py:AdaGrad", "--listing", "softmax"], "softmax is a function, and AdaGrad a class"),
        (["parts.py:AdaGrad", "--listing", "backprop_xor"], "backprop_xor is a function, and AdaGrad a class"),
        (["parts.py:other", "--listing", "Affine"], "Affine is a class, and other a function"),
        (["parts.py:other"], "listing must be one of delta_sgd, .*or a part .* such as softmax, not that of .*'other'"),
    ],
    ids=["no part", "class as function", "class as listing", "function as class", "no listing"],
)
def test_what_is_no_part_is_told_what_there_is_of_its_kind(arguments, message, folder, capsys):
    code, printed, said = ran(capsys, *arguments)
    assert (code, printed, said.count("\n")) == (2, "", 1)
    assert re.match(f"deltarule check: {message}", said)


def test_json_is_all_that_standard_output_holds_and_what_a_file_prints_goes_to_stderr(folder, capsys):
    code, printed, said = ran(capsys, "loud.py", "--json")
    (record,) = json.loads(printed)["checked"]
    assert (code, said) == (0, "loud\n")
    assert {name: record[name] for name in ("file", "listing", "verdict", "mistake")} == {
        "file": "loud.py:delta_sgd",
        "listing": "delta_sgd",
        "verdict": "RIGHT",
        "mistake": "",
    }
    assert record["deviation"] == record["finding"]["within"]


def test_json_of_what_cannot_be_checked_is_json_too(folder, capsys):
    code, printed, said = ran(capsys, "none.py", "--json")
    (record,) = json.loads(printed)["checked"]
    assert (code, record["verdict"], record["finding"]) == (2, "NOT CHECKED", None)
    assert said == f"deltarule check: {record['says']}\n"


def test_several_files_have_a_line_each_and_a_csv(folder, capsys):
    files = ["right.py", "wrong.py:delta_sgd", "loud.py", "none.py"]
    code, printed, said = ran(capsys, *files, "--csv", "marks.csv", "--jobs", "2", "--listing", "DeltaSGD")
    assert (code, said) == (2, "")
    head, *lines = printed.splitlines()
    assert head.split() == ["file", "listing", "verdict", "mistake", "deviation"]
    names = ["right.py:delta_sgd", "wrong.py:delta_sgd", "loud.py:delta_sgd", "none.py"]
    assert [line.split()[0] for line in lines] == names
    with open("marks.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["file", "listing", "verdict", "mistake", "says", "deviation"]
    assert [row["file"] for row in rows] == names
    assert [row["verdict"] for row in rows] == ["RIGHT", "WRONG", "RIGHT", "NOT CHECKED"]
    assert rows[1]["mistake"] in printed
    assert rows[1]["says"].startswith("delta is e")
    assert float(rows[0]["deviation"]) < 1e-9 < float(rows[1]["deviation"])
    assert rows[3]["says"].startswith("none.py: which of its functions is DeltaSGD?")


@pytest.mark.parametrize(
    ("verdicts", "code"),
    [
        (["RIGHT"], 0),
        (["RIGHT", "WRONG"], 1),
        (["RIGHT", "WRONG", "NOT CHECKED"], 2),
        (["NOT CHECKED", "RIGHT"], 2),
        (["WRONG"], 1),
    ],
)
def test_the_exit_code_is_2_where_one_cannot_be_checked_else_1_where_one_is_wrong(verdicts, code):
    assert check.code([{"verdict": verdict} for verdict in verdicts]) == code


def test_a_text_that_would_steer_a_terminal_is_shown_as_its_escapes_and_one_for_the_csv_is_quoted():
    record = {"file": "a\x1b[2J.py", "listing": "", "verdict": "NOT CHECKED", "says": "a\nb", "deviation": None}
    assert check.row(record | {"mistake": ""}) == ["a\\x1b[2J.py", "", "NOT CHECKED", "a", ""]
    table = check.as_csv([record | {"mistake": "", "says": 'a, "b"\nc', "file": "\udcff"}]).decode("utf-8")
    (row,) = csv.DictReader(table.splitlines(keepends=True))
    assert (row["says"], row["file"]) == ('a, "b"\nc', "\\udcff")
    assert len(check.cell("x" * 1000)) == check.LONGEST_CELL


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "the following arguments are required: FILE"),
        (["right.py", "--listing", "backprop_xorr"], "argument --listing: listing must be one of delta_sgd, "),
        (["right.py", "--seconds", "0"], "argument --seconds: seconds must be an integer from 1 to 1000000, not '0'"),
        (["right.py", "--megabytes", "x"], "argument --megabytes: megabytes must be an integer from 256 to "),
        (["right.py", "--megabytes", "255"], "argument --megabytes: megabytes must be an integer from 256 to "),
        (["right.py", "--jobs", "-1"], "argument --jobs: jobs must be an integer from 1 to 1024, not '-1'"),
        (
            ["right.py", "--csv", "nowhere/marks.csv"],
            "argument --csv: 'nowhere/marks.csv': there is no folder 'nowhere'",
        ),
        (["right.py", "--epochs", "10"], "argument --epochs: it is of weights, in a file that ends in .mat, "),
        (["right.py", "--seed", "1"], "argument --seed: it is of weights, in a file that ends in .mat, "),
        (["w.mat", "--seed", "x"], "argument --seed: seed must be 'default' or 0 to 4294967295, not 'x'"),
        (["right.py", "--nonsense"], "unrecognized arguments: --nonsense"),
    ],
)
def test_a_wrong_argument_is_one_line_and_exit_2(arguments, message, folder, capsys):
    assert refused(capsys, *arguments).startswith(message)


def test_the_help_says_whose_rights_the_code_has_and_how_to_fence_it(capsys):
    with pytest.raises(SystemExit, match="0"):
        check.main(["--help"])
    printed = " ".join(capsys.readouterr().out.split())
    for words in ("runs with your own rights", "a container without a network, or a user of its own", "--megabytes"):
        assert words in printed


def test_the_command_and_the_script_run_it_from_another_folder(folder):
    for how in (["-m", "deltarule", "check"], [str(SCRIPTS / "check.py")]):
        done = subprocess.run(
            [sys.executable, *how, str(folder / "none.py")],
            cwd=folder.parent,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert (done.returncode, done.stdout) == (2, "")
        assert f"{folder / 'none.py'} has no function with a listing's name" in done.stderr


def test_the_command_hands_its_arguments_on(folder, capsys):
    assert command.main(["check", "nothing.py"]) == 2
    assert capsys.readouterr().err == "deltarule check: nothing.py: there is no such file\n"


@pytest.mark.slow
def test_files_that_are_called_as_modules_are_do_not_stand_in_for_them(folder, capsys):
    (folder / "random.py").write_text("raise ImportError('mine')\n", encoding="utf-8")
    (folder / "json.py").write_text(RIGHT, encoding="utf-8")
    code, printed, said = ran(capsys, "json.py")
    assert (code, said) == (0, "")
    assert "RIGHT" in printed


@pytest.mark.slow
def test_a_file_imports_what_lies_beside_it(folder, capsys):
    inner = folder / "inner"
    inner.mkdir()
    (inner / "helper.py").write_text(RIGHT, encoding="utf-8")
    (inner / "mine.py").write_text("import helper\n\ndef delta_sgd(W, X, D): return helper.delta_sgd(W, X, D)\n")
    code, printed, _ = ran(capsys, "inner/mine.py")
    assert (code, printed.splitlines()[-1].split()) == (0, ["verdict", "RIGHT"])
    assert sorted(path.name for path in inner.iterdir()) == ["helper.py", "mine.py"]  # and no compiled ones


OPTIMISER = """
class SGD:
    def __init__(self, lr=0.01): self.lr = lr
    def update(self, params, grads):
        for key in params: params[key] += self.lr * grads[key]
"""


def test_a_class_of_the_from_scratch_notes_is_checked_by_its_name(folder, capsys):
    (folder / "mine.py").write_text(OPTIMISER, encoding="utf-8")
    code, printed, _ = ran(capsys, "mine.py:SGD")
    lines = printed.splitlines()
    found = code, lines[0].split(), lines[-1].split()
    assert found == (
        1,
        ["SGD", "mine.py:SGD"],
        ["verdict", "WRONG,", "exit", "1"],
    )
    assert "should be" in printed


def test_weights_out_of_a_run_are_checked_by_their_listing_seed_and_epochs(folder, capsys):
    W = deltarule.delta_sgd([[0.1, 0.2, 0.3]], *deltarule.data.linear())
    np.savez(folder / "mine.npz", W=W)
    code, printed, _ = ran(capsys, "mine.npz", "--listing", "delta_sgd", "--seed", "1", "--epochs", "1")
    assert (code, printed.splitlines()[0].split()) == (1, ["delta_sgd", "mine.npz"])
    assert "rng(1)" in printed


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.slow
@pytest.mark.parametrize(("signum", "word"), [(signal.SIGINT, "interrupted"), (signal.SIGTERM, "terminated")])
def test_a_signal_ends_it_with_one_line_and_all_that_it_has_begun(signum, word, folder):
    for k in range(2):
        text = f'import os, time\nopen("pid{k}", "w").write(str(os.getpid()))\ntime.sleep(1000)\n'
        (folder / f"waits{k}.py").write_text(text, encoding="utf-8")
    running = subprocess.Popen(
        [sys.executable, "-m", "deltarule", "check", "waits0.py", "waits1.py", "--jobs", "2", "--csv", "marks.csv"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")},
    )
    files = [Path(f"pid{k}") for k in range(2)]
    limit = time.monotonic() + 60
    while not all(file.exists() and file.read_text() for file in files) and time.monotonic() < limit:
        time.sleep(0.02)
    running.send_signal(signum)
    printed, said = running.communicate(timeout=60)
    assert (running.returncode, printed, said) == (128 + signum, "", f"deltarule: {word}\n")
    for file in files:
        with pytest.raises(ProcessLookupError):  # they were waited for, and are not even zombies
            os.kill(int(file.read_text()), 0)
    assert not Path("marks.csv").exists()


LEAVES = "import os, tempfile, time\ntempfile.mkdtemp()\nopen('begun', 'w').close()\ntime.sleep(1000)\n"


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize(("signum", "seconds"), [(signal.SIGINT, 60), (signal.SIGTERM, 60), (None, 1)])
def test_no_temporary_folder_is_left_of_a_check_that_is_ended(signum, seconds, folder):
    (folder / "leaves.py").write_text(LEAVES, encoding="utf-8")
    (folder / "temporary").mkdir()
    running = subprocess.Popen(
        [sys.executable, "-m", "deltarule", "check", "leaves.py", "--seconds", str(seconds)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ | {"TMPDIR": str(folder / "temporary")},
    )  # fmt: skip
    limit = time.monotonic() + 60
    while not Path("begun").exists() and time.monotonic() < limit:
        time.sleep(0.02)
    if signum is not None:
        running.send_signal(signum)
    _, said = running.communicate(timeout=60)
    assert (running.returncode, said.count(b"\n")) == (2 if signum is None else 128 + signum, 1)
    assert os.listdir("temporary") == []


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("mine.py", ("mine.py", None)),
        ("a/mine.py:f", ("a/mine.py", "f")),
        ("C:\\ports\\mine.py:f", ("C:\\ports\\mine.py", "f")),
        ("C:\\ports\\mine.py", ("C:\\ports\\mine.py", None)),
        ("C:mine.py", ("C:mine.py", None)),
        ("mine.py:1f", ("mine.py:1f", None)),
    ],
)
def test_a_file_and_a_function_are_told_apart(text, parts):
    assert python_files.split(text) == parts


def test_an_import_leaves_modules_and_their_folders_as_they_were(folder):
    (folder / "json.py").write_text("x = 1\ny = sum\nfrom csv import reader\nclass A: pass\ndef f(): pass\n_g = f\n")
    before, path = dict(sys.modules), list(sys.path)
    with python_files.imported("json.py") as module:
        assert sys.path == [str(folder), *path]
        assert module.x == 1
        assert list(python_files.functions(module)) == ["A", "f"]
    assert (dict(sys.modules), sys.path) == (before, path)
    with pytest.raises(CheckError), python_files.imported("broken.py"):
        pass
    assert (dict(sys.modules), sys.path) == (before, path)


def test_the_function_is_that_of_the_name_of_the_listing_or_the_only_one(folder):
    (folder / "mine.py").write_text(
        "def helper(): pass\ndef BackpropXOR(): pass\ndef delta_sgd(): pass\ndef _own(): pass\n", encoding="utf-8"
    )
    with python_files.imported("mine.py") as module:
        assert list(python_files.chosen(module, "mine.py")) == ["BackpropXOR", "delta_sgd"]
        assert list(python_files.chosen(module, "mine.py", listing="backprop_xor")) == ["BackpropXOR"]
        assert list(python_files.chosen(module, "mine.py", "helper")) == ["helper"]
        with pytest.raises(CheckError, match="which of its functions is deep_relu"):
            python_files.chosen(module, "mine.py", listing="deep_relu")
    (folder / "other.py").write_text("def train(): pass\n", encoding="utf-8")
    with python_files.imported("other.py") as module:
        assert list(python_files.chosen(module, "other.py", listing="deep_relu")) == ["train"]
        assert list(python_files.chosen(module, "other.py", part_of=lambda f, name: f.__name__ == "train")) == ["train"]
        with pytest.raises(CheckError, match="no function with a listing's name; it has train"):
            python_files.chosen(module, "other.py", part_of=lambda f, name: None)


CALLABLES = """
import functools
import numpy as np
from helpers import around
from deltarule import backprop_xor as theirs
def _leaky(x, a): return np.where(x > 0, x, a * x)
class Trainer:
    def __call__(self, W, X, D): return W
    def epoch(self, W1, W2, X, D): return W1, W2
class Relu:
    def forward(self, x): return x
DeltaSGD, BackpropMmt = Trainer(), Trainer().epoch
leaky_relu = functools.partial(_leaky, a=0.1)
Affine = functools.partial(Trainer)
sigmoid = np.vectorize(lambda x: 1 / (1 + np.exp(-x)))
tanh = lambda x: np.tanh(x)
@functools.cache
def AND(x1, x2): return int(x1 and x2)
@around
def step(x): return x > 0
first, number = Relu(), 3
"""


def test_what_can_be_called_counts_as_a_function_of_its_file_whatever_it_is(folder):
    (folder / "helpers.py").write_text("def around(f):\n    return lambda *a: f(*a)\n", encoding="utf-8")
    (folder / "mine.py").write_text(CALLABLES, encoding="utf-8")
    with python_files.imported("mine.py") as module:
        assert list(python_files.functions(module)) == [
            *("Trainer", "Relu", "DeltaSGD", "BackpropMmt", "leaky_relu", "Affine", "sigmoid", "tanh", "AND", "step")
        ]
        assert list(python_files.chosen(module, "mine.py")) == ["DeltaSGD", "BackpropMmt"]
    sys.modules.pop("helpers", None)


def test_a_partial_a_decorated_function_and_a_vectorized_one_are_checked_by_their_names_in_the_file(folder, capsys):
    text = CALLABLES.replace("DeltaSGD, BackpropMmt", "one, two").replace("from helpers import around", "")
    text = text.replace("@around\n", "").replace("np.exp(-x)", "np.exp(x)")
    (folder / "mine.py").write_text(text.replace("Affine =", "other ="), encoding="utf-8")
    _, out, _ = ran(capsys, "mine.py")
    verdicts = {block.split()[0]: block.rpartition("verdict")[2].split()[0] for block in out.split("\n\n")}
    right = dict.fromkeys(["leaky_relu", "tanh", "AND", "step"], "RIGHT")
    assert verdicts == {"sigmoid": "WRONG,", **right}
    assert "e is exp(+x)" in out


MATLAB = """
function W = DeltaSGD(W, X, D)
  for k = 1:4
    x = X(k, :)';
    y = 1 / (1 + exp(-W*x));
    W = W + 0.9*(D(k) - y)*x';
  end
end
"""


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("octave-cli"), reason="needs GNU Octave")
def test_a_matlab_file_is_a_line_as_others_are_and_its_time_is_limited_too(folder, capsys):
    (folder / "DeltaSGD.m").write_text(MATLAB, encoding="utf-8")
    (folder / "hangs").mkdir()
    (folder / "hangs" / "DeltaSGD.m").write_text(
        MATLAB.replace("  for k", "  while true, end\n  for k"), encoding="utf-8"
    )
    code, printed, said = ran(capsys, "DeltaSGD.m", "hangs/DeltaSGD.m", "--seconds", "8", "--jobs", "2", "--json")
    wrong, hangs = json.loads(printed)["checked"]
    assert (code, wrong["verdict"], wrong["mistake"]) == (2, "WRONG", "no-output-slope")
    assert hangs["verdict"] == "NOT CHECKED"
    assert "does not come to an end within 8 s" in hangs["says"]
    assert said == f"deltarule check: {hangs['says']}\n"


def test_a_part_of_the_notes_is_checked_where_no_function_has_the_name_of_a_listing(folder, capsys):
    (folder / "parts.py").write_text(
        "import numpy as np\ndef sigmoid(x): return 1 / (1 + np.exp(x))\n", encoding="utf-8"
    )
    code, printed, said = ran(capsys, "parts.py", "--json")
    (record,) = json.loads(printed)["checked"]
    assert (code, said) == (1, "")
    assert (record["file"], record["listing"], record["mistake"]) == ("parts.py:sigmoid", "sigmoid", "exp-plus")
    (folder / "both.py").write_text(RIGHT + "def sigmoid(x): return 1 / (1 + np.exp(x))\n", encoding="utf-8")
    code, printed, said = ran(capsys, "both.py", "--json")
    assert [record["listing"] for record in json.loads(printed)["checked"]] == ["delta_sgd"]


def test_weights_are_checked_from_the_start_that_is_stated(folder, capsys):
    rng = matlab.rng(3)
    W, (X, D) = 2 * rng.rand(1, 3) - 1, EXPERIMENTS["delta_sgd"].samples()
    for _ in range(10):
        W = delta_sgd(W, X, D)
    np.save("weights.npy", W)
    code, printed, said = ran(capsys, "weights.npy", "--listing", "delta_sgd", "--seed", "3", "--epochs", "10")
    assert (code, said) == (0, "")
    assert printed.splitlines()[0].split() == ["delta_sgd", "weights.npy"]
    np.save("weights.npy", W + 1)
    arguments = ["--listing", "delta_sgd", "--seed", "3", "--epochs", "10", "--csv", "marks.csv"]
    code, printed, said = ran(capsys, "weights.npy", "right.py", *arguments)
    assert code == 1
    assert [line.split()[2] for line in printed.splitlines()[1:]] == ["WRONG", "RIGHT"]
