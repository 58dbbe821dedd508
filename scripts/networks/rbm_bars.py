"""Bars and stripes learned by a restricted Boltzmann machine, whose likelihood is computed exactly (summary, RBM)."""

import sys

import numpy as np

from deltarule.models import bars_and_stripes, rbm, rbm_log_likelihood, rbm_samples
from deltarule.models.experiments import EXPERIMENTS
from deltarule.programs.networks_run import start

run = start(__file__, __doc__, epochs=1_500, alpha=0.3)
experiment = EXPERIMENTS["rbm_bars"]

(X,) = run.to_device(bars_and_stripes(3))
W, b, c = run.start_weights(**experiment.draw(run.rng, **experiment.shapes))
p = X.mean(axis=0)
alone = (X * np.log(p) + (1 - X) * np.log(1 - p)).sum(axis=1).mean()
before = rbm_log_likelihood(W, b, c, X).mean()
for _ in run.count(measured="-ln of the probability", machine=lambda: -rbm_log_likelihood(W, b, c, X).mean()):
    W, b, c = rbm(W, b, c, X, rng=run.rng, alpha=run.options.alpha)

log_p = rbm_log_likelihood(W, b, c, X)
chains = rbm_samples(W, b, c, X, rng=run.rng, steps=100)
known = (chains[:, None, :] == X[None]).all(axis=-1).any(axis=-1).sum()
values = before, alone, log_p.mean(), -np.log(14), np.exp(log_p).sum()
names = "at first", "of the pixels alone", "of the machine", "at best, -ln 14", "share of all probability on the 14"
rows = [["mean log-likelihood", "value"], *([name, f"{float(v):.4f}"] for name, v in zip(names, values, strict=True))]
rows.append(["of 14 chains, after 100 steps at one", f"{int(known)}"])
quantities = {"log-likelihood": log_p.mean(), "of the pixels alone": alone, "share": np.exp(log_p).sum()}


def draw(figures):
    (start, rng), more = experiment.start(run.options.seed), experiment.beside.items()
    beside = {name: each.along(start, run.options.epochs, rng, alpha=run.options.alpha) for name, each in more}
    return figures.machine(run.caption, X, (W, b, c), run.curves["machine"], beside)


holds, criterion = log_p.mean() > -3.6, "a mean log-likelihood above -3.6"
weights = dict(zip("Wbc", (W, b, c), strict=True))
sys.exit(run.finish(quantities, rows=rows, weights=weights, holds=holds, criterion=criterion, draw=draw))
