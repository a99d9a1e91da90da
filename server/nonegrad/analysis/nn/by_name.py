"""What a module gives by its full name: `get_submodule("layer4.0")` and its kin."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.objects import Instance
from nonegrad.analysis.domain.values import ANY, Addr, Ref, Value
from nonegrad.analysis.machine import Machine
from nonegrad.analysis.python import calls

if TYPE_CHECKING:
    from nonegrad.analysis.python.calls import Arguments


def get_submodule(
    m: Machine, addr: Addr, thing: Instance, given: Arguments, node: ast.AST
) -> Value:
    return _found(m, addr, given, node, "module")


def get_parameter(
    m: Machine, addr: Addr, thing: Instance, given: Arguments, node: ast.AST
) -> Value:
    return _found(m, addr, given, node, "parameter")


def get_buffer(m: Machine, addr: Addr, thing: Instance, given: Arguments, node: ast.AST) -> Value:
    return _found(m, addr, given, node, "buffer")


def _found(m: Machine, addr: Addr, given: Arguments, node: ast.AST, role: str) -> Value:
    path = values.string(given.get(0, "target") or ANY)
    if path is None:
        return calls.unknown(m, given, node)
    # An empty name is the module itself.
    *way, last = path.split(".") if path else [""]
    here = addr
    for name in way:
        below = _member(m, here, name, "module")
        atom = values.only(below) if below is not None else None
        if not isinstance(atom, Ref):
            return calls.unknown(m, given, node)
        here = atom.addr
    if not path:
        return values.ref(addr) if role == "module" else calls.unknown(m, given, node)
    result = _member(m, here, last, role)
    return calls.unknown(m, given, node) if result is None else result


def _member(m: Machine, addr: Addr, name: str, role: str) -> Value | None:
    owner = m.at(addr, Instance)
    if owner is None or not owner.is_module or owner.role(name) != role:
        return None
    return owner.get(name)
