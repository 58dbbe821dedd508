"""Files of outcomes: written with their settings and a SHA-256, and read again or refused by name."""

import csv
import hashlib
import io
import json
import struct
import zipfile
from dataclasses import asdict, fields

import numpy as np

from ..basics.files import ReferenceFileError
from .outcome import Outcome, nothing
from .settings import Settings
from .starts import SEEDS

FORMATS = (".npz", ".csv")
COLUMNS = ["study", "start", "epoch", "outputs"]
ARRAYS = ("starts", "epochs", "outputs")
LARGEST_ARRAYS = 4 << 30  # bytes that the arrays of a file may take: a hundred million starts


def write(outcomes, suffix):
    """Outcomes as the bytes of a file, ``.npz`` or ``.csv``.

    Each has the settings as JSON, and a SHA-256 by which damage is noticed; the table has a line for each start, with
    the outputs of those that failed.
    """
    settings = json.dumps([asdict(outcome.settings) for outcome in outcomes])
    if suffix == ".npz":
        content = io.BytesIO()
        arrays = {f"{name}_{k}": getattr(outcome, name) for k, outcome in enumerate(outcomes) for name in ARRAYS}
        np.savez_compressed(content, settings=np.array(settings), **arrays)
        return sealed(content.getvalue(), suffix)
    text = io.StringIO(newline="")
    text.write(f"# {settings}\n")
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    for k, outcome in enumerate(outcomes):
        ends = iter(outcome.outputs)
        for start, epoch in zip(outcome.starts.tolist(), outcome.epochs.tolist(), strict=True):
            end = "" if epoch else " ".join(map(repr, next(ends).ravel().tolist()))
            table.writerow([k, start, epoch, end])
    return sealed(text.getvalue().encode(), suffix)


def sealed(content, suffix):
    """Content with its SHA-256: as the first line of a table, as the comment at the end of an archive."""
    seal = b"deltarule study, sha256 " + hashlib.sha256(content).hexdigest().encode()
    if suffix == ".csv":
        return b"# " + seal + b"\n" + content
    return content[:-2] + struct.pack("<H", len(seal)) + seal  # the two bytes before a comment are its length, so far 0


def _unsealed(content, suffix):
    length = len(sealed(bytes(2), suffix))
    whole = content[length - 2 :] if suffix == ".csv" else content[:-length] + bytes(2)
    if len(content) < length or sealed(whole, suffix) != content:
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
        settings = json.loads(str(file["settings"]))
        return [(s, *(file[f"{name}_{k}"] for name in ARRAYS)) for k, s in enumerate(settings)]


def _read_csv(content):
    head, _, rest = content.decode().partition("\n")
    settings = json.loads(head.removeprefix("#"))
    columns, *rows = csv.reader(io.StringIO(rest))
    if columns != COLUMNS or any(len(row) != len(COLUMNS) for row in rows):
        raise ValueError(f"the columns are not {', '.join(COLUMNS)}")
    if any(not 0 <= int(row[0]) < len(settings) for row in rows):
        raise ValueError("a line is of a study that the file does not have")
    found = []
    for k, s in enumerate(settings):
        mine = [row for row in rows if int(row[0]) == k]
        ends = [list(map(float, row[3].split())) for row in mine if int(row[2]) == 0]
        found.append((s, *(np.array([int(row[j]) for row in mine], dtype=np.int64) for j in (1, 2)), np.array(ends)))
    return found


def _outcome(given, starts, epochs, outputs):
    """An outcome, checked: the arrays fit, and no number in them is one that a study cannot find."""
    if set(given) != {field.name for field in fields(Settings)}:
        raise ValueError(f"settings {sorted(given)}")
    settings = Settings(**given)
    shape = nothing(settings).outputs.shape[1:]
    failed = int((epochs == 0).sum())
    whole = starts.shape == epochs.shape == (len(starts),) and starts.dtype.kind == epochs.dtype.kind == "i"
    if not whole or outputs.size != failed * int(np.prod(shape)) or (np.diff(starts) <= 0).any():
        raise ValueError("the numbers of starts, epochs and outputs do not fit")
    looked_at = (epochs % settings.every == 0) | (epochs == settings.epochs)
    possible = looked_at & (epochs >= 0) & (epochs <= settings.epochs) & (starts >= 0) & (starts < SEEDS)
    if not possible.all() or not np.isfinite(outputs.astype(float)).all():
        raise ValueError("a start, an epoch or an output is one that no study finds")
    return Outcome(settings, starts, epochs, outputs.reshape(failed, *shape).astype(float))
