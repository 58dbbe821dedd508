# The types of `deltarule.check`.
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeAlias, overload

_Verdict: TypeAlias = Literal["RIGHT", "WRONG"]

__all__ = [
    "LISTINGS",
    "PARTS",
    "CheckError",
    "Finding",
    "Mistake",
    "PartFinding",
    "check",
    "check_file",
    "check_part",
    "mistakes",
]

_Listing: TypeAlias = Literal[
    "delta_sgd",
    "delta_batch",
    "delta_minibatch",
    "backprop_xor",
    "backprop_mmt",
    "backprop_ce",
    "multi_class",
    "deep_relu",
    "deep_dropout",
    "mnist_conv",
    "DeltaSGD",
    "DeltaBatch",
    "DeltaMiniBatch",
    "BackpropXOR",
    "BackpropMmt",
    "BackpropCE",
    "MultiClass",
    "DeepReLU",
    "DeepDropout",
    "MnistConv",
]

class _Form(Protocol):
    @property
    def weights(self) -> tuple[str, ...]: ...
    @property
    def random(self) -> bool: ...

class _Difference(Protocol):
    @property
    def when(self) -> str: ...
    @property
    def start(self) -> str: ...
    @property
    def agrees(self) -> tuple[str, ...]: ...
    @property
    def off(self) -> dict[str, float]: ...

class _Agreement(Protocol):
    @property
    def epochs(self) -> tuple[int, ...]: ...
    @property
    def within(self) -> float: ...
    @property
    def sensitive(self) -> int: ...

class _Reason(Protocol):
    @property
    def mistakes(self) -> tuple[Mistake, ...]: ...
    @property
    def agreement(self) -> _Agreement: ...

class _Part(Protocol):
    @property
    def name(self) -> str: ...

class _PartDifference(Protocol):
    @property
    def when(self) -> str: ...
    @property
    def agrees(self) -> tuple[str, ...]: ...
    @property
    def off(self) -> dict[str, str]: ...
    @property
    def deviation(self) -> float | None: ...

class _PartReason(Protocol):
    @property
    def mistakes(self) -> tuple[Mistake, ...]: ...
    @property
    def within(self) -> float: ...
    @property
    def count(self) -> int: ...

class _Told:
    @property
    def right(self) -> bool: ...
    @property
    def mistakes(self) -> tuple[str, ...]: ...
    @property
    def deviation(self) -> float | None: ...
    @property
    def says(self) -> str: ...
    def as_dict(self) -> dict[str, Any]: ...
    def to_json(self) -> str: ...

LISTINGS: Mapping[str, _Form]
PARTS: Mapping[str, _Part]

class CheckError(Exception): ...

@dataclass(frozen=True)
class Mistake:
    id: str
    says: str
    steps: dict[str, Any] = field(compare=False, repr=False)
    should: str = ""
    erratum: str = ""
    same: tuple[Mistake, ...] = ()

@dataclass(frozen=True)
class Finding(_Told):
    listing: str
    port: str
    verdict: _Verdict
    first: _Difference | None = None
    reasons: tuple[_Reason, ...] = ()
    notes: tuple[str, ...] = ()
    within: float = 0.0
    epochs: tuple[int, ...] = ()
    unexplained: tuple[str, ...] = ()
    gradient: str = ""
    learns: str = ""
    curves: dict[str, list[float]] = field(default_factory=dict, compare=False)
    @property
    def deviation(self) -> float: ...

@dataclass(frozen=True)
class PartFinding(_Told):
    part: _Part
    port: str
    verdict: _Verdict
    first: _PartDifference | None = None
    reasons: tuple[_PartReason, ...] = ()
    notes: tuple[str, ...] = ()
    within: float = 0.0
    count: int = 0
    unexplained: tuple[str, ...] = ()
    @property
    def listing(self) -> str: ...

@overload
def check(
    function: Callable[..., Any], listing: _Listing, *, thorough: bool = False, name: str | None = None
) -> Finding: ...
@overload
def check(
    function: Callable[..., Any], listing: str | None = None, *, thorough: bool = False, name: str | None = None
) -> Finding | PartFinding: ...
def check_file(
    path: str | os.PathLike[str],
    listing: str | None = None,
    seed: int | Literal["default"] | None = None,
    epochs: int | None = None,
    *,
    thorough: bool = False,
    name: str | None = None,
) -> Finding: ...
def check_part(object: Any, name: str | None = None, *, called: str | None = None) -> PartFinding: ...
def mistakes(listing: str) -> list[Mistake]: ...
