"""torch.save and torch.load of the same file in one program: what comes back is a copy."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nonegrad.analysis import escapes
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.heap import Mapping, Sequence, Tensor
from nonegrad.analysis.domain.objects import Instance, Opaque
from nonegrad.analysis.domain.provenance import step
from nonegrad.analysis.domain.truth import NO, YES
from nonegrad.analysis.domain.value_class import replace
from nonegrad.analysis.domain.values import ANY, Addr, Const, Ref, Value
from nonegrad.analysis.library import copying
from nonegrad.analysis.machine import Machine

if TYPE_CHECKING:
    from nonegrad.analysis.python.calls import Arguments


def buffer(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """io.BytesIO(...): a file of its own."""
    return m.make(node, "buffer", Opaque("file"))


def key(given: Arguments, place: int) -> tuple[str, object] | None:
    """Which file a call means: an object, or a path that is one constant."""
    atom = values.only(given.get(place, "f") or ANY)
    if isinstance(atom, Ref):
        return "saved", atom.addr
    if isinstance(atom, Const) and isinstance(atom.value, str):
        return "saved", atom.value
    return None


def save(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """torch.save(obj, f): the file has what `obj` is now."""
    obj, file = given.get(0, "obj"), key(given, 1)
    if obj is not None and file is not None:
        m.s.set(file, copying.deep(m, obj, node))
    return values.NONE


def load(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """torch.load(f): other objects than those that were saved."""
    file = key(given, 0)
    found = m.s.get(file) if file is not None else None
    if not values.is_value(found) or found == ANY:
        return escapes.lost(m, given.every())
    loaded = copying.deep(m, found, node)
    settle(m, loaded, node, set())
    return loaded


def settle(m: Machine, value: Value, node: ast.AST, seen: set[Addr]) -> None:
    """A file keeps no graph and no gradients: every tensor in it is a leaf."""
    for addr in values.references(value):
        if addr in seen:
            continue
        seen.add(addr)
        thing = m.s.get(addr)
        inner: list[Value] = []
        match thing:
            case Tensor():
                why = step("loaded", m.site(node), m.text(node))
                plain = replace(thing, is_leaf=YES, fn=frozenset(), retains_grad=NO, why=why)
                m.put(addr, replace(plain, grad=values.NONE, grad_why=None, escaped=False))
            case Sequence():
                inner = [*thing.items, *([] if thing.rest is None else [thing.rest])]
            case Mapping():
                inner = [v for _, v in thing.entries] + ([thing.rest] if thing.rest else [])
            case Instance():
                inner = [v for _, v in thing.attributes] + ([thing.rest] if thing.rest else [])
            case _:
                pass
        for one in inner:
            settle(m, one, node, seen)
