"""A network of one hidden layer learns handwritten digits (chapters 4 and 5)."""

import sys

from deltarule.layers import SGD, Trainer, TwoLayerNet
from deltarule.programs.notes_run import start
from deltarule.programs.trainings import outcome

run = start(__file__, __doc__, seed=1, iterations=200, batch_size=100, lr=0.1, hidden=50, activation="relu", mnist=True)
options = run.options
run.by_code.add("activation")  # the book's code was run with both

train, test = run.digits()
network = TwoLayerNet(784, options.hidden, 10, activation=options.activation, rng=run.rng)
run.start_params(network.params)
sgd = SGD(lr=options.lr)
trainer = Trainer(network, *train, *test, mini_batch_size=options.batch_size, optimizer=sgd, rng=run.rng)

for _ in run.count():
    trainer.attempt()

found = outcome(run, {options.activation: trainer}, "activation")
if options.activation == "relu":
    criterion, holds = "at least 80% of the test digits recognised", found.test["relu"] >= 0.8
else:
    criterion, holds = "a loss below 2.2, and 2.3 at first", found.loss["sigmoid"] < 2.2 < found.losses["sigmoid"][0]


def draw(figures):
    return figures.training(run.caption, found.losses, found.accuracies[options.activation], linear=options.linear)


sys.exit(
    run.finish(found.quantities, rows=found.rows, weights=network.params, book_code=found.book_code,
               holds=holds, criterion=criterion, draw=draw)
)  # fmt: skip
