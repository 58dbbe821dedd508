"""Files of outcomes: written with their settings and a SHA-256, and read again or refused by name."""

import csv
import hashlib
import io
import json
import struct
import zipfile
from collections import defaultdict
from dataclasses import asdict, fields

import numpy as np

from ..basics.files import ReferenceFileError
from .outcome import Outcome, nothing
from .settings import Settings
from .starts import SEEDS

FORMATS = (".npz", ".csv")
LAYOUT = 2  # of the files; 1 had outputs of failed starts alone, and a table that began with comments
SETTINGS = {
    "routine": str, "epochs": int, "hidden": int, "alpha": float, "scale": float, "within": float, "every": int,
}  # fmt: skip
RESULTS = ("start", "converged", "epoch")
SEAL = "sha256"  # the last column of a table, whose first line alone has it
ARRAYS = ("starts", "epochs", "outputs")
LARGEST_ARRAYS = 4 << 30  # bytes that the arrays of a file may take: some ninety million starts of XOR


def write(outcomes, suffix):
    """Outcomes as the bytes of a file, ``.npz`` or ``.csv``.

    Each has the version of its layout, the settings, and a SHA-256 by which damage is noticed. The table has a line for
    each start, with the settings in columns; settings without starts are not in it.
    """
    content = (_npz if suffix == ".npz" else _csv)(outcomes)
    return sealed(content, suffix)


def _npz(outcomes):
    settings = json.dumps([asdict(outcome.settings) for outcome in outcomes])
    content = io.BytesIO()
    arrays = {f"{name}_{k}": getattr(outcome, name) for k, outcome in enumerate(outcomes) for name in ARRAYS}
    np.savez_compressed(content, layout=np.array(LAYOUT), settings=np.array(settings), **arrays)
    return content.getvalue()


def _csv(outcomes):
    places = {name: None for outcome in outcomes for name in _outputs(outcome.settings)}
    text = io.StringIO(newline="")
    table = csv.DictWriter(text, ["layout", *SETTINGS, *RESULTS, *places, SEAL], restval="", lineterminator="\n")
    table.writeheader()
    for outcome in outcomes:
        s = {name: "" if value is None else value for name, value in asdict(outcome.settings).items()}
        names = _outputs(outcome.settings)
        each = zip(outcome.starts.tolist(), outcome.epochs.tolist(), outcome.outputs, strict=True)
        for start, epoch, y in each:
            found = {"layout": LAYOUT, "start": start, "converged": epoch > 0, "epoch": epoch}
            table.writerow({**s, **found, **dict(zip(names, y.ravel().tolist(), strict=True))})
    return text.getvalue().encode()


def _outputs(settings):
    """The names of the columns for the outputs: ``y2_1`` is the first output for the second sample."""
    _, samples, outputs = nothing(settings).outputs.shape
    return [f"y{k + 1}_{c + 1}" for k in range(samples) for c in range(outputs)]


def sealed(content, suffix):
    """Content with its SHA-256: at the end of the first line of a table, as the comment at the end of an archive.

    A table without a line has none.
    """
    digest = hashlib.sha256(content).hexdigest().encode()
    if suffix == ".csv":
        head, first, rest = _lines(content)
        return b"\n".join([head, first + digest, rest]) if first else content
    seal = b"deltarule study, sha256 " + digest
    return content[:-2] + struct.pack("<H", len(seal)) + seal  # the two bytes before a comment are its length, so far 0


def _lines(content):
    """The head, the first line and the rest of a table."""
    head, _, others = content.partition(b"\n")
    first, _, rest = others.partition(b"\n")
    return head, first, rest


def _unsealed(content, suffix):
    if suffix == ".csv":
        if content.startswith(b"# deltarule study"):
            raise ValueError(f"its layout is 1, and this version reads {LAYOUT}; run the study again")
        head, first, rest = _lines(content)
        if not first:
            raise ValueError("it has no starts")
        whole = b"\n".join([head, first[:-64], rest])
    else:
        length = len(sealed(bytes(2), suffix))
        whole = content[:-length] + bytes(2) if len(content) >= length else b""
    if sealed(whole, suffix) != content:
        raise ValueError("its SHA-256 is not the one written in it")
    return whole


def read(path):
    """The outcomes in a file that `write` made.

    Raises
    ------
    ReferenceFileError
        If the file is missing, damaged, not of a study, or says what no study finds; nothing in it is executed.
    """
    try:
        content = _unsealed(path.read_bytes(), path.suffix)
        given = (_read_npz if path.suffix == ".npz" else _read_csv)(content)
        return [_outcome(settings, *arrays) for settings, *arrays in given]
    except OSError as error:
        raise ReferenceFileError(f"{path}: {error.strerror}") from error
    except Exception as error:  # zipfile, zlib, csv, json and NumPy raise many kinds for what they cannot read
        raise ReferenceFileError(f"{path}: not a file of deltarule's studies, or damaged: {error}") from error


def _read_npz(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        size = sum(part.file_size for part in archive.infolist())
    if size > LARGEST_ARRAYS:
        raise ValueError(f"its arrays take {size} bytes, more than {LARGEST_ARRAYS}")
    with np.load(io.BytesIO(content), allow_pickle=False) as file:
        _check_layout(str(file["layout"]) if "layout" in file else "1")
        settings = json.loads(str(file["settings"]))
        return [(s, *(file[f"{name}_{k}"] for name in ARRAYS)) for k, s in enumerate(settings)]


def _check_layout(layout):
    if layout != str(LAYOUT):
        raise ValueError(f"its layout is {layout[:20]}, and this version reads {LAYOUT}; run the study again")


def _read_csv(content):
    columns, *rows = csv.reader(io.StringIO(content.decode()))
    front = ["layout", *SETTINGS, *RESULTS]
    if columns[: len(front)] != front or columns[-1] != SEAL:
        raise ValueError(f"the columns are not {', '.join(front)}, the outputs and {SEAL}")
    parts = defaultdict(list)
    for row in rows:
        record = dict(zip(columns, row, strict=True))
        _check_layout(record["layout"])
        if record["converged"] != str(record["epoch"] != "0"):
            raise ValueError("a line does not say when it converged")
        parts[tuple(record[name] for name in SETTINGS)].append(record)
    return [_part(given, records) for given, records in parts.items()]


def _part(given, records):
    """The settings and the arrays of the lines that have the same settings."""
    s = {name: kind(text) if text else None for (name, kind), text in zip(SETTINGS.items(), given, strict=True)}
    names = _outputs(Settings(**s))
    starts, epochs = (np.array([int(r[name]) for r in records], dtype=np.int64) for name in ("start", "epoch"))
    return s, starts, epochs, np.array([[float(record[name]) for name in names] for record in records])


def _outcome(given, starts, epochs, outputs):
    """An outcome, checked: the arrays fit, and no number in them is one that a study cannot find."""
    if set(given) != {field.name for field in fields(Settings)}:
        raise ValueError(f"settings {sorted(given)}")
    settings = Settings(**given)
    shape = nothing(settings).outputs.shape[1:]
    whole = starts.shape == epochs.shape == (len(starts),) and starts.dtype.kind == epochs.dtype.kind == "i"
    if not whole or outputs.size != len(starts) * int(np.prod(shape)) or (np.diff(starts) <= 0).any():
        raise ValueError("the numbers of starts, epochs and outputs do not fit")
    looked_at = (epochs % settings.every == 0) | (epochs == settings.epochs)
    possible = looked_at & (epochs >= 0) & (epochs <= settings.epochs) & (starts >= 0) & (starts < SEEDS)
    if not possible.all() or not np.isfinite(outputs.astype(float)).all():
        raise ValueError("a start, an epoch or an output is one that no study finds")
    return Outcome(settings, starts, epochs, outputs.reshape(len(starts), *shape).astype(float))
