"""Digits as ten hidden nodes of a restricted Boltzmann machine describe them, by exact likelihood (summary, RBM)."""

import sys

import numpy as np

from deltarule.models import rbm, rbm_hidden, rbm_log_likelihood, rbm_samples, rbm_visible
from deltarule.models.experiments import EXPERIMENTS
from deltarule.programs.networks_run import start

run = start(__file__, __doc__, epochs=5, alpha=0.05)
experiment = EXPERIMENTS["rbm_digits"]

X, X_test = run.to_device(experiment.samples()[0], experiment.test()[0])
W, b, c = run.start_weights(**experiment.draw(run.rng, **experiment.shapes))

p = (X.sum(axis=0) + 1) / (len(X) + 2)  # of each pixel alone, one black and one white image counted with the others
alone = (X_test * np.log(p) + (1 - X_test) * np.log(1 - p)).sum(axis=1).mean()
curves = {"training images": lambda: -rbm_log_likelihood(W, b, c, X).mean()}
curves["test images"] = lambda: -rbm_log_likelihood(W, b, c, X_test).mean()
for _ in run.count(measured="-ln of the probability", **curves):
    W, b, c = rbm(W, b, c, X, rng=run.rng, alpha=run.options.alpha, size=50)

found = {"of the pixels alone": alone, "of the machine": rbm_log_likelihood(W, b, c, X_test).mean()}
found["of the training images"] = rbm_log_likelihood(W, b, c, X).mean()
rows = [["mean log-likelihood", "value"], *([name, f"{float(value):.2f}"] for name, value in found.items())]
seen = rbm_visible(W, b, c, rbm_hidden(W, b, c, X_test))
found["pixels that come back wrong"] = ((seen > 0.5) != (X_test == 1)).mean()
rows.append(["pixels that come back wrong, %", f"{100 * float(found['pixels that come back wrong']):.2f}"])
chains = rbm_samples(W, b, c, X_test[:5], rng=run.rng, steps=200)
images = {"seen": X_test, "comes back": seen, "chains": chains}

holds = np.inf > found["of the machine"] > alone + 25
criterion = "a mean log-likelihood 25 above that of the pixels alone"
sys.exit(
    run.finish(found, rows=rows, weights={"W": W, "b": b, "c": c}, holds=holds, criterion=criterion,
               draw=lambda figures: figures.described(run.caption, images, W, run.curves, run.measured, -alone))
)  # fmt: skip
