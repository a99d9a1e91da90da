"""The join of what two paths left in one place of the store."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, cast

from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.objects import Opaque
from nonegrad.analysis.domain.truth import Truth
from nonegrad.analysis.domain.truth import join as join_truth
from nonegrad.analysis.domain.values import Addr

if TYPE_CHECKING:
    pass


class Joinable(Protocol):
    """What may lie in the store."""

    def join(self, other: object) -> object: ...

    def rename(self, to: Callable[[Addr], Addr]) -> object: ...


def join_objects(a: object, b: object) -> object:
    """The least thing that covers both; things of different kinds are unknown together."""
    if a is b:
        return a
    if values.is_value(a) and values.is_value(b):
        return values.join(a, b)
    if isinstance(a, Truth) and isinstance(b, Truth):
        return join_truth(a, b)
    if type(a) is type(b) and hasattr(a, "join"):
        return a if a == b else cast("Joinable", a).join(b)
    return a if a == b else Opaque("")
