# The types of `deltarule.testing`.
from collections.abc import Callable
from typing import Any

def assert_same_training(mine: Callable[..., Any], listing: str | None = None) -> None: ...
