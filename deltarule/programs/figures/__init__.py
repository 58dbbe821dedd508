"""The figures that the programs draw on request: each function takes data and returns a matplotlib Figure.

What writes or shows a figure stands apart from what draws it, in `output`; only this package imports matplotlib.
"""

from . import backend  # first: the others need what it imports
from .adversarial import copies
from .attention import heads, reversal
from .club import divided
from .colour import colour_digits
from .curves import all_curves, error_curves
from .depth import arriving, with_and_without
from .described import described, labelled
from .digits import class_probabilities, confusion, features, misclassified, recognition
from .energy import machine
from .masks import masks
from .networks import boundary, boundary_and_nodes
from .notes import activations, answers, differences, gates, network, paths, shopping, spreads, windows
from .output import cannot_draw, png, show_or_save, svg
from .recurrent import gates_over_time, hidden_states
from .relations import touching
from .studies import study, study_curves, study_epochs, study_failures, study_rates
from .trainings import accuracies, filters, losses, search, training
from .worked import classified, layer_tables, layers_of_steps, neuron

__all__ = [
    "accuracies",
    "activations",
    "all_curves",
    "answers",
    "arriving",
    "backend",
    "boundary",
    "boundary_and_nodes",
    "cannot_draw",
    "class_probabilities",
    "classified",
    "colour_digits",
    "confusion",
    "copies",
    "described",
    "differences",
    "divided",
    "error_curves",
    "features",
    "filters",
    "gates",
    "gates_over_time",
    "heads",
    "hidden_states",
    "labelled",
    "layer_tables",
    "layers_of_steps",
    "losses",
    "machine",
    "masks",
    "misclassified",
    "network",
    "neuron",
    "paths",
    "png",
    "recognition",
    "reversal",
    "search",
    "shopping",
    "show_or_save",
    "spreads",
    "study",
    "study_curves",
    "study_epochs",
    "study_failures",
    "study_rates",
    "svg",
    "touching",
    "training",
    "windows",
    "with_and_without",
]
