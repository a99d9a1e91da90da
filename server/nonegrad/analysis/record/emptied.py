"""Why a model has nothing to give to its optimizer: its layers stand in plain containers."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.heap import Mapping, Sequence, Tensor
from nonegrad.analysis.domain.objects import Instance
from nonegrad.analysis.domain.truth import YES
from nonegrad.analysis.domain.values import Addr, Ref, Value
from nonegrad.analysis.machine import Machine
from nonegrad.analysis.record import peeking, surroundings
from nonegrad.analysis.record.facts import Unlisted
from nonegrad.analysis.record.listing import Plain


def unregistered(m: Machine, node: ast.AST, plain: Iterable[Plain]) -> Unlisted | None:
    """The attribute that holds layers, or parameters, of the model whose parameters an optimizer
    is given, and registers none of them."""
    asked = {
        atom.addr
        for part in ast.walk(node)
        if isinstance(part, ast.Attribute) and "parameters" in part.attr
        for atom in peeking.peek(m, part.value) or ()
        if isinstance(atom, Ref)
    }
    for one in plain:
        thing = m.at(one.owner, Instance)
        value = thing.get(one.name) if thing is not None else None
        kind = held(m, value) if value is not None and one.owner in asked else ""
        if kind:
            owner = f"self.{one.name}"
            return Unlisted(
                (one.name,), kind, one.value, m.site(node), None, owner, one.text, one.torch
            )
    return None


def held(m: Machine, value: Value) -> str:
    """`modules` or `parameters`, for a list or dict of nothing else."""
    atom = values.only(value)
    thing = m.s.get(atom.addr) if isinstance(atom, Ref) else None
    match thing:
        case Sequence(kind="list" | "tuple"):
            pass
        case Mapping(entries=entries) if all(isinstance(key, str) for key, _ in entries):
            pass
        case _:
            return ""
    inside = surroundings.parts(thing)
    kinds = {kind_of(m, one.addr if isinstance(one, Ref) else None) for i in inside for one in i}
    return next(iter(kinds)) if len(kinds) == 1 else ""


def kind_of(m: Machine, addr: Addr | None) -> str:
    match m.s.get(addr) if addr is not None else None:
        case Instance(is_module=True):
            return "modules"
        case Tensor(is_parameter=known) if known is YES:
            return "parameters"
        case _:
            return ""
