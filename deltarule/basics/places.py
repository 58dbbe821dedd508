"""Where the scripts and the reference files lie: beside the package in a clone, inside it when it was installed."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent
FROM_SCRATCH = "from_scratch"  # the folder of the notes' scripts, in that of the others
NETWORKS = "networks"  # that of the scripts of the other networks
FOLDERS = (FROM_SCRATCH, NETWORKS)


def scripts():
    """The folder of the scripts; None if there is none."""
    return _folder_with("scripts", "backprop_xor.py")


def reference():
    """The folder of the package's own reference files; None if there is none."""
    return _folder_with("reference", "textbook.toml")


def _folder_with(name, file):
    for place in (PACKAGE.parent / name, PACKAGE / name):
        if (place / file).is_file():
            return place
    return None


def reference_of(script):
    """The reference files for a script: beside the scripts' folder, else the package's own; None if there are none.

    Parameters
    ----------
    script : path
        The script's file, which may be a copy in another folder.
    """
    folder = Path(script).resolve().parent
    scripts = folder.parent if folder.name in FOLDERS else folder
    beside = scripts.parent / "reference"
    return beside if (beside / "textbook.toml").is_file() else reference()
