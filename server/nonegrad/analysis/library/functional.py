"""functional_call: a module called with other tensors in the places of its parameters."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.heap import Mapping, Sequence
from nonegrad.analysis.domain.objects import Instance
from nonegrad.analysis.domain.values import Addr, Ref, Value
from nonegrad.analysis.machine import Machine
from nonegrad.analysis.nn import registry
from nonegrad.analysis.python import calls

if TYPE_CHECKING:
    from nonegrad.analysis.python.calls import Arguments

Place = tuple[Addr, str, str]
"""A module, an attribute of it, and as what that is registered."""


def functional_call(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """functional_call(module, dict, args): the module holds what the dict gives while it runs."""
    module, inside = given.get(0, "module"), handed_on(m, given)
    atom = values.only(module) if module is not None else None
    put = replaced(m, atom.addr, given) if isinstance(atom, Ref) and not m.tries else None
    if (
        module is None
        or inside is None
        or put is None
        or {"tie_weights", "strict"} & {*given.kwargs}
    ):
        return calls.unknown(m, given, node)
    before = exchange(m, put)
    try:
        return calls.call(m, module, inside, node)
    finally:
        exchange(m, before)


def exchange(m: Machine, put: list[tuple[Place, Value]]) -> list[tuple[Place, Value]]:
    """Put values into modules; what they held before."""
    before: list[tuple[Place, Value]] = []
    for (addr, name, role), value in put:
        thing = m.at(addr, Instance)
        old = thing.get(name) if thing is not None else None
        if thing is not None and old is not None:
            before.append(((addr, name, role), old))
            m.put(addr, thing.with_attribute(name, value, role))
    return before


def handed_on(m: Machine, given: Arguments) -> Arguments | None:
    """What the module is called with; None where that is not known."""
    args, kwargs = given.get(2, "args"), given.get(3, "kwargs")
    inside = calls.Arguments()
    if not given.plain:
        return None
    if args is not None and args != values.NONE:
        atom = values.only(args)
        found = m.s.get(atom.addr) if isinstance(atom, Ref) else None
        if found is None or (isinstance(found, Sequence) and found.rest is not None):
            return None
        inside.args = list(found.items) if isinstance(found, Sequence) else [args]
    if kwargs is not None and kwargs != values.NONE:
        atom = values.only(kwargs)
        mapping = m.at(atom.addr, Mapping) if isinstance(atom, Ref) else None
        if mapping is None or mapping.rest is not None:
            return None
        inside.kwargs = {str(key): value for key, value in mapping.entries}
    return inside


def replaced(m: Machine, module: Addr, given: Arguments) -> list[tuple[Place, Value]] | None:
    """What is put where; None where something of that is not known, and where parameters are
    tied, for torch replaces them together."""
    value = given.args[1] if len(given.args) > 1 else None
    entries = entries_of(m, value) if value is not None else None
    found = registry.holdings(m, module)
    whole = found.rest is None and found.rest_modules is None and not found.open
    if entries is None or not whole:
        return None
    modules = {
        name: one.addr for name, v in found.modules if isinstance(one := values.only(v), Ref)
    }
    held = [
        one
        for addr in modules.values()
        if (thing := m.at(addr, Instance)) is not None
        for name, one in thing.attributes
        if thing.role(name) in ("parameter", "buffer") and one != values.NONE
    ]
    put: list[tuple[Place, Value]] = []
    for key, tensor in entries:
        prefix, _, name = str(key).rpartition(".")
        addr = modules.get(prefix)
        thing = m.at(addr, Instance) if addr is not None else None
        old = thing.get(name) if thing is not None else None
        if addr is None or addr.summary or thing is None or old is None or held.count(old) != 1:
            return None
        if not m.tensors(tensor) or len(tensor) != 1:
            return None
        put.append(((addr, name, thing.role(name)), tensor))
    return put


def entries_of(m: Machine, value: Value) -> list[tuple[object, Value]] | None:
    """What a dict, or a tuple of dicts, holds under which names; None where that is not all."""
    atom = values.only(value)
    thing = m.s.get(atom.addr) if isinstance(atom, Ref) else None
    if isinstance(thing, Mapping):
        return list(thing.entries) if thing.rest is None else None
    if not isinstance(thing, Sequence) or thing.kind != "tuple" or thing.rest is not None:
        return None
    found: list[tuple[object, Value]] = []
    for item in thing.items:
        inner = entries_of(m, item)
        if inner is None:
            return None
        found += inner
    return found
