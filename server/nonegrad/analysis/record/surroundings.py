"""What there is at a point of the program: modules with all they hold, and names for them."""

from __future__ import annotations

from nonegrad.analysis.domain.heap import Mapping, Sequence, Tensor
from nonegrad.analysis.domain.objects import Instance, Optimizer
from nonegrad.analysis.domain.values import Addr, Ref, Value, age, is_value, only
from nonegrad.analysis.machine import Machine
from nonegrad.analysis.nn import registry
from nonegrad.text import Site

MOST = 400
"""How many parameters a module may have to be followed."""
DEEPEST = 5
"""How far containers are followed to one that has a name."""


def paths_here(m: Machine) -> dict[Addr, str]:
    """By which names of the frame modules and parameters are within reach."""
    found: dict[Addr, str] = {}
    queue: list[tuple[str, Value]] = []
    for name in sorted(m.frame.names.bound):
        value = m.s.get((id(m.frame), name))
        if is_value(value):
            queue.append((name, value))
    for depth in (0, 1):
        below: list[tuple[str, Value]] = []
        for path, value in queue:
            atom = only(value)
            thing = m.s.get(atom.addr) if isinstance(atom, Ref) else None
            if not isinstance(atom, Ref) or not isinstance(thing, (Instance, Tensor, Optimizer)):
                continue
            found.setdefault(atom.addr, path)
            if isinstance(thing, Instance) and not depth:
                below += [
                    (f"{path}.{name}", inner)
                    for name, inner in thing.attributes
                    if name.isidentifier()
                ]
        queue = below
    return found


def modules_of(m: Machine) -> list[tuple[Addr, registry.Holdings]]:
    """The modules of the program that are one object each, with what they hold."""
    found: list[tuple[Addr, registry.Holdings]] = []
    for addr in everything(m, Instance):
        thing = m.at(addr, Instance)
        if thing is not None and thing.is_module and not addr.summary:
            found.append((addr, registry.holdings(m, addr)))
    return found


def everything(m: Machine, kind: type[object]) -> list[Addr]:
    """The objects of one kind, in the order of their creation."""
    seen = m.s.objects()
    return sorted((addr for addr, thing in seen.items() if isinstance(thing, kind)), key=age)


def whole(m: Machine, found: registry.Holdings) -> dict[Addr, Tensor] | None:
    """The parameters of a module, where that is all of them and each is one tensor."""
    if found.open or found.rest is not None or len(found.parameters) > MOST:
        return None
    leaves: dict[Addr, Tensor] = {}
    for _, value in found.parameters:
        seen = m.tensors(value)
        if len(seen) != 1 or only(value) is None:
            return None
        leaves[seen[0][0]] = seen[0][1]
    return leaves


def named_at(m: Machine, addr: Addr, definitions: dict[Addr, tuple[str, Site]]) -> Site | None:
    """Where an object, or the smallest container with a name that it is in, got its name."""
    level = {addr}
    for _ in range(DEEPEST):
        named = sorted(definitions[one][1] for one in level if one in definitions)
        if named:
            return named[0]
        inside = frozenset(Ref(one) for one in level)
        level = {
            one
            for kind in (Sequence, Mapping)
            for one in everything(m, kind)
            if any(inside & part for part in parts(m.s.get(one)))
        }
    return None


def parts(thing: object) -> list[Value]:
    """What a container holds."""
    if isinstance(thing, Sequence):
        return [*thing.items, *([] if thing.rest is None else [thing.rest])]
    if isinstance(thing, Mapping):
        return [v for _, v in thing.entries] + ([] if thing.rest is None else [thing.rest])
    return []
