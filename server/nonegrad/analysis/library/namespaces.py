"""Objects that are nothing but their attributes: argparse.Namespace, types.SimpleNamespace."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nonegrad.analysis import escapes
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.heap import Mapping
from nonegrad.analysis.domain.objects import Instance
from nonegrad.analysis.domain.values import UNKNOWN, Ref, Value
from nonegrad.analysis.machine import Machine
from nonegrad.analysis.python import expressions

if TYPE_CHECKING:
    from nonegrad.analysis.python.calls import Arguments


def namespace(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """Namespace(**attributes)"""
    attributes = () if given.open_keywords else tuple(given.kwargs.items())
    unseen = given.open_keywords or bool(given.args) or given.rest is not None
    return m.make(node, "namespace", Instance(UNKNOWN, attributes, open=unseen))


def spread(m: Machine, node: ast.expr) -> Mapping | None:
    """`**vars(namespace)`: its attributes as they are, where these are all; the dict itself, which
    goes on to be the namespace's, is gone with the call."""
    match node:
        case ast.Call(func=ast.Name("vars"), args=[ast.Name() as named], keywords=[]):
            atom = values.only(expressions.evaluate(m, named))
        case _:
            return None
    thing = m.at(atom.addr, Instance) if isinstance(atom, Ref) else None
    if thing is None or thing.cls is not UNKNOWN or thing.open or thing.is_module:
        return None
    return None if m.lookup("vars") is not None else Mapping(thing.attributes)


def variables(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """vars(x): whoever has the dict may change the namespace by it."""
    for value in given.every():
        for addr in values.references(value):
            thing = m.at(addr, Instance)
            if thing is not None and thing.cls is UNKNOWN:
                escapes.escape(m, values.ref(addr))
    return escapes.lost(m, given.every())
