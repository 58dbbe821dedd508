"""Functions out of a reader's Python file, wherever it lies: imported as Python imports it, and told what is wrong."""

import ast
import codecs
import importlib.util
import sys
from contextlib import contextmanager
from importlib.machinery import SourceFileLoader
from pathlib import Path

from .callables import is_own, makes_objects
from .errors import CheckError
from .names import known
from .ports import is_called_as, own_lines


def split(text):
    """The file and the function of ``mine.py:backprop``; the function is None where none is named.

    Examples
    --------
    >>> split("ports/mine.py:backprop")
    ('ports/mine.py', 'backprop')
    >>> split("ports/mine.py")
    ('ports/mine.py', None)
    """
    file, colon, name = text.rpartition(":")
    return (file, name) if colon and name.isidentifier() and Path(file).suffix else (text, None)


@contextmanager
def imported(path):
    """The module of a file, whose folder is the first that modules are looked for in as long as it is used.

    Parameters
    ----------
    path : path

    Yields
    ------
    module

    Raises
    ------
    CheckError
        If there is no such file, or it cannot be imported.
    """
    source = _read(path)
    _parse(path, source)
    name, folder = _module_name(path), str(Path(path).resolve().parent)
    before, wrote = sys.modules.get(name), sys.dont_write_bytecode
    sys.path.insert(0, folder)
    sys.dont_write_bytecode = True  # what others handed in stays as it is
    try:
        yield _executed(path, name)
    finally:
        sys.dont_write_bytecode = wrote
        if folder in sys.path:
            sys.path.remove(folder)
        sys.modules.pop(name, None)
        if before is not None:
            sys.modules[name] = before


def _read(path):
    try:
        return Path(path).read_bytes()
    except FileNotFoundError:
        raise CheckError(f"{path}: there is no such file") from None
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        raise CheckError(f"{path}: it cannot be read: {getattr(error, 'strerror', None) or error}") from None


def _parse(path, source):
    """Refuse what is not Python before any of it runs."""
    if source.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):  # as PowerShell's > writes it
        raise CheckError(f"{path} is in UTF-16, which Python does not read; save it as UTF-8")
    try:
        ast.parse(source, str(path))
    except SyntaxError as error:
        raise CheckError(_syntax(path, error)) from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise CheckError(f"{path}: it is not Python: {error or type(error).__name__}") from None


def _syntax(path, error):
    where = f"{path}, line {error.lineno}" if error.lineno else str(path)
    line = f": {error.text.strip()}" if error.text and error.text.strip() else ""
    return f"{where}: {error.msg}{line}"


def _module_name(path):
    """The file's name as Python would have it, where no other module has it."""
    stem = Path(path).stem
    taken = stem in sys.modules or stem in sys.stdlib_module_names
    return f"checked_{stem}" if taken or not stem.isidentifier() else stem


class Shell:
    """What ``get_ipython()`` gives in a file that was exported from a notebook: none of its commands does anything.

    ``%matplotlib inline``, ``!pip install ...`` and the like stand in such a file as calls of its methods.
    """

    def __getattr__(self, name):
        return lambda *arguments, **named: None


def _executed(path, name):
    file = str(Path(path).resolve())
    spec = importlib.util.spec_from_file_location(name, file, loader=SourceFileLoader(name, file))  # of a .PY as well
    module = importlib.util.module_from_spec(spec)
    module.get_ipython = Shell
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except KeyboardInterrupt:
        raise
    except SyntaxError as error:
        raise CheckError(_syntax(error.filename or path, error)) from None
    except ModuleNotFoundError as error:
        raise CheckError(f"{path} imports {error.name}, which is not there\n{_lines(error)}".rstrip()) from None
    except Exception as error:  # whatever it raises is told as its own
        raise CheckError(f"{path} raises, when it is imported, {own_lines(error)}") from None
    except BaseException as error:  # what ends a program
        ended = "ends the program when it is imported; put what is to run below if __name__ == '__main__':"
        raise CheckError(f"{path} {ended}\n{_lines(error)}".rstrip()) from None
    return module


def _lines(error):
    """The lines of the file that an exception came from."""
    return "\n".join(line for line in own_lines(error).splitlines() if line.startswith("  line "))


def functions(module):
    """By name, the functions and classes that a module has of its own, and what else of its own can be called."""
    return {n: each for n, each in vars(module).items() if not n.startswith("_") and is_own(each, module)}


def chosen(module, path, name=None, listing=None, part_of=None):
    """The functions of a module that are to be checked, by name.

    Those of a listing's name; where one of them takes no listing's arguments, as an optimiser's ``sgd(params, grads)``
    does not, or there is none, the parts as well.

    Parameters
    ----------
    module : module
    path : path
        Of its file, for messages.
    name : str, optional
        Of the one that is asked for; all whose names are a listing's when None. Where none is, those of parts.
    listing : str, optional
        What it is said to be; the only function of the module is taken then, or that of the listing's name.
    part_of : callable, optional
        Tells of a function or class and its name in the file which part it is, of those that are checked beside the
        listings; a lambda or a partial has no other name.

    Raises
    ------
    CheckError
        If there is none such; the message says which there are.
    """
    own = functions(module)
    there = f"it has {', '.join(own)}" if own else "it has none"
    if name is not None:
        if not callable(getattr(module, name, None)):
            raise CheckError(f"{path} has no function {name!r}; {there}")
        return {name: getattr(module, name)}
    if listing is not None:
        same = {n: f for n, f in own.items() if n == listing or (known(n) and known(n) == known(listing))}
        if len(same) == 1 or len(own) == 1:
            return same or own
        raise CheckError(f"{path}: which of its functions is {listing}? Say so, as {path}:name; {there}")
    of_listings = {n: f for n, f in own.items() if not makes_objects(f) and known(n)}
    found = of_listings
    if not all(is_called_as(f, known(n)) for n, f in of_listings.items()) or not of_listings:
        found = {n: f for n, f in own.items() if n in of_listings or (part_of is not None and part_of(f, n))}
    found = found or {n: f for n, f in own.items() if known(n)}  # a class, of which is said that it is one
    if not found:
        raise CheckError(f"{path} has no function with a listing's name; {there}. Say what is what with --listing")
    return found
