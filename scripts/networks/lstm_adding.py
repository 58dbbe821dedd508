"""Two marked numbers out of twenty are added by an LSTM, and not by a plain recurrent network (primer, LSTM)."""

import sys

from deltarule.models.experiments import EXPERIMENTS
from deltarule.models.gated import gru_steps, lstm_steps
from deltarule.programs.networks_run import start

run = start(__file__, __doc__, epochs=40, alpha=0.1, cell="LSTM")
cell, alpha = run.options.cell, run.options.alpha
gated, rnn = EXPERIMENTS[f"{cell.lower()}_adding"], EXPERIMENTS["rnn_adding"]

X, D, X_test, D_test = run.to_device(*gated.samples(), *gated.test())
W = run.start_weights(**gated.draw(run.rng, **gated.shapes))
V = run.to_device(*rnn.draw(run.rng, **rnn.shapes).values())
errors = {
    cell: lambda: ((D_test - gated.forward(*W, X_test)[:, 0]) ** 2).mean(),
    "RNN": lambda: ((D_test - rnn.forward(*V, X_test)[:, 0]) ** 2).mean(),
}
for _ in run.count(measured="mean squared error", **errors):
    W = gated.routine(*W, X, D, alpha=alpha, norm=gated.options["norm"])
    V = rnn.routine(*V, X, D, alpha=alpha * rnn.options["alpha"] / gated.options["alpha"])

found = {f"error of the {name}": error() for name, error in errors.items()}
rows = [["sequence", "target", *(f"output of the {name}" for name in errors)]]
y = gated.forward(*W, X_test)[:, 0], rnn.forward(*V, X_test)[:, 0]
rows += [[str(n + 1), *(f"{float(a[n]):.4f}" for a in (D_test, *y))] for n in range(5)]
rows.append(["mean squared error", "", *(f"{float(error):.4f}" for error in found.values())])
found["error of a constant"] = ((D_test - D.mean()) ** 2).mean()


def draw(figures):
    steps = (lstm_steps if cell == "LSTM" else gru_steps)(*W[:-1], X_test[4:5].transpose(1, 2, 0))
    y = [float((W[-1] @ step.h)[0, 0]) for step in steps]
    return figures.gates_over_time(run.caption, X_test[4], D_test[4], steps, y, run.curves, linear=run.options.linear)


holds, criterion = found[f"error of the {cell}"] < 0.01, "a mean squared error below 0.01 with gates"
weights = dict(zip(gated.names, W, strict=True))
sys.exit(run.finish(found, rows=rows, weights=weights, holds=holds, criterion=criterion, draw=draw))
