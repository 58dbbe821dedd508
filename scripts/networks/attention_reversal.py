"""A sequence is turned round by one head of attention, whose places look at their mirrors (summary, attention)."""

import sys

from deltarule.basics.arrays import on_cpu
from deltarule.models import attention_forward, attention_matrix, attention_reversal
from deltarule.models.experiments import EXPERIMENTS
from deltarule.programs.networks_run import start

run = start(__file__, __doc__, epochs=20, alpha=0.1)
experiment, placeless = EXPERIMENTS["attention_reversal"], EXPERIMENTS["attention_placeless"]
X, D, X_test, D_test = run.to_device(*experiment.samples(), *experiment.test())
bare, bare_test = X[..., :5], X_test[..., :5]  # the symbols alone
W = run.start_weights(**experiment.draw(run.rng, **experiment.shapes))
V = run.to_device(*placeless.draw(run.rng, **placeless.shapes).values())


def wrong(weights, X):
    return (attention_forward(*weights, X).argmax(axis=-1) != D_test.argmax(axis=-1)).mean()


def draw(figures):
    return figures.reversal(run.caption, symbols, outputs, looks, run.curves, linear=run.options.linear)


shares = {"with places": lambda: wrong(W, X_test), "without places": lambda: wrong(V, bare_test)}
for _ in run.count(measured="share of wrong symbols", **shares):
    W = attention_reversal(*W, X, D, alpha=run.options.alpha)
    V = attention_reversal(*V, bare, D, alpha=run.options.alpha)
looks = [on_cpu(attention_matrix(*pair)) for pair in ((*W[:2], X_test), (*V[:2], bare_test))]
answers = D_test[0], attention_forward(*W, X_test[:1])[0], attention_forward(*V, bare_test[:1])[0]
symbols, target, *outputs = (on_cpu(one).argmax(axis=-1) for one in (bare_test[0], *answers))
rows = [["place", "symbol", "target", "output", "without places", *(f"from {place + 1}" for place in range(6))]]
for place, row in enumerate(zip(symbols, target, *outputs, strict=True)):
    rows.append([*map(str, (place + 1, *row)), *(f"{share:.2f}" for share in looks[0][0, place])])
found = {f"wrong {name}": share() for name, share in shares.items()}
rows.append(["share wrong", "", "", *(f"{float(share):.4f}" for share in found.values()), *[""] * 6])
criterion = "fewer than 0.01 of the symbols of other sequences wrong"
weights, holds = dict(zip(experiment.names, W, strict=True)), found["wrong with places"] < 0.01
sys.exit(run.finish(found, rows=rows, weights=weights, holds=holds, criterion=criterion, draw=draw))
