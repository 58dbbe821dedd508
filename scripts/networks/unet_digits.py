"""The ink of noisy digits, pixel by pixel, by a U-Net of one level with and without its skip (summary, U-Net)."""

import sys

import numpy as np

from deltarule.models import overlap, unet_digits, unet_forward
from deltarule.models.experiments import EXPERIMENTS
from deltarule.programs.networks_run import start

run = start(__file__, __doc__, epochs=6)
experiment = EXPERIMENTS["unet_digits"]
plain = experiment.beside["without skip"]

X, D, X_test, D_test = run.to_device(*experiment.samples(), *experiment.test())
W = run.start_weights(**experiment.draw(run.rng, **experiment.shapes))
V = run.to_device(*plain.draw(run.rng, **plain.shapes).values())
by_W, by_V = experiment.optimizer(), plain.optimizer()

curves = {"with skip": lambda: 1 - overlap(D_test, unet_forward(*W, X_test))}
curves["without skip"] = lambda: 1 - overlap(D_test, unet_forward(*V, X_test))
for _ in run.count(measured="1 - intersection / union", **curves):
    W = unet_digits(*W, X, D, optimizer=by_W)
    V = unet_digits(*V, X, D, optimizer=by_V)

best = max(np.linspace(0, 1, 51), key=lambda t: overlap(D, X, t))  # of the images that are learned from
masks = {"best threshold": X_test > best, "without skip": unet_forward(*V, X_test) > 0.5}
masks["with skip"] = unet_forward(*W, X_test) > 0.5
found = {name: overlap(D_test, mask) for name, mask in masks.items()}
wrong = {name: 100 * float((mask != (D_test == 1)).mean()) for name, mask in masks.items()}
rows = [["mask by", "intersection / union", "pixels wrong, %"]]
rows += [[name, f"{found[name]:.4f}", f"{wrong[name]:.2f}"] for name in masks]

holds = found["with skip"] > found["without skip"] > found["best threshold"] + 0.1
criterion = "the best mask with the skip; without it one 0.1 better than by the best threshold"
sys.exit(
    run.finish(found, rows=rows, weights=dict(zip(experiment.names, W, strict=True)), holds=holds, criterion=criterion,
               draw=lambda figures: figures.masks(run.caption, X_test, D_test, masks, run.curves, run.measured))
)  # fmt: skip
