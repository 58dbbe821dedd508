"""A MATLAB function file as text: which function it defines, with which arguments, and what it calls."""

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

from ..errors import CheckError

ENCODINGS = ("utf-8-sig", "cp949", "latin-1")  # the page is Korean, and so are many comments
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)  # as which Windows' editors save "Unicode"
HEAD = re.compile(r"function\b\s*(?:(\[[^\]]*\]|\w+)\s*=\s*)?(\w+)\s*(?:\(([^)]*)\))?")
DEFINED = re.compile(r"^\s*function\b\s*(?:(?:\[[^\]]*\]|\w+)\s*=\s*)?(\w+)", re.MULTILINE)
BLOCKS = {"function", "if", "for", "while", "switch", "do", "try", "parfor", "unwind_protect", "spmd"}
ENDS = {
    "end",
    "until",
    "endfunction",
    "endif",
    "endfor",
    "endwhile",
    "endswitch",
    "end_try_catch",
    "end_unwind_protect",
}
VARIABLE_NUMBER = ("varargin", "varargout")


@dataclass(frozen=True)
class Source:
    """A function file.

    Attributes
    ----------
    path : Path
    text : str
    name : str
        Of the first function, which MATLAB calls by the name of the file; of a script, of its only function that is
        one of `wanted`.
    inputs, outputs : tuple of str
        As its first line has them.
    script : bool
        Whether it is a script, which has functions of its own.
    """

    path: Path
    text: str
    name: str
    inputs: tuple
    outputs: tuple
    script: bool = False

    @property
    def files(self):
        """What Octave is given, by name of the file: a script's functions each alone, at the lines that they have."""
        return local_functions(self.text) if self.script else {self.name: self.text}

    @property
    def defines(self):
        """The names of all functions in it."""
        return set(DEFINED.findall(joined(code(self.text))))

    @property
    def calls(self):
        """All names in it: those of functions that it may call, and of its variables."""
        return names_in(self.text)


def read_source(path, wanted=lambda name: False):
    """A function file, or a script with functions of its own.

    Parameters
    ----------
    path : path
    wanted : callable
        Whether a script's function of some name is meant.

    Returns
    -------
    Source

    Raises
    ------
    CheckError
        If the file cannot be read, or does not begin with a function, nor has one that is meant.
    """
    path = Path(path)
    text = read_text(path)
    statements = joined(code(text)).strip()
    if not statements:
        raise CheckError(f"{path} holds no function: it has no code at all")
    script = not re.match(r"function\b", statements)
    if script:
        statements = _of_script(path, statements, local_functions(text), wanted)
    head = HEAD.match(statements)
    if not head:
        raise CheckError(f"{path}: its first line should be as `function W = DeltaSGD(W, X, D)`")
    outputs, name, inputs = head.groups()
    return Source(path, text, name, words(inputs), words(outputs), script)


def _of_script(path, statements, functions, wanted):
    """The function that is meant of those that a script has, as code."""
    meant = [name for name in functions if wanted(name)]
    if len(meant) == 1:
        return joined(code(functions[meant[0]])).strip()
    first = statements.splitlines()[0].strip()
    several = meant or list(functions)
    which = f"; of its functions {', '.join(several)} write the one to check to a file of its own" if several else ""
    raise CheckError(f"{path} is a script, not a function: it begins with {first!r}, and not with `function`{which}")


def local_functions(text):
    """The functions in a script, by name: each as the text with all other lines empty."""
    lines, found, begin, depth = text.split("\n"), {}, None, 0
    for k, line in enumerate(code(text).split("\n")):
        head = DEFINED.match(line)
        if head and depth == 0:
            begin, name = k, head.group(1)
        depth += _opened(line) if begin is not None else 0
        if begin is not None and depth == 0:
            found[name] = "\n".join([*[""] * begin, *lines[begin : k + 1]])
            begin = None
    return found


def _opened(line):
    """How many blocks a line of code begins, less those that it ends; the end of an index is none."""
    outside, depth = [], 0
    for character in line:
        depth = max(depth + (character in "([{") - (character in ")]}"), 0)  # one may have begun in a line above
        outside.append(character if depth == 0 else " ")
    names = re.findall(r"(?<![\w.])[A-Za-z]\w*", "".join(outside))
    return sum(name in BLOCKS for name in names) - sum(name in ENDS for name in names)


def read_text(path):
    """The text of a file, whose encoding may be that of an older MATLAB."""
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise CheckError(f"{path}: {error.strerror or error}") from None
    for encoding in ("utf-16",) if content.startswith(UTF_16) else ENCODINGS:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text.replace("\r\n", "\n").replace("\r", "\n")
    raise CheckError(f"{path} is no text")  # which is never without a 0 in the last of the encodings


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
