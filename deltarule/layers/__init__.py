"""The from-scratch wing: perceptrons, activations, costs, layers, optimisers and networks, in NumPy's conventions.

Samples are rows, ``x @ W + b``, images are (N, channels, height, width), and costs are averaged over the batch.
"""

from .activations import ACTIVATIONS, elu, identity, leaky_relu, prelu, relu, sigmoid, softmax, step, tanh
from .convnet import SimpleConvNet
from .costs import cross_entropy_error, mean_squared_error
from .dense import Affine, Relu, Sigmoid, SoftmaxWithLoss
from .gates import AND, GATES, NAND, OR, XOR, perceptron
from .labels import one_hot
from .multi_layer import MultiLayerNet
from .network import Diverged
from .nodes import AddLayer, MulLayer
from .numerical import gradient_descent, numerical_gradient
from .optimizers import OPTIMIZERS, SGD, AdaGrad, Adam, Momentum, Nesterov, RMSprop, optimizer
from .search import random_search
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
    "Diverged",
    "Momentum",
    "MulLayer",
    "MultiLayerNet",
    "Nesterov",
    "RMSprop",
    "Relu",
    "Sigmoid",
    "SimpleConvNet",
    "SoftmaxWithLoss",
    "Trainer",
    "TwoLayerNet",
    "cross_entropy_error",
    "elu",
    "gradient_descent",
    "identity",
    "leaky_relu",
    "mean_squared_error",
    "numerical_gradient",
    "one_hot",
    "optimizer",
    "perceptron",
    "prelu",
    "random_search",
    "relu",
    "shuffle_dataset",
    "sigmoid",
    "softmax",
    "starting_weights",
    "step",
    "tanh",
    "weight_scale",
]
