"""Is your port of a listing right, and if not, which mistake does it make?"""

import sys

from deltarule.programs import check

sys.exit(check.main(prog="check.py"))
