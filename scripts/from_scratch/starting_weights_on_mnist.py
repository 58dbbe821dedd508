"""The same network from three scales of starting weights, on the same batches of digits (chapter 6)."""

import sys

from deltarule.layers import SGD, MultiLayerNet, Trainer
from deltarule.programs.notes_run import start
from deltarule.programs.trainings import outcome

run = start(__file__, __doc__, seed=1, iterations=100, batch_size=128, lr=0.01, hidden=100, mnist=True, weights=False)
options = run.options

train, test = run.digits()
trainers = {}
for name, scale in {"std_0.01": 0.01, "Xavier": "xavier", "He": "he"}.items():
    network = MultiLayerNet(784, [options.hidden] * 4, 10, activation="relu", weight_init_std=scale, rng=run.rng)
    run.start_params(network.params)
    sgd = SGD(lr=options.lr)
    trainers[name] = Trainer(network, *train, *test, mini_batch_size=options.batch_size, optimizer=sgd, rng=run.rng)

for _ in run.count():
    batch = trainers["He"].draw()
    for trainer in trainers.values():
        trainer.attempt(batch)

found = outcome(run, {"compare": trainers}, "start")
loss = found.loss
sys.exit(
    run.finish(found.quantities, rows=found.rows, book_code=found.book_code,
               holds=loss["He"] < loss["Xavier"] < 2.29 < loss["std 0.01"],
               criterion="nothing learned from 0.01, a loss of 2.30; more from Xavier's start, most from He's",
               draw=lambda figures: figures.losses(run.caption, found.losses, linear=options.linear))
)  # fmt: skip
