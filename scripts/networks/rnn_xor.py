"""XOR of two bits that come one after the other, by a recurrent network (primer, RNN)."""

import sys

from deltarule.models import rnn_forward, rnn_xor, xor_in_time
from deltarule.models.recurrent import rnn_states
from deltarule.programs.networks_run import start

run = start(__file__, __doc__, epochs=2_000, alpha=0.3)
rand = run.rng.rand

X, D = run.to_device(*xor_in_time())
Wx, Wh, Wo = run.start_weights(Wx=2 * rand(4, 2) - 1, Wh=2 * rand(4, 4) - 1, Wo=2 * rand(1, 4) - 1)

for _ in run.count(measured="mean squared error", error=lambda: ((D - rnn_forward(Wx, Wh, Wo, X)[:, 0]) ** 2).mean()):
    Wx, Wh, Wo = rnn_xor(Wx, Wh, Wo, X, D, alpha=run.options.alpha)

y = rnn_forward(Wx, Wh, Wo, X)[:, 0]
rows = [["first bit", "second bit", "target", "output"]]
rows += [[*(f"{float(bit):g}" for bit in X[n, :, 0]), f"{float(D[n]):g}", f"{float(y[n]):.4f}"] for n in range(4)]


def draw(figures):
    h = rnn_states(Wx, Wh, X.transpose(1, 2, 0))
    return figures.hidden_states(run.caption, X, D, h, y, run.curves, linear=run.options.linear)


holds, criterion = abs(y - D).max() < 0.1, "every output within 0.1 of its target"
weights = {"Wx": Wx, "Wh": Wh, "Wo": Wo}
sys.exit(run.finish({"outputs": y}, rows=rows, weights=weights, holds=holds, criterion=criterion, draw=draw))
