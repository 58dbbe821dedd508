"""The delta rule, one sample at a time (chapter 2, DeltaSGD)."""

import sys

from deltarule import data, delta_sgd, single_layer_forward, sum_squared_error
from deltarule.programs.run import start

run = start(__file__, __doc__, epochs=10_000, alpha=0.9)

X, D = run.to_device(*data.linear())
W = 2 * run.rng.rand(1, 3) - 1
(W,) = run.start_weights(W=W)

for epoch in run.epochs(error=lambda: sum_squared_error(D, single_layer_forward(W, X))):
    W = delta_sgd(W, X, D, alpha=run.options.alpha)

y = single_layer_forward(W, X)
sys.exit(run.finish(X, D, y, weights={"W": W}))
