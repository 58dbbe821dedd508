"""What a random search of the notes found: the table, and the book's own first trials.

The book draws all trials from one stream; ours has a stream for each, so that they can be done in any order.
"""

import numpy as np

from ..basics.progress import progress
from ..evidence.from_scratch import SEEDS
from ..layers.search import NETWORK, RANGES, Settings, split, trial

OF_BOOK = 3  # trials of the book's code that there are results of
NAMES = {"lr": "learning rate", "weight_decay_lambda": "weight decay"}


def trial_rows(ranked):
    """The table of trials, the best first: accuracies and what was drawn.

    That of validation is the one in the end; that of training is the last one recorded, an epoch before.

    Parameters
    ----------
    ranked : list of deltarule.layers.search.Trial
    """
    names = list(ranked[0].values)[::-1]
    rows = [["rank", "trial", "validation", "training", *(NAMES.get(name, name) for name in names)]]
    for k, each in enumerate(ranked, 1):
        values = [f"{each.values[name]:.3g}" for name in names]
        training = "not finite" if each.diverged else f"{each.train_acc_list[-1]:.4f}"
        rows.append([str(k), str(each.number), f"{each.val_acc:.4f}", training, *values])
    return rows


def as_the_book(run, x, t):
    """The first trials drawn as the book draws them, one after the other from one stream.

    Parameters
    ----------
    run : NotesRun
        Its seed.
    x, t : arrays
        The samples, before they are shuffled.

    Returns
    -------
    dict
        What `NotesRun.finish` takes; empty where the book's code was not run so.
    """
    if not run.as_the_code or run.options.seed not in SEEDS:
        return {}
    rng = np.random.RandomState(run.options.seed)
    settings = Settings(RANGES, {"input_size": x.shape[1], **NETWORK, "dtype": x.dtype})
    data = split(x, t, rng=rng)
    found = []
    with progress("the book's trials", OF_BOOK, "trial") as bar:
        for number in range(OF_BOOK):
            found.append(trial(number, settings, data, rng))
            bar.update(1)
    arrays = {
        "val_acc": [each.val_acc_list for each in found],
        "train_acc": [each.train_acc_list for each in found],
        "lr_decay": [[each.values["lr"], each.values["weight_decay_lambda"]] for each in found],
        "first_train_labels": data[1][:20],
        "next_rand": rng.rand(),
    }
    return {("k_hyper", ""): {name: np.array(value) for name, value in arrays.items()}}
