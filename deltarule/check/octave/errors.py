"""What Octave says of an error in a reader's file, with the line, and whether the page prints it so."""

import re
from pathlib import Path

from .misprints import misprints
from .source import read_text

BY_HAND = re.compile(r"(?:if\b.*?[,;)]\s*)?error\s*[('\"]")  # an error that the reader raises is no typing error
PARSE = re.compile(r"parse error(?: near line (\d+) of file ([^\n]+)|:)")


def does_not_parse(said):
    """Whether a message is of a file that Octave cannot parse."""
    return PARSE.search(said) is not None


def told(source, listing, said, folder, stack=()):
    """What Octave says of an error, with the line of the reader's own file, and the page's misprints in that file.

    Parameters
    ----------
    source : Source
        The port's.
    listing : str
    said : str
        Octave's message.
    folder : Path
        That the port was copied to.
    stack : list of (str, int)
        The calls that the error came through, the innermost first, by file and line.
    """
    parse = PARSE.search(said)
    if parse and parse.group(1):
        file, number = own_file(source, parse.group(2).strip(), folder), int(parse.group(1))
        said = parse_message(said)
    else:
        own = [(own_file(source, file, folder), line) for file, line in stack]
        file, number = next(((file, line) for file, line in own if file is not None), (source.path, 0))
        said = re.sub(r" near line \d+, column \d+", "", said.strip())
    file = file or source.path
    content = source.text if file == source.path else read_text(file)
    lines = content.splitlines()
    line = lines[number - 1].strip() if 0 < number <= len(lines) else ""
    where = f", line {number}" if line else ", at its end" if number else ""
    shown = [f"{file.name}{where}: {said}", *([f"    {line}"] if line else [])]
    return "\n".join([*shown, *of_the_page(content, listing, number, line)])


def parse_message(said):
    """Octave's reason why a file does not parse, without the line, which is shown beside."""
    reason = [part.strip() for part in said.splitlines()[1:] if part.strip() and not part.startswith(">>>")]
    return f"it does not parse, {reason[0] if reason and reason[0] != '^' else 'a syntax error'}"


def of_the_page(content, listing, number, line):
    """What the page has to do with an error: the misprints of the line, and those in other lines."""
    found = misprints(content, listing)
    here = [str(each) for each in found if each.number == number]
    if line and not here and not BY_HAND.match(line):
        here = [f"line {number} is none of the page's misprints"]
    others = [f"{each.number} ({', '.join(e.id for e in each.errata)})" for each in found if each.number != number]
    if others:
        here.append(f"other lines that are misprints of the page (by erratum): {', '.join(others)}")
    return here


def own_file(source, file, folder):
    """The reader's file that Octave names: the port itself for its copy, a file beside it, or None for ours."""
    path = Path(file)
    if path.stem in source.files and path.parent.name == "port" and path.parent.parent.name == folder.name:
        return source.path
    return path if file and path.parent.resolve() == source.path.resolve().parent else None
