"""AND, NAND and OR by one perceptron each, XOR by three: their tables, and the lines they draw (chapter 2)."""

import sys

import numpy as np

from deltarule.layers import AND, NAND, OR, XOR
from deltarule.programs.notes_run import start

run = start(__file__, __doc__)

(x1, x2) = run.to_device(np.array([0, 1, 0, 1]), np.array([0, 0, 1, 1]))
GATES = {"AND": AND, "NAND": NAND, "OR": OR, "XOR": XOR}

by_bias = {name: gate(x1, x2) for name, gate in GATES.items()}
by_threshold = {f"{name} by threshold": gate(x1, x2, form="threshold") for name, gate in GATES.items()}
same = all((a == b).all() for a, b in zip(by_bias.values(), by_threshold.values(), strict=True))


def draw(figures):
    return figures.gates(run.caption, GATES)


sys.exit(
    run.finish(
        {"x1": x1, "x2": x2, **by_bias, **by_threshold},
        holds=same,
        criterion="the same tables by a bias and by a threshold",
        draw=draw,
    )
)
