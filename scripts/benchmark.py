"""How long it takes: this package, plain NumPy, PyTorch and GNU Octave at the same work, interleaved."""

from deltarule import benchmark

benchmark.main(__file__, __doc__)
