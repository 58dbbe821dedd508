# The types of the public interface. The listings themselves stay as the book has them; what each argument is, their
# docstrings say. Wherever an array is taken, so are lists and numbers; what comes back is of the weights' module.
from collections.abc import Sequence
from typing import Any, Literal, Protocol, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import data as data
from . import matlab as matlab

__version__: str

_Array: TypeAlias = NDArray[Any]
_Form: TypeAlias = Literal["auto", "direct", "fft", "matmul"]

class _Permutations(Protocol):
    def randperm(self, n: int, k: int, /) -> NDArray[np.int64]: ...

def delta_sgd(W: ArrayLike, X: ArrayLike, D: ArrayLike, *, alpha: float = 0.9) -> _Array: ...
def delta_batch(W: ArrayLike, X: ArrayLike, D: ArrayLike, *, alpha: float = 0.9) -> _Array: ...
def delta_minibatch(W: ArrayLike, X: ArrayLike, D: ArrayLike, *, alpha: float = 0.9, batch_size: int = 2) -> _Array: ...
def single_layer_forward(W: ArrayLike, X: ArrayLike) -> _Array: ...
def backprop_xor(
    W1: ArrayLike, W2: ArrayLike, X: ArrayLike, D: ArrayLike, *, alpha: float = 0.9
) -> tuple[_Array, _Array]: ...
def backprop_mmt(
    W1: ArrayLike,
    W2: ArrayLike,
    X: ArrayLike,
    D: ArrayLike,
    *,
    alpha: float = 0.9,
    beta: float = 0.9,
    momenta: Sequence[ArrayLike] | None = None,
) -> tuple[_Array, ...]: ...
def backprop_ce(
    W1: ArrayLike, W2: ArrayLike, X: ArrayLike, D: ArrayLike, *, alpha: float = 0.9
) -> tuple[_Array, _Array]: ...
def multi_layer_forward(W1: ArrayLike, W2: ArrayLike, X: ArrayLike) -> _Array: ...
def multi_class(
    W1: ArrayLike, W2: ArrayLike, X: ArrayLike, D: ArrayLike, *, alpha: float = 0.9
) -> tuple[_Array, _Array]: ...
def multi_class_forward(W1: ArrayLike, W2: ArrayLike, X: ArrayLike) -> _Array: ...
def deep_relu(
    W1: ArrayLike, W2: ArrayLike, W3: ArrayLike, W4: ArrayLike, X: ArrayLike, D: ArrayLike, *, alpha: float = 0.01
) -> tuple[_Array, _Array, _Array, _Array]: ...
def deep_relu_forward(W1: ArrayLike, W2: ArrayLike, W3: ArrayLike, W4: ArrayLike, X: ArrayLike) -> _Array: ...
def deep_dropout(
    W1: ArrayLike,
    W2: ArrayLike,
    W3: ArrayLike,
    W4: ArrayLike,
    X: ArrayLike,
    D: ArrayLike,
    *,
    alpha: float = 0.01,
    ratio: float = 0.2,
    rng: _Permutations,
    slope: Literal["listing", "exact"] = "listing",
) -> tuple[_Array, _Array, _Array, _Array]: ...
def deep_dropout_forward(W1: ArrayLike, W2: ArrayLike, W3: ArrayLike, W4: ArrayLike, X: ArrayLike) -> _Array: ...
def mnist_conv(
    W1: ArrayLike,
    W5: ArrayLike,
    Wo: ArrayLike,
    X: ArrayLike,
    D: ArrayLike,
    *,
    alpha: float = 0.01,
    beta: float = 0.95,
    batch_size: int = 100,
    momenta: Sequence[ArrayLike] | None = None,
    form: _Form = "auto",
) -> tuple[_Array, ...]: ...
def mnist_conv_forward(
    W1: ArrayLike, W5: ArrayLike, Wo: ArrayLike, X: ArrayLike, *, form: _Form = "auto"
) -> _Array: ...
def conv(x: ArrayLike, W: ArrayLike, *, form: _Form = "auto") -> _Array: ...
def pool(x: ArrayLike) -> _Array: ...
def feature_maps(W1: ArrayLike, x: ArrayLike, form: _Form = "auto") -> tuple[_Array, _Array, _Array]: ...
def sigmoid(x: ArrayLike) -> _Array: ...
def relu(x: ArrayLike) -> _Array: ...
def softmax(x: ArrayLike) -> _Array: ...
def dropout(y: _Array, ratio: float, rng: _Permutations) -> _Array: ...
def sum_squared_error(d: ArrayLike, y: ArrayLike) -> Any: ...
def cross_entropy(d: ArrayLike, y: ArrayLike) -> Any: ...

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
