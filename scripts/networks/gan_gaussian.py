"""A normal distribution is copied by a generator that a discriminator can no longer tell from it (summary, GAN)."""

import sys

from deltarule import matlab
from deltarule.models import gan, gan_cost, gan_forward
from deltarule.models.experiments import EXPERIMENTS
from deltarule.programs.networks_run import start

run = start(__file__, __doc__, epochs=40, alpha=0.1)
experiment = EXPERIMENTS["gan_gaussian"]

X, Z = run.to_device(experiment.samples()[0], matlab.rng(300).randn(10_000, 1))
W = run.start_weights(**experiment.draw(run.rng, **experiment.shapes))

for _ in run.count(measured="cost of the discriminator", cost=lambda: gan_cost(*W, X, Z)):
    W = gan(*W, X, rng=run.rng, alpha=run.options.alpha)

y = gan_forward(*W, Z)
rows = [
    ["quantity", "real", "made"],
    ["mean", f"{float(X.mean()):.4f}", f"{float(y.mean()):.4f}"],
    ["standard deviation", f"{float(X.std()):.4f}", f"{float(y.std()):.4f}"],
    ["cost of the discriminator, 2 ln 2 at best", "1.3863", f"{float(gan_cost(*W, X, Z)):.4f}"],
]
quantities = {"mean": y.mean(), "standard deviation": y.std(), "cost": gan_cost(*W, X, Z)}
holds = abs(y.mean() - 3) < 0.15 and abs(y.std() - 0.5) < 0.1
criterion = "a mean within 0.15 of 3 and a standard deviation within 0.1 of 0.5"
weights = dict(zip(experiment.names, W, strict=True))
sys.exit(run.finish(quantities, rows=rows, weights=weights, holds=holds, criterion=criterion))
