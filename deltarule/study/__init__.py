"""How often a listing converges: thousands of starts trained at once, and the rate with its interval.

Start number k is drawn from MATLAB's ``rng(k)``, as ``--seed k`` of the listing's script draws it, so that each can be
replayed alone. What comes out of a start does not depend on the others, on the size of the chunks or on the number of
processes.
"""

from .files import FORMATS, read, write
from .outcome import Outcome, nothing
from .schedule import chunks, study
from .settings import EVERY, ROUTINES, Settings
from .starts import numbers
from .training import error_curves

__all__ = [
    "EVERY",
    "FORMATS",
    "ROUTINES",
    "Outcome",
    "Settings",
    "chunks",
    "error_curves",
    "nothing",
    "numbers",
    "read",
    "study",
    "write",
]
