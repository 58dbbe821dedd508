"""SGD against batch from the same start: the error after each epoch (chapter 2, SGDvsBatch)."""

import sys

from deltarule import data, delta_batch, delta_sgd, single_layer_forward, sum_squared_error
from deltarule.programs.run import start

run = start(__file__, __doc__, epochs=1_000, alpha=0.9)

X, D = run.to_device(*data.linear())
W1 = 2 * run.rng.rand(1, 3) - 1
W1, W2 = run.start_weights(W1=W1, W2=W1)  # SGD, batch

for epoch in run.epochs(
    SGD=lambda: sum_squared_error(D, single_layer_forward(W1, X)),
    batch=lambda: sum_squared_error(D, single_layer_forward(W2, X)),
):
    W1 = delta_sgd(W1, X, D, alpha=run.options.alpha)
    W2 = delta_batch(W2, X, D, alpha=run.options.alpha)

y1 = single_layer_forward(W1, X)
y2 = single_layer_forward(W2, X)
sys.exit(run.finish(X, D, {"SGD": y1, "batch": y2}, weights={"W1": W1, "W2": W2}))
