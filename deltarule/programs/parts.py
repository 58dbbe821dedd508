"""The parts of the project's scripts: the listings of the book, the from-scratch notes, and the other networks."""

from ..basics.places import FROM_SCRATCH, NETWORKS
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

MODELS = {
    "neuron_graph": None,
    "softmax_classifier": "epochs",
    "gates_xor": None,
    "parameter_tables": None,
    "rnn_xor": "epochs",
    "lstm_adding": "epochs",
    "vanishing": None,
    "batch_norm_depth": "epochs",
    "attention_reversal": "epochs",
    "transformer_parity": "epochs",
    "relation_dots": "epochs",
    "gcn_karate": "epochs",
    "rbm_bars": "epochs",
    "rbm_digits": "epochs",
    "dbn_digits": "epochs",
    "gan_gaussian": "epochs",
    "unet_digits": "epochs",
    "colour_digits": "epochs",
}
"""The scripts of the other networks, in their order, each with the option that says how long it trains."""

FOLDERS = {FROM_SCRATCH: NOTES, NETWORKS: MODELS}
"""By folder, the scripts of the parts that have one of their own."""

HEADINGS = {
    LISTINGS: "The listings of the book",
    FROM_SCRATCH: "The from-scratch notes",
    NETWORKS: "The other networks",
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
    >>> files = ("delta_sgd.py", "from_scratch/apples.py", "networks/gates_xor.py", "compare.py")
    >>> [part_of(Path(file)) for file in files]
    ['listings', 'from_scratch', 'networks', 'others']
    """
    if script.parent.name in FOLDERS:
        return script.parent.name
    return LISTINGS if script.stem in EXPERIMENTS else OTHERS


def folder_of(name, folders=FOLDERS):
    """The folder, among `folders`, that a script of this name lies in; None for one that lies beside them.

    Examples
    --------
    >>> folder_of("apples"), folder_of("delta_sgd")
    ('from_scratch', None)
    """
    return next((folder for folder, scripts in folders.items() if name in scripts), None)


def file_of(scripts, name, folders=FOLDERS):
    """The file of a script by its name, in the folder of all scripts.

    Parameters
    ----------
    scripts : pathlib.Path
    name : str
    folders : dict from str to iterable of str
    """
    return scripts / (folder_of(name, folders) or "") / f"{name}.py"


def names():
    """All scripts of the documents, in their order."""
    return [*EXPERIMENTS, *(name for scripts in FOLDERS.values() for name in scripts)]
