# The types of `deltarule.check`.
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

__all__ = ["LISTINGS", "CheckError", "Finding", "Mistake", "check", "mistakes"]

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

LISTINGS: Mapping[str, _Form]

class CheckError(Exception): ...

@dataclass(frozen=True)
class Mistake:
    id: str
    says: str
    steps: dict[str, Any] = field(compare=False, repr=False)
    should: str = ""
    erratum: str = ""

@dataclass(frozen=True)
class Finding:
    listing: str
    port: str
    verdict: Literal["RIGHT", "WRONG"]
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
    def right(self) -> bool: ...
    @property
    def mistakes(self) -> tuple[str, ...]: ...
    @property
    def deviation(self) -> float: ...
    @property
    def says(self) -> str: ...
    def as_dict(self) -> dict[str, Any]: ...
    def to_json(self) -> str: ...

def check(
    function: Callable[..., Any], listing: str | None = None, *, thorough: bool = False, name: str | None = None
) -> Finding: ...
def mistakes(listing: str) -> list[Mistake]: ...
