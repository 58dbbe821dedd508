"""A MATLAB function file as text: which function it defines, with which arguments, and what it calls."""

import re
from dataclasses import dataclass
from pathlib import Path

from ..errors import CheckError

ENCODINGS = ("utf-8-sig", "cp949", "latin-1")  # the page is Korean, and so are many comments
HEAD = re.compile(r"function\b\s*(?:(\[[^\]]*\]|\w+)\s*=\s*)?(\w+)\s*(?:\(([^)]*)\))?")
DEFINED = re.compile(r"^\s*function\b\s*(?:(?:\[[^\]]*\]|\w+)\s*=\s*)?(\w+)", re.MULTILINE)
VARIABLE_NUMBER = ("varargin", "varargout")


@dataclass(frozen=True)
class Source:
    """A function file.

    Attributes
    ----------
    path : Path
    text : str
    name : str
        Of the first function, which MATLAB calls by the name of the file.
    inputs, outputs : tuple of str
        As its first line has them.
    """

    path: Path
    text: str
    name: str
    inputs: tuple
    outputs: tuple

    @property
    def defines(self):
        """The names of all functions in it."""
        return set(DEFINED.findall(joined(code(self.text))))

    @property
    def calls(self):
        """All names in it: those of functions that it may call, and of its variables."""
        return names_in(self.text)


def read_source(path):
    """A function file.

    Parameters
    ----------
    path : path

    Returns
    -------
    Source

    Raises
    ------
    CheckError
        If the file cannot be read, or does not begin with a function.
    """
    path = Path(path)
    text = read_text(path)
    statements = joined(code(text)).strip()
    if not statements:
        raise CheckError(f"{path} holds no function: it has no code at all")
    if not re.match(r"function\b", statements):
        first = statements.splitlines()[0].strip()
        raise CheckError(f"{path} is a script, not a function: it begins with {first!r}, and not with `function`")
    head = HEAD.match(statements)
    if not head:
        raise CheckError(f"{path}: its first line should be as `function W = DeltaSGD(W, X, D)`")
    outputs, name, inputs = head.groups()
    return Source(path, text, name, words(inputs), words(outputs))


def read_text(path):
    """The text of a file, whose encoding may be that of an older MATLAB."""
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise CheckError(f"{path}: {error.strerror or error}") from None
    for encoding in ENCODINGS:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return text.replace("\r\n", "\n").replace("\r", "\n")
    raise AssertionError("every sequence of bytes is text in the last of the encodings")


def words(text):
    """The names in a list of arguments."""
    return tuple(re.findall(r"[A-Za-z~]\w*", text or ""))


def names_in(text):
    """All names in a text."""
    return set(re.findall(r"(?<![\w.])[A-Za-z]\w*", code(text)))


def code(text):
    """A text without comments and strings; its lines keep their numbers."""
    found, depth = [], 0
    for line in text.split("\n"):
        alone = line.strip()
        if alone in ("%{", "#{"):
            depth += 1
        elif alone in ("%}", "#}") and depth:
            depth -= 1
            found.append("")
            continue
        found.append("" if depth else code_of_line(line))
    return "\n".join(found)


def code_of_line(line):
    """A line without its comment and its strings: a ' behind a name, a number or a bracket is a transpose."""
    kept, quote, before = [], "", " "
    for character in line:
        if quote:
            quote = "" if character == quote else quote
        elif character in "%#":
            break
        elif character == '"' or (character == "'" and not (before.isalnum() or before in "_)]}.'")):
            quote = character
        else:
            kept.append(character)
        before = character
    return "".join(kept)


def joined(text):
    """Statements that go on behind ... as one line."""
    return re.sub(r"\.\.\.[^\n]*\n", " ", text)
