"""How six optimisers go down f = x^2/20 + y^2 from (-7, 2) in 30 steps (chapter 6)."""

import sys

import numpy as np

from deltarule.layers import SGD, AdaGrad, Adam, Momentum, Nesterov, RMSprop
from deltarule.programs.notes_run import start

run = start(__file__, __doc__)

RATES = {SGD: 0.95, Momentum: 0.1, AdaGrad: 1.5, Adam: 0.3, Nesterov: 0.1, RMSprop: 0.1}  # the last two are ours


def f(x, y):
    return x**2 / 20 + y**2


paths = {}
for Optimizer, lr in RATES.items():
    x, y = run.to_device(np.array([-7.0]), np.array([2.0]))
    params, optimizer = {"x": x, "y": y}, Optimizer(lr=lr)
    path = [(float(x[0]), float(y[0]))]
    for _ in range(30):
        optimizer.update(params, {"x": params["x"] / 10, "y": 2 * params["y"]})
        path.append((float(params["x"][0]), float(params["y"][0])))
    paths[Optimizer.__name__] = np.array(path)

rows = [["optimiser", "rate", "x at the end", "y at the end", "f", "steps over y = 0"]]
for (name, path), lr in zip(paths.items(), RATES.values(), strict=True):
    (x, y), over = path[-1], int((np.diff(np.sign(path[:, 1])) != 0).sum())
    rows.append([name, f"{lr:g}", f"{x:.4f}", f"{y:.4f}", f"{f(x, y):.2g}", str(over)])

of_book = {"NesterovUpstream" if name == "Nesterov" else name: path for name, path in paths.items()}
holds = all(f(*path[-1]) < f(*path[0]) / 10 for path in paths.values())
sys.exit(
    run.finish(paths, rows=rows, book_code={("h_paths", ""): of_book}, holds=holds,
               criterion="f falls to a tenth", draw=lambda figures: figures.paths(run.caption, f, paths))
)  # fmt: skip
