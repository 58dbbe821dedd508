"""Cross-entropy against squared error from the same start, on the separable targets (chapter 3, CEvsSSE)."""

import sys

from deltarule import backprop_ce, backprop_xor, data, multi_layer_forward, sum_squared_error
from deltarule.programs.run import start

run = start(__file__, __doc__, epochs=1_000, alpha=0.9, hidden=4)
alpha, hidden = run.options.alpha, run.options.hidden

X, D = run.to_device(*data.linear())
W11 = 2 * run.rng.rand(hidden, 3) - 1
W12 = 2 * run.rng.rand(1, hidden) - 1
W11, W12, W21, W22 = run.start_weights(W11=W11, W12=W12, W21=W11, W22=W12)  # CE, CE, SSE, SSE

for epoch in run.epochs(
    CE=lambda: sum_squared_error(D, multi_layer_forward(W11, W12, X)),
    SSE=lambda: sum_squared_error(D, multi_layer_forward(W21, W22, X)),
):
    W11, W12 = backprop_ce(W11, W12, X, D, alpha=alpha)
    W21, W22 = backprop_xor(W21, W22, X, D, alpha=alpha)

y1 = multi_layer_forward(W11, W12, X)
y2 = multi_layer_forward(W21, W22, X)
sys.exit(run.finish(X, D, {"CE": y1, "SSE": y2}, weights={"W11": W11, "W12": W12, "W21": W21, "W22": W22}))
