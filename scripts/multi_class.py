"""Five digits of 5 x 5 pixels, told apart by a softmax output (chapter 4, MultiClass)."""

import sys

from deltarule import data, multi_class, multi_class_forward, sum_squared_error
from deltarule.programs.run import start

run = start(__file__, __doc__, epochs=10_000, seed=3, alpha=0.9, hidden=50)
alpha, hidden = run.options.alpha, run.options.hidden

X, D = run.to_device(*data.digits())
W1 = 2 * run.rng.rand(hidden, 25) - 1
W2 = 2 * run.rng.rand(5, hidden) - 1
W1, W2 = run.start_weights(W1=W1, W2=W2)

for epoch in run.epochs(
    measured="mean squared error, summed over the outputs",
    error=lambda: sum_squared_error(D, multi_class_forward(W1, W2, X)),
):
    W1, W2 = multi_class(W1, W2, X, D, alpha=alpha)

y = multi_class_forward(W1, W2, X)
sys.exit(run.finish(X, D, y, weights={"W1": W1, "W2": W2}))
