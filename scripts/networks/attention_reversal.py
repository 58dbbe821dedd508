"""A sequence is turned round by one head of attention, whose places look at their mirrors (summary, attention)."""

import sys

from deltarule.basics.arrays import on_cpu
from deltarule.models import attention_forward, attention_matrix, attention_reversal
from deltarule.models.experiments import EXPERIMENTS
from deltarule.programs.networks_run import start

run = start(__file__, __doc__, epochs=20, alpha=0.1)
experiment = EXPERIMENTS["attention_reversal"]

X, D, X_test, D_test = run.to_device(*experiment.samples(), *experiment.test())
W = run.start_weights(**experiment.draw(run.rng, **experiment.shapes))


def wrong():
    return (attention_forward(*W, X_test).argmax(axis=-1) != D_test.argmax(axis=-1)).mean()


for _ in run.count(measured="share of wrong symbols", wrong=wrong):
    W = attention_reversal(*W, X, D, alpha=run.options.alpha)

a = on_cpu(attention_matrix(*W[:2], X_test))[0]
symbols, targets = (on_cpu(d)[0].argmax(axis=-1) for d in (X_test[..., :5], D_test))
y = on_cpu(attention_forward(*W, X_test[:1]))[0].argmax(axis=-1)
rows = [["place", "symbol", "target", "output", *(f"from {place + 1}" for place in range(6))]]
for place in range(6):
    row = place + 1, symbols[place], targets[place], y[place]
    rows.append([*map(str, row), *(f"{share:.2f}" for share in a[place])])
holds, criterion = wrong() < 0.01, "fewer than 0.01 of the symbols of other sequences wrong"
weights = dict(zip(experiment.names, W, strict=True))
sys.exit(run.finish({"wrong": wrong()}, rows=rows, weights=weights, holds=holds, criterion=criterion))
