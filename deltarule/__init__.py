"""The MATLAB listings of a neural-network textbook in Python, on MATLAB's own random numbers.

Every routine also answers to its MATLAB name: ``DeltaSGD`` is ``delta_sgd``.
"""

from .basics import process as _process  # noqa: F401  first: Ctrl-C ends a script while NumPy is loading, too

# isort: split
from . import data, matlab
from .basics.functions import cross_entropy, dropout, relu, sigmoid, softmax, sum_squared_error
from .listings.classifier import multi_class, multi_class_forward
from .listings.convnet import conv, feature_maps, mnist_conv, mnist_conv_forward, pool
from .listings.deep import deep_dropout, deep_dropout_forward, deep_relu, deep_relu_forward
from .listings.multi_layer import backprop_ce, backprop_mmt, backprop_xor, multi_layer_forward
from .listings.single_layer import delta_batch, delta_minibatch, delta_sgd, single_layer_forward
from .version import __version__ as __version__

DeltaSGD = delta_sgd
DeltaBatch = delta_batch
DeltaMiniBatch = delta_minibatch
BackpropXOR = backprop_xor
BackpropMmt = backprop_mmt
BackpropCE = backprop_ce
MultiClass = multi_class
DeepReLU = deep_relu
DeepDropout = deep_dropout
MnistConv = mnist_conv
Sigmoid = sigmoid
ReLU = relu
Softmax = softmax
Dropout = dropout
Conv = conv
Pool = pool

__all__ = [
    "BackpropCE",
    "BackpropMmt",
    "BackpropXOR",
    "Conv",
    "DeepDropout",
    "DeepReLU",
    "DeltaBatch",
    "DeltaMiniBatch",
    "DeltaSGD",
    "Dropout",
    "MnistConv",
    "MultiClass",
    "Pool",
    "ReLU",
    "Sigmoid",
    "Softmax",
    "backprop_ce",
    "backprop_mmt",
    "backprop_xor",
    "conv",
    "cross_entropy",
    "data",
    "deep_dropout",
    "deep_dropout_forward",
    "deep_relu",
    "deep_relu_forward",
    "delta_batch",
    "delta_minibatch",
    "delta_sgd",
    "dropout",
    "feature_maps",
    "matlab",
    "mnist_conv",
    "mnist_conv_forward",
    "multi_class",
    "multi_class_forward",
    "multi_layer_forward",
    "pool",
    "relu",
    "sigmoid",
    "single_layer_forward",
    "softmax",
    "sum_squared_error",
]
