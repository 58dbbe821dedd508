"""A hundred labels go further from where two Boltzmann machines without labels end (summary, DBN)."""

import sys

from deltarule.models import dbn, dbn_forward
from deltarule.models.experiments import EXPERIMENTS
from deltarule.programs.networks_run import start

run = start(__file__, __doc__, epochs=100, alpha=0.5)
machines = EXPERIMENTS["dbn_digits"]
others = machines.beside

X, D, X_test, D_test = run.to_device(*machines.samples(), *machines.test())
start_of = {"machines": run.start_weights(**machines.draw(run.rng, **machines.shapes))}
for name, each in others.items():
    start_of[name] = run.to_device(*each.draw(run.rng, **each.shapes).values())
W = dict(start_of)


def wrong(name):
    return (dbn_forward(*W[name], X_test).argmax(axis=1) != D_test.argmax(axis=1)).mean()


for _ in run.count(measured="share of test images wrong", **{name: lambda name=name: wrong(name) for name in W}):
    for name in W:
        W[name] = dbn(*W[name], X, D, alpha=run.options.alpha)

found = {name: 1 - wrong(name) for name in W}
rows = [["start", "test images right, %"], *([name, f"{100 * float(share):.2f}"] for name, share in found.items())]
holds = found["machines"] >= max(found["Glorot"], found["softmax"]) + 0.03
criterion = "0.03 more of the test images right from the machines' start"
sys.exit(
    run.finish(found, rows=rows, weights=dict(zip(machines.names, W["machines"], strict=True)), holds=holds,
               criterion=criterion,
               draw=lambda figures: figures.labelled(run.caption, start_of["machines"][0], run.curves, run.measured))
)  # fmt: skip
