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
rows = [
    ["mean log-likelihood", "value"],
    ["at first", f"{float(before):.4f}"],
    ["of the pixels alone", f"{float(alone):.4f}"],
    ["of the machine", f"{float(log_p.mean()):.4f}"],
    ["at best, -ln 14", f"{-np.log(14):.4f}"],
    ["share of all probability on the 14", f"{float(np.exp(log_p).sum()):.4f}"],
    ["of 14 chains, after 100 steps at one", f"{int(known)}"],
]
quantities = {"log-likelihood": log_p.mean(), "of the pixels alone": alone, "share": np.exp(log_p).sum()}
holds, criterion = log_p.mean() > -3.6, "a mean log-likelihood above -3.6"
weights = {"W": W, "b": b, "c": c}
sys.exit(run.finish(quantities, rows=rows, weights=weights, holds=holds, criterion=criterion))
