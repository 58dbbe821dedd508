"""A sigmoid neuron as a graph: what each node gives, and what comes back to it (lecture, back-propagation)."""

import sys

import numpy as np

from deltarule.basics.arrays import on_cpu
from deltarule.basics.differences import central_difference
from deltarule.models import neuron_graph
from deltarule.programs.networks_run import start

run = start(__file__, __doc__, draws=False, alpha=0.1)

w, x = run.to_device(np.array([2.0, -3.0, -3.0]), np.array([-1.0, -2.0, 1.0]))  # the last input is the constant
neuron = neuron_graph(w, x)
value, gradient = neuron.values, neuron.gradients
stepped = w - run.options.alpha * gradient["w"]

NODES = {"v": "v", "-v": "m", "exp(-v)": "q", "1+exp(-v)": "r", "y": "y"}
found = {"w": w, "x": x, "w*x": value["p"]}
found |= {name: value[node] for name, node in NODES.items()}
found |= {f"dy/d({name})": gradient[node] for name, node in reversed(NODES.items())}
found |= {"dy/dw": gradient["w"], "dy/dx": gradient["x"]}
found |= {"dy/dw0": gradient["w"][0], "dy/dx0": gradient["x"][0], "w0 after a step": stepped[0]}

h, most = (1e-5, 1e-9) if run.options.dtype == "float64" else (1e-2, 1e-3)
slopes = central_difference(lambda *given: float(neuron_graph(*given).values["y"]), [on_cpu(w), on_cpu(x)], h)
off = max(abs(on_cpu(gradient[name]) - slope).max() for name, slope in zip("wx", slopes, strict=True))


def draw(figures):
    return figures.neuron(run.caption, value, gradient)


criterion = "every derivative is the slope, by central differences"
sys.exit(run.finish(found, holds=off <= most, criterion=criterion, draw=draw))
