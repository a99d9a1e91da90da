"""The `ctx` of a custom Function: what forward puts on it, backward finds."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.heap import Mapping, Sequence
from nonegrad.analysis.domain.truth import Truth
from nonegrad.analysis.domain.value_class import replace
from nonegrad.analysis.domain.values import ANY, Addr, Bound, Ref, Value
from nonegrad.analysis.machine import Machine

if TYPE_CHECKING:
    from nonegrad.analysis.python.calls import Arguments

SAVED = "saved_tensors"


def make(m: Machine, needs: list[Truth], node: ast.AST) -> Value:
    """A context for inputs that need a gradient, or do not."""
    known = tuple(values.BOOL if one.known is None else values.const(one.known) for one in needs)
    needed = m.make(node, "needs", Sequence("tuple", known))
    empty = m.make(node, "saved", Sequence("tuple"))
    entries = (("needs_input_grad", needed), (SAVED, empty))
    return m.make(node, "ctx", Mapping(entries, kind="ctx"))


def get(addr: Addr, thing: Mapping, name: str) -> Value:
    """ctx.name: what was put there, or a method of every context."""
    found = dict(thing.entries).get(name)
    if found is not None:
        return found
    return ANY if thing.rest is not None else frozenset({Bound(Ref(addr), name)})


def put(thing: Mapping, name: str, value: Value) -> Mapping:
    """ctx.name = value"""
    return replace(thing, entries=tuple({**dict(thing.entries), name: value}.items()))


def method(
    m: Machine, addr: Addr, thing: Mapping, name: str, given: Arguments, node: ast.AST
) -> Value:
    """ctx.name(...): `save_for_backward` keeps tensors; the others say something of gradients."""
    if name == "save_for_backward":
        kept = m.make(node, "saved", Sequence("tuple", tuple(given.args), given.rest))
        m.put(addr, put(thing, SAVED, kept))
    return ANY
