"""Two costs of two answers to the digit 2, one right and one wrong (chapter 4)."""

import sys

import numpy as np

from deltarule.layers import cross_entropy_error, mean_squared_error
from deltarule.programs.notes_run import start

run = start(__file__, __doc__)

t = np.array([0, 0, 1, 0, 0, 0, 0, 0, 0, 0])
y1 = np.array([0.1, 0.05, 0.6, 0.0, 0.05, 0.1, 0.0, 0.1, 0.0, 0.0])
y2 = np.array([0.1, 0.05, 0.1, 0.0, 0.05, 0.1, 0.0, 0.6, 0.0, 0.0])
both, digits, t, y1, y2 = run.to_device(np.stack([y1, y2]), np.array([2, 2]), t, y1, y2)

squared = mean_squared_error(y1, t), mean_squared_error(y2, t)
entropy = cross_entropy_error(y1, t), cross_entropy_error(y2, t)
batch = cross_entropy_error(both, digits)  # digits instead of one-hot rows


def draw(figures):
    notes = [f"squared error {a:.4f}, cross-entropy {b:.4f}" for a, b in zip(squared, entropy, strict=True)]
    return figures.answers(run.caption, t, {"y1": y1, "y2": y2}, dict(zip(("y1", "y2"), notes, strict=True)))


quantities = {f"mean_squared_error({y})": cost for y, cost in zip(("y1", "y2"), squared, strict=True)}
quantities |= {f"cross_entropy_error({y})": cost for y, cost in zip(("y1", "y2"), entropy, strict=True)}
quantities |= {"cross_entropy_error of both": batch}
holds = abs(float(batch - sum(entropy) / 2)) <= 1e-15 * (1 if run.options.dtype == "float64" else 1e9)
sys.exit(run.finish(quantities, holds=holds, criterion="the batch costs the mean of the two", draw=draw))
