"""Learning rate and weight decay searched at random, and judged on images held back (chapter 6)."""

import sys

from deltarule.layers import random_search
from deltarule.layers.search import best
from deltarule.programs.notes_run import start
from deltarule.programs.searches import as_the_book, trial_rows

run = start(__file__, __doc__, seed=1, epochs=50, trials=30, train=500, hidden=100, mnist=True, weights=False)
options = run.options
(x, t), _ = run.digits()
if len(x) - int(len(x) * 0.2) < 100:
    run.refuse(f"argument --train: train must be at least 124, a fifth held back and a batch of 100, not {len(x)}")
network = {"hidden_size_list": [options.hidden] * 6, "dtype": options.dtype}

with run.refusing():  # what cannot be read or written
    trials = random_search(x, t, {"weight_decay_lambda": (1e-8, 1e-4), "lr": (1e-6, 1e-2)}, trials=options.trials,
                           validation_rate=0.2, network=network, epochs=options.epochs, seed=options.seed,
                           processes=options.processes, file=options.resume)  # fmt: skip

ranked = best(trials)
found = {"trials": len(trials), "best validation accuracy": ranked[0].val_acc, **ranked[0].values}
enough = len(trials) >= 30  # of fewer, all may have small learning rates
curves = {f"trial {each.number}": each.val_acc_list for each in ranked[:20]}
run.keep_curves(curves, "validation accuracy", unit="epoch")
sys.exit(
    run.finish(found, rows=trial_rows(ranked[:20]), book_code=as_the_book(run, x, t),
               holds=found["lr"] > 1e-3 if enough else None,
               criterion="a best learning rate above 0.001" if enough else None,
               draw=lambda figures: figures.search(run.caption, ranked))
)  # fmt: skip
