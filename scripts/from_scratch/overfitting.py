"""A network learns 300 images by heart; against that, weight decay and dropout (chapter 6)."""

import sys

import numpy as np

from deltarule.layers import SGD, MultiLayerNet, Trainer
from deltarule.programs.notes_run import start
from deltarule.programs.trainings import outcome

run = start(__file__, __doc__, seed=1, epochs=201, train=300, batch_size=100, lr=0.01, hidden=100, weight_decay=0.1,
            dropout=0.2, mnist=True, weights=False)  # fmt: skip
options = run.options
train, test = run.digits()
per_epoch = len(train[0]) / options.batch_size
length = int(per_epoch * (options.epochs - 1)) + 1  # the accuracy is first measured after one batch
longer = options.epochs * 3 // 2  # dropout learns slowly; the book gives it 301 epochs
RUNS = {
    "plain": ({}, length),
    "decay": ({"weight_decay_lambda": options.weight_decay}, length),
    "dropout": ({"use_dropout": True, "dropout_ratio": options.dropout}, int(per_epoch * longer)),
}

trainers = {}
for name, (against, iterations) in RUNS.items():
    rng = np.random.RandomState(options.seed)  # all start alike
    network = MultiLayerNet(784, [options.hidden] * 6, 10, rng=rng, **against)
    run.start_params(network.params)
    trainers[name] = Trainer(network, *train, *test, mini_batch_size=options.batch_size, iterations=iterations,
                             optimizer=SGD(lr=options.lr), rng=rng)  # fmt: skip
    trainers[name].train()

found, caption = outcome(run, trainers), f"{run.caption}, epochs with dropout: {longer:,}"
gap = {name: found.train[name] - found.test[name] for name in trainers}
sys.exit(
    run.finish(found.quantities, rows=found.rows, book_code=found.book_code,
               holds=found.train["plain"] >= 0.99 and max(gap["decay"], gap["dropout"]) < gap["plain"],
               criterion="all learned by heart, and with decay and dropout a test accuracy closer to it",
               draw=lambda figures: figures.accuracies(caption, found.accuracies, per_epoch))
)  # fmt: skip
