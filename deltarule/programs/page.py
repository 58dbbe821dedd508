"""The run of all scripts as one HTML page that needs no network."""

import base64
import html
from pathlib import Path

import numpy as np

from ..basics.files import ReferenceFileError
from ..evidence import errata, golden
from ..listings.convnet import feature_maps
from ..listings.experiments import EXPERIMENTS, mnist_test
from . import figures, summary


def page(result, folder):
    """The run as one HTML page that needs no network.

    Parameters
    ----------
    result : dict
        What ``compare.py --json`` prints.
    folder : path
        ``reference/``.

    Returns
    -------
    str
    """
    list_of_errata = errata.read_errata(Path(folder) / "errata.toml")
    sections = [
        (
            "The listings",
            _table([summary.HEADINGS, *map(summary.row, result["scripts"])])
            + f"<p>{html.escape(summary.function_line(result['functions']))}</p>"
            + f"<p>{html.escape(summary.LISTED_SLOPE)}</p>"
            + _explanation(),
        ),
        (
            "Error curves",
            "<p>Ours, and Octave's after each epoch of which its weights are kept.</p>"
            + _curves(result["scripts"], Path(folder) / "golden"),
        ),
        ("The convolutional network at work", _mnist(result["scripts"])),
        ("Errata", _table([errata.HEADINGS, *errata.rows(list_of_errata)], "text")),
        ("Environment", _table([["", ""], *([key, str(value)] for key, value in result["environment"].items())])),
    ]
    body = "".join(f"<section><h2>{title}</h2>{content}</section>" for title, content in sections)
    return PAGE.replace("BODY", body)


PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>deltarule: every listing, compared</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 76rem; margin: 0 auto; padding: 1rem; color: #222; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin-top: 2.5rem; border-bottom: 1px solid #ccc; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .95rem; }
th, td { padding: .25rem .8rem; text-align: right; border-bottom: 1px solid #e5e5e5; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
.text th, .text td { text-align: left; white-space: normal; vertical-align: top; overflow-wrap: anywhere; }
.text td:nth-child(2), .text td:nth-child(5) { font-family: ui-monospace, monospace; font-size: .85rem; }
.text td:nth-child(3) { min-width: 22rem; }
@media (max-width: 44rem) {
  .text tr, .text td { display: block; border: 0; padding: .1rem 0; } .text tr:first-child { display: none; }
  .text td:nth-child(3) { min-width: 0; } .text td:first-child { font-weight: bold; padding-top: 1rem; }
  .text td:nth-child(4)::before { content: "Ported: "; } .text td:nth-child(5)::before { content: "Proof: "; }
}
.pass { color: #176b2c; } .fail { color: #b00020; font-weight: bold; }
.grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); gap: .8rem; }
img { max-width: 100%; height: auto; }
</style></head><body><h1>deltarule: every listing, compared</h1>BODY</body></html>
"""


def _explanation():
    return (
        "<p><b>from Octave</b>: largest difference from the weights GNU Octave ends with, relative to the largest. "
        "<b>as printed</b>: printed numbers matched, of those known for this start. <b>gradient error</b>: of the "
        "weight change against central differences of the cost, relative to the largest element.</p>"
    )


def _table(rows, style="numbers"):
    head, *body = rows
    lines = [_row(head, "th"), *(_row(row, "td") for row in body)]
    return f'<div class="scroll"><table class="{style}">{"".join(lines)}</table></div>'


def _row(cells, tag):
    verdicts = {"pass": ' class="pass"', "FAIL": ' class="fail"', "ERROR": ' class="fail"'}
    return "<tr>" + "".join(f"<{tag}{verdicts.get(cell, '')}>{html.escape(cell)}</{tag}>" for cell in cells) + "</tr>"


def _image(figure, alt):
    return (
        f'<img alt="{html.escape(alt)}" src="data:image/png;base64,{base64.b64encode(figures.png(figure)).decode()}">'
    )


def _curves(records, folder):
    images = []
    for record in records:
        if not record.get("curves"):
            continue
        name = record["script"]
        curves = {f"{label}, ours" if label == "error" else label: points for label, points in record["curves"].items()}
        try:
            octave = {"Octave": golden.errors(folder, name, record["seed"])}
        except (KeyError, ReferenceFileError):  # a run that Octave did not make; a missing file is in the table
            octave = {}
        figure = figures.error_curves(name, curves, measured=record["measured"], marked=octave)
        images.append(_image(figure, f"error curve of {name}"))
    return f'<div class="grid">{"".join(images)}</div>'


def _mnist(records):
    """Filters and maps of the network as trained by the script, and the test digits it does not recognise."""
    record = next(record for record in records if record["script"] == "mnist_conv")
    if "digits" not in record:
        return "<p>The script gave no result.</p>"
    experiment = EXPERIMENTS["mnist_conv"]
    X, D = experiment.samples()
    weights, _ = experiment.start(record["seed"])
    for _ in range(record["epochs"]):
        weights = experiment.epoch(weights, X, D)
    x = X[1]  # the digit of the book's figures
    X, D = mnist_test()
    maps = _image(
        figures.features("", x, weights[0], *feature_maps(weights[0], x)), "a digit, the filters and the maps"
    )
    digits = np.array(record["digits"])
    wrong = np.flatnonzero(digits != D)
    missed = figures.misclassified("", X[wrong], D[wrong], digits[wrong], len(wrong))
    return (
        f"{maps}<p>{len(wrong)} of {len(digits)} test digits are taken for another; each with what it is and, behind "
        f"the arrow, what it is taken for.</p>{_image(missed, 'misclassified digits')}"
    )
