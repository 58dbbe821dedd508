"""How many pairs of dots touch, counted by a network that looks at every two of them (summary, relation networks)."""

import sys
from functools import partial

from deltarule.basics.arrays import on_cpu
from deltarule.models import relation_dots, relation_forward, relation_of, row_dots, row_forward
from deltarule.models.experiments import EXPERIMENTS
from deltarule.programs.networks_run import start

run = start(__file__, __doc__, epochs=100)
pairs, row = EXPERIMENTS["relation_dots"], EXPERIMENTS["row_dots"]

X, D, X_test, D_test = run.to_device(*pairs.samples(), *pairs.test())
W = run.start_weights(**pairs.draw(run.rng, **pairs.shapes))
V = run.to_device(*row.draw(run.rng, **row.shapes).values())
by_pairs, by_row = pairs.optimizer(), row.optimizer()
COUNTED = {"pair by pair": lambda: relation_forward(*W, X_test), "all in a row": lambda: row_forward(*V, X_test)}
wrong = {name: lambda y=y: (y().argmax(axis=-1) != D_test.argmax(axis=-1)).mean() for name, y in COUNTED.items()}

for _ in run.count(measured="share of boards counted wrong", **wrong):
    W = relation_dots(*W, X, D, optimizer=by_pairs)
    V = row_dots(*V, X, D, optimizer=by_row)

counts = {name: on_cpu(y()).argmax(axis=-1) for name, y in COUNTED.items()}
found = {f"wrong, {name}": measure() for name, measure in wrong.items()}
rows = [["board", "target", *counts]]
targets = on_cpu(D_test).argmax(axis=-1)
rows += [list(map(str, (n + 1, targets[n], *(count[n] for count in counts.values())))) for n in range(8)]
rows.append(["share of wrong boards", "", *(f"{float(share):.4f}" for share in found.values())])


def draw(figures):
    said = partial(relation_of, *map(on_cpu, W[:2]))  # of any two dots
    return figures.touching(run.caption, X_test, D_test, counts, said, run.curves, run.measured)


holds, criterion = wrong["pair by pair"]() <= 0.01, "at most 0.01 of other boards counted wrong, pair by pair"
weights = dict(zip(pairs.names, W, strict=True))
sys.exit(run.finish(found, rows=rows, weights=weights, holds=holds, criterion=criterion, draw=draw))
