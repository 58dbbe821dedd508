"""The run of all scripts as one HTML page that needs no network: what is on it, and its figures.

How it looks is in ``templates/report.html``; nothing is written in HTML here.
"""

import datetime
import re
from itertools import groupby, starmap
from pathlib import Path

import numpy as np

from .. import data
from ..basics.files import ReferenceFileError
from ..evidence import errata, golden, gradients
from ..evidence.textbook import read_textbook
from ..listings.convnet import feature_maps
from ..listings.experiments import EXPERIMENTS, mnist_test
from ..version import __version__
from . import figures, notes_verdicts, parts, summary
from .language import translator
from .tables import LARGEST_SHOWN, number_text
from .verdicts import in_a_sentence


def page(result, folder, language="en"):
    """The run as one HTML page that needs no network.

    Parameters
    ----------
    result : dict
        What ``compare.py --json`` prints.
    folder : path
        ``reference/``.
    language : {"en", "ko"}

    Returns
    -------
    str

    Raises
    ------
    ReferenceFileError
        If the list of errata, or the printed numbers, cannot be used.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined  # here, since only the page needs it

    folder = Path(folder)
    _ = translator(language)
    book = read_textbook(folder / "textbook.toml")
    environment = Environment(
        loader=PackageLoader("deltarule.programs"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template("report.html").render(
        _=_,
        language=language,
        lead=lead(result, _),
        passed=summary.passed(result),
        environment=result["environment"],
        head=[_(heading) for heading in summary.HEADINGS[parts.LISTINGS]],
        scripts=[
            _script(record, book.get(record["script"], []), folder, _)
            for record in summary.of_part(result, parts.LISTINGS)
        ],
        parts=[_part(part, records, _) for part in parts.FOLDERS if (records := summary.of_part(result, part))],
        functions=_functions(result["functions"]),
        function_line=summary.function_line(result["functions"], _),
        network=_network(result["scripts"], _),
        errata=_errata(errata.read_errata(folder / "errata.toml")),
    )


def lead(result, _=str):
    """In one sentence or two: how many scripts agree, on which machine and date, with which version and seed."""
    records = summary.of_part(result, parts.LISTINGS)
    here, ours = result["environment"], result.get("deltarule", {"version": __version__})
    version = " ".join(filter(None, [ours["version"], f"({ours['commit'][:12]})" if ours.get("commit") else ""]))
    sentence = _(
        "{passed} of {all} scripts agree with the book, GNU Octave and the gradient, {asked}: on this machine ({cpu}, "
        "{system}), on {date}, with deltarule {version}, Python {python} and NumPy {numpy}."
    ).format(
        **_count(records),
        asked=_asked([record for record in records if "seed" in record], _),
        version=version,
        python=here.get("python"),
        numpy=here.get("numpy"),
        cpu=here.get("cpu"),
        system=here.get("system"),
        date=datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
    )
    return " ".join(filter(None, [sentence, *_leads(result, _), _drift_lead(result.get("drift"), _)]))


def _count(records):
    """How many passed, of how many."""
    return {"passed": sum(record["verdict"] == "pass" for record in records), "all": len(records)}


def _leads(result, _):
    """A sentence for each of the other parts that was run: how many of its scripts agree."""
    sentences = {
        parts.FROM_SCRATCH: _(
            "Of the from-scratch notes {passed} of {all} scripts agree with the page and the book's own code."
        ),
        parts.NETWORKS: _("Of the other networks {passed} of {all} scripts agree with the page and PyTorch."),
    }
    for part, text in sentences.items():
        if records := summary.of_part(result, part):
            yield text.format(**_count(records))


def _drift_lead(drift, _):
    if drift is None:
        return ""
    return _("Nothing has drifted from the earlier run.") if drift["passed"] else _("The run has drifted.")


def _asked(records, _):
    """In words, from which seeds the scripts ran, and what is not as in the book."""
    changed = {name: pair["here"] for record in records for name, pair in record.get("changed", {}).items()}
    if not changed:
        return _("from the book's seeds, as the book has it")
    return _("not the book's run") + f" ({', '.join(f'{name} {value}' for name, value in changed.items())})"


def _script(record, references, folder, _):
    """What the page says of one script."""
    name = record["script"]
    return {
        "name": name,
        "title": _(record.get("title", name)),
        "verdict": record["verdict"],
        "row": summary.row(record, _),
        "known": list(_known(record, _)),
        "tables": list(_tables(record, references, _)) if "outputs" in record else [],
        "figure": _curve(record, folder / "golden", _) if record.get("curves") else None,
    }


def _part(part, records, _):
    """What the page says of the scripts of a part that has a folder of its own."""
    differences = {
        parts.FROM_SCRATCH: _(
            "largest difference from what the book's own code gave: of an array relative to its largest element, "
            "of numerical gradients as it is."
        ),
        parts.NETWORKS: _(
            "largest difference from the weights that PyTorch ends with, relative to the largest weight."
        ),
    }
    return {
        "name": part,
        "heading": _(parts.HEADINGS[part]),
        "head": [_(heading) for heading in summary.HEADINGS[part]],
        "difference": differences[part],
        "scripts": [_document_script(record, _) for record in records],
    }


def _document_script(record, _):
    """What the page says of one script whose results are quantities."""
    name = record["script"]
    curves = {"measured": record.get("measured"), "unit": summary.unit(record)}
    drawn = figures.error_curves("", record["curves"], **curves) if record.get("curves") else None
    return {
        "name": name,
        "title": _(record.get("title", name)),
        "verdict": record["verdict"],
        "row": summary.row(record, _),
        "known": list(_document_known(record, _)),
        "tables": [_quantities(record, _)] if "quantities" in record else [],
        "figure": drawn and _figure(drawn, f"curve-{name}", _("curves of {name}").format(name=name), name),
    }


def _document_known(record, _):
    """How we know, of a script whose results are quantities."""
    words = notes_verdicts.WORDS[summary.part_of(record)]
    if "references" not in record:
        yield _("result"), _("The script gave no result.")
        return
    if record["references"]:
        yield _("printed page"), notes_verdicts.in_a_sentence(record["references"], record["changed"], _, words)
    if record[words.results]:
        yield _(words.program), notes_verdicts.results_in_words(record[words.results], _)
    if record["criterion"]:
        yes, no = _("Yes: {criterion}."), _("No; it should be: {criterion}.")
        yield _("criterion"), (yes if record["converged"] else no).format(criterion=_(record["criterion"]))


def _quantities(record, _):
    """A row a quantity: ours, and each number that is printed, marked as met or missed."""
    printed = {reference["quantity"]: reference for reference in record["references"]}
    heading = notes_verdicts.WORDS[summary.part_of(record)].printed
    rows = [[cell(_(text)) for text in ("quantity", "ours", *([heading] if printed else []))]]
    for name, value in record["quantities"].items():
        known = printed.get(name)
        numbers = [number_text(v, known and known["form"]) for v in np.ravel(np.array(value, object)).tolist()]
        few = len(numbers) <= LARGEST_SHOWN
        row = [cell(_(name)), cell(" ".join(numbers) if few else " x ".join(map(str, np.shape(value))))]
        if known:
            mark = ("met" if all(known["matched"]) else "missed") if known["judged"] else "shown"
            row.append(cell(" ".join(known["printed"]), mark=mark))
        rows.append(row + [cell("")] * (len(rows[0]) - len(row)))
    return rows


def _known(record, _):
    """How we know: a name and a sentence each, for what was looked at."""
    if "references" not in record:
        yield _("result"), _("The script gave no result.")
        return
    for reference in record["references"]:
        yield _("printed page"), in_a_sentence(reference, record["changed"], _)
    octave = record.get("octave")
    if octave is not None:
        yield "GNU Octave", _octave(octave, record, _)
    error = f"{record['gradient_error']:.1e}"
    if record["script"] == "deep_dropout":
        yield _("gradient"), _(summary.LISTED_SLOPE)
    else:
        text = _("The weight change is minus the gradient within {error}, by central differences; {most} is allowed.")
        yield _("gradient"), text.format(error=error, most=f"{gradients.GRADIENT_TOLERANCE:.0e}")
    yes, no = _("Yes: {criterion}."), _("No; it should be: {criterion}.")
    yield _("converged"), (yes if record["converged"] else no).format(criterion=_(record["criterion"]))


def _octave(octave, record, _):
    if "error" in octave:
        return octave["error"]
    text = _("From the same start it ends with the same weights within {deviation} of the largest; {most} is allowed.")
    most = golden.OCTAVE_TOLERANCE[record["device"]]
    return text.format(deviation=f"{octave['deviation']:.1e}", most=f"{most:.0e}")


def _tables(record, references, _):
    """What a script printed beside what the book prints: rows of cells, the first row of headings."""
    name, outputs = record["script"], {label: np.array(y, float) for label, y in record["outputs"].items()}
    judged = [reference["judged"] for reference in record["references"]]
    if "digits" in record:
        yield from _digits(record, references, judged, _)
        return
    X = data.contaminated_digits()[0] if name == "real_multi_class" else EXPERIMENTS[name].samples()[0]
    D = np.array(record["targets"], float)
    yield (_images if X.ndim == 3 else _vectors)(X, D, outputs, references, judged, _)


def _vectors(X, D, outputs, references, judged, _):
    """A row a sample: input, target, outputs, and what is printed."""
    rows = [[cell(_(text)) for text in ("input", "target", *outputs, *(r.label for r in references))]]
    for k, x in enumerate(X):
        row = [cell(" ".join(f"{a:g}" for a in x)), cell(f"{D[k, 0]:g}")]
        row += [cell(f"{y[k, 0]:.4f}") for y in outputs.values()]
        rows.append(row + [_printed(r, j, outputs, (k + 1, 1)) for r, j in zip(references, judged, strict=True)])
    return rows


def _images(X, D, outputs, references, judged, _):
    """A row an image: its picture, and the output for each class with what is printed; the target is marked."""
    rows = [[cell(_("image")), *(cell(f"{_('class')} {c + 1}") for c in range(D.shape[1]))]]
    for y in outputs.values():
        for k, image in enumerate(X):
            pixels = [(int(c), int(r)) for r, c in np.argwhere(image)]
            row = [cell("", pixels=pixels, size=image.shape)]
            for c in range(D.shape[1]):
                found = [_printed(r, j, outputs, (k + 1, c + 1)) for r, j in zip(references, judged, strict=True)]
                there = next((each for each in found if each["text"]), cell(""))
                row.append(cell(f"{y[k, c]:.4f}", target=D[k, c] == 1, printed=there["text"], mark=there["mark"]))
            rows.append(row)
    return rows


def _digits(record, references, judged, _):
    """The first test digits, and the accuracy over all with what is printed."""
    _X, D = mnist_test()
    shown = len(next(iter(record["outputs"].values())))
    yield [
        [cell(text) for text in (_("test image"), *range(1, shown + 1))],
        [cell(text) for text in (_("target"), *D[:shown])],
        [cell(text) for text in (_("output"), *record["digits"][:shown])],
    ]
    right, both = {"accuracy": record["accuracy"]}, zip(references, judged, strict=True)
    yield [
        [cell(_("accuracy")), *(cell(_(r.label)) for r in references)],
        [cell(f"{record['accuracy']:.4f}"), *starmap(lambda r, j: _printed(r, j, right, (1,)), both)],
    ]


def cell(text, **more):
    """A cell of a table: its text, and what else there is to see in it."""
    return {"text": str(text), "mark": "", "printed": "", "target": False, "pixels": None, "size": None, **more}


def _printed(reference, judged, quantities, place):
    """The cell for what a reference prints at a place; where it is judged, marked as met or missed."""
    if place not in reference.at:
        return cell("")
    k = reference.at.index(place)
    first = {"output": next(iter(quantities.values()))} if reference.quantity == "output" else quantities
    mark = ("met" if reference.matched(first)[k] else "missed") if judged else "shown"
    return cell(reference.printed[k], mark=mark)


def _curve(record, folder, _):
    """The error curve of a script, in English, with Octave's errors at the epochs of which its weights are kept."""
    name = record["script"]
    curves = {"error, ours" if label == "error" else label: c for label, c in record["curves"].items()}
    try:
        octave = {"Octave": golden.errors(folder, name, record["seed"])}
    except (KeyError, ReferenceFileError):  # a run that Octave did not make; a missing file is in the table
        octave = {}
    drawn = figures.error_curves("", curves, measured=record["measured"], marked=octave)
    return _figure(drawn, f"curve-{name}", _("error curve of {name}").format(name=name), name)


def _figure(figure, name, alt, back):
    """A figure for the page: its name in a link, its SVG, what it shows in words, and where the page goes on."""
    return {"name": name, "svg": inline(figures.svg(figure), name), "alt": alt, "back": back}


def inline(svg, prefix):
    """An SVG as a part of a page: without what stands around it in a file, and with names that no other part has."""
    from markupsafe import Markup

    body = re.sub(r"<metadata>.*?</metadata>", "", svg[svg.index("<svg") :], flags=re.DOTALL)
    tag, _, rest = body.partition(">")
    tag = re.sub(r'\s(?:xmlns(?::\w+)?|width|height|version)="[^"]*"', "", tag)
    body = re.sub(r'\bid="', f'id="{prefix}-', f"{tag}>{rest}")
    return Markup(re.sub(r'(href="#|url\(#)', rf"\g<1>{prefix}-", body))  # matplotlib escapes what it draws


def _functions(entries):
    """A row for each printed value of a function; why they cannot be read where they cannot."""
    return [entry | {"matched": list(map(bool, entry.get("matched", [])))} for entry in entries]


def _network(records, _):
    """Filters and maps of the network as trained by the script, and the test digits that it does not recognise."""
    record = next((record for record in records if record["script"] == "mnist_conv"), {})
    if "digits" not in record:
        return None
    x = EXPERIMENTS["mnist_conv"].samples()[0][1]  # the digit of the book's figures
    W1 = np.array(record["weights"]["W1"], float)
    X, D = mnist_test()
    digits = np.array(record["digits"])
    wrong = np.flatnonzero(digits != D)
    features = figures.features("", x, W1, *feature_maps(W1, x))
    missed = figures.misclassified("", X[wrong], D[wrong], digits[wrong], len(wrong))
    return {
        "wrong": len(wrong),
        "all": len(digits),
        "features": _figure(features, "features", _("a digit, the filters and the maps"), "network"),
        "missed": _figure(missed, "missed", _("misclassified digits"), "network"),
    }


def _errata(found):
    """The errata by document: its name, and a row for each."""
    by_document = groupby(found, key=lambda e: e.document)
    return [(errata.DOCUMENTS[document], errata.rows(entries)) for document, entries in by_document]
