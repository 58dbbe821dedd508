"""The language of what the programs say: English, or Korean as ``messages/ko.toml`` has it."""

from itertools import pairwise
from pathlib import Path

from ..evidence.textbook import read_toml

LANGUAGES = ("en", "ko")


def translator(language):
    """A function from an English message to the same in a language.

    A message without a translation stays English. Placeholders such as ``{name}`` stay, to be filled in by the caller.

    Parameters
    ----------
    language : {"en", "ko"}
    """
    if language == "en":
        return str
    messages = read_toml(Path(__file__).parent / "messages" / f"{language}.toml")["messages"]
    return lambda message: messages.get(message, message)


def asked_for(arguments):
    """The language that a command line asks for, read before the parser is made, whose help is in it."""
    asked = "en"
    for argument, following in pairwise([*arguments, ""]):
        name, equals, value = argument.partition("=")
        if name == "--language":
            asked = value if equals else following
    return asked if asked in LANGUAGES else "en"
