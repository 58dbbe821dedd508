"""Three hidden layers of ReLU nodes on the five digits (chapter 5, DeepReLU)."""

import sys

from deltarule import data, deep_relu, deep_relu_forward, sum_squared_error
from deltarule.programs.run import start

run = start(__file__, __doc__, epochs=10_000, alpha=0.01, hidden=20)
alpha, hidden = run.options.alpha, run.options.hidden

X, D = run.to_device(*data.digits())
W1 = 2 * run.rng.rand(hidden, 25) - 1
W2 = 2 * run.rng.rand(hidden, hidden) - 1
W3 = 2 * run.rng.rand(hidden, hidden) - 1
W4 = 2 * run.rng.rand(5, hidden) - 1
W1, W2, W3, W4 = run.start_weights(W1=W1, W2=W2, W3=W3, W4=W4)

for epoch in run.epochs(
    measured="mean squared error, summed over the outputs",
    error=lambda: sum_squared_error(D, deep_relu_forward(W1, W2, W3, W4, X)),
):
    W1, W2, W3, W4 = deep_relu(W1, W2, W3, W4, X, D, alpha=alpha)

y = deep_relu_forward(W1, W2, W3, W4, X)
sys.exit(run.finish(X, D, y, weights={"W1": W1, "W2": W2, "W3": W3, "W4": W4}))
