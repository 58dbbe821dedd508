"""The two parts of the project's scripts: the listings of the book, and the from-scratch notes."""

from ..basics.places import FROM_SCRATCH
from ..listings.experiments import EXPERIMENTS

LISTINGS = "listings"
OTHERS = "others"
NOTES = {
    "gates": None,
    "activations": None,
    "three_layers": None,
    "costs": None,
    "apples": None,
    "layer_examples": None,
    "gradient_check": None,
    "two_layer_net": "iterations",
    "optimizer_paths": None,
    "optimizers_on_mnist": "iterations",
    "activation_histograms": None,
    "starting_weights_on_mnist": "iterations",
    "batch_norm": "epochs",
    "overfitting": "epochs",
    "hyperparameter_search": "epochs",
    "simple_convnet": "iterations",
}
"""The scripts of the notes in the order of their chapters, each with the option that says how long it trains."""

HEADINGS = {
    LISTINGS: "The listings of the book",
    FROM_SCRATCH: "The from-scratch notes",
    OTHERS: "All of them, speed, and how often they converge",
}


def part_of(script):
    """The part that a script's file belongs to.

    Parameters
    ----------
    script : pathlib.Path

    Examples
    --------
    >>> from pathlib import Path
    >>> [part_of(Path(file)) for file in ("delta_sgd.py", "from_scratch/apples.py", "compare.py")]
    ['listings', 'from_scratch', 'others']
    """
    if script.parent.name == FROM_SCRATCH:
        return FROM_SCRATCH
    return LISTINGS if script.stem in EXPERIMENTS else OTHERS


def names():
    """All scripts of both parts, in their order."""
    return [*EXPERIMENTS, *NOTES]
