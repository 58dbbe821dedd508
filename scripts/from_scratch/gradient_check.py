"""Gradients by back-propagation against central differences, in a network of two layers (chapters 4 and 5)."""

import sys

from deltarule.basics.arrays import on_cpu
from deltarule.layers import TwoLayerNet
from deltarule.programs.notes_run import start

run = start(__file__, __doc__, seed=1, mnist=True, hidden=50)

(x, t), _ = run.digits()
differences, by_code = {}, {}
rows = [["hidden layer", "of", "mean difference", "largest difference", "largest gradient"]]

for chapter, activation in (("ch04_", "sigmoid"), ("ch05_", "relu")):
    run.rewind()
    network = TwoLayerNet(784, run.options.hidden, 10, rng=run.rng, activation=activation, dtype=run.options.dtype)
    network.params.update(run.placed(network.params))
    backprop = network.gradient(x[:3], t[:3])
    numerical = network.numerical_gradient(x[:3], t[:3])
    kept = by_code["i_gradient_check", chapter] = {"next_rand": run.rng.rand()}
    for key in network.params:
        off = on_cpu(abs(backprop[key] - numerical[key]))
        differences[f"{activation}, {key}"] = off
        rows.append([activation, key, *(f"{float(a):.1e}" for a in (off.mean(), off.max(), abs(backprop[key]).max()))])
        kept[f"backprop_{key}"], kept[f"numerical_{key}"] = backprop[key], numerical[key]
        kept[f"mean_abs_diff_{key}"] = off.mean()


def draw(figures):
    return figures.differences(run.caption, differences)


means = {name: float(off.mean()) for name, off in differences.items()}
most = 1e-6 if run.options.dtype == "float64" else 1e-2
criterion = f"every mean difference below {most:g}"
holds = max(means.values()) < most
sys.exit(run.finish(means, rows=rows, book_code=by_code, holds=holds, criterion=criterion, draw=draw))
