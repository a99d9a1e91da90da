"""Whether the condition of a measured row may hold at a call."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from nonegrad.ops.row import Kind

_SPECIAL = frozenset({Kind.MASK, Kind.INDEXES})
_TENSORS = {Kind.TENSOR.name, Kind.MASK.name, Kind.INDEXES.name}


@dataclass(frozen=True, slots=True)
class Met:
    """The arguments of a call, as conditions like `other=TENSOR inplace=True` ask for them."""

    bound: Mapping[str, Kind]
    flags: Mapping[str, bool | None]
    ranks: Mapping[str, int | None]
    defaults: Mapping[str, str]
    plain: frozenset[Kind] = field(default_factory=lambda: frozenset[Kind]())

    @staticmethod
    def as_fine_as(keys: Iterable[str], bound: Mapping[str, Kind]) -> dict[str, Kind]:
        """The arguments as the rows of these keys tell them apart: a mask is a tensor like others
        where no row asks for masks there."""
        clauses = [clause.partition("=") for key in keys for clause in key.split(" ")[1:]]
        asked = {(name, word) for name, _, words in clauses for word in words.split("|")}
        return {
            param: Kind.TENSOR if kind in _SPECIAL and (param, kind.name) not in asked else kind
            for param, kind in bound.items()
        }

    @classmethod
    def plainer(
        cls,
        bound: Mapping[str, Kind],
        flags: Mapping[str, bool | None],
        defaults: Mapping[str, str],
    ) -> Met:
        """The call told less exactly, for rows that were only measured with other tensors."""
        told = {p: Kind.TENSOR if k in _SPECIAL else k for p, k in bound.items()}
        return cls(told, flags, {}, defaults)

    def may(self, condition: str) -> bool:
        """Whether every clause can be true."""
        return all(self._clause(c) for c in condition.split(" ") if c)

    def _clause(self, clause: str) -> bool:
        name, _, allowed = clause.partition("=")
        words = set(allowed.split("|"))
        param, dot, _ = name.partition(".")
        if dot:
            rank = self.ranks.get(param)
            return rank is None or str(rank) in words
        if words & {"True", "False"}:
            return self._flag(name, words)
        kind = self.bound.get(name)
        if kind is None:
            return "ABSENT" in words
        if kind is Kind.UNKNOWN:
            return True
        return bool(words & _TENSORS) if kind is Kind.TENSOR else kind.name in words

    def _flag(self, name: str, words: set[str]) -> bool:
        if name in self.flags:
            flag = self.flags[name]
            return flag is None or str(flag) in words
        if name not in self.bound:
            return self.defaults.get(name, "ABSENT") in words
        kind = self.bound[name]
        return kind in (Kind.BOOL, Kind.UNKNOWN) or kind.name in words
