"""Networks with batch normalisation and without, from sixteen scales of the starting weights (chapter 6)."""

import sys

import numpy as np

from deltarule.layers import SGD, MultiLayerNet, Trainer
from deltarule.layers.experiments import SCALES
from deltarule.programs.notes_run import start
from deltarule.programs.trainings import comparison

run = start(__file__, __doc__, seed=1, epochs=20, train=1000, batch_size=100, lr=0.01, hidden=100, mnist=True,
            weights=False)  # fmt: skip
options, size = run.options, run.options.batch_size
train, _ = run.digits()
per_epoch = len(train[0]) // size

pairs = {}
for scale in SCALES:
    rng = np.random.RandomState(options.seed)
    pairs[scale] = {}
    for name, use in (("bn_", True), ("", False)):  # as the book's code names them
        network = MultiLayerNet(784, [options.hidden] * 5, 10, weight_init_std=scale, use_batchnorm=use, rng=rng)
        run.start_params(network.params)
        pairs[scale][name] = Trainer(network, *train, mini_batch_size=size, optimizer=SGD(lr=options.lr), rng=rng)

for epoch in run.count():
    for pair in pairs.values():
        for _ in range(per_epoch if epoch else 1):
            batch = pair["bn_"].draw()
            for trainer in pair.values():
                trainer.attempt(batch)

found = comparison(run, pairs, {"bn_": "normalised", "": "plain"})
ahead = found.ahead("normalised", "plain")
sys.exit(
    run.finish(found.quantities, rows=found.rows, book_code=found.book_code,
               holds=ahead >= 12, criterion="batch normalisation ahead from at least 12 of the 16 scales",
               draw=lambda figures: figures.accuracies(run.caption, found.curves, per_epoch))
)  # fmt: skip
