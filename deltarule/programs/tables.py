"""Tables of text: what a script prints of its samples, outputs and references."""

import numpy as np

LARGEST_SHOWN = 24  # numbers of a quantity


def table(rows):
    """Rows of strings as lines of text, the first column to the left and the others to the right."""
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    lines = []
    for first, *others in rows:
        cells = [padded(first, widths[0])]
        cells += [" " * (most - width(cell)) + cell for cell, most in zip(others, widths[1:], strict=True)]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def width(text):
    """The columns that a text takes in a terminal, where a Korean letter takes two."""
    if text.isascii():
        return len(text)
    from unicodedata import east_asian_width  # here, since English is printed without it

    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def padded(text, most):
    """A text with spaces behind it, so that it takes so many columns."""
    return text + " " * (most - width(text))


def vector_rows(X, D, outputs, references, _=str):
    """The table of a script whose samples are short vectors and whose network has one output."""
    rows = [list(map(_, ["input", "target", *outputs, *(reference.label for reference in references)]))]
    D = D.reshape(len(D), -1)
    for k, x in enumerate(X):
        ours = [f"{y[k, 0]:.4f}" for y in outputs.values()]
        rows.append([" ".join(f"{a:g}" for a in x), f"{D[k, 0]:g}", *ours, *printed(references, k + 1, 1)])
    return rows


def image_rows(X, D, outputs, references, _=str):
    """The table of a script whose samples are 5 x 5 images: a picture, and beside it a line for each class."""
    rows = [list(map(_, ["input", "class", "target", *outputs, *(reference.label for reference in references)]))]
    for k, image in enumerate(X):
        for c, line in enumerate(image):
            picture = "".join("#" if pixel else "." for pixel in line)
            ours = [f"{y[k, c]:.4f}" for y in outputs.values()]
            rows.append([picture, str(c + 1), f"{D[k, c]:g}", *ours, *printed(references, k + 1, c + 1)])
        rows.append([""] * len(rows[0]))
    return rows[:-1]


def digit_rows(D, digits, right, references, shown, _=str):
    """The table of a script that recognises digits: the first of them, and the accuracy over all."""
    rows = [list(map(_, ["test image", "target", "output"]))]
    rows += [[str(k + 1), str(D[k]), str(digits[k])] for k in range(min(shown, len(D)))]
    rows += [["...", "", ""], [_("all {n}").format(n=len(D)), _("accuracy"), f"{right:.4f}"]]
    return rows + [["", _(reference.label), reference.printed[0]] for reference in references]


def quantity_rows(quantities, printed, _=str, heading="notes"):
    """The table of a script whose results are quantities: each, and beside it what the document prints.

    Parameters
    ----------
    quantities : dict from str to number, tuple or array
    printed : dict from str to deltarule.evidence.notes.Printed
        By quantity, where the document prints it.
    heading : str
        Of what is printed.
    """
    rows = [[_("quantity"), _("ours"), *([_(heading)] if printed else [])]]
    for name, value in quantities.items():
        known = printed.get(name)
        ours = lines_of(value, [number_text(v, known and known.form) for v in np.ravel(value).tolist()])
        theirs = lines_of(value, known.printed) if known else [""] * len(ours)
        for k, line in enumerate(ours):
            beside = [theirs[k] if k < len(theirs) else ""] if printed else []
            rows.append([_(name) if k == 0 else "", line, *beside])
    return rows


def lines_of(value, texts):
    """The numbers of a quantity as lines of text: a shape in brackets, a matrix a row a line; of a large one its shape.

    Parameters
    ----------
    value : number, tuple or array
        What is shown.
    texts : sequence of str
        Its numbers; where these are not as many, they stand in one line.
    """
    shape = np.shape(value)
    if np.size(value) != len(texts):
        return [" ".join(texts)]
    if isinstance(value, tuple):
        return [f"({', '.join(texts)}{',' * (len(texts) == 1)})"]
    if len(shape) > 2 or np.size(value) > LARGEST_SHOWN:
        return [" x ".join(map(str, shape))]
    across = shape[-1] if shape else 1
    return [" ".join(texts[k : k + across]) for k in range(0, len(texts), across)]


def number_text(value, form=None):
    """A number in a table: in the form in which the document prints it, or in four digits where it prints none."""
    if form == "repr":
        return repr(value)
    if form == "numpy":
        from ..evidence.notes import as_numpy  # here, since the book's scripts print no such numbers

        return as_numpy(value)
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def printed(references, sample, output):
    """What each reference prints for one output of one sample, or nothing."""
    places = [dict(zip(reference.at, reference.printed, strict=True)) for reference in references]
    return [place.get((sample, output), "") for place in places]
