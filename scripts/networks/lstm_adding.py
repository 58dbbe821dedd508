"""Two marked numbers out of twenty are added by an LSTM, and not by a plain recurrent network (primer, LSTM)."""

import sys

from deltarule.models import lstm_adding, lstm_forward, rnn_adding, rnn_linear_forward
from deltarule.models.experiments import EXPERIMENTS
from deltarule.models.gated import lstm_steps
from deltarule.programs.networks_run import start

run = start(__file__, __doc__, epochs=40, alpha=0.1)
lstm, rnn = EXPERIMENTS["lstm_adding"], EXPERIMENTS["rnn_adding"]

X, D, X_test, D_test = run.to_device(*lstm.samples(), *lstm.test())
W = run.start_weights(**lstm.draw(run.rng, **lstm.shapes))
V = run.to_device(*rnn.draw(run.rng, **rnn.shapes).values())
errors = {
    "LSTM": lambda: ((D_test - lstm_forward(*W, X_test)[:, 0]) ** 2).mean(),
    "RNN": lambda: ((D_test - rnn_linear_forward(*V, X_test)[:, 0]) ** 2).mean(),
}
for _ in run.count(measured="mean squared error", **errors):
    W = lstm_adding(*W, X, D, alpha=run.options.alpha)
    V = rnn_adding(*V, X, D, alpha=run.options.alpha)

found = {f"error of the {name}": error() for name, error in errors.items()}
found["error of a constant"] = ((D_test - D.mean()) ** 2).mean()
y = lstm_forward(*W, X_test)[:, 0], rnn_linear_forward(*V, X_test)[:, 0]
rows = [["sequence", "target", "output of the LSTM", "output of the RNN"]]
rows += [[str(n + 1), *(f"{float(a[n]):.4f}" for a in (D_test, *y))] for n in range(5)]
rows.append(["mean squared error", "", *(f"{float(found[f'error of the {name}']):.4f}" for name in errors)])


def draw(figures):
    steps = lstm_steps(*W[:4], X_test[4:5].transpose(1, 2, 0))
    y = [float((W[4] @ step.h)[0, 0]) for step in steps]
    return figures.gates_over_time(run.caption, X_test[4], D_test[4], steps, y, run.curves, linear=run.options.linear)


holds, criterion = found["error of the LSTM"] < 0.01, "a mean squared error of the LSTM below 0.01"
weights = dict(zip(lstm.names, W, strict=True))
sys.exit(run.finish(found, rows=rows, weights=weights, holds=holds, criterion=criterion, draw=draw))
