"""Version counters: the writes a tensor's data has seen."""

from __future__ import annotations

from dataclasses import field

from nonegrad.analysis.domain import renaming
from nonegrad.analysis.domain.renaming import Rename
from nonegrad.analysis.domain.value_class import value_class
from nonegrad.analysis.domain.values import Addr

FIRST = Addr(("first version",), summary=False)


UNSEEN = Addr(("unseen version",), summary=True)
"""A version somebody else may have written."""


@value_class
class Counter:
    """A version counter: the writes its tensor may have seen last. `memory` names the data, which
    `.data` and numpy share without sharing the counter."""

    version: frozenset[Addr] = frozenset({FIRST})
    memory: Addr | None = None
    history: tuple[Addr, ...] = field(default=(), compare=False)
    """The last writes in order, to tell which one came first after a value was kept."""
    viewers: frozenset[Addr] = frozenset()
    """The views that share it: a write makes them find their grad_fn anew."""

    def join(self, other: Counter) -> Counter:
        longer = max(self.history, other.history, key=len)
        viewers = self.viewers | other.viewers
        return Counter(self.version | other.version, self.memory or other.memory, longer, viewers)

    def rename(self, to: Rename) -> Counter:
        version = renaming.rename_set(self.version, to)
        memory = to(self.memory) if self.memory else None
        viewers = renaming.rename_set(self.viewers, to)
        if version is self.version and memory is self.memory and viewers is self.viewers:
            return self
        return Counter(version, memory, tuple([to(one) for one in self.history]), viewers)
