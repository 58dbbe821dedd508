"""Check a port of a listing: whether it is right, and if not, which mistake it makes."""

from .catalogue import mistakes
from .checking import check
from .errors import CheckError
from .finding import Finding
from .listings import LISTINGS
from .mistake import Mistake
from .part_finding import PartFinding
from .parts import PARTS, check_part
from .weight_files import check_file

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
