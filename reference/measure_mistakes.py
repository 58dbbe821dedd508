"""Measure how often a listing learns with each mistake of the catalogue in it: reference/mistakes.toml.

python reference/measure_mistakes.py                  all listings; what the file has is kept
python reference/measure_mistakes.py LISTING ...      these listings, whether the file has them or not
"""

from deltarule.basics import process  # noqa: F401  first: Ctrl-C ends it while NumPy is loading, too

# isort: split
import argparse
import sys
from pathlib import Path

from deltarule.basics.files import write_whole
from deltarule.basics.progress import progress
from deltarule.check import LISTINGS, mistakes
from deltarule.check.rates import FILE, MEASURED, RIGHT, measured, read_rates
from deltarule.programs.options import OneLineParser
from deltarule.programs.terminal import delivered, take_ctrl_c

HERE = Path(__file__).resolve().parent
HEAD = """\
# How often a listing learns with a mistake in it: of so many starts, drawn from MATLAB's rng(1), rng(2), ..., how many
# had every output within 0.1 of its target at one of the looks every 50 epochs, within so many epochs; of mnist_conv,
# how many read nine tenths of the test images after one of so many epochs. "right" is the listing as it should be.
# Measured by: python reference/measure_mistakes.py
"""


def main():
    """Measure, and write the file after each listing."""
    parser = OneLineParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("listings", nargs="*", metavar="LISTING", help="one of these: " + ", ".join(MEASURED))
    chosen = parser.parse_args().listings
    for name in chosen:
        if name not in MEASURED:
            parser.error(f"there is no listing {name!r} to measure; there are {', '.join(MEASURED)}")
    file = HERE / FILE
    for listing in chosen or MEASURED:
        found = read_rates(file) if file.exists() else {}
        known = {} if chosen else kept(found, listing)
        counts = {name: {id: r.learned for id, r in rates.items()} for name, rates in found.items()}
        write_whole(file, text(counts | {listing: of_listing(listing, known)}).encode())
    return delivered(lambda: print(file))


def kept(found, listing):
    """How many starts learn, by id, as the file has it of the starts and epochs that are wanted."""
    starts, epochs = MEASURED[listing]
    rates = found.get(listing, {})
    return {id: r.learned for id, r in rates.items() if (r.starts, r.epochs) == (starts, epochs)}


def of_listing(listing, known):
    """By id, how many starts learn; what is known is not measured again."""
    form, (starts, epochs), learned = LISTINGS[listing], MEASURED[listing], {}
    forms = {RIGHT: form, **{m.id: form.changed(m.steps) for m in mistakes(listing)}}
    with progress(listing, len(forms), "mistake") as bar:
        for id, each in forms.items():
            learned[id] = known[id] if id in known else measured(listing, each, starts, epochs).learned
            bar.update(1)
    return learned


def text(counts):
    """The file."""
    lines = [HEAD]
    for listing, (starts, epochs) in MEASURED.items():
        if listing in counts:
            lines += [f"[{listing}]", f"starts = {starts}", f"epochs = {epochs}", "", f"[{listing}.learned]"]
            lines += [f'"{id}" = {n}' for id, n in counts[listing].items()]
            lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    take_ctrl_c()
    sys.exit(main())
