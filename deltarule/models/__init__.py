"""The other networks of the documents: each a listing of its own, with the page's symbols and samples as columns."""

from .tables import Conv, Dense, Flatten, Row, layer_table, parameters, same_padding, side
from .worked import (
    Neuron,
    logistic_as_softmax,
    neuron_graph,
    score_differences,
    softmax_classifier,
    softmax_outputs,
    step_forward,
    with_first_outputs,
    xor_layers,
)

__all__ = [
    "Conv",
    "Dense",
    "Flatten",
    "Neuron",
    "Row",
    "layer_table",
    "logistic_as_softmax",
    "neuron_graph",
    "parameters",
    "same_padding",
    "score_differences",
    "side",
    "softmax_classifier",
    "softmax_outputs",
    "step_forward",
    "with_first_outputs",
    "xor_layers",
]
