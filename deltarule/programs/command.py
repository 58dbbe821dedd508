"""The command ``deltarule``: every script by its name, from any folder."""

import platform
import runpy
import sys

from ..listings.experiments import EXPERIMENTS
from ..version import __version__
from . import places
from .options import OneLineParser, docstring
from .terminal import delivered

USAGE = """\
deltarule NAME [OPTION ...]   run a script: deltarule backprop_xor --plot xor.png
deltarule NAME --help         the options of a script
deltarule list                the scripts, a line each
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
    found = titles(parser)
    if name == "list":
        return delivered(lambda: print("\n".join(f"{script:18}{title}" for script, title in found.items())))
    if name not in found:
        parser.error(f"there is no script {name!r}; `deltarule list` shows them")
    script = places.scripts() / f"{name}.py"
    sys.argv = [str(script), *rest]
    runpy.run_path(str(script), run_name="__main__")
    return 0


def titles(parser):
    """By script, the book's first and in its order, what it does; one line and exit 2 where there are no scripts."""
    folder = places.scripts()
    if folder is None:
        parser.error(f"there are no scripts beside or in {places.PACKAGE}; install the package again")
    names = sorted(path.stem for path in folder.glob("[!_]*.py"))
    in_order = [name for name in EXPERIMENTS if name in names]
    return {name: _title(folder / f"{name}.py") for name in dict.fromkeys([*in_order, *names])}


def _title(script):
    """The first line of a script's docstring."""
    return docstring(script).partition("\n")[0]


def version():
    """The versions, and the folder that the package is read from."""
    import numpy

    return f"deltarule {__version__}, Python {platform.python_version()}, NumPy {numpy.__version__}\n{places.PACKAGE}"
