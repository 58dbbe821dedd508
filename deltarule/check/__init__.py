"""Check a port of a listing: whether it is right, and if not, which mistake it makes."""

from .catalogue import mistakes
from .catalogue.mistake import Mistake
from .checking import check
from .errors import CheckError
from .finding import Finding
from .listings import LISTINGS
from .parts.checking import PARTS, check_part
from .parts.finding import PartFinding
from .weights.files import check_file

__all__ = [
    "LISTINGS",
    "PARTS",
    "CheckError",
    "Finding",
    "Mistake",
    "PartFinding",
    "check",
    "check_file",
    "check_part",
    "mistakes",
]
