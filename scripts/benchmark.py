"""How long it takes: this package, plain NumPy, PyTorch and GNU Octave at the same work, interleaved."""

import runpy
import sys
from pathlib import Path

program = Path(__file__).resolve().parent.parent / "benchmarks" / "benchmark.py"
if not program.is_file():  # the wheel is without them
    sys.stderr.write(f"benchmark.py: the benchmarks are not installed; a clone of the repository has them: {program}\n")
    sys.exit(2)
runpy.run_path(str(program), run_name="__main__")
