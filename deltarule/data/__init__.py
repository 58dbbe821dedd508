"""The data the listings and models train on: truth tables, 5 x 5 digits, MNIST, a karate club."""

from .idx import IdxError, read_idx
from .karate import karate
from .mnist import mnist, mnist_train, read_mnist
from .tables import contaminated_digits, digits, linear, xor

__all__ = [
    "IdxError",
    "contaminated_digits",
    "digits",
    "karate",
    "linear",
    "mnist",
    "mnist_train",
    "read_idx",
    "read_mnist",
    "xor",
]
