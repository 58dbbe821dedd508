"""The pages of the documentation: their printed outputs, links and pictures, and as a program, what fills them.

``python tests/readme.py`` runs each command whose output a page shows and writes what it prints into the page;
``python tests/readme.py --pictures`` draws the pictures in ``docs/`` again.
"""

import re
import sys
import tempfile
from pathlib import Path

import runs

from deltarule.basics.files import write_whole

FILES = [runs.ROOT / "README.md", runs.ROOT / "README.ko.md"]
PAGES = [*FILES, *sorted((runs.ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(
    r"```text\n(?P<command>\$ \.venv/bin/(?:deltarule (?P<name>\w+)|python scripts/(?P<script>\w+)\.py)"
    r"(?P<options>[^\n]*))\n(?P<printed>.*?)```",
    re.DOTALL,
)
SECONDS = re.compile(r"(?<= )\d+\.\d\d(?= s$|  )", re.MULTILINE)
PICTURES = {
    "xor.png": "backprop_xor",
    "sgd_vs_batch.png": "sgd_vs_batch",
    "features.png": "plot_features",
    "neuron.png": "neuron_graph",
    "gcn_karate.png": "gcn_karate",
    "gan_gaussian.png": "gan_gaussian",
}
WIDTH = 1200  # pixels of a picture in a page


def blocks(text):
    """What stands under each command, by script and options."""
    return {command(match): match["printed"] for match in BLOCK.finditer(text)}


def command(match):
    """The script of a block and its options, as a tuple."""
    return (match["name"] or match["script"], *match["options"].split())


def of_compare(path, printed):
    """What a page shows of the tables of all scripts: that of the part which it is about, and dots for the others."""
    listings, functions, notes, others = printed.rstrip("\n").split("\n\n")
    table = {"from-scratch.md": notes, "networks.md": others}.get(path.name)
    return f"{listings}\n\n{functions}\n\n...\n" if table is None else f"...\n\n{table}\n"


def printed(path, block):
    """What a command prints, as far as the page shows it."""
    text = runs.text(*block)[1]
    return of_compare(path, text) if block == ("compare",) else text


def without_times_and_rounding(printed):
    """A script's output with what differs from machine to machine made equal: times, and rounding errors, their sizes
    and which is the worst of those from the book's code.
    """
    printed = re.sub(r"(?<=is allowed )\(\w+\)", "(#)", printed)
    return re.sub(r" +(?=#)", " ", re.sub(r"0\.0e\+00|\d\.\de-\d\d", "#", SECONDS.sub("#", printed)))


def code(text, language):
    """The blocks of code in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def without_code(text):
    """A page without its blocks of code, in which nothing is a heading or a link."""
    return re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)


def anchors(text):
    """The anchors of a page's headings, as GitHub and MyST make them."""
    headings = re.findall(r"^#+ (.*)$", without_code(text), re.MULTILINE)
    plain = (re.sub(r"\[(.*?)\]\(.*?\)", r"\1", heading).strip().lower() for heading in headings)
    return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in plain}


def links(text):
    """Where a page's links and pictures lead, but for those to other sites."""
    prose = re.sub(r"`[^`\n]*`", "", without_code(text))  # in code, f[k](0) is no link
    found = re.findall(r"\]\(([^)\s]+)\)|<img[^>]* src=\"([^\"]+)\"", prose)
    return [target for pair in found for target in pair if target and not re.match(r"\w+:", target)]


def broken(path):
    """The links of a page that lead to no file of the project or to no heading."""
    return [target for target in links(path.read_text(encoding="utf-8")) if not _leads_somewhere(path, target)]


def _leads_somewhere(path, target):
    file, _, anchor = target.partition("#")
    other = (path.parent / file).resolve() if file else path
    if not other.exists() or not other.is_relative_to(runs.ROOT):
        return False
    return not anchor or anchor in anchors(other.read_text(encoding="utf-8"))


def fill():
    """Write into each page what its commands print."""
    for path in PAGES:
        text = path.read_text(encoding="utf-8")
        filled = BLOCK.sub(lambda m: f"```text\n{m['command']}\n{printed(path, command(m))}```", text)  # noqa: B023
        if filled != text:
            write_whole(path, filled.encode())


def draw():
    """Draw each picture by its script, and make it small."""
    from PIL import Image  # matplotlib brings it

    with tempfile.TemporaryDirectory() as folder:
        for name, script in PICTURES.items():
            done = runs.start(script, "--plot", str(Path(folder) / name))
            assert done.returncode == 0, done.stderr
            picture = Image.open(Path(folder) / name).convert("RGB")
            height = round(picture.height * WIDTH / picture.width)
            small = picture.resize((WIDTH, height), Image.Resampling.LANCZOS).quantize(64)
            small.save(runs.ROOT / "docs" / name, optimize=True)


if __name__ == "__main__":
    sys.exit(draw() if sys.argv[1:] == ["--pictures"] else fill())
