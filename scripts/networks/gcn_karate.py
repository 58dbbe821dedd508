"""Who went with whom when a karate club split, found from two members and their friends' friends (summary, GCN)."""

import sys

from deltarule import data
from deltarule.basics.arrays import on_cpu
from deltarule.models import cut, gcn_forward, gcn_karate
from deltarule.models.experiments import EXPERIMENTS
from deltarule.programs.networks_run import start

run = start(__file__, __doc__, epochs=300, alpha=0.5)
experiment, (edges, club) = EXPERIMENTS["gcn_karate"], data.karate()

X, D, S = run.to_device(*experiment.samples(), *experiment.constants().values())
W1, W2 = run.start_weights(**experiment.draw(run.rng, **experiment.shapes))


def sides():
    return on_cpu(gcn_forward(W1, W2, X, S)).argmax(axis=1)


def draw(figures):
    return figures.divided(run.caption, edges, found, club, run.curves, linear=run.options.linear)


for _ in run.count(measured="members on the wrong side", wrong=lambda: (sides() != club).sum()):
    W1, W2 = gcn_karate(W1, W2, X, D, S, alpha=run.options.alpha)

y, found = on_cpu(gcn_forward(W1, W2, X, S)), sides()
rows = [["member", "club", "with the instructor", "with the administrator", "right"]]
for n in (0, 33, 2, 8, 9, 13, 19, 31):
    right = "yes" if found[n] == club[n] else "no"
    rows.append([str(n + 1), str(club[n]), *(f"{float(p):.4f}" for p in y[n]), right])
quantities = {"right": int((found == club).sum())}
quantities |= {"friendships cut": cut(edges, found), "and in truth": cut(edges, club)}
rows += [["", "", name, str(value), ""] for name, value in quantities.items()]
holds, criterion = quantities["right"] >= 33, "33 of the 34 members on the side that they chose"
weights = {"W1": W1, "W2": W2}
sys.exit(run.finish(quantities, rows=rows, weights=weights, holds=holds, criterion=criterion, draw=draw))
