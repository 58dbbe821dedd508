"""The delta rule in mini-batches of two samples (chapter 2)."""

import sys

from deltarule import data, delta_minibatch, single_layer_forward, sum_squared_error
from deltarule.programs.run import start

run = start(__file__, __doc__, epochs=20_000, alpha=0.9, batch_size=2, samples=4)

X, D = run.to_device(*data.linear())
W = 2 * run.rng.rand(1, 3) - 1
(W,) = run.start_weights(W=W)

for epoch in run.epochs(error=lambda: sum_squared_error(D, single_layer_forward(W, X))):
    W = delta_minibatch(W, X, D, alpha=run.options.alpha, batch_size=run.options.batch_size)

y = single_layer_forward(W, X)
sys.exit(run.finish(X, D, y, weights={"W": W}))
