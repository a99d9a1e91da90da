"""What a module holds: parameters, buffers, submodules, in the order torch lists them."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from nonegrad.analysis.autograd import moving
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.heap import Mapping, Sequence, Tensor
from nonegrad.analysis.domain.objects import Instance
from nonegrad.analysis.domain.truth import YES
from nonegrad.analysis.domain.value_class import replace
from nonegrad.analysis.domain.values import ANY, Addr, Ref, Sym, Value
from nonegrad.analysis.machine import Machine
from nonegrad.analysis.python import iteration


@dataclass(slots=True)
class Holdings:
    """Named parameters and modules; `rest` is the join of those whose number is not known."""

    parameters: list[tuple[str, Value]] = field(default_factory=list[tuple[str, Value]])
    buffers: list[tuple[str, Value]] = field(default_factory=list[tuple[str, Value]])
    modules: list[tuple[str, Value]] = field(default_factory=list[tuple[str, Value]])
    rest: Value | None = None
    rest_modules: Value | None = None
    open: bool = False

    def every_parameter(self) -> list[Value]:
        """All parameter values, the folded ones last."""
        return [v for _, v in self.parameters] + ([self.rest] if self.rest is not None else [])


def role_of(m: Machine, value: Value) -> str:
    """As what a module registers a value that is assigned to it."""
    things = [m.s.get(atom.addr) if isinstance(atom, Ref) else None for atom in value]
    if things and all(isinstance(t, Tensor) and t.is_parameter is YES for t in things):
        return "parameter"
    others = values.without_none(value)
    if others and others != value:
        return role_of(m, others)
    if moving.is_parameter(m, value):
        return "parameter"
    if things and all(isinstance(t, Instance) and t.is_module for t in things):
        return "module"
    return "plain"


def register(m: Machine, addr: Addr, name: str, value: Value, role: str | None = None) -> None:
    """Register a child or parameter under a name."""
    thing = m.at(addr, Instance)
    if thing is not None:
        m.put(addr, thing.with_attribute(name, value, role or role_of(m, value)))


def add_rest(m: Machine, addr: Addr, value: Value) -> None:
    """Register children whose number is not known."""
    thing = m.at(addr, Instance)
    if thing is not None:
        rest = value if thing.rest is None else values.join(thing.rest, value)
        m.put(addr, replace(thing, rest=rest))


def may_register(m: Machine, value: Value) -> bool:
    """Whether a value may be a module, or a parameter, that nobody saw made."""
    things = [m.at(atom.addr, Instance) if isinstance(atom, Ref) else None for atom in value]
    strange = any(thing is not None and thing.open and not thing.is_module for thing in things)
    return strange or values.UNKNOWN in value


def is_mapping(m: Machine, value: Value) -> bool:
    atom = values.only(value)
    return isinstance(atom, Ref) and isinstance(m.s.get(atom.addr), Mapping)


def items(m: Machine, value: Value) -> tuple[Value, ...]:
    """The known items of a list."""
    atom = values.only(value)
    found = m.at(atom.addr, Sequence) if isinstance(atom, Ref) else None
    if found is None:
        return ()
    return (*found.items, *([found.rest] if found.rest is not None else []))


def named_items(m: Machine, value: Value, node: ast.AST) -> list[tuple[str | None, Value]]:
    """The items of a list or dict with their keys; None as key for any number of others."""
    atom = values.only(value)
    found = m.at(atom.addr, Mapping) if isinstance(atom, Ref) else None
    if found is not None:
        pairs: list[tuple[str | None, Value]] = [(str(key), v) for key, v in found.entries]
        return pairs + ([(None, found.rest)] if found.rest is not None else [])
    known, rest = iteration.items_of(m, value, node)
    listed: list[tuple[str | None, Value]] = []
    for place, item in enumerate(known):
        one = values.only(item)
        sequence = m.at(one.addr, Sequence) if isinstance(one, Ref) else None
        pair = (str(place), item)
        if sequence is not None and sequence.kind == "tuple" and sequence.rest is None:
            inner = sequence.items
            key = values.string(inner[0]) if len(inner) == 2 else None
            pair = pair if key is None else (key, inner[1])
        listed.append(pair)
    return listed + ([(None, rest)] if rest is not None else [])


def holdings(m: Machine, addr: Addr, *, recurse: bool = True) -> Holdings:
    """Everything registered in a module and below it."""
    found = Holdings()
    _collect(m, addr, "", found, set(), set(), recurse=recurse)
    return found


def _collect(
    m: Machine,
    addr: Addr,
    prefix: str,
    found: Holdings,
    seen: set[Addr],
    taken: set[Value],
    *,
    recurse: bool,
) -> None:
    thing = m.at(addr, Instance)
    if thing is None or addr in seen:
        found.open = found.open or thing is None
        return
    seen.add(addr)
    found.modules.append((prefix.rstrip("."), values.ref(addr)))
    found.open = found.open or thing.open
    below: list[tuple[str, Value]] = []
    roles = dict(thing.roles)
    for name, value in thing.attributes:
        role = roles.get(name, "plain")
        # What is certainly None is no parameter; a value used twice is listed once.
        if role in ("parameter", "buffer") and value != values.NONE and value not in taken:
            taken.add(value)
            (found.parameters if role == "parameter" else found.buffers).append(
                (prefix + name, value)
            )
        elif role == "module":
            below.append((name, value))
        elif not isinstance(thing.cls, Sym) and may_register(m, value):
            found.open = True
    if not recurse:
        return
    for name, value in below:
        others = values.without_none(value)
        if len(others) == 1 and len(value) == 1:
            atom = values.only(others)
            if isinstance(atom, Ref):
                _collect(m, atom.addr, f"{prefix}{name}.", found, seen, taken, recurse=True)
            else:
                found.open = True
        else:
            fold(m, others, found)
    if thing.rest is not None:
        fold(m, thing.rest, found)


def fold(m: Machine, value: Value, found: Holdings) -> None:
    """Add modules whose number is not known, or of which one is there."""
    if values.UNKNOWN in value:
        found.open = True
        return
    for one in values.references(value):
        thing = m.s.get(one)
        if isinstance(thing, Tensor):
            found.rest = values.join(found.rest or frozenset(), values.ref(one))
            continue
        inner = holdings(m, one)
        found.open = found.open or inner.open
        for parameter in inner.every_parameter():
            found.rest = values.join(found.rest or frozenset(), parameter)
        for _, module in inner.modules:
            found.rest_modules = values.join(found.rest_modules or frozenset(), module)
        if inner.rest_modules is not None:
            found.rest_modules = values.join(found.rest_modules or frozenset(), inner.rest_modules)


def generator(m: Machine, node: ast.AST, found: list[Value], rest: Value | None) -> Value:
    """A generator over parameters or modules."""
    return m.make(node, "parameters", Sequence("generator", tuple(found), rest))


def rest_of(found: Holdings) -> Value | None:
    """What may come after the known parameters."""
    return ANY if found.open else found.rest
