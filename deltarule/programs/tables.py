"""Tables of text: what a script prints of its samples, outputs and references."""

import unicodedata


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
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


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


def printed(references, sample, output):
    """What each reference prints for one output of one sample, or nothing."""
    places = [dict(zip(reference.at, reference.printed, strict=True)) for reference in references]
    return [place.get((sample, output), "") for place in places]
