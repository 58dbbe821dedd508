"""Imports matplotlib whatever MPLBACKEND says: a notebook names there a backend that other environments do not have.

The package imports this module before its others, since matplotlib reads MPLBACKEND when it is first imported and fails
on a backend that is not installed; a figure that is written to a file needs none.
"""

import os
import sys
from contextlib import suppress

if "matplotlib" not in sys.modules:
    asked = os.environ.pop("MPLBACKEND", "")
    import matplotlib

    if asked:
        os.environ["MPLBACKEND"] = asked
        with suppress(ValueError):  # not installed
            matplotlib.rcParams["backend"] = asked
