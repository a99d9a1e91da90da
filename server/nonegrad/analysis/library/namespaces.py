"""Objects that are nothing but their attributes: argparse.Namespace, types.SimpleNamespace."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nonegrad.analysis import escapes
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.objects import Instance
from nonegrad.analysis.domain.values import UNKNOWN, Value
from nonegrad.analysis.machine import Machine

if TYPE_CHECKING:
    from nonegrad.analysis.python.calls import Arguments


def namespace(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """Namespace(**attributes): what is not seen here may be there all the same."""
    attributes = () if given.open_keywords else tuple(given.kwargs.items())
    return m.make(node, "namespace", Instance(UNKNOWN, attributes, open=True))


def variables(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """vars(x): whoever has the dict may change the namespace by it."""
    for value in given.every():
        for addr in values.references(value):
            thing = m.at(addr, Instance)
            if thing is not None and thing.cls is UNKNOWN:
                escapes.escape(m, values.ref(addr))
    return escapes.lost(m, given.every())
