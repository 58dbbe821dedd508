"""The run of all scripts as one self-contained page, and the drift between two runs in units in the last place."""

import base64
import html
import io
from pathlib import Path

import numpy as np

from . import comparison, data, errata, figures, golden, matlab
from .convnet import feature_maps, mnist_conv
from .references import ReferenceFileError
from .script import table


def ulps(a, b):
    """How many units in the last place lie between two numbers, element by element.

    Parameters
    ----------
    a, b : array of float64
        Of one shape.

    Returns
    -------
    array of float64
        Counted in the unit of the larger of the two.

    Examples
    --------
    >>> print(ulps(np.array([1.0, 3.0]), np.array([1.0, np.nextafter(3.0, 4.0)])))
    [0. 1.]
    """
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    return abs(a - b) / np.spacing(np.maximum(abs(a), abs(b)))


def drift(result, saved):
    """By script, the largest drift of its outputs between two runs.

    Parameters
    ----------
    result, saved : dict
        What ``compare.py --json`` prints.

    Returns
    -------
    list of (script, output, sample, class, ulps, difference), or (script, reason)
        Samples and classes from 1; the reason where two runs cannot be compared.
    """
    before = {record["script"]: record for record in saved["scripts"]}
    return [_drift(record, before.get(record["script"])) for record in result["scripts"]]


def _drift(record, earlier):
    name = record["script"]
    if earlier is None:
        return name, "not in the earlier run"
    for field in ("seed", "epochs"):
        if record.get(field) != earlier.get(field):
            return name, f"{field} {record.get(field)} here, {earlier.get(field)} there"
    worst = (name, "", 1, 1, 0.0, 0.0)
    for label, outputs in record.get("outputs", {}).items():
        ours, theirs = np.array(outputs), np.array(earlier.get("outputs", {}).get(label))
        if ours.shape != theirs.shape:
            return name, f"outputs of shape {ours.shape} here, {theirs.shape} there"
        off = ulps(ours, theirs)
        k, c = np.unravel_index(off.argmax(), off.shape)
        if off[k, c] >= worst[4]:
            worst = (name, label, int(k) + 1, int(c) + 1, float(off[k, c]), float(abs(ours - theirs)[k, c]))
    return worst


def drift_text(result, saved):
    """The drift as a table, and what differs between the two machines."""
    rows = [["script", "output", "sample", "class", "ulps", "difference"]]
    for name, *rest in drift(result, saved):
        if len(rest) == 1:
            rows.append([name, "-", "-", "-", "-", rest[0]])
        else:
            label, sample, output, off, difference = rest
            rows.append([name, label, str(sample), str(output), f"{off:.0f}", f"{difference:.1e}"])
    here, there = result["environment"], saved["environment"]
    changed = [
        f"{key}: {there.get(key)} there, {here.get(key)} here"
        for key in dict.fromkeys([*here, *there])
        if here.get(key) != there.get(key)
    ]
    same = identical(result, saved)
    every = f"{len(same)} of {len(result['scripts'])} scripts are identical to the last bit"
    lines = ["drift from the earlier run", table(rows), "", every + (f": {', '.join(same)}" if same else ""), ""]
    return "\n".join(lines + (changed or ["the same environment"]))


def identical(result, saved):
    """The scripts of two runs of which outputs and weights are the same to the last bit."""
    before = {record["script"]: record for record in saved["scripts"]}
    fields = ("seed", "epochs", "outputs", "weights")
    return [
        record["script"]
        for record in result["scripts"]
        if "outputs" in record
        and all(record.get(field) == before.get(record["script"], {}).get(field) for field in fields)
    ]


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
            _table([comparison.HEADINGS, *map(comparison.row, result["scripts"])])
            + f"<p>{html.escape(comparison.function_line(result['functions']))}</p>"
            + f"<p>{html.escape(comparison.LISTED_SLOPE)}</p>"
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
    content = io.BytesIO()
    figure.savefig(content, format="png", dpi=110)
    figures.plt.close(figure)
    return f'<img alt="{html.escape(alt)}" src="data:image/png;base64,{base64.b64encode(content.getvalue()).decode()}">'


def _curves(records, folder):
    images = []
    for record in records:
        if not record.get("curves"):
            continue
        name = record["script"]
        curves = {f"{label}, ours" if label == "error" else label: points for label, points in record["curves"].items()}
        figure = figures.error_curves(name, curves)
        try:
            points = golden.errors(folder, name, record["seed"])
            figure.axes[0].plot(*zip(*points, strict=True), "x", color="black", label="Octave")
            figure.axes[0].legend()
        except (KeyError, ReferenceFileError):  # a run that Octave did not make; a missing file is in the table
            pass
        images.append(_image(figure, f"error curve of {name}"))
    return f'<div class="grid">{"".join(images)}</div>'


def _mnist(records):
    """Filters and maps of the network as trained by the script, and the test digits it does not recognise."""
    record = next(record for record in records if record["script"] == "mnist_conv")
    if "digits" not in record:
        return "<p>The script gave no result.</p>"
    X, D = data.mnist()
    weights = golden.mnist_start(matlab.rng(record["seed"]).seed)
    for _ in range(record["epochs"]):
        weights = mnist_conv(*weights, X[:8000], D[:8000])
    x = X[1]  # the digit of the book's figures
    maps = _image(figures.features(x, weights[0], *feature_maps(weights[0], x)), "a digit, the filters and the maps")
    digits = np.array(record["digits"])
    wrong = np.flatnonzero(digits != D[8000:])
    missed = figures.misclassified(X[8000:][wrong], D[8000:][wrong], digits[wrong])
    return (
        f"{maps}<p>{len(wrong)} of {len(digits)} test digits are taken for another; each with what it is and, behind "
        f"the arrow, what it is taken for.</p>{_image(missed, 'misclassified digits')}"
    )
