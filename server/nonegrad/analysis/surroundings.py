"""What there is at a point of the program: modules with all they hold, and names for them."""

from __future__ import annotations

from nonegrad.analysis import registry
from nonegrad.analysis.heap import Tensor
from nonegrad.analysis.machine import Machine
from nonegrad.analysis.objects import Instance, Optimizer
from nonegrad.analysis.values import Addr, Ref, Value, age, is_value, only

MOST = 400
"""How many parameters a module may have to be followed."""


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
    seen: dict[Addr, object] = {}
    state = m.s
    while state is not None:
        for key, thing in state.delta.items():
            if isinstance(key, Addr):
                seen.setdefault(key, thing)
        state = state.parent
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
