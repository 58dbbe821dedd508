"""A normal distribution is copied by a generator that a discriminator can no longer tell from it (summary, GAN)."""

import sys

from deltarule import matlab
from deltarule.layers import OPTIMIZERS
from deltarule.models import gan, gan_cost, gan_forward
from deltarule.models.experiments import EXPERIMENTS
from deltarule.programs.networks_run import start

run = start(__file__, __doc__, epochs=40, alpha=0.1, optimizer="SGD")
experiment, options = EXPERIMENTS["gan_gaussian"], run.options

X, Z = run.to_device(experiment.samples()[0], matlab.rng(300).randn(10_000, 1))
W = run.start_weights(**experiment.draw(run.rng, **experiment.shapes))
pair = None if options.optimizer == "SGD" else [OPTIMIZERS[options.optimizer](lr=options.alpha) for _ in "GD"]
kept = [W]  # the weights after each epoch, for the figure
for _ in run.count(measured="cost of the discriminator", cost=lambda: gan_cost(*W, X, Z)):
    kept.append(W := gan(*W, X, rng=run.rng, alpha=options.alpha, optimizers=pair))

y = gan_forward(*W, Z)
found = {"mean": y.mean(), "standard deviation": y.std(), "cost": gan_cost(*W, X, Z)}
mean, deviation, cost = (f"{float(value):.4f}" for value in found.values())
rows = [["quantity", "real", "made"], ["mean", f"{float(X.mean()):.4f}", mean]]
rows.append(["standard deviation", f"{float(X.std()):.4f}", deviation])
rows.append(["cost of the discriminator, 2 ln 2 at best", "1.3863", cost])


def draw(figures):
    start, rng = experiment.start(options.seed)
    adam = [start, *experiment.beside["Adam"].along(start, options.epochs, rng)]
    runs = {f"{options.optimizer}, rate {options.alpha:g}": kept, "Adam, rate 0.01": adam}
    return figures.copies(run.caption, runs, X, Z)


holds = abs(y.mean() - 3) < 0.15 and abs(y.std() - 0.5) < 0.1
criterion = "a mean within 0.15 of 3 and a standard deviation within 0.1 of 0.5"
weights = dict(zip(experiment.names, W, strict=True))
sys.exit(run.finish(found, rows=rows, weights=weights, holds=holds, criterion=criterion, draw=draw))
