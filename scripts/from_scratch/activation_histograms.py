"""How the activations of five layers spread, by what the weights start from (chapter 6)."""

import sys

import numpy as np

from deltarule.basics.arrays import on_cpu
from deltarule.layers import relu, sigmoid, tanh, weight_scale
from deltarule.programs.notes_run import start

run = start(__file__, __doc__, seed=1)

FUNCTIONS = {"sigmoid": sigmoid, "ReLU": relu, "tanh": tanh}
STARTS = {"std1": 1, "std0.01": 0.01, "xavier": "xavier", "he": "he"}
layers, by_code, rows = {}, {}, [["function", "start", *(f"std of layer {k}" for k in range(1, 6))]]

for name, f in FUNCTIONS.items():
    kept = by_code["j_activations", f"{name}_"] = {}
    for init, scale in STARTS.items():
        rng, z = np.random.RandomState(run.options.seed), []
        (x,) = run.to_device(rng.randn(1000, 100))
        for _ in range(5):
            (w,) = run.to_device(rng.randn(100, 100) * weight_scale(scale, 100))
            x = f(x @ w)
            z.append(on_cpu(x))
        layers.setdefault(name, {})[init] = z
        rows.append([name, init, *(f"{a.std():.3g}" for a in z)])
        kept[f"{init}_counts30_0to1"] = np.array([np.histogram(a, 30, range=(0, 1))[0] for a in z])
        kept[f"{init}_mean_std_min_max"] = np.array([[a.mean(), a.std(), a.min(), a.max()] for a in z])
        kept[f"{init}_layer5_first8"] = z[4].ravel()[:8]
    kept["next_rand"] = rng.rand()

last = {f"{name}, {init}": float(z[4].std()) for name, by_start in layers.items() for init, z in by_start.items()}
holds = last["sigmoid, std0.01"] < last["sigmoid, xavier"] < last["sigmoid, std1"]
sys.exit(
    run.finish(last, rows=rows, book_code=by_code, draw=lambda figures: figures.spreads(run.caption, layers),
               holds=holds, criterion="sigmoid spreads more from Xavier's start than from 0.01, and most from 1")
)  # fmt: skip
