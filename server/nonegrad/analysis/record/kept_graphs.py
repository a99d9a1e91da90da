"""What of the program's variables belongs to a graph that a backward has freed, and where it was
bound: there it is detached, or computed anew."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

from nonegrad.analysis.autograd.reaching import Reach
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.frames import Frame
from nonegrad.analysis.domain.heap import Mapping, Sequence, Tensor
from nonegrad.analysis.domain.objects import Instance
from nonegrad.analysis.domain.values import Addr, Ref, Value
from nonegrad.analysis.machine import Machine
from nonegrad.analysis.record import surroundings
from nonegrad.analysis.record.parts import Held, Kept

PARTS = frozenset({"indexing", "view", "select", "slice", "getitem"})
"""What hands on a part of a tensor, as the operators are spoken of."""
DEEPEST = 3
"""How far attributes of attributes, and containers in containers, are followed."""
MOST = 3
"""How many variables are spoken of."""
Bindings = dict[tuple[Addr, str], Kept]
"""How an object was bound to a name last, or to an attribute: those begin with a dot."""


def note(
    m: Machine,
    bindings: Bindings,
    target: ast.AST,
    path: str,
    value: Value,
    statement: ast.AST,
) -> None:
    """A name or an attribute was bound, or a buffer registered."""
    for addr in values.references(value):
        if isinstance(m.s.get(addr), Tensor | Sequence | Mapping):
            plain = isinstance(statement, ast.Assign | ast.AnnAssign)
            site = m.site(statement if plain else target)
            bindings[addr, _last(path)] = Kept(path, site, "tensor" if plain else "")


def _last(path: str) -> str:
    before, dot, name = path.rpartition(".")
    return f".{name}" if dot and before else name


def kept(
    m: Machine, found: Reach, bindings: Bindings, carried: tuple[Held, ...]
) -> tuple[Kept, ...]:
    """The variables within reach that hold tensors of the freed graph, where the new one leads
    into it; tensors by themselves come before containers.

    What is known by the name of a state that each turn hands on (`carried`) is told by that.
    """
    border = entered(m, found)
    states = {_last(state.name) for state in carried}
    tensors: list[Kept] = []
    containers: list[Kept] = []
    seen: set[Addr] = set()
    for path, value in _variables(m):
        atom = values.only(value)
        if not isinstance(atom, Ref) or atom.addr in seen:
            continue
        seen.add(atom.addr)
        known = bindings.get((_young(m, atom.addr), path))
        thing = m.s.get(atom.addr)
        if known is None or thing is None:
            continue
        if isinstance(thing, Tensor):
            if thing.fn and thing.fn <= border:
                tensors.append(known)
        else:
            inside = [pair for pair in _inside(m, thing, 0) if pair[1].fn and pair[1].fn <= border]
            told = any((_young(m, addr), name) in bindings for addr, _ in inside for name in states)
            if inside and not told and path not in states:
                containers.append(Kept(known.name, known.site, _form(m, thing, inside, known)))
    found_here = [*tensors, *containers] or _out_of_reach(m, found, bindings, states)
    return tuple(found_here[:MOST])


def _out_of_reach(m: Machine, found: Reach, bindings: Bindings, states: set[str]) -> list[Kept]:
    """The variables of other scopes, closed over or of a generator, that hold such tensors; not
    those that come of a step that itself goes from turn to turn."""
    border = entered(m, found)
    records = [m.node(addr) for addr in found.nodes]
    new = [one.site for one in records if one and one.site and one.freed_at is None]
    held = {_young(m, addr) for addr, one in m.s.objects(Tensor) if one.fn and one.fn <= border}
    named = [(name, known) for (addr, name), known in bindings.items() if addr in held]
    if any(name in states or any(known.site.around(one) for one in new) for name, known in named):
        return []
    return [replace(known, kind="") for _, known in named[-1:]]


def entered(m: Machine, found: Reach) -> frozenset[Addr]:
    """The steps of the freed graph that the new one leads into, and the parts taken of them; the
    step it starts from where there is no new one."""
    border: set[Addr] = set()
    for addr in found.nodes:
        record = m.node(addr)
        if record is None or record.freed_at is not None:
            continue
        freed = {one for edge in record.edges for one in edge if (n := m.node(one)) and n.freed_at}
        border |= freed
        if freed and record.operator in PARTS:
            border.add(addr)
    waiting = [*border]
    for addr in waiting:
        record = m.node(addr)
        if record is not None and record.operator in PARTS:
            behind = {one for edge in record.edges for one in edge if m.node(one) is not None}
            waiting += sorted(behind - border, key=values.age)
            border |= behind
    return frozenset(border or [*found.nodes][:1])


def _young(m: Machine, addr: Addr) -> Addr:
    """The object under the address it had in the turn that made it."""
    if addr.key[:1] == ("older",):
        return m.addresses.get(addr.key[1:], addr)
    return addr


def _variables(m: Machine) -> Iterator[tuple[str, Value]]:
    """Names and attributes within reach, each as a binding is known; the nearest come first."""
    waiting: list[Frame | None] = [m.frame]
    seen: set[tuple[int, str]] = set()
    for frame in waiting:
        if frame is None or (id(frame), "") in seen:
            continue
        seen.add((id(frame), ""))
        waiting += [frame.parent, frame.caller]
        for name in sorted(frame.names.bound):
            value = m.s.get((id(frame), name))
            if values.is_value(value):
                yield name, value
                yield from _attributes(m, value, 0)


def _attributes(m: Machine, value: Value, depth: int) -> Iterator[tuple[str, Value]]:
    atom = values.only(value)
    thing = m.at(atom.addr, Instance) if isinstance(atom, Ref) else None
    if thing is None or depth >= DEEPEST:
        return
    for name, inner in thing.attributes:
        if thing.role(name) != "parameter":
            yield f".{name}", inner
            yield from _attributes(m, inner, depth + 1)


def _inside(m: Machine, thing: object, depth: int) -> Iterator[tuple[Addr, Tensor]]:
    """The tensors in a container, and in those in it."""
    if isinstance(thing, Mapping) and not thing.is_dict:
        return
    for part in surroundings.parts(thing):
        for atom in part:
            held = m.s.get(atom.addr) if isinstance(atom, Ref) else None
            if isinstance(atom, Ref) and isinstance(held, Tensor):
                yield atom.addr, held
            elif depth < DEEPEST:
                yield from _inside(m, held, depth + 1)


def _form(m: Machine, thing: object, inside: list[tuple[Addr, Tensor]], known: Kept) -> str:
    """`list` or `tuple` of tensors that the statement itself has made; else nothing."""
    if not isinstance(thing, Sequence) or thing.kind not in ("list", "tuple") or thing.fields:
        return ""
    parts = surroundings.parts(thing)
    sites = [addr.site for addr, _ in inside]
    here = known.kind and all(site is not None and known.site.around(site) for site in sites)
    return thing.kind if here and all(len(m.tensors(part)) == len(part) for part in parts) else ""
