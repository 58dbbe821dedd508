"""The from-scratch wing: perceptrons, activations, costs, layers, optimisers and networks, in NumPy's conventions.

Samples are rows, ``x @ W + b``, images are (N, channels, height, width), and costs are averaged over the batch.
"""

from .activations import ACTIVATIONS, elu, identity, leaky_relu, prelu, relu, sigmoid, softmax, step, tanh
from .convnet import SimpleConvNet
from .convolution import Convolution, Pooling
from .costs import binary_cross_entropy, cross_entropy_error, mape, mean_squared_error, mse, smape
from .dense import Affine, LeakyRelu, Relu, Sigmoid, SoftmaxWithLoss
from .dropout import Dropout
from .gates import AND, GATES, NAND, OR, XOR, perceptron
from .images import col2im, im2col, output_size
from .labels import one_hot
from .multi_layer import MultiLayerNet
from .network import Diverged
from .nodes import AddLayer, MulLayer
from .normalization import BatchNormalization
from .numerical import gradient_descent, numerical_gradient
from .optimizers import OPTIMIZERS, SGD, AdaGrad, Adam, Momentum, Nesterov, RMSprop, optimizer
from .search import Trial, random_search
from .starts import starting_weights, weight_scale
from .training import Trainer, shuffle_dataset
from .two_layer import TwoLayerNet

__all__ = [
    "ACTIVATIONS",
    "AND",
    "GATES",
    "NAND",
    "OPTIMIZERS",
    "OR",
    "SGD",
    "XOR",
    "AdaGrad",
    "Adam",
    "AddLayer",
    "Affine",
    "BatchNormalization",
    "Convolution",
    "Diverged",
    "Dropout",
    "LeakyRelu",
    "Momentum",
    "MulLayer",
    "MultiLayerNet",
    "Nesterov",
    "Pooling",
    "RMSprop",
    "Relu",
    "Sigmoid",
    "SimpleConvNet",
    "SoftmaxWithLoss",
    "Trainer",
    "Trial",
    "TwoLayerNet",
    "binary_cross_entropy",
    "col2im",
    "cross_entropy_error",
    "elu",
    "gradient_descent",
    "identity",
    "im2col",
    "leaky_relu",
    "mape",
    "mean_squared_error",
    "mse",
    "numerical_gradient",
    "one_hot",
    "optimizer",
    "output_size",
    "perceptron",
    "prelu",
    "random_search",
    "relu",
    "shuffle_dataset",
    "sigmoid",
    "smape",
    "softmax",
    "starting_weights",
    "step",
    "tanh",
    "weight_scale",
]
