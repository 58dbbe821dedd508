"""How long it takes: this package, plain NumPy, PyTorch and GNU Octave at the same work, interleaved."""

import runpy
from pathlib import Path

runpy.run_path(str(Path(__file__).resolve().parent.parent / "benchmarks" / "benchmark.py"), run_name="__main__")
