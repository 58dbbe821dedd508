# The types of `deltarule.data`.
from os import PathLike
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

_Path: TypeAlias = str | PathLike[str]
_Table: TypeAlias = tuple[NDArray[np.float64], NDArray[np.float64]]
_Images: TypeAlias = tuple[NDArray[np.float64], NDArray[np.int64]]

class IdxError(ValueError): ...

def linear() -> _Table: ...
def xor() -> _Table: ...
def digits() -> _Table: ...
def contaminated_digits() -> _Table: ...
def karate() -> tuple[NDArray[np.int64], NDArray[np.int64]]: ...
def mnist() -> _Images: ...
def mnist_train(folder: _Path | None = None) -> _Images: ...
def read_mnist(images: _Path, labels: _Path) -> _Images: ...
def read_idx(path: _Path) -> NDArray[np.uint8]: ...

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
