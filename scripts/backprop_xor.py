"""Back-propagation learns XOR (chapter 3, BackpropXOR)."""

import sys

from deltarule import backprop_xor, data, multi_layer_forward, sum_squared_error
from deltarule.programs.run import start

run = start(__file__, __doc__, epochs=10_000, alpha=0.9, hidden=4)
alpha, hidden = run.options.alpha, run.options.hidden

X, D = run.to_device(*data.xor())
W1 = 2 * run.rng.rand(hidden, 3) - 1
W2 = 2 * run.rng.rand(1, hidden) - 1
W1, W2 = run.start_weights(W1=W1, W2=W2)

kept = {0: (W1, W2)}  # the weights after some epochs, for the figure
for epoch in run.epochs(error=lambda: sum_squared_error(D, multi_layer_forward(W1, W2, X))):
    W1, W2 = backprop_xor(W1, W2, X, D, alpha=alpha)
    if epoch in (100, 300, 1_000):
        kept[epoch] = W1, W2
kept[run.options.epochs] = W1, W2

y = multi_layer_forward(W1, W2, X)


def draw(figures):
    linear = run.options.linear
    return figures.boundary_and_nodes(run.caption, X, D, kept, multi_layer_forward, run.curves, linear=linear)


sys.exit(run.finish(X, D, y, weights={"W1": W1, "W2": W2}, draw=draw))
