"""By which names the leaves are within reach at a point of the program, and in which modules."""

from __future__ import annotations

from collections.abc import Iterator

from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.frames import Frame
from nonegrad.analysis.domain.heap import Mapping, Sequence, Tensor
from nonegrad.analysis.domain.objects import Instance
from nonegrad.analysis.domain.value_class import value_class
from nonegrad.analysis.domain.values import Addr, Value
from nonegrad.analysis.machine import Machine

DEEPEST = 12
MOST = 20_000


@value_class
class Named:
    """A tensor by the shortest way to it."""

    path: str
    modules: tuple[str, ...]
    """The modules on that way, the outermost first."""


def names(m: Machine) -> dict[Addr, Named]:
    """The tensors that variables lead to: those of this scope and the ones around it, then those
    of the functions that called."""
    found: dict[Addr, Named] = {}
    seen: set[Addr] = set()
    queue = list(variables(m))
    for path, modules, value, depth in queue:
        # What a name may be, but perhaps is not, is not called by it.
        for addr in values.references(value) if len(values.without_none(value)) == 1 else ():
            if addr in seen or len(seen) > MOST:
                continue
            seen.add(addr)
            thing = m.s.get(addr)
            if isinstance(thing, Tensor):
                found[addr] = Named(path, modules)
            elif depth < DEEPEST:
                inside = (*modules, path) if isinstance(thing, Instance) and thing.is_module else ()
                queue += [
                    (path + step, inside or modules, part, depth + 1) for step, part in parts(thing)
                ]
    return found


def variables(m: Machine) -> Iterator[tuple[str, tuple[str, ...], Value, int]]:
    """The variables within reach, the nearest first."""
    hidden: set[str] = set()
    caller: Frame | None = m.frame
    while caller is not None:
        frame: Frame | None = caller
        while frame is not None:
            for name in sorted(frame.names.bound - hidden):
                value = m.s.get((id(frame), name))
                if values.is_value(value):
                    yield name, (), value, 0
            hidden |= frame.names.bound
            frame = frame.parent
        caller = caller.caller


def parts(thing: object) -> list[tuple[str, Value]]:
    """What an object holds, each with the step that leads there."""
    match thing:
        case Instance():
            found = [(f".{name}", inner) for name, inner in thing.attributes]
            return found + ([] if thing.rest is None else [("[…]", thing.rest)])
        case Sequence():
            found = [(f"[{place}]", item) for place, item in enumerate(thing.items)]
            return found + ([] if thing.rest is None else [("[…]", thing.rest)])
        case Mapping():
            found = [(f"[{key!r}]", item) for key, item in thing.entries]
            return found + ([] if thing.rest is None else [("[…]", thing.rest)])
        case _:
            return []
