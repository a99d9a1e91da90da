"""What a test that went one way tells about the thing that was tested."""

from __future__ import annotations

import ast

from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.objects import Instance
from nonegrad.analysis.domain.store import State
from nonegrad.analysis.domain.truth import MAYBE, NO, YES, Truth
from nonegrad.analysis.domain.value_class import replace
from nonegrad.analysis.domain.values import Ref, Value
from nonegrad.analysis.machine import Machine
from nonegrad.analysis.python import conditions


def narrow_none(
    m: Machine, same: State | None, differ: State | None, subject: ast.expr, value: Value
) -> None:
    """Narrow both sides of a None test."""
    if same is not None:
        narrow_value(m, same, subject, values.NONE)
    if differ is not None:
        rest = values.without_none(value)
        if rest and rest != value:
            narrow_value(m, differ, subject, rest)
        elif values.UNKNOWN in value:
            narrow_value(m, differ, subject, None)


def narrow_value(m: Machine, state: State, subject: ast.expr, value: Value | None) -> None:
    """Where the test holds, the path certainly has this value (None: certainly not None)."""
    before, m.s = m.s, state
    try:
        match subject:
            case ast.Name(id=name):
                if value is not None and m.lookup(name) is not None:
                    m.bind(name, value)
            case ast.NamedExpr(target=ast.Name(id=name)):
                if value is not None:
                    m.bind(name, value)
            case ast.Attribute(value=owner, attr="grad"):
                narrow_grad(m, conditions.peek(m, owner), value)
            case ast.Attribute(value=owner, attr=name):
                atom = values.only(conditions.peek(m, owner))
                if isinstance(atom, Ref) and value is not None and not atom.addr.summary:
                    thing = m.at(atom.addr, Instance)
                    if thing is not None:
                        m.put(atom.addr, thing.with_attribute(name, value, thing.role(name)))
            case _:
                pass
    finally:
        m.s = before


def narrow_grad(m: Machine, owner: Value, value: Value | None) -> None:
    """Where `x.grad` was tested."""
    for addr, tensor in m.tensors(owner):
        if len(owner) > 1 or addr.summary:
            continue
        if value == values.NONE:
            m.put(addr, replace(tensor, grad=values.NONE))
        elif tensor.grad != values.NONE:
            grad = values.without_none(tensor.grad) if value is None else value
            if grad:
                m.put(addr, replace(tensor, grad=grad))


def narrow_flag(m: Machine, state: State, subject: ast.expr, flag: Truth) -> None:
    """Where `p.requires_grad`, `p.is_leaf` or `module.training` was tested."""
    if not (
        isinstance(subject, ast.Attribute)
        and subject.attr in ("requires_grad", "is_leaf", "retains_grad", "training")
    ):
        return
    before, m.s = m.s, state
    try:
        owner = conditions.peek(m, subject.value)
        for addr, tensor in m.tensors(owner):
            if len(owner) == 1 and not addr.summary and subject.attr != "training":
                if getattr(tensor, subject.attr) is not MAYBE:
                    continue
                change: dict[str, Truth] = {subject.attr: flag}
                if subject.attr == "requires_grad" and flag is NO:
                    change["is_leaf"] = YES
                m.put(addr, replace(tensor, **change))
    finally:
        m.s = before
