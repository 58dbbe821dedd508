"""Damaged files without end: whatever the bytes, a reader gives back what they say or refuses them by name.

python tests/fuzz.py                  a million inputs for the readers of data, MATLAB's files, references and studies
python tests/fuzz.py --inputs 20000   so many
python tests/fuzz.py --seed 7         others

Half of the inputs are damaged as they lie in the file, the others before they are compressed. They are read in
processes that may take little memory. Any error but the reader's own, a process that dies, an input that takes longer
than a second, and an array that a second reading of the same bytes does not give, is a find: it is printed with the
input in hexadecimal; exit 1.
"""

import argparse
import collections
import gzip
import hashlib
import io
import json
import math
import mmap
import os
import random
import resource
import signal
import struct
import sys
import tempfile
import time
import zlib
from pathlib import Path

import numpy as np
import scipy.sparse
from runs import ROOT
from scipy.io import loadmat, savemat

from deltarule import matlab, study
from deltarule.basics.files import ReferenceFileError
from deltarule.data import IdxError, read_idx
from deltarule.evidence import golden
from deltarule.programs.options import OneLineParser
from deltarule.programs.tables import table
from deltarule.programs.terminal import delivered, progress, take_ctrl_c

BLOCK = 2000  # inputs for one process
MEMORY = 256 << 20  # bytes it may address beyond what it had at the beginning
SECOND = 1.0
NUMBERS = (0, 1, 2, 3, 4, 7, 8, 9, 14, 15, 16, 127, 255, 1 << 16, 1 << 24, 2**31 - 1, 2**31, 2**32 - 1)


def damaged(content, rng):
    """Bytes with a few things wrong: bits, bytes, numbers, the length, or parts in the wrong place."""
    content = bytearray(content)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
        place = rng.randrange(len(content) + 1)
        kind = rng.randrange(7)
        if kind == 0 and place < len(content):
            content[place] ^= 1 << rng.randrange(8)
        elif kind == 1:
            content[place : place + 1] = bytes([rng.randrange(256)])
        elif kind == 2:
            content[place : place + 4] = struct.pack(rng.choice("<>") + "I", rng.choice(NUMBERS))
        elif kind == 3:
            del content[place : place + rng.randrange(1, 64)]
        elif kind == 4:
            del content[place:]
        elif kind == 5:
            content[place:place] = rng.randbytes(rng.randrange(1, 16))
        else:
            begin = rng.randrange(len(content) + 1)
            content[place:place] = content[begin : begin + rng.randrange(1, 64)]
    return bytes(content)


class Idx:
    """Files of images: the reader must find exactly the bytes behind a header that says how many they are."""

    error, name = IdxError, "damaged"

    def __init__(self, zipped):
        self.zipped = zipped

    def input(self, rng):
        shape = [rng.randrange(1, 5) for _ in range(rng.randrange(1, 5))]
        plain = bytes([0, 0, 8, len(shape)]) + struct.pack(f">{len(shape)}I", *shape) + rng.randbytes(math.prod(shape))
        if not self.zipped:
            return damaged(plain, rng)
        if rng.random() < 0.5:
            return damaged(gzip.compress(plain, mtime=0), rng)
        return gzip.compress(damaged(plain, rng), mtime=0)

    def read(self, content, path):
        path.write_bytes(content)
        return read_idx(path)

    def expected(self, content):
        """The array by the definition of the format; None where there is none."""
        if content[:2] == b"\x1f\x8b":
            try:
                content = gzip.decompress(content)
            except (OSError, EOFError, zlib.error):
                return None
        axes = content[3] if len(content) > 3 else 0
        head, rest = content[: 4 + 4 * axes], content[4 + 4 * axes :]
        if head[:3] != b"\0\0\x08" or not 1 <= axes <= 4 or len(head) < 4 + 4 * axes:
            return None
        shape = [int.from_bytes(head[4 + 4 * k : 8 + 4 * k], "big") for k in range(axes)]
        return np.array(list(rest), np.uint8).reshape(shape) if math.prod(shape) == len(rest) else None

    def wrong(self, found, content):
        expected = self.expected(content)
        return expected is None or expected.shape != found.shape or not np.array_equal(expected, found)


GOLDEN = ROOT / "reference" / "golden"


class Golden:
    """Golden files: only the one whose sum is entered is read, and SciPy sees no other."""

    error = ReferenceFileError

    def __init__(self, name):
        self.name = name
        self.whole = (GOLDEN / name).read_bytes()
        self.sums = (GOLDEN / golden.SUMS).read_bytes()

    def input(self, rng):
        return damaged(self.whole, rng)

    def read(self, content, path):
        path = path.with_name(self.name)
        path.write_bytes(content)
        (path.parent / golden.SUMS).write_bytes(self.sums)
        return golden.read_golden(path)

    def wrong(self, found, content):
        return content != self.whole


class Sums(Golden):
    """Damaged lists of sums: a file is read only where its name still stands beside its whole sum."""

    def input(self, rng):
        return damaged(self.sums, rng)

    def read(self, content, path):
        (path.parent / golden.SUMS).write_bytes(content)
        path = path.with_name(self.name)
        path.write_bytes(self.whole)
        return golden.read_golden(path)

    def wrong(self, found, content):
        return f"{hashlib.sha256(self.whole).hexdigest()}  {self.name}".encode() not in content


OTHERS = {
    "cell": np.array([[np.eye(2), "text", np.array([[1 + 2j]])]], dtype=object),
    "structure": {"x": 1.5, "y": {"z": np.arange(3.0)}},
    "sparse": scipy.sparse.csc_array(np.diag([1.0, 0.0, 3.0])),
    "logical": np.array([[True, False]]),
    "text": np.array(["two", "row"]),
    "hangul": "가중치",
}


class Mat:
    """Files from MATLAB: what is read must stand in the file."""

    error, name = ValueError, "damaged"

    def __init__(self, zipped):
        self.zipped = zipped
        arrays = loadmat(GOLDEN / "delta_sgd_1.mat", chars_as_strings=True)
        arrays = {name: a for name, a in arrays.items() if not name.startswith("__")} | OTHERS
        plain, whole = io.BytesIO(), io.BytesIO()
        savemat(plain, arrays)
        savemat(whole, arrays, do_compression=True)
        # SciPy writes the time into the head
        self.plain, self.whole = (b"MATLAB 5.0 MAT-file".ljust(124) + a.getvalue()[124:] for a in (plain, whole))

    def input(self, rng):
        if not self.zipped:
            return damaged(self.plain, rng)
        if rng.random() < 0.5:
            return damaged(self.whole, rng)
        parts, rest = [], self.plain[128:]
        while rest:
            end = 8 + struct.unpack("<I", rest[4:8])[0]
            parts.append(rest[:end])
            rest = rest[end:]
        worse = rng.randrange(len(parts))
        parts[worse] = damaged(parts[worse], rng)
        squeezed = map(zlib.compress, parts)
        return self.plain[:128] + b"".join(struct.pack("<II", 15, len(part)) + part for part in squeezed)

    def read(self, content, path):
        path = path.with_suffix(".mat")
        path.write_bytes(content)
        return matlab.load(path)

    def wrong(self, found, content):
        """Whether an array is not in the file, number by number: looked for in its bytes, not by its structure."""
        return not all(stands_in(part, content) for a in found.values() for part in parts(a))


STORED = ("i1", "u1", "i2", "u2", "i4", "u4", "f4", "f8", "i8", "u8")  # the types of numbers of the format


def stands_in(a, content):
    """Whether the elements of an array, column by column, stand in a file, compressed or not, in any type of number."""
    texts = [content]
    for begin in (k for k in range(128, len(content) - 8) if content[k : k + 2] == b"\x78\x9c"):
        stream = zlib.decompressobj()
        try:
            texts.append(stream.decompress(content[begin:]))
        except zlib.error:
            continue
    if a.dtype.kind == "U":
        rows = [row.ljust(a.dtype.itemsize // 4, "\0") for row in a.ravel().tolist()]  # NumPy takes away what it fills
        columns = "".join("".join(column) for column in zip(*rows, strict=True))
        forms = {columns.encode(coding) for coding in ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")}
        return any(form in text for form in forms for text in texts)
    if a.dtype in (np.float32, np.bool_):  # the file may have said so of doubles
        texts += [converted(text[k:], order, a.dtype) for text in list(texts) for k in range(8) for order in "<>"]
    column = a.ravel(order="F")
    stored = [column] if len(column) < 10_000 else []  # no file here holds so many but as a sparse matrix
    if column.any() and not column.all():
        stored.append(column[column != 0])
    with np.errstate(all="ignore"):
        forms = {numbers.astype(order + kind).tobytes() for numbers in stored for kind in STORED for order in "<>"}
    return any(form in text for form in forms for text in texts) or not (stored or column.any())


def converted(content, order, dtype):
    """Bytes that are doubles, as another type of numbers."""
    with np.errstate(all="ignore"):
        return np.frombuffer(content, order + "f8", len(content) // 8).astype(dtype).tobytes()


def parts(a):
    """The arrays of numbers and text within a variable."""
    a = np.asarray(a)
    if a.dtype.names:
        return [part for name in a.dtype.names for part in parts(a[name])]
    if a.dtype.kind == "O":
        return [part for element in a.ravel() for part in parts(element)]
    return [a.real, a.imag] if a.dtype.kind == "c" else [np.atleast_2d(a)]


class Study:
    """Files of studies, .npz and .csv: nothing that was changed is read."""

    error, name = ReferenceFileError, "damaged"

    def __init__(self, suffix):
        self.suffix = suffix
        self.whole = study.write([study.study(study.Settings("backprop_xor", 60), 12)], suffix)

    def input(self, rng):
        return damaged(self.whole, rng)

    def read(self, content, path):
        path = path.with_suffix(self.suffix)
        path.write_bytes(content)
        return study.read(path)

    def wrong(self, found, content):
        return content != self.whole


READERS = {
    "idx": (Idx, False, 0.4),
    "idx.gz": (Idx, True, 0.3),
    "golden file": (Golden, "delta_sgd_1.mat", 0.08),
    "sums of golden files": (Sums, "delta_sgd_1.mat", 0.08),
    "mat": (Mat, False, 0.05),
    "mat, compressed": (Mat, True, 0.05),
    "npz of a study": (Study, ".npz", 0.02),
    "csv of a study": (Study, ".csv", 0.02),
}


class TooLong(Exception):
    """An input took more than a second of processor time."""


def too_long(signum, frame):
    raise TooLong


def tried(reader, content, path):
    """What is wrong with how a reader takes an input; "" if nothing is, and whether it was read."""
    signal.setitimer(signal.ITIMER_PROF, SECOND)
    try:
        found = reader.read(content, path)
        signal.setitimer(signal.ITIMER_PROF, 0)
        return ("gives back what is not in it" if reader.wrong(found, content) else ""), True
    except reader.error as error:
        return ("" if reader.name in str(error) else f"does not name it: {error}"), False
    except TooLong:
        return f"takes longer than {SECOND:g} s", False
    except Exception as error:  # whatever it is, it is a find
        return f"raises {type(error).__name__}: {error}", False
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def block(name, seed, numbers, reached, folder):
    """Try inputs in this process; the finds, and how many were read."""
    kind, how, _ = READERS[name]
    reader = kind(how)
    signal.signal(signal.SIGPROF, too_long)
    now = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (now + MEMORY, now + MEMORY))
    finds, read = [], 0
    for number in numbers:
        struct.pack_into("<Q", reached, 0, number)
        content = reader.input(random.Random(f"{seed} {name} {number}"))
        what, taken = tried(reader, content, folder / "damaged.bin")
        read += taken
        if what:
            finds.append([name, number, what, content.hex()])
    return finds, read


def forked(name, seed, numbers):
    """The finds and the number of those read of a block, tried in a process of its own, which may die of an input."""
    reached = mmap.mmap(-1, 8)
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as folder:
        said = Path(folder) / "said.json"
        child = os.fork()
        if not child:
            code = 1
            try:
                said.write_text(json.dumps(block(name, seed, numbers, reached, Path(folder))))
                code = 0
            finally:
                os._exit(code)
        limit = time.monotonic() + 60 + len(numbers) * 0.05
        while not (ended := os.waitpid(child, os.WNOHANG))[0]:
            if time.monotonic() > limit:
                os.kill(child, signal.SIGKILL)
            time.sleep(0.01)
        if ended[1] == 0:
            return json.loads(said.read_text())
        number = struct.unpack("<Q", reached)[0]
        kind, how, _ = READERS[name]
        content = kind(how).input(random.Random(f"{seed} {name} {number}"))
        return [[name, number, f"ends the process, status {ended[1]}", content.hex()]], 0


def main():
    take_ctrl_c()
    parser = OneLineParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=int, default=1_000_000, metavar="N", help="how many, 1000000")
    parser.add_argument("--seed", default="0", help="of the damage; 0")
    options = parser.parse_args()
    if options.inputs < len(READERS):
        parser.error(f"argument --inputs: it takes {len(READERS)} or more, not {options.inputs}")

    counts = {name: max(1, round(options.inputs * share)) for name, (_, _, share) in READERS.items()}
    finds, read, seconds = [], collections.Counter(), collections.Counter()
    with progress("fuzz", sum(counts.values()), "input") as bar:
        for name, count in counts.items():
            began = time.perf_counter()
            for begin in range(0, count, BLOCK):
                numbers = range(begin, min(count, begin + BLOCK))
                more, taken = forked(name, options.seed, numbers)
                finds += more
                read[name] += taken
                bar.update(len(numbers))
            seconds[name] = time.perf_counter() - began
    return delivered(lambda: report(counts, finds, read, seconds, options.seed)) or int(bool(finds))


def report(counts, finds, read, seconds, seed):
    """Print the table of the readers, and the first of the finds."""
    rows = [["reader", "inputs", "refused", "read", "finds", "seconds"]]
    for name, count in counts.items():
        found = sum(find[0] == name for find in finds)
        rows.append([name, str(count), str(count - read[name]), str(read[name]), str(found), f"{seconds[name]:.0f}"])
    rows.append(["all", str(sum(counts.values())), "", "", str(len(finds)), f"{sum(seconds.values()):.0f}"])
    print(table(rows))
    for name, number, what, content in finds[:20]:
        print(f"\n{name}, input {number} of seed {seed}: {what}\n{content}")


if __name__ == "__main__":
    sys.exit(main())
