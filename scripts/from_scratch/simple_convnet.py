"""A convolutional network learns handwritten digits, and its filters change (chapter 7)."""

import sys

from deltarule.layers import Adam, SimpleConvNet, Trainer
from deltarule.programs.notes_run import start
from deltarule.programs.trainings import outcome

run = start(__file__, __doc__, seed=1, iterations=30, train=500, batch_size=100, lr=0.001, hidden=100, mnist=True,
            threads=None)  # fmt: skip
options = run.options

train, test = run.digits(images=True)
network = SimpleConvNet(hidden_size=options.hidden, rng=run.rng)
run.start_params(network.params)
before = network.params["W1"].copy()
trainer = Trainer(network, *train, *test, mini_batch_size=options.batch_size, optimizer=Adam(lr=options.lr),
                  evaluate_sample_num_per_epoch=1000, rng=run.rng)  # fmt: skip

for _ in run.count():
    trainer.attempt()

found = outcome(run, {"train": trainer})


def draw(figures):
    filters = {"as drawn": before, f"after {options.iterations} iterations": network.params["W1"]}
    return figures.filters(run.caption, filters)


sys.exit(
    run.finish(found.quantities, rows=found.rows, weights=network.params, book_code=found.book_code, draw=draw,
               holds=found.test["SimpleConvNet"] >= 0.6, criterion="at least 60% of the test digits recognised")
)  # fmt: skip
