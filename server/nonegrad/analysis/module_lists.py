"""The methods of modules that hold modules: ModuleList, ModuleDict, Sequential."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nonegrad.analysis import (
    calls,
    module_methods,
    registry,
    values,
)
from nonegrad.analysis.heap import Sequence
from nonegrad.analysis.machine import Machine
from nonegrad.analysis.objects import Instance
from nonegrad.analysis.values import ANY, Addr, Value

if TYPE_CHECKING:
    from nonegrad.analysis.calls import Arguments


def append(m: Machine, addr: Addr, thing: Instance, given: Arguments, node: ast.AST) -> Value:
    for value in given.args[:1]:
        if thing.rest is None:
            registry.register(m, addr, str(len(thing.attributes)), value)
        else:
            registry.add_rest(m, addr, value)
    return values.ref(addr)


def extend(m: Machine, addr: Addr, thing: Instance, given: Arguments, node: ast.AST) -> Value:
    for _, value in registry.named_items(m, given.args[0], node) if given.args else []:
        current = m.at(addr, Instance)
        if current is not None:
            append(m, addr, current, calls.Arguments([value]), node)
    return values.ref(addr)


def items(m: Machine, addr: Addr, thing: Instance, given: Arguments, node: ast.AST) -> Value:
    return module_methods.pairs(m, node, list(thing.attributes), thing.rest)


def keys(m: Machine, addr: Addr, thing: Instance, given: Arguments, node: ast.AST) -> Value:
    known = tuple(values.const(name) for name, _ in thing.attributes)
    return m.make(node, "keys", Sequence("keys", known, ANY if thing.rest is not None else None))


def entries(m: Machine, addr: Addr, thing: Instance, given: Arguments, node: ast.AST) -> Value:
    known = tuple(value for _, value in thing.attributes)
    return m.make(node, "values", Sequence("values", known, thing.rest))


def length(m: Machine, addr: Addr, thing: Instance, given: Arguments, node: ast.AST) -> Value:
    return values.scalar("int") if thing.rest is not None else values.const(len(thing.attributes))
