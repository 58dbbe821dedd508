# The types of `deltarule.layers`. Wherever an array is taken, so are lists and numbers; what comes back is of the
# module of what went in.
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeAlias, TypedDict, overload

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from ..matlab import Stream

_Array: TypeAlias = NDArray[Any]
_Form: TypeAlias = Literal["bias", "threshold"]
_Scale: TypeAlias = float | str
_Stream: TypeAlias = np.random.RandomState | Stream

class _Updates(Protocol):
    def update(self, params: dict[str, Any], grads: dict[str, Any], /) -> object: ...

class _ConvParam(TypedDict, total=False):
    filter_num: int
    filter_size: int
    stride: int
    pad: int

class Diverged(ValueError): ...

# Activations, costs and gates

ACTIVATIONS: dict[str, Callable[..., _Array]]
GATES: dict[str, tuple[tuple[float, float], float]]

def step(x: ArrayLike, diff: bool = False) -> _Array: ...
def sigmoid(x: ArrayLike, diff: bool = False) -> _Array: ...
def tanh(x: ArrayLike, diff: bool = False) -> _Array: ...
def relu(x: ArrayLike, diff: bool = False) -> _Array: ...
def leaky_relu(x: ArrayLike, a: float = 0.1, diff: bool = False) -> _Array: ...
def prelu(x: ArrayLike, b: float = 0.5, diff: bool = False) -> _Array: ...
def elu(x: ArrayLike, alpha: float = 1.0, diff: bool = False) -> _Array: ...
def softmax(x: ArrayLike, diff: bool = False) -> _Array: ...
def identity(x: ArrayLike, diff: bool = False) -> _Array: ...
def mean_squared_error(y: ArrayLike, t: ArrayLike) -> Any: ...
def cross_entropy_error(y: ArrayLike, t: ArrayLike, delta: float = 1e-7) -> Any: ...
def binary_cross_entropy(y: ArrayLike, t: ArrayLike) -> Any: ...
def mse(y: ArrayLike, t: ArrayLike) -> Any: ...
def mape(y: ArrayLike, t: ArrayLike) -> Any: ...
def smape(y: ArrayLike, t: ArrayLike, *, halved: bool = True) -> Any: ...
def one_hot(t: ArrayLike, classes: int) -> NDArray[np.float64]: ...
def perceptron(x: ArrayLike, w: ArrayLike, b: float) -> Any: ...
@overload
def AND(x1: float, x2: float, *, form: _Form = "bias") -> int: ...
@overload
def AND(x1: ArrayLike, x2: ArrayLike, *, form: _Form = "bias") -> Any: ...
@overload
def NAND(x1: float, x2: float, *, form: _Form = "bias") -> int: ...
@overload
def NAND(x1: ArrayLike, x2: ArrayLike, *, form: _Form = "bias") -> Any: ...
@overload
def OR(x1: float, x2: float, *, form: _Form = "bias") -> int: ...
@overload
def OR(x1: ArrayLike, x2: ArrayLike, *, form: _Form = "bias") -> Any: ...
@overload
def XOR(x1: float, x2: float, *, form: _Form = "bias") -> int: ...
@overload
def XOR(x1: ArrayLike, x2: ArrayLike, *, form: _Form = "bias") -> Any: ...

# Gradients by differences

def numerical_gradient(f: Callable[[Any], Any], x: ArrayLike, h: float = 1e-4, *, batched: bool = False) -> _Array: ...
def gradient_descent(
    f: Callable[[Any], Any], x: ArrayLike, lr: float = 0.01, steps: int = 100, *, path: bool = False
) -> _Array: ...

# Images

def output_size(size: int, filter: int, stride: int = 1, pad: int = 0, *, round_down: bool = False) -> int: ...
def im2col(
    input_data: ArrayLike, filter_h: int, filter_w: int, stride: int = 1, pad: int = 0, *, round_down: bool = False
) -> _Array: ...
def col2im(
    col: ArrayLike,
    input_shape: Sequence[int],
    filter_h: int,
    filter_w: int,
    stride: int = 1,
    pad: int = 0,
    *,
    round_down: bool = False,
) -> _Array: ...

# Layers

class MulLayer:
    x: Any
    y: Any
    def __init__(self) -> None: ...
    def forward(self, x: ArrayLike, y: ArrayLike) -> Any: ...
    def backward(self, dout: ArrayLike) -> tuple[Any, Any]: ...

class AddLayer:
    def __init__(self) -> None: ...
    def forward(self, x: ArrayLike, y: ArrayLike) -> Any: ...
    def backward(self, dout: ArrayLike) -> tuple[Any, Any]: ...

class Relu:
    mask: NDArray[np.bool_] | None
    def __init__(self) -> None: ...
    def forward(self, x: ArrayLike) -> _Array: ...
    def backward(self, dout: ArrayLike) -> _Array: ...

class LeakyRelu:
    a: float
    mask: NDArray[np.bool_] | None
    def __init__(self, a: float = 0.1) -> None: ...
    def forward(self, x: ArrayLike) -> _Array: ...
    def backward(self, dout: ArrayLike) -> _Array: ...

class Sigmoid:
    out: _Array | None
    def __init__(self) -> None: ...
    def forward(self, x: ArrayLike) -> _Array: ...
    def backward(self, dout: ArrayLike) -> _Array: ...

class Affine:
    W: _Array
    b: _Array
    dW: _Array | None
    db: _Array | None
    def __init__(self, W: ArrayLike, b: ArrayLike) -> None: ...
    def forward(self, x: ArrayLike) -> _Array: ...
    def backward(self, dout: ArrayLike) -> _Array: ...
    def weight_gradients(self, dout: ArrayLike) -> _Array: ...

class SoftmaxWithLoss:
    loss: Any
    y: _Array | None
    t: ArrayLike | None
    def __init__(self) -> None: ...
    def forward(self, x: ArrayLike, t: ArrayLike) -> Any: ...
    def backward(self, dout: float = 1) -> _Array: ...

class Convolution:
    W: _Array
    b: _Array
    dW: _Array | None
    db: _Array | None
    stride: int
    pad: int | str
    round_down: bool
    def __init__(
        self, W: ArrayLike, b: ArrayLike, stride: int = 1, pad: int | str = 0, *, round_down: bool = False
    ) -> None: ...
    def forward(self, x: ArrayLike) -> _Array: ...
    def backward(self, dout: ArrayLike) -> _Array: ...
    def weight_gradients(self, dout: ArrayLike) -> _Array: ...

class Pooling:
    pool_h: int
    pool_w: int
    stride: int
    pad: int
    round_down: bool
    def __init__(
        self, pool_h: int, pool_w: int, stride: int = 1, pad: int = 0, *, round_down: bool = False
    ) -> None: ...
    def forward(self, x: ArrayLike) -> _Array: ...
    def backward(self, dout: ArrayLike) -> _Array: ...

class BatchNormalization:
    gamma: Any
    beta: Any
    momentum: float
    running_mean: _Array | None
    running_var: _Array | None
    per_channel: bool
    dgamma: _Array | None
    dbeta: _Array | None
    def __init__(
        self,
        gamma: ArrayLike,
        beta: ArrayLike,
        momentum: float = 0.9,
        running_mean: ArrayLike | None = None,
        running_var: ArrayLike | None = None,
        *,
        per_channel: bool = False,
    ) -> None: ...
    def forward(self, x: ArrayLike, train_flg: bool = True) -> _Array: ...
    def backward(self, dout: ArrayLike) -> _Array: ...

class Dropout:
    dropout_ratio: float
    rng: _Stream
    inverted: bool
    mask: NDArray[np.bool_] | None
    def __init__(self, dropout_ratio: float = 0.5, *, rng: _Stream, inverted: bool = False) -> None: ...
    def forward(self, x: ArrayLike, train_flg: bool = True) -> _Array: ...
    def backward(self, dout: ArrayLike) -> _Array: ...

# Starting weights and optimisers

def weight_scale(init: _Scale, n_in: int) -> float: ...
def starting_weights(
    rng: _Stream, shape: Sequence[int], init: _Scale, n_in: int | None = None, dtype: DTypeLike = ...
) -> _Array: ...

class _Optimizer:
    lr: float
    def update(self, params: dict[str, Any], grads: dict[str, Any]) -> None: ...

class SGD(_Optimizer):
    def __init__(self, lr: float = 0.01) -> None: ...

class Momentum(_Optimizer):
    momentum: float
    v: dict[str, Any] | None
    def __init__(self, lr: float = 0.01, momentum: float = 0.9) -> None: ...

class Nesterov(Momentum): ...

class AdaGrad(_Optimizer):
    epsilon: float
    h: dict[str, Any] | None
    def __init__(self, lr: float = 0.01, *, epsilon: float = 1e-7) -> None: ...

class RMSprop(AdaGrad):
    decay_rate: float
    def __init__(self, lr: float = 0.01, decay_rate: float = 0.99, *, epsilon: float = 1e-7) -> None: ...

class Adam(_Optimizer):
    beta1: float
    beta2: float
    epsilon: float
    iter: int
    m: dict[str, Any] | None
    v: dict[str, Any] | None
    def __init__(
        self, lr: float = 0.001, beta1: float = 0.9, beta2: float = 0.999, *, epsilon: float = 1e-7
    ) -> None: ...

OPTIMIZERS: dict[str, type[_Optimizer]]

def optimizer(name: str, **options: float) -> _Optimizer: ...

# Networks

class _Network:
    params: dict[str, Any]
    layers: dict[str, Any]
    last_layer: SoftmaxWithLoss
    weight_decay_lambda: float
    def predict(self, x: ArrayLike, train_flg: bool = False) -> _Array: ...
    def loss(self, x: ArrayLike, t: ArrayLike, train_flg: bool = False) -> Any: ...
    def accuracy(self, x: ArrayLike, t: ArrayLike) -> float: ...
    def gradient(self, x: ArrayLike, t: ArrayLike) -> dict[str, Any]: ...
    def numerical_gradient(
        self, x: ArrayLike, t: ArrayLike, h: float = 1e-4, *, batched: bool = True
    ) -> dict[str, Any]: ...

class TwoLayerNet(_Network):
    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        output_size: int,
        weight_init_std: _Scale = 0.01,
        *,
        rng: _Stream,
        activation: str = "sigmoid",
        dtype: DTypeLike = ...,
    ) -> None: ...

class MultiLayerNet(_Network):
    def __init__(
        self,
        input_size: int,
        hidden_size_list: Sequence[int],
        output_size: int,
        activation: str = "relu",
        weight_init_std: _Scale = "relu",
        weight_decay_lambda: float = 0,
        use_dropout: bool = False,
        dropout_ratio: float = 0.5,
        use_batchnorm: bool = False,
        *,
        rng: _Stream,
        dtype: DTypeLike = ...,
    ) -> None: ...

class SimpleConvNet(_Network):
    def __init__(
        self,
        input_dim: tuple[int, int, int] = (1, 28, 28),
        conv_param: _ConvParam | None = None,
        hidden_size: int = 100,
        output_size: int = 10,
        weight_init_std: _Scale = 0.01,
        *,
        rng: _Stream,
        dtype: DTypeLike = ...,
    ) -> None: ...

# Training

class Trainer:
    network: _Network
    optimizer: _Updates
    rng: _Stream
    max_iter: int
    current_iter: int
    mini_batch_size: int
    evaluated: int | None
    x_train: _Array
    t_train: _Array
    x_test: _Array | None
    t_test: _Array | None
    train_loss_list: list[float]
    batch_loss_list: list[float]
    train_acc_list: list[float]
    test_acc_list: list[float]
    interrupted: bool
    diverged: bool
    def __init__(
        self,
        network: _Network,
        x_train: ArrayLike,
        t_train: ArrayLike,
        x_test: ArrayLike | None = None,
        t_test: ArrayLike | None = None,
        *,
        epochs: int = 20,
        mini_batch_size: int = 100,
        optimizer: str | _Updates = "SGD",
        optimizer_param: Mapping[str, float] | None = None,
        iterations: int | None = None,
        evaluate_sample_num_per_epoch: int | None = None,
        rng: _Stream,
    ) -> None: ...
    def train(self) -> None: ...
    def attempt(self, batch: NDArray[np.integer[Any]] | None = None) -> None: ...
    def train_step(self, batch: NDArray[np.integer[Any]] | None = None) -> None: ...
    def draw(self) -> NDArray[np.integer[Any]]: ...
    def update(self, grads: dict[str, Any]) -> None: ...

def shuffle_dataset(x: ArrayLike, t: ArrayLike, *, rng: _Stream) -> tuple[_Array, _Array]: ...

@dataclass(frozen=True)
class Trial:
    number: int
    values: dict[str, float]
    val_acc: float
    val_acc_list: tuple[float, ...]
    train_acc_list: tuple[float, ...]
    diverged: bool = False

def random_search(
    x: ArrayLike,
    t: ArrayLike,
    ranges: Mapping[str, tuple[float, float]] | None = None,
    *,
    trials: int = 100,
    validation_rate: float = 0.2,
    network: Mapping[str, Any] | None = None,
    optimizer: str = "SGD",
    optimizer_param: Mapping[str, float] | None = None,
    epochs: int = 50,
    mini_batch_size: int = 100,
    seed: int = 0,
    processes: int = 1,
    file: str | os.PathLike[str] | None = None,
) -> list[Trial]: ...

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
