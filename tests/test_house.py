"""The package's rooms: which stands on which, that no imports go in a circle, and what no module of it does."""

import ast
import graphlib
import os
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

import deltarule

PACKAGE = Path(deltarule.__file__).resolve().parent

# What the modules of each room may import, other than each other
MAY_USE = {
    "matlab": set(),
    "data": set(),
    "basics": {"matlab"},
    "listings": {"basics", "matlab", "data"},
    "layers": {"basics", "matlab", "data"},
    "models": {"layers", "listings", "basics", "matlab", "data"},
    "evidence": {"models", "layers", "listings", "basics", "matlab", "data"},
    "study": {"models", "layers", "listings", "basics", "matlab", "data"},
    "check": {"evidence", "models", "layers", "listings", "basics", "matlab", "data"},
    "testing": {"check", "evidence", "models", "layers", "listings", "basics", "matlab", "data"},
    "programs": {"check", "evidence", "models", "layers", "listings", "basics", "matlab", "data", "version"},
    "study.program": {
        "check",
        "study",
        "programs",
        "evidence",
        "models",
        "layers",
        "listings",
        "basics",
        "matlab",
        "data",
        "version",
    },
    "version": set(),
    "__main__": {
        "check",
        "programs",
        "evidence",
        "models",
        "layers",
        "listings",
        "basics",
        "matlab",
        "data",
        "version",
    },
    "": {"listings", "basics", "matlab", "data", "version"},  # the package's own __init__, which gives the public names
}

# What the package's modules do without, and where one of them is needed all the same
DONE_WITHOUT = {
    "exec": {},
    "eval": {},
    "compile": {},
    "__import__": {},
    "lru_cache": {},
    "cache": {"matlab/ziggurat.py": "a table of constants, which no call changes"},
    "sys.exit": {"__main__.py": "`python -m deltarule` is a program"},
    "os._exit": {"basics/process.py": "a signal while the libraries are loading, or where SystemExit got lost"},
    "exit": {},
    "quit": {},
    "SystemExit": {"basics/process.py": "a signal in a program that asked for it by take_ctrl_c"},
    "signal.signal": {
        "basics/process.py": "take_ctrl_c, which programs call and a notebook does not",
        "basics/workers.py": "processes begun there ignore Ctrl-C; the handler is put back at once",
        "study/program.py": "Ctrl-C ends the work, and not the program, which writes what is done",
    },
    "numpy.random.seed": {},
    "np.random.seed": {},
    "global": {},
}


def modules(package):
    """By dotted name, the path of each module in the folder of a package."""
    found = {}
    for path in sorted(package.rglob("*.py")):
        parts = [package.name, *path.relative_to(package).with_suffix("").parts]
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(name, known):
    """The modules of the package that one imports, at its top or within a function."""
    path = known[name]
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    root = name.partition(".")[0]
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name.split(".")[0] == root}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) + 1 - node.level]
                base = ".".join([*above, *filter(None, [node.module])])
            if base.split(".")[0] == root:
                of_modules = {f"{base}.{alias.name}" for alias in node.names} & known.keys()
                found |= of_modules if len(of_modules) == len(node.names) else of_modules | {base}
    return found


def room(name):
    """The room of a module; the study's program, which stands above the others, is one of its own."""
    inner = name.partition(".")[2]
    return inner if inner in MAY_USE else inner.partition(".")[0]


def faults(package):
    """What is wrong with the imports of a package: circles, arrows that go up, and modules that do not exist."""
    known = modules(package)
    graph = {name: imports(name, known) for name in known}
    found = [f"{name} imports {other}, which there is not" for name in graph for other in graph[name] - known.keys()]
    for name, others in graph.items():
        for other in sorted(others & known.keys()):
            if room(other) != room(name) and room(other) not in MAY_USE[room(name)]:
                found.append(f"{name} imports {other}, from a room that does not lie below")
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        found.append(f"a circle: {' imports '.join(error.args[1][::-1])}")
    return found


def test_imports_go_one_way_and_in_no_circle():
    assert faults(PACKAGE) == []


def test_every_room_is_in_the_table_and_the_table_itself_goes_one_way():
    assert {room(name) for name in modules(PACKAGE)} == MAY_USE.keys()
    graphlib.TopologicalSorter(MAY_USE).prepare()
    assert all(MAY_USE[below] <= above for above in MAY_USE.values() for below in above)


PLANTED = {
    "upwards": ("basics/arrays.py", "from ..listings import training", "basics.arrays imports .*listings.training"),
    "upwards in a function": (
        "listings/labels.py",
        "def f():\n    from ..programs import figures",
        "listings.labels imports .*programs.figures",
    ),
    "upwards, absolute": ("data/idx.py", "import deltarule.basics.arrays", "data.idx imports deltarule.basics.arrays"),
    "beside": ("evidence/golden.py", "from deltarule.study import Settings", "golden imports deltarule.study"),
    "the public names": ("listings/deep.py", "from .. import sigmoid", "listings.deep imports deltarule, from a room"),
    "a circle": ("programs/tables.py", "from . import summary", "circle: .*tables imports .*summary"),
    "a circle through a method": (
        "listings/training.py",
        "class C:\n    def f(self):\n        from .classifier import train",
        "circle: .*training imports .*classifier",
    ),
    "a circle of three": ("basics/arrays.py", "from .functions import sigmoid", "circle: .*arrays imports .*functions"),
    "a module that is gone": (
        "programs/run.py",
        "def f():\n    from ..recording import replay",
        "programs.run imports deltarule.recording, which there is not",
    ),
}


@pytest.mark.parametrize("planted", PLANTED)
def test_a_planted_import_that_should_not_be_is_noticed(planted, tmp_path):
    file, line, message = PLANTED[planted]
    copy = tmp_path / "deltarule"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("*.gz", "__pycache__"))
    assert faults(copy) == []
    path = copy / file
    path.write_text(path.read_text(encoding="utf-8") + f"\n{line}\n", encoding="utf-8")
    found = faults(copy)
    assert any(re.search(message, fault) for fault in found), found


@pytest.mark.slow
def test_every_module_can_be_the_first_that_is_imported():
    program = (
        "import importlib, sys\n"
        "for name in sys.argv[1:]:\n"
        "    for loaded in [m for m in sys.modules if m.partition('.')[0] == 'deltarule']:\n"
        "        del sys.modules[loaded]\n"
        "    importlib.import_module(name)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *modules(PACKAGE)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "MPLBACKEND": "agg"},
    )
    assert (done.returncode, done.stderr) == (0, "")


def names(tree):
    """The names that a module uses, by dots where they are attributes, and those that it imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield ast.unparse(node)
        elif isinstance(node, ast.Global):
            yield "global"
        elif isinstance(node, ast.ImportFrom):
            yield from (name for alias in node.names for name in (alias.name, f"{node.module}.{alias.name}"))


def uses(package):
    """By name of `DONE_WITHOUT`, the files that use it."""
    found = defaultdict(set)
    for path in modules(package).values():
        for name in names(ast.parse(path.read_text(encoding="utf-8"))):
            for unwanted in {name, name.removeprefix("functools.")} & DONE_WITHOUT.keys():
                found[unwanted].add(path.relative_to(package).as_posix())
    return found


def test_nothing_is_generated_cached_or_exited_but_where_a_reason_is_given():
    found = uses(PACKAGE)
    for name, reasons in DONE_WITHOUT.items():
        assert found[name] == reasons.keys(), name


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("exec('x = 1')", "exec"),
        ("from functools import lru_cache", "lru_cache"),
        ("import functools\n@functools.cache\ndef f(): pass", "cache"),
        ("import sys\ndef f():\n    sys.exit(1)", "sys.exit"),
        ("from sys import exit", "sys.exit"),
        ("raise SystemExit(3)", "SystemExit"),
        ("import signal\nsignal.signal(2, None)", "signal.signal"),
        ("from signal import signal", "signal.signal"),
        ("def f():\n    global x", "global"),
    ],
)
def test_a_planted_line_of_that_kind_is_noticed(line, name, tmp_path):
    package = tmp_path / "deltarule"
    package.mkdir()
    (package / "__init__.py").write_text(f"{line}\n", encoding="utf-8")
    assert uses(package)[name] == {"__init__.py"}


def test_the_package_does_not_import_the_tools_of_its_repository():
    for path in modules(PACKAGE).values():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        tops = {alias.name.partition(".")[0] for n in ast.walk(tree) if isinstance(n, ast.Import) for alias in n.names}
        tops |= {n.module.partition(".")[0] for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and not n.level}
        assert not tops & {
            "benchmark",
            "plain",
            "torch_mnist_conv",
            "notes_networks",
            "printed_convnet",
            "regenerate",
            "torch_files",
            "runs",
            "networks",
            "pytest",
        }, path


def test_matplotlib_progress_bars_and_cupy_are_imported_in_one_place_each():
    for library, part in (
        ("matplotlib", "programs/figures/"),
        ("tqdm", "basics/progress.py"),
        ("cupy", "basics/devices.py"),
    ):
        found = [
            path.relative_to(PACKAGE).as_posix()
            for path in modules(PACKAGE).values()
            if f"import {library}" in (text := path.read_text(encoding="utf-8")) or f"from {library}" in text
        ]
        assert found
        assert all(file.startswith(part) for file in found), found
