"""Tensors that share a fate, such as those that were handed to code which is not known."""

from __future__ import annotations

from nonegrad.analysis.domain import renaming
from nonegrad.analysis.domain.renaming import Rename
from nonegrad.analysis.domain.value_class import value_class
from nonegrad.analysis.domain.values import Addr


@value_class
class Group:
    """Tensors that some path has put into a set: handed out, or told to retain."""

    members: frozenset[Addr] = frozenset()

    def join(self, other: Group) -> Group:
        return Group(self.members | other.members)

    def rename(self, to: Rename) -> Group:
        return Group(self.members | renaming.rename_set(self.members, to))
