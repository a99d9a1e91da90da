"""The methods of modules that hold modules: ModuleList, ModuleDict, Sequential."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.heap import Sequence
from nonegrad.analysis.domain.objects import Instance
from nonegrad.analysis.domain.values import ANY, Addr, Value
from nonegrad.analysis.machine import Machine
from nonegrad.analysis.nn import members, module_methods, registry
from nonegrad.analysis.python import calls

if TYPE_CHECKING:
    from nonegrad.analysis.python.calls import Arguments


def append(m: Machine, addr: Addr, thing: Instance, given: Arguments, node: ast.AST) -> Value:
    for value in given.args[:1]:
        place = None if thing.rest is not None else str(len(thing.attributes))
        members.put(m, addr, place, value, node)
    return values.ref(addr)


def extend(m: Machine, addr: Addr, thing: Instance, given: Arguments, node: ast.AST) -> Value:
    for _, value in registry.named_items(m, given.args[0], node) if given.args else []:
        current = m.at(addr, Instance)
        if current is not None:
            append(m, addr, current, calls.Arguments([value]), node)
    return values.ref(addr)


def insert(m: Machine, addr: Addr, thing: Instance, given: Arguments, node: ast.AST) -> Value:
    if not members.holds(m, thing):
        return calls.unknown(m, given, node)
    value = given.get(1, "module")
    members.fold(m, addr)
    if value is not None:
        members.put(m, addr, None, value, node)
    return values.ref(addr)


def update(m: Machine, addr: Addr, thing: Instance, given: Arguments, node: ast.AST) -> Value:
    if not members.holds(m, thing):
        return calls.unknown(m, given, node)
    if given.args:
        members.put_all(m, addr, given.args[0], node)
    return values.NONE


def setdefault(m: Machine, addr: Addr, thing: Instance, given: Arguments, node: ast.AST) -> Value:
    if not members.holds(m, thing):
        return calls.unknown(m, given, node)
    name = values.string(given.get(0, "key") or ANY)
    held = thing.get(name) if name is not None else None
    if held is None:
        members.put(m, addr, name, given.get(1, "default") or values.NONE, node)
        found = m.at(addr, Instance)
        held = found.get(name) if found is not None and name is not None else None
    return held or ANY


def take_out(m: Machine, addr: Addr, thing: Instance, given: Arguments, node: ast.AST) -> Value:
    """pop, popitem, clear"""
    if not members.holds(m, thing):
        return calls.unknown(m, given, node)
    members.fold(m, addr)
    return ANY


def items(m: Machine, addr: Addr, thing: Instance, given: Arguments, node: ast.AST) -> Value:
    return module_methods.pairs(m, node, list(thing.attributes), thing.rest)


def keys(m: Machine, addr: Addr, thing: Instance, given: Arguments, node: ast.AST) -> Value:
    known = tuple(values.const(name) for name, _ in thing.attributes)
    return m.make(node, "keys", Sequence("keys", known, ANY if thing.rest is not None else None))


def values_of(m: Machine, addr: Addr, thing: Instance, given: Arguments, node: ast.AST) -> Value:
    known = tuple(value for _, value in thing.attributes)
    return m.make(node, "values", Sequence("values", known, thing.rest))


def length(m: Machine, addr: Addr, thing: Instance, given: Arguments, node: ast.AST) -> Value:
    return values.scalar("int") if thing.rest is not None else values.const(len(thing.attributes))
