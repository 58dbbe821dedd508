"""Run every script and print one table: what the reference says, whether it converged, and how long it took."""

from deltarule import comparison

comparison.main(__file__, __doc__)
