"""The shape of what an index cuts out of a tensor."""

from __future__ import annotations

from nonegrad.analysis.autograd import sizing
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.heap import Shape
from nonegrad.analysis.domain.values import Value
from nonegrad.analysis.machine import Machine
from nonegrad.ops import Kind

Part = tuple[Kind, Value | slice]
"""One element of an index: a slice of numbers that are known, or a value."""


def shape(m: Machine, whole: Shape, parts: list[Part]) -> Shape | None:
    """What is left of a shape; one list or tensor of indices, or a mask, may be among the parts."""
    used = sum(taken(m, part) or 0 for part in parts)
    if any(taken(m, part) is None for part in parts) or used > len(whole):
        return None
    result: list[int | None] = []
    chosen: list[tuple[int, Shape]] = []
    place = 0
    for kind, value in parts:
        if kind is Kind.ELLIPSIS:
            rest = len(whole) - used
            result += whole[place : place + rest]
            place += rest
        elif kind is Kind.NONE:
            result.append(1)
        elif isinstance(value, slice):
            result.append(sliced(whole[place], value))
            place += 1
        elif kind is not Kind.INT:
            found = chosen_by(m, kind, value)
            if found is None:
                return None
            chosen.append((len(result), found))
            place += taken(m, (kind, value)) or 0
        else:
            place += 1
    result += whole[place:]
    if chosen and (chosen[0][0] != chosen[-1][0] or mixed(parts)):
        return None
    if chosen:
        at = chosen[0][0]
        result[at:at] = sizing.broadcast([one for _, one in chosen])
    return tuple(result)


def mixed(parts: list[Part]) -> bool:
    """Whether a plain number stands beside tensors: it counts as one, and may move the result."""
    return any(kind is Kind.INT for kind, _ in parts)


def taken(m: Machine, part: Part) -> int | None:
    """How many dimensions an element of an index takes up."""
    kind, value = part
    if kind in (Kind.NONE, Kind.ELLIPSIS):
        return 0
    if kind in (Kind.INT, Kind.INDEXES, Kind.NUMBERS) or isinstance(value, slice):
        return 1
    own = sizing.shape_of(m, value) if kind is Kind.MASK else None
    return len(own) if own else None


def chosen_by(m: Machine, kind: Kind, value: Value) -> Shape | None:
    """The shape of indices; how much a mask takes nobody knows."""
    if kind is Kind.MASK:
        return (None,)
    if kind is Kind.INDEXES:
        return sizing.shape_of(m, value)
    listed = sizing.items(m, value)
    numbers = listed is not None and all(values.number(one) is not None for one in listed)
    return (len(listed),) if listed is not None and numbers else None


def sliced(size: int | None, cut: slice) -> int | None:
    """How long a part is."""
    if cut == slice(None):
        return size
    if size is None or any(isinstance(end, str) for end in (cut.start, cut.stop, cut.step)):
        return None
    return len(range(size)[cut])


def ends(given: list[Value | None]) -> slice:
    """A slice whose ends are numbers, or None, or a word for what is not known."""
    found: list[object] = []
    for value in given:
        number = None if value is None else values.number(value)
        found.append(None if value in (None, values.NONE) else "?" if number is None else number)
    return slice(*found)
