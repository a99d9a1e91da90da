"""How an iteration goes on: a value for the loops, without knowing what was iterated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from nonegrad.analysis.domain.objects import GradSwitch
from nonegrad.analysis.domain.values import ANY, Value


@dataclass(frozen=True, slots=True)
class Steps:
    """`known` values in order, then any number of `rest` (None: no more)."""

    known: tuple[Value, ...]
    rest: Value | None = None
    least: int = 0
    """How many there are at least, the known ones among them."""
    paused: GradSwitch | None = None
    """The grad mode that a generator leaves on while it is paused."""
    opening: tuple[Value, ...] = ()
    """What the first ones of `rest` are, where there are any."""
    fresh: Callable[[], Value] | None = None
    """Makes the `rest` of one turn, where each turn gets a new one."""

    def one(self) -> Value:
        """One of the others."""
        if self.fresh is not None:
            return self.fresh()
        return ANY if self.rest is None else self.rest
