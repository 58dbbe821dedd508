"""The command ``deltarule``: every script by its name, from any folder."""

import platform
import runpy
import sys

from ..basics import places
from ..version import __version__
from . import parts
from .options import OneLineParser, docstring
from .terminal import delivered

USAGE = """\
deltarule NAME [OPTION ...]   run a script: deltarule backprop_xor --plot xor.png
deltarule NAME --help         the options of a script
deltarule check FILE ...      is a port of a listing right, and if not, which mistake does it make?
deltarule list                the scripts of all documents, a line each
deltarule --version           the versions of this package, Python and NumPy, and where the package is read from
"""


def main(arguments=None):
    """Run the script that the first argument names, with the others as its options.

    Parameters
    ----------
    arguments : list of str, optional
        The command line, without the program's name; that of the process when None.

    Returns
    -------
    int
        The exit code, where the script does not end the process itself.
    """
    arguments = sys.argv[1:] if arguments is None else arguments
    parser = OneLineParser(prog="deltarule", usage=USAGE, add_help=False)
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        return delivered(lambda: print(USAGE, end=""))
    name, *rest = arguments
    if name == "--version":
        return delivered(lambda: print(version()))
    if name == "check":  # which needs no script
        from . import check  # here, since it takes long to import

        return check.main(rest)
    found = scripts(parser)
    if name == "list":
        return delivered(lambda: print(listed(found)))
    if name not in found:
        parser.error(f"there is no script {name!r}; `deltarule list` shows them")
    script = found[name]
    sys.argv = [str(script), *rest]
    runpy.run_path(str(script), run_name="__main__")
    return 0


def scripts(parser):
    """By name, the file of each script: those of the documents in their order, and then the others.

    One line and exit 2 where there are none.
    """
    folder = places.scripts()
    if folder is None:
        parser.error(f"there are no scripts beside or in {places.PACKAGE}; install the package again")
    files = [path for each in ("", *places.FOLDERS) for path in sorted((folder / each).glob("[!_]*.py"))]
    found = {path.stem: path for path in files}
    in_order = [name for name in parts.names() if name in found]
    return {name: found[name] for name in dict.fromkeys([*in_order, *found])}


def listed(found):
    """The scripts as text: a heading for each part, and below it a line for each script."""
    kind = {name: parts.part_of(path) for name, path in found.items()}
    lines = []
    for part, heading in parts.HEADINGS.items():
        names = [name for name in found if kind[name] == part]
        if names:
            lines += ["", heading, *(f"  {name:27}{_title(found[name])}" for name in names)]
    return "\n".join(lines[1:])


def _title(script):
    """The first line of a script's docstring."""
    return docstring(script).partition("\n")[0]


def version():
    """The versions, and the folder that the package is read from."""
    import numpy

    return f"deltarule {__version__}, Python {platform.python_version()}, NumPy {numpy.__version__}\n{places.PACKAGE}"
