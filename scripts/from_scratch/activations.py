"""Every activation and its derivative, which is the slope of the activation (chapter 3)."""

import sys

import numpy as np

from deltarule.layers import ACTIVATIONS
from deltarule.programs.notes_run import start

run = start(__file__, __doc__)

(x,) = run.to_device(np.linspace(-5, 5, 200))  # 0 is none of them: there the slope of some is not defined
(each,) = run.to_device(np.eye(len(x)))
h, most = (1e-6, 1e-8) if run.options.dtype == "float64" else (1e-2, 1e-3)
curves, found = {}, {}
rows = [["activation", "at -1000", "at -1", "at 1", "at 1000", "slope: error"]]

for name, f in ACTIVATIONS.items():
    y, slope = f(x), f(x, diff=True)
    change = f(x + h) - f(x - h)
    if name == "softmax":  # every output depends on every input; drawn is how each depends on its own
        change = f(x + h * each) - f(x - h * each)
    curves[name] = (x, y, slope.diagonal() if name == "softmax" else slope)
    found[name] = float(abs(slope - change / (2 * h)).max())
    values = [f"{f(np.array([a, 0.0]))[0]:.4g}" for a in (-1000.0, -1.0, 1.0, 1000.0)]
    rows.append([name, *values, f"{found[name]:.1e}"])


def draw(figures):
    return figures.activations(run.caption, curves)


criterion = "every derivative is the slope, by central differences"
sys.exit(run.finish(found, rows=rows, holds=max(found.values()) <= most, criterion=criterion, draw=draw))
