"""The catalogue of mistakes as a page: ``python -m deltarule.check.table`` prints ``docs/mistakes.md``."""

import sys

from ..basics.places import reference
from .catalogue import mistakes
from .listings import LISTINGS
from .parts.checking import PARTS
from .rates import FILE, RIGHT, hides, read_rates
from .told import lines

HEAD = """\
# The catalogue of mistakes

{count} mistakes of {listings} listings, which `deltarule check` looks for: each alone, and then every pair. A mistake
replaces one or a few of the listing's quantities, and the page says which and by what. The page is made from the
catalogue by `python -m deltarule.check.table`.

**learns** says of how many starts the listing learns with the mistake in it, every output within 0.1 of its target at
one of the looks every 50 epochs; of `mnist_conv`, nine tenths of the 2,000 test images read after one of its three
epochs. The head of each table has the number of starts and epochs, and what the listing does as it should be. The
starts are drawn from MATLAB's `rng(1)`, `rng(2)`, ...; the numbers are those of `reference/mistakes.toml`, measured by
`python reference/measure_mistakes.py`
({measured}).
**hides** marks a mistake that learns at least nine tenths as often as the listing itself: whoever looks at the answers
alone does not see it.
"""
PARTS_HEAD = """\
## Functions, layers and optimisers

{count} mistakes of {parts} parts, most of them of the from-scratch notes. A part is asked for its outputs and gradients
on a few inputs; a mistake is named if it gives all of them within 1e-9 of the largest.
"""
MEASURED = "NumPy 2.4 and 2.5 on two cores of an AMD EPYC, 2026-11-26 and 2026-11-27"


def page(rates):
    """The page.

    Parameters
    ----------
    rates : dict of dict of Rate
        By listing and id.
    """
    found = {listing: mistakes(listing) for listing in LISTINGS}
    count = sum(map(len, found.values()))
    lines = [HEAD.format(count=f"{count:,}", listings=len(found), measured=MEASURED)]
    for listing, those in found.items():
        lines += ["", f"## {listing}", "", *_section(those, rates.get(listing, {}))]
    lines += ["", *_parts()]
    return "\n".join(lines).replace("\n\n\n", "\n\n") + "\n"


def _parts():
    """The mistakes of the functions, layers and optimisers, a table for each."""
    lines = [PARTS_HEAD.format(count=sum(len(part.mistakes) for part in PARTS.values()), parts=len(PARTS))]
    for name, part in PARTS.items():
        lines += ["", f"### {name}", "", _markdown(["mistake", "what is wrong"]), "|---|---|"]
        lines += [_markdown(_row(mistake, None, None)) for mistake in part.mistakes]
    return lines


def _section(those, rates):
    right = rates.get(RIGHT)
    if right is None:
        head = [f"{len(those)} mistakes; how often it learns with each was not measured, since it takes too long."]
    else:
        told = f"as it should be it learns from {right.learned} of {right.starts} starts in {right.epochs:,} epochs"
        hidden = sum(m.id in rates and hides(rates[m.id], right) for m in those)
        head = [f"{len(those)} mistakes, of which {hidden} hide; {told}."]
    columns = ["mistake", "what is wrong", *(["learns"] if right else [])]
    rows = [_row(m, rates.get(m.id), right) for m in those]
    return [*head, "", _markdown(columns), "|---" * len(columns) + "|", *map(_markdown, rows)]


def _row(mistake, rate, right):
    erratum = f" (erratum {mistake.erratum})" if mistake.erratum else ""
    wrong, *same = lines(mistake)
    cells = [f"`{mistake.id}`", " ".join([f"{wrong}{erratum}", *same])]
    if right is None:
        return cells
    return [*cells, "" if rate is None else f"{rate.learned}{', hides' * hides(rate, right)}"]


def _markdown(cells):
    return f"| {' | '.join(cell.replace('|', chr(92) + '|').replace('*', chr(92) + '*') for cell in cells)} |"


if __name__ == "__main__":
    sys.stdout.write(page(read_rates(reference() / FILE)))
