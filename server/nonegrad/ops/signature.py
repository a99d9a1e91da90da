"""Parameters of a row, and whether a call's arguments can be theirs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from nonegrad.ops.row import Kind

Fit = Literal["no", "maybe", "loose", "yes"]

_ALIASES = {
    "axis": "dim",
    "keepdims": "keepdim",
    "x": "self",
    "a": "self",
    "x1": "self",
    "x2": "other",
}
_TENSOR = frozenset({Kind.TENSOR, Kind.MASK, Kind.INDEXES})
_NUMBER = frozenset({Kind.INT, Kind.FLOAT, Kind.BOOL, Kind.COMPLEX})
_ACCEPTS: dict[str, frozenset[Kind]] = {
    "Tensor": _TENSOR,
    "Scalar": _NUMBER,
    "int": frozenset({Kind.INT}),
    "SymInt": frozenset({Kind.INT}),
    "float": frozenset({Kind.FLOAT, Kind.INT}),
    "bool": frozenset({Kind.BOOL}),
    "str": frozenset({Kind.STR}),
    "ScalarType": frozenset({Kind.DTYPE}),
    "Device": frozenset({Kind.STR, Kind.OTHER, Kind.INT}),
    "Dimname": frozenset({Kind.STR}),
}
_LOOSE = frozenset({"Scalar", "int", "SymInt", "float"})
"""Types that also take a tensor of one element, as a plain number without a gradient."""


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter: its ATen type ('' where torch declares none), and how it may be given."""

    name: str
    type: str
    required: bool
    keyword_only: bool
    default: str = ""
    """`True` or `False` where that is the default."""

    def takes(self, kind: Kind) -> Fit:
        """How well an argument of that kind fits."""
        if kind is Kind.UNKNOWN or not self.type:
            return "yes" if not self.type else "maybe"
        bare = self.type.removesuffix("?")
        if kind is Kind.NONE:
            return "yes" if bare != self.type else "no"
        listed = re.fullmatch(r"(\w+)\??\[(\d*)\]", bare)
        if listed:
            return self._takes_list(kind, listed.group(1), listed.group(2))
        if kind in _ACCEPTS.get(bare, frozenset({Kind.OTHER})):
            return "yes"
        return "loose" if bare in _LOOSE and kind in _TENSOR else "no"

    @staticmethod
    def _takes_list(kind: Kind, element: str, size: str) -> Fit:
        if element == "Tensor":
            return "yes" if kind is Kind.TENSORS else "no"
        if element == "Dimname":
            return "maybe" if kind in (Kind.OTHER, Kind.STR) else "no"
        if kind is Kind.NUMBERS:
            return "yes"
        if kind is Kind.TENSORS:
            return "loose"
        single = element in ("int", "SymInt", "float") and bool(size)
        return "yes" if single and kind in (Kind.INT, Kind.FLOAT) else "no"


@dataclass(frozen=True, slots=True)
class Signature:
    """The parameters of one overload."""

    params: tuple[Param, ...]
    starred: str | None = None
    """The parameter that takes the rest of the positional arguments, if any."""

    def bind(
        self, args: Sequence[Kind], kwargs: Mapping[str, Kind], method: bool = False
    ) -> dict[str, Kind] | None:
        """The kind each parameter is given; None where the call cannot be made like that."""
        positional = [p for p in self.params if not p.keyword_only]
        given = list(args)
        bound: dict[str, Kind] = {}
        crowded = len(given) > len(positional) or self.starred is not None
        if crowded and not self._pack(given, positional, method):
            return None
        if not crowded and given and len(given) == len(positional) and given[-1] is Kind.INT:
            # `torch.zeros(3)`: one number is packed too, where it may stand for the whole size.
            self._pack(given, positional, method)
        for param, kind in zip(positional, given, strict=False):
            bound[param.name] = kind
        known = {p.name for p in self.params}
        for name, kind in kwargs.items():
            target = self._named(name, known)
            if target is None or target in bound:
                return None
            bound[target] = kind
        if any(p.required and p.name not in bound for p in self.params):
            return None
        return bound

    def _named(self, name: str, known: set[str]) -> str | None:
        if name in known:
            return name
        if name == "input":
            return "self" if "self" in known else None
        alias = _ALIASES.get(name)
        return alias if alias in known else None

    def _pack(self, given: list[Kind], positional: list[Param], method: bool) -> bool:
        """Make one argument of `x.view(2, 3)` or `f(*tensors)`; torch allows it for a sole one."""
        if self.starred is not None:
            at = next(i for i, p in enumerate(positional) if p.name == self.starred)
            rest = given[at:]
            if len(rest) == 1 and rest[0] in (Kind.TENSORS, Kind.NUMBERS, Kind.UNKNOWN):
                return True
            given[at:] = [_pack(rest)]
            return True
        at = 1 if method else 0
        if len(positional) != at + 1:
            return False
        listed = re.match(r"(int|SymInt)\[", positional[at].type)
        rest = given[at:]
        if not listed or any(k not in (Kind.INT, Kind.UNKNOWN, Kind.TENSOR) for k in rest):
            return False
        given[at:] = [Kind.NUMBERS]
        return True


def _pack(kinds: list[Kind]) -> Kind:
    if all(k in _TENSOR for k in kinds):
        return Kind.TENSORS
    if all(k in _NUMBER for k in kinds):
        return Kind.NUMBERS
    return Kind.UNKNOWN


@cache
def parse(text: str, method: bool = False) -> Signature:
    """A signature as the table writes it: `Tensor self, Scalar other, *, Scalar alpha=`.

    A method has `self` first, wherever the function has it.
    """
    params: list[Param] = []
    keyword_only = False
    starred = None
    for part in filter(None, text.split(", ")):
        if part == "*":
            keyword_only = True
            continue
        kind, _, name = part.rpartition(" ")
        name, equals, default = name.partition("=")
        required = not equals
        if name.startswith("*"):
            name = name[1:]
            starred, required = name, False
            params.append(Param(name, kind, required, keyword_only))
            keyword_only = True
            continue
        params.append(Param(name, kind, required, keyword_only, default))
    if method:
        params.sort(key=lambda p: p.name != "self")
    return Signature(tuple(params), starred)
