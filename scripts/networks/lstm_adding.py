"""Two marked numbers out of twenty are added by an LSTM, and not by a plain recurrent network (primer, LSTM)."""

import sys

from deltarule.models import lstm_adding, lstm_forward, rnn_adding, rnn_linear_forward
from deltarule.models.experiments import EXPERIMENTS
from deltarule.programs.networks_run import start

run = start(__file__, __doc__, epochs=40, alpha=0.1)
lstm, rnn = EXPERIMENTS["lstm_adding"], EXPERIMENTS["rnn_adding"]

X, D, X_test, D_test = run.to_device(*lstm.samples(), *lstm.test())
W = run.start_weights(**lstm.draw(run.rng, **lstm.shapes))
V = run.to_device(*rnn.draw(run.rng, **rnn.shapes).values())


def lstm_error():
    return ((D_test - lstm_forward(*W, X_test)[:, 0]) ** 2).mean()


def rnn_error():
    return ((D_test - rnn_linear_forward(*V, X_test)[:, 0]) ** 2).mean()


for _ in run.count(measured="mean squared error", LSTM=lstm_error, RNN=rnn_error):
    W = lstm_adding(*W, X, D, alpha=run.options.alpha)
    V = rnn_adding(*V, X, D, alpha=run.options.alpha)

found = {"error of the LSTM": lstm_error(), "error of the RNN": rnn_error()}
found["error of a constant"] = ((D_test - D.mean()) ** 2).mean()
rows = [["sequence", "target", "output of the LSTM", "output of the RNN"]]
for n in range(5):
    outputs = lstm_forward(*W, X_test[n : n + 1]), rnn_linear_forward(*V, X_test[n : n + 1])
    rows.append([str(n + 1), f"{float(D_test[n]):.4f}", *(f"{float(y[0, 0]):.4f}" for y in outputs)])
rows += [["mean squared error", "", *(f"{float(found[f'error of the {name}']):.4f}" for name in ("LSTM", "RNN"))]]
holds, criterion = found["error of the LSTM"] < 0.01, "a mean squared error of the LSTM below 0.01"
weights = dict(zip(lstm.names, W, strict=True))
sys.exit(run.finish(found, rows=rows, weights=weights, holds=holds, criterion=criterion))
