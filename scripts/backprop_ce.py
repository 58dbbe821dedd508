"""Back-propagation of the cross-entropy learns XOR (chapter 3, BackpropCE)."""

import sys

from deltarule import backprop_ce, cross_entropy, data, multi_layer_forward
from deltarule.programs.run import start

run = start(__file__, __doc__, epochs=10_000, alpha=0.9, hidden=4)
alpha, hidden = run.options.alpha, run.options.hidden

X, D = run.to_device(*data.xor())
W1 = 2 * run.rng.rand(hidden, 3) - 1
W2 = 2 * run.rng.rand(1, hidden) - 1
W1, W2 = run.start_weights(W1=W1, W2=W2)

for epoch in run.epochs(measured="cross-entropy", error=lambda: cross_entropy(D, multi_layer_forward(W1, W2, X))):
    W1, W2 = backprop_ce(W1, W2, X, D, alpha=alpha)

y = multi_layer_forward(W1, W2, X)
sys.exit(run.finish(X, D, y, weights={"W1": W1, "W2": W2}))
