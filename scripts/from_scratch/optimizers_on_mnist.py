"""Four optimisers train one network each on the same batches of handwritten digits (chapter 6)."""

import sys

from deltarule.layers import SGD, AdaGrad, Adam, Momentum, MultiLayerNet, Trainer
from deltarule.programs.notes_run import start
from deltarule.programs.trainings import outcome

run = start(__file__, __doc__, seed=1, iterations=100, batch_size=128, hidden=100, mnist=True, weights=False)
size, hidden = run.options.batch_size, run.options.hidden

train, test = run.digits()
trainers = {}
for name, optimizer in {"SGD": SGD(), "Momentum": Momentum(), "AdaGrad": AdaGrad(), "Adam": Adam()}.items():
    network = MultiLayerNet(784, [hidden] * 4, 10, rng=run.rng)
    run.start_params(network.params)
    trainers[name] = Trainer(network, *train, *test, mini_batch_size=size, optimizer=optimizer, rng=run.rng)

for _ in run.count():
    batch = trainers["SGD"].draw()
    for trainer in trainers.values():
        trainer.attempt(batch)

found = outcome(run, {"compare": trainers}, "optimiser")
loss = found.loss
sys.exit(
    run.finish(found.quantities, rows=found.rows, book_code=found.book_code,
               holds=loss["AdaGrad"] < loss["Adam"] < loss["Momentum"] < loss["SGD"],
               criterion="the smallest loss by AdaGrad, then by Adam, Momentum and SGD",
               draw=lambda figures: figures.losses(run.caption, found.losses, linear=run.options.linear))
)  # fmt: skip
