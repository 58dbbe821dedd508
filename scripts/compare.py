"""Every script against the printed page, Octave and numerical gradients, in one table."""

import sys

from deltarule.programs import compare

sys.exit(compare.main(__file__, __doc__))
