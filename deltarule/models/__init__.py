"""The other networks of the documents: each a listing of its own, with the page's symbols and samples as columns."""

from .adversarial import gan, gan_cost, gan_forward, gan_probability
from .attention import attention_forward, attention_matrix, attention_reversal
from .belief import dbn, dbn_forward, glorot, machine_start, stacked_machines
from .depth import batch_norm, batch_norm_forward, deep_sigmoid, deep_sigmoid_forward
from .energy import rbm, rbm_exact, rbm_hidden, rbm_log_likelihood, rbm_samples, rbm_visible
from .gated import gru_adding, gru_forward, lstm_adding, lstm_forward
from .graphs import cut, gcn_forward, gcn_karate, normalised_adjacency
from .layered import COLOUR_NETWORKS, layered_network
from .recurrent import rnn_adding, rnn_forward, rnn_linear_forward, rnn_xor
from .relations import relation_dots, relation_forward, relation_of, row_dots, row_forward
from .segmentation import overlap, unet_digits, unet_forward
from .tables import Conv, Dense, Flatten, Row, layer_table, parameters, same_padding, side
from .tasks import adding, bars_and_stripes, in_colour, noisy_digits, reversal, touching_dots, two_lookups, xor_in_time
from .transformer import (
    encoder_block,
    encoder_block_gradients,
    positions,
    transformer_attention,
    transformer_encoder,
    transformer_forward,
)
from .vanishing import batch_norm_layers, deep_layers, lstm_distances, rnn_distances
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
    "COLOUR_NETWORKS",
    "Conv",
    "Dense",
    "Flatten",
    "Neuron",
    "Row",
    "adding",
    "attention_forward",
    "attention_matrix",
    "attention_reversal",
    "bars_and_stripes",
    "batch_norm",
    "batch_norm_forward",
    "batch_norm_layers",
    "cut",
    "dbn",
    "dbn_forward",
    "deep_layers",
    "deep_sigmoid",
    "deep_sigmoid_forward",
    "encoder_block",
    "encoder_block_gradients",
    "gan",
    "gan_cost",
    "gan_forward",
    "gan_probability",
    "gcn_forward",
    "gcn_karate",
    "glorot",
    "gru_adding",
    "gru_forward",
    "in_colour",
    "layer_table",
    "layered_network",
    "logistic_as_softmax",
    "lstm_adding",
    "lstm_distances",
    "lstm_forward",
    "machine_start",
    "neuron_graph",
    "noisy_digits",
    "normalised_adjacency",
    "overlap",
    "parameters",
    "positions",
    "rbm",
    "rbm_exact",
    "rbm_hidden",
    "rbm_log_likelihood",
    "rbm_samples",
    "rbm_visible",
    "relation_dots",
    "relation_forward",
    "relation_of",
    "reversal",
    "rnn_adding",
    "rnn_distances",
    "rnn_forward",
    "rnn_linear_forward",
    "rnn_xor",
    "row_dots",
    "row_forward",
    "same_padding",
    "score_differences",
    "side",
    "softmax_classifier",
    "softmax_outputs",
    "stacked_machines",
    "step_forward",
    "touching_dots",
    "transformer_attention",
    "transformer_encoder",
    "transformer_forward",
    "two_lookups",
    "unet_digits",
    "unet_forward",
    "with_first_outputs",
    "xor_in_time",
    "xor_layers",
]
