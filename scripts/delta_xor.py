"""What a single layer makes of XOR, which it cannot learn (chapter 2)."""

import sys

from deltarule import data, delta_sgd, single_layer_forward, sum_squared_error
from deltarule.programs.run import start

run = start(__file__, __doc__, epochs=40_000, alpha=0.9)

X, D = run.to_device(*data.xor())
W = 2 * run.rng.rand(1, 3) - 1
(W,) = run.start_weights(W=W)

kept = {0: (W,)}  # the weights after some epochs, for the figure
for epoch in run.epochs(error=lambda: sum_squared_error(D, single_layer_forward(W, X))):
    W = delta_sgd(W, X, D, alpha=run.options.alpha)
    if epoch in (10, 100, 1_000):
        kept[epoch] = (W,)
kept[run.options.epochs] = (W,)

y = single_layer_forward(W, X)
y_next = single_layer_forward(delta_sgd(W, X, D, alpha=run.options.alpha), X)
settled = abs(y_next - y).max() < 1e-9
criterion = "one more epoch changes no output by 1e-9"


def draw(figures):
    return figures.boundary(run.caption, X, D, kept, single_layer_forward, run.curves, linear=run.options.linear)


sys.exit(run.finish(X, D, y, weights={"W": W}, converged=settled, criterion=criterion, draw=draw))
