"""Two look-ups at once, learned by an encoder block of four heads, seldom by one of one head (summary, attention)."""

import sys

from deltarule.basics.arrays import on_cpu
from deltarule.models import transformer_attention, transformer_encoder, transformer_forward
from deltarule.models.experiments import EXPERIMENTS
from deltarule.programs.networks_run import start

run = start(__file__, __doc__, epochs=60)
four, one = EXPERIMENTS["transformer_parity"], EXPERIMENTS["transformer_one_head"]

X, D, X_test, D_test = run.to_device(*four.samples(), *four.test())
W = run.start_weights(**four.draw(run.rng, **four.shapes))
V = run.to_device(*one.draw(run.rng, **one.shapes).values())
by_four, by_one = four.optimizer(), one.optimizer()


def wrong(weights):
    return (transformer_forward(*weights, X_test).argmax(axis=-1) != D_test.argmax(axis=-1)).mean()


def draw(figures):
    looks = [on_cpu(transformer_attention(*weights, X_test[:1]))[0] for weights in (W, V)]
    return figures.heads(run.caption, bits, *looks, run.curves, linear=run.options.linear)


for _ in run.count(measured="share of wrong bits", **{"four heads": lambda: wrong(W), "one head": lambda: wrong(V)}):
    W = transformer_encoder(*W, X, D, optimizer=by_four)
    V = transformer_encoder(*V, X, D, optimizer=by_one)

bits, targets = (on_cpu(a)[0].argmax(axis=-1) for a in (X_test, D_test))
outputs = [on_cpu(transformer_forward(*weights, X_test[:1]))[0, :, 1] for weights in (W, V)]
rows = [["place", "bit", "target", "four heads", "one head"]]
rows += [[*map(str, (n + 1, bits[n], targets[n])), *(f"{float(y[n]):.4f}" for y in outputs)] for n in range(8)]
found = {"wrong, four heads": wrong(W), "wrong, one head": wrong(V)}
rows.append(["share of wrong bits", "", "", *(f"{float(share):.4f}" for share in found.values())])
holds, criterion = wrong(W) <= 0.01, "at most 0.01 of the bits wrong with four heads"
weights = dict(zip(four.names, W, strict=True))
sys.exit(run.finish(found, rows=rows, weights=weights, holds=holds, criterion=criterion, draw=draw))
