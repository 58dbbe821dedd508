"""Planted faults: does the suite notice when an operator, a number or a condition of an algorithm is another?

python tests/mutation.py                  every mutant of MODULES; writes docs/mutation.md
python tests/mutation.py listings/deep    only those of these modules; prints
python tests/mutation.py --sample 100     only so many, drawn by a number made of the sources; prints
python tests/mutation.py --each 40 check/told check/looks    only so many of each module; prints
python tests/mutation.py --sample 100 --each 9    so many, of at most 9 of each module: fewer are made; prints
python tests/mutation.py --sample 1000 --page   the same, and writes docs/mutation.md

The mutants are cosmic-ray's; which lines a test executes is told by Python 3.12 or newer. Each mutant is tried in a
process of its own, which imports the changed source in place of the module and runs those of the quick tests that
execute the changed line, the quickest first, until one fails. A mutant that no test notices must be listed in
tests/equivalent_mutants.toml with the reason why nothing can tell it from the original. Exit 0 when all that survive
are listed and none of those listed is killed, 1 when not.
"""

import argparse
import ast
import collections
import contextlib
import hashlib
import importlib.machinery
import importlib.util
import itertools
import json
import os
import pickle
import random
import resource
import signal
import sys
import tempfile
import time
import traceback
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

import hypothesis
import pytest

from deltarule.basics.files import write_whole
from deltarule.programs.options import OneLineParser
from deltarule.programs.terminal import delivered, progress, take_ctrl_c

try:
    import tomllib
except ImportError:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parent.parent
BOOK = (
    "listings/single_layer",
    "listings/multi_layer",
    "listings/classifier",
    "listings/deep",
    "listings/convnet",
    "listings/convolution",
    "listings/squares",
    "listings/shares",
    "listings/labels",
    "listings/training",
    "basics/arrays",
    "basics/functions",
    "basics/differences",
    "basics/networks",
    "matlab/stream",
    "matlab/twister",
    "matlab/ziggurat",
    "matlab/permutations",
    "matlab/statistics",
    "matlab/conversions",
    "matlab/legacy",
)
BOOK_TESTS = (
    "training",
    "properties",
    "arrays",
    "networks",
    "listings",
    "functions",
    "squares",
    "convolution",
    "gradients",
    "matlab",
    "matlab_ziggurat",
    "matlab_permutations",
    "matlab_statistics",
    "matlab_legacy",
    "checks",
    "judges",
    "drift",
    "earlier",
    "shares",
    "textbook",
    "octave",
    "study",
)
NOTES = (
    "layers/activations",
    "layers/costs",
    "layers/gates",
    "layers/labels",
    "layers/numerical",
    "layers/nodes",
    "layers/dense",
    "layers/images",
    "layers/convolution",
    "layers/normalization",
    "layers/dropout",
    "layers/squares",
    "layers/starts",
    "layers/optimizers",
    "layers/layer",
    "layers/network",
    "layers/differences",
    "layers/two_layer",
    "layers/multi_layer",
    "layers/convnet",
    "layers/training",
    "layers/search",
    "layers/experiments",
    "layers/checks",
    "study/networks",
    "study/network_experiments",
    "evidence/from_scratch",
    "evidence/notes",
    "programs/notes_verdicts",
)
NOTES_TESTS = (
    "layers_activations",
    "layers_checks",
    "layers_convolution",
    "layers_costs",
    "layers_dense",
    "layers_dropout",
    "layers_experiments",
    "layers_gates",
    "layers_golden",
    "layers_images",
    "layers_judges",
    "layers_labels",
    "layers_networks",
    "layers_normalization",
    "layers_numerical",
    "layers_optimizers",
    "layers_search",
    "layers_squares",
    "layers_torch",
    "layers_training",
    "models_worked",
    "networks_golden",
    "notes_printed",
    "notes_run",
    "notes_verdicts",
    "study_networks",
)
EVIDENCE = ("evidence/golden", "evidence/gradients", "evidence/textbook", "programs/verdicts")
EVIDENCE_TESTS = ("judges", "octave", "textbook", "gradients", "judges_evidence", "judges_verdicts")
LISTS = ("evidence/errata", "evidence/archives", "evidence/networks")
LISTS_TESTS = ("errata", "networks_golden", "layers_judges", "judges_references")
SLOPES = ("evidence/model_gradients",)
SLOPES_TESTS = ("models", "judges_slopes")
TABLE = ("programs/compare", "programs/summary")
TABLE_TESTS = ("compare", "judges_table")
MODELS = (
    "models/adversarial",
    "models/attention",
    "models/belief",
    "models/checks",
    "models/depth",
    "models/energy",
    "models/experiments",
    "models/functions",
    "models/gated",
    "models/graphs",
    "models/layered",
    "models/recurrent",
    "models/relations",
    "models/segmentation",
    "models/tables",
    "models/tasks",
    "models/transformer",
    "models/vanishing",
    "models/worked",
)
MODELS_TESTS = (
    "models",
    "models_adversarial",
    "models_attention",
    "models_checks",
    "models_depth",
    "models_energy",
    "models_experiments",
    "models_graphs",
    "models_layered",
    "models_recurrent",
    "models_relations",
    "models_segmentation",
    "models_worked",
)
DRIFT = ("programs/drift", "programs/earlier")
DRIFT_TESTS = ("drift", "earlier", "judges_verdicts")
STUDY = (
    "study/training",
    "study/schedule",
    "study/starts",
    "study/outcome",
    "study/files",
    "study/settings",
    "study/models",
    "study/model_experiments",
)
STUDY_TESTS = ("study", "study_networks", "study_models", "judges_study")
ARGUMENTS = ("basics/checks", "listings/image_checks")
ARGUMENTS_TESTS = ("checks", "wrong_arguments", "networks", "convolution", "judges_arguments")
CHECK = (
    "check/compare",
    "check/looks",
    "check/search",
    "check/finding",
    "check/unexplained",
    "check/factors",
    "check/gradient",
    "check/told",
    "check/difference",
)
CHECK_TESTS = ("check_unexplained", "check_bounds", "check_deep", "check_dense", "check_images", "judges_check")
CATALOGUE = tuple(
    f"check/catalogue/{name}" for name in ("__init__", "back", "dropout", "forward", "images", "loop", "mistake")
)
CATALOGUE_TESTS = ("check_forms", "check_plants", "check_dense", "check_deep", "check_images", "judges_check")
OCTAVE = tuple(f"check/octave/{name}" for name in ("checking", "draws", "errors", "misprints", "process", "source"))
OCTAVE_TESTS = ("check_octave", "judges_check")
PARTS = tuple(
    f"check/parts/{name}"
    for name in (
        "checking",
        "compare",
        "costs",
        "finding",
        "functions",
        "gates",
        "images",
        "layers",
        "mine",
        "networks",
        "normalization",
        "numerical",
        "optimizers",
        "part",
        "softmax",
    )
)
PARTS_TESTS = ("check_parts", "judges_parts")
WEIGHTS = (
    "check/catalogue/start",
    "check/weights/beside",
    "check/weights/files",
    "check/weights/reading",
    "check/weights/search",
)
WEIGHTS_TESTS = ("check_weights", "judges_weights")
GROUPS = {
    BOOK: BOOK_TESTS,
    EVIDENCE: EVIDENCE_TESTS,
    LISTS: LISTS_TESTS,
    SLOPES: SLOPES_TESTS,
    TABLE: TABLE_TESTS,
    DRIFT: DRIFT_TESTS,
    STUDY: STUDY_TESTS,
    ARGUMENTS: ARGUMENTS_TESTS,
    CHECK: CHECK_TESTS,
    CATALOGUE: CATALOGUE_TESTS,
    OCTAVE: OCTAVE_TESTS,
    PARTS: PARTS_TESTS,
    WEIGHTS: WEIGHTS_TESTS,
    NOTES: NOTES_TESTS,
    MODELS: MODELS_TESTS,
}
"""The modules that hold arithmetic or say whether a number is right, and the files of tests that are to notice it."""
MODULES = tuple(module for group in GROUPS for module in group)
EQUIVALENT = ROOT / "tests" / "equivalent_mutants.toml"
PAGE = ROOT / "docs" / "mutation.md"
PATIENCE = (
    10  # times the seconds that its tests take with the original, and a start; a mutant that takes more is killed
)
MEMORY = 12 << 30  # bytes a mutant may address
LONGEST = 8  # seconds; a test that takes more with the original is not asked of each mutant


@dataclass(frozen=True)
class Mutant:
    """One change to one module; `before` and `after` are the lines that differ, without their indentation."""

    module: str
    line: int
    function: str
    before: str
    after: str
    source: str = field(repr=False)

    @property
    def key(self):
        """What it is listed by: not by its line number, which any edit moves."""
        return self.module, self.function, self.before, self.after


def mutants(module, most=None):
    """All mutants of a module that compile and differ from each other, in the order of their lines.

    Or at most so many of them, drawn by a number made of its source.
    """
    from cosmic_ray.ast import ast_nodes, get_ast
    from cosmic_ray.mutating import MutationVisitor

    source = path(module).read_text(encoding="utf-8")
    tree = get_ast(source)
    nodes, copies = list(ast_nodes(tree)), pickle.dumps(tree)  # a mutation changes its tree; a copy is made sooner
    original = ast.parse(source)
    same = ast.dump(original)
    functions = [node for node in ast.walk(original) if isinstance(node, ast.FunctionDef)]
    places = [(operator, k) for operator in operators() for k in range(occurrences(operator, nodes))]
    if most is not None:
        random.Random(hashlib.sha256(source.encode()).hexdigest()).shuffle(places)
    found = {}
    for operator, occurrence in places:
        if len(found) == most:
            break
        mutated = MutationVisitor(occurrence, operator).walk(pickle.loads(copies)).get_code()
        with contextlib.suppress(SyntaxError):
            if mutated not in found and ast.dump(ast.parse(mutated)) != same:
                found[mutated] = mutant(module, source, mutated, functions)
    return sorted(found.values(), key=lambda m: (m.line, m.after))


def operators():
    """The kinds of changes that cosmic-ray makes, but for those that are made for variables one names."""
    from cosmic_ray import plugins

    return [kind() for kind in map(plugins.get_operator, plugins.operator_names()) if not kind.arguments()]


def occurrences(operator, nodes):
    """How many changes of a kind there are."""
    return sum(1 for node in nodes for _ in operator.mutation_positions(node))


def mutant(module, source, mutated, functions):
    """The mutant of a module that has this source instead; the functions are the module's own."""
    pairs = zip(source.splitlines(), mutated.splitlines(), strict=False)
    line, before, after = next((n, a, b) for n, (a, b) in enumerate(pairs, 1) if a != b)
    around = [node for node in functions if node.lineno <= line <= node.end_lineno]
    inner = max(around, key=lambda node: node.lineno).name if around else ""
    return Mutant(module, line, inner, before.strip(), after.strip(), mutated)


def path(module):
    """The file of a module, whose name is its path within the package."""
    return ROOT / "deltarule" / f"{module}.py"


def dotted(module):
    """The name by which Python imports a module."""
    return f"deltarule.{module.removesuffix('/__init__').replace('/', '.')}"


class Loader(importlib.machinery.SourceFileLoader):
    """Loads a module from the source of a mutant."""

    def __init__(self, mutant):
        super().__init__(dotted(mutant.module), str(path(mutant.module)))
        self.mutant = mutant

    def get_code(self, fullname):
        return compile(self.mutant.source, self.path, "exec")

    def find_spec(self, fullname, path=None, target=None):
        return (
            importlib.util.spec_from_file_location(fullname, self.path, loader=self) if fullname == self.name else None
        )


def forget_constants():
    """Let tables that are worked out once be worked out again, so that each test executes the lines it stands on."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "deltarule"]:
        for value in vars(sys.modules[name]).values():
            if hasattr(value, "cache_clear"):
                value.cache_clear()


class Observer:
    """Notes how long each test takes and which lines of the modules it executes."""

    def __init__(self, modules):
        self.module = {str(path(module)): module for module in modules}
        self.lines = {module: collections.defaultdict(set) for module in modules}
        self.seconds = collections.Counter()
        self.failed = []
        self.test = ""  # while modules are imported
        sys.monitoring.use_tool_id(sys.monitoring.COVERAGE_ID, "mutation")
        sys.monitoring.register_callback(sys.monitoring.COVERAGE_ID, sys.monitoring.events.LINE, self.line)
        sys.monitoring.set_events(sys.monitoring.COVERAGE_ID, sys.monitoring.events.LINE)

    def line(self, code, line):
        """A line is about to be executed: note it, and hear no more of it in this test."""
        if module := self.module.get(code.co_filename):
            self.lines[module][line].add(self.test)
        return sys.monitoring.DISABLE

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item):
        forget_constants()
        self.test = item.nodeid
        sys.monitoring.restart_events()

    def pytest_runtest_logreport(self, report):
        self.seconds[report.nodeid] += report.duration
        if report.failed:
            self.failed.append(report.nodeid)

    def pytest_collectreport(self, report):
        if report.failed:
            self.failed.append(report.nodeid)


class Impatient:
    """Ends the process where a test takes much longer than with the original: the mutant goes round in circles."""

    def __init__(self, seconds, loud=False):
        self.seconds, self.loud, self.test = seconds, loud, "the imports"
        signal.signal(signal.SIGALRM, self.give_up)
        signal.setitimer(signal.ITIMER_REAL, 60)  # for the imports

    def give_up(self, *_):
        if self.loud:
            print(f"mutation.py: {self.test}: took too long", file=sys.stderr, flush=True)
        os._exit(1)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item):
        self.test = item.nodeid
        signal.setitimer(signal.ITIMER_REAL, 10 + PATIENCE * self.seconds.get(item.nodeid, 1))

    def pytest_runtest_logreport(self, report):
        if self.loud and report.failed:
            print(f"mutation.py: {report.nodeid}\n{report.longreprtext}", file=sys.stderr, flush=True)


def quick(tests):
    """pytest's arguments for these tests, those marked slow left out; its assertions would load modules themselves."""
    options = ["-q", "-x", "-m", "not slow and not gpu", "--assert=plain", "-p", "no:cacheprovider"]
    return [*options, "--rootdir", str(ROOT), *tests]


def observed(modules, files):
    """The seconds of each test of these files and modules, and for each module and line the tests that execute it."""

    def run():
        observer = Observer(modules)
        tests = [*(f"tests/test_{name}.py" for name in files), *(f"deltarule/{module}.py" for module in modules)]
        code = pytest.main(quick(tests), plugins=[observer])
        if code != 0:
            return {"failed": observer.failed}
        lines = {module: {n: sorted(tests) for n, tests in known.items()} for module, known in observer.lines.items()}
        return {"seconds": observer.seconds, "lines": lines}

    with tempfile.NamedTemporaryFile() as file:
        child = forked(lambda: Path(file.name).write_text(json.dumps(run())) and 0)
        os.waitpid(child, 0)
        said = Path(file.name).read_text()
    if not said or "failed" in json.loads(said):
        raise SystemExit(f"mutation.py: the tests fail without any mutant: {said}")
    found = json.loads(said)
    lines = {module: {int(line): tests for line, tests in known.items()} for module, known in found["lines"].items()}
    return found["seconds"], lines


def tests_of(mutant, seconds, lines):
    """The tests that can notice a mutant, the quickest first; none where no test executes its statement.

    They are those that execute the statement; where it is one that is executed at import, all of them, and those of the
    module first.
    """
    known = lines[mutant.module]
    around = {test for line in statement(mutant) for test in known.get(line, ())}
    chosen = seconds if "" in around else around & seconds.keys()
    name = mutant.module.rpartition("/")[2]
    own = tuple(f"tests/test_{wing}{name}.py" for wing in ("", "layers_", "models_"))
    return sorted(chosen, key=lambda test: ("" in around and not test.startswith(own), seconds[test]))


def statement(mutant):
    """The lines of the statement that a mutant changes; of one that holds others, those of its head."""
    spans = []
    for node in ast.walk(ast.parse(path(mutant.module).read_text(encoding="utf-8"))):
        if isinstance(node, ast.stmt | ast.ExceptHandler):
            decorators = [each.lineno for each in getattr(node, "decorator_list", [])]
            last = node.body[0].lineno - 1 if hasattr(node, "body") else node.end_lineno
            first = min([node.lineno, *decorators])
            spans.append(range(first, max(first, last) + 1))
    later = [span for span in spans if span.start > mutant.line]  # a decorator that is gone leaves an empty line before
    around = [span for span in spans if mutant.line in span] or sorted(later, key=lambda span: span.start)[:1]
    return min(around, key=len, default=(mutant.line,))


def forked(work):
    """Do work in a process of its own, whose output goes nowhere and whose exit code the work returns."""
    child = os.fork()
    if child:
        return child
    code = 3
    try:
        os.setpgid(0, 0)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1):
            os.dup2(nowhere, stream)
        for name in [name for name in sys.modules if name.partition(".")[0] == "deltarule"]:
            del sys.modules[name]  # imported for the work of this program; the tests begin afresh
        code = work()
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def tried(mutant, tests, seconds, loud=False):
    """The process in which a mutant is tried: it exits with 0 if the tests pass. If loud, it says which does not."""

    def work():
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        sys.meta_path.insert(0, Loader(mutant))
        hypothesis.settings.register_profile("mutation", database=None, derandomize=True, deadline=None)
        options = ["--hypothesis-profile=mutation"]  # in place of the suite's own, which conftest.py loads
        code = pytest.main([*quick(tests), *options], plugins=[Impatient(seconds, loud)])
        if code == pytest.ExitCode.USAGE_ERROR:  # its parameters give other tests than the original's: all are run
            files = dict.fromkeys(test.partition("::")[0] for test in tests)
            code = pytest.main([*quick(files), *options], plugins=[Impatient(seconds, loud)])
        return int(code)

    return forked(work)


def check_that_the_original_survives(module, seconds):
    """Try a module as it is, with the tests that are asked: if that were killed, so would be anything."""
    original = Mutant(module, 0, "", "", "", path(module).read_text(encoding="utf-8"))
    if os.waitpid(tried(original, sorted(seconds, key=seconds.get), seconds, loud=True), 0)[1] != 0:
        raise SystemExit("mutation.py: the tests fail on the original in place of a mutant")


def survivors(wanted, jobs, seen=lambda mutant, survived: None):
    """Those of the mutants that no test notices; so many are tried at a time, one group of modules after the other."""
    survived = []
    with progress("mutation", len(wanted), "mutant") as bar:
        for modules, files in GROUPS.items():
            if of_group := [mutant for mutant in wanted if mutant.module in modules]:
                seconds, lines = observed(modules, files)
                seconds = {test: time for test, time in seconds.items() if time <= LONGEST}
                waiting = [(mutant, tests_of(mutant, seconds, lines)) for mutant in of_group]
                asked = {test for _, tests in waiting for test in tests}
                if asked:
                    check_that_the_original_survives(modules[0], {test: seconds[test] for test in asked})
                with contextlib.closing(outcomes(waiting, seconds, jobs)) as found:
                    for mutant, passed in found:
                        if passed:
                            survived.append(mutant)
                        seen(mutant, passed)
                        bar.update()
    return sorted(survived, key=lambda m: (MODULES.index(m.module), m.line, m.after))


def outcomes(waiting, seconds, jobs):
    """Of each mutant and its tests, as soon as it has been tried: the mutant, and whether it passes."""
    waiting, running = waiting[::-1], {}
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                mutant, tests = waiting.pop()
                if tests:
                    running[tried(mutant, tests, seconds)] = mutant
                else:  # what is not executed is not noticed
                    yield mutant, True
            time.sleep(0.005)
            for child, mutant in list(running.items()):
                exited, status = os.waitpid(child, os.WNOHANG)
                if exited:
                    del running[child]
                    yield mutant, status == 0
    finally:
        for child in running:
            os.killpg(child, signal.SIGKILL)
            os.waitpid(child, 0)


def equivalent():
    """By key, why nothing can tell a mutant from the original."""
    entries = tomllib.loads(EQUIVALENT.read_text(encoding="utf-8"))["mutant"]
    return {(e["module"], e["function"], e["before"], after): e["why"] for e in entries for after in e["after"]}


def page(found, survived, why, command, of):
    """The table of the modules and the list of the survivors, as Markdown, for what was found of so many."""
    rows = []
    for module in dict.fromkeys(m.module for m in found):
        total = sum(m.module == module for m in found)
        left = sum(m.module == module for m in survived)
        rows.append([f"`{module}`", total, total - left, left, f"{1 - left / total:.1%}"])
    total, left = len(found), len(survived)
    rows.append(["all", total, total - left, left, f"{1 - left / total:.1%}"])
    lines = [
        "# Planted faults",
        "",
        "What the suite does when an operator, a number or a condition of an algorithm is another:",
        "`tests/mutation.py` plants one such fault after the other, by cosmic-ray, and runs the quick tests that",
        "execute the changed line.",
        "",
        f"{time.strftime('%Y-%m-%d')}, `{command}`, cosmic-ray {version('cosmic-ray')}, NumPy {version('numpy')}"
        + (f": {len(found):,} of {of:,}, drawn by a number made of the sources." if of > len(found) else ":"),
        "",
        "| module | mutants | noticed | equivalent | noticed |",
        "|---|---:|---:|---:|---:|",
        *("| " + " | ".join(map(str, row)) + " |" for row in rows),
        "",
        "## Those that survive",
        "",
        "Each does the same as the original, and nothing could notice it:",
        "",
        "| module, function | original | mutant | why |",
        "|---|---|---|---|",
    ]
    for m in survived:
        cells = (f"`{m.module}`, `{m.function}`", code(m.before), code(m.after), why.get(m.key, "NOT LISTED"))
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def code(line):
    return "`" + line.replace("|", "\\|") + "`"


def main():
    take_ctrl_c()
    parser = OneLineParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("modules", nargs="*", metavar="MODULE", help=", ".join(MODULES))
    parser.add_argument("--sample", type=int, metavar="N", help="only so many mutants")
    parser.add_argument("--each", type=int, metavar="N", help="only so many mutants of each module")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), metavar="N", help="how many at a time")
    parser.add_argument("--least", type=float, metavar="X", help="pass when this share is noticed or listed")
    parser.add_argument("--page", action="store_true", help="write docs/mutation.md, of a sample as well")
    parser.add_argument("--log", type=Path, metavar="FILE", help="note each; one noted as noticed is not tried again")
    options = parser.parse_args()
    if unknown := set(options.modules).difference(MODULES):
        parser.error(f"there is no module {sorted(unknown)[0]!r}; it takes {', '.join(MODULES)}")
    if min(each for each in (options.jobs, options.sample, options.each, 1) if each is not None) < 1:
        parser.error("--jobs, --sample and --each take 1 or more")

    os.chdir(ROOT)
    with ProcessPoolExecutor(options.jobs) as pool:
        of_modules = pool.map(mutants, options.modules or MODULES, itertools.repeat(options.each))
        found = [m for of_module in of_modules for m in of_module]
    of = len(found)
    if options.sample:
        sources = b"".join(path(module).read_bytes() for module in MODULES)
        drawn = random.Random(hashlib.sha256(sources).hexdigest())
        found = sorted(drawn.sample(found, min(options.sample, len(found))), key=found.index)
    noticed = noted(options.log) if options.log and options.log.exists() else set()
    note = noting(options.log) if options.log else lambda mutant, survived: None
    untold = [m for m in found if digest(m) not in noticed]
    survived = survivors(untold, options.jobs, note)
    why = equivalent()
    unlisted = [m for m in survived if m.key not in why]
    killed = {m.key for m in found} & why.keys() - {m.key for m in survived}

    def deliver():
        for m in unlisted:
            print(f"survives: deltarule/{m.module}.py:{m.line} ({m.function})\n  - {m.before}\n  + {m.after}")
        for key in sorted(killed):
            print(f"listed as equivalent, but noticed: {key}")
        print(
            f"{len(found)} mutants, {len(found) - len(survived)} noticed, {len(survived)} not, {len(unlisted)} unlisted"
        )
        if options.page or not (options.modules or options.sample or options.each):
            command = "python tests/mutation.py" + (f" --sample {options.sample}" if options.sample else "")
            write_whole(PAGE, page(found, survived, why, command, of).encode())

    if options.least is not None:
        return delivered(deliver) or int(len(found) - len(unlisted) < options.least * len(found))
    return delivered(deliver) or int(bool(unlisted or killed))


def digest(mutant):
    return hashlib.sha256(mutant.source.encode()).hexdigest()


def noting(log):
    def note(mutant, survived):
        with log.open("a") as file:
            file.write(json.dumps({"digest": digest(mutant), "survived": survived}) + "\n")

    return note


def noted(log):
    return {entry["digest"] for entry in map(json.loads, log.read_text().splitlines()) if not entry["survived"]}


if __name__ == "__main__":
    sys.exit(main())
