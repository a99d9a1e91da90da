"""Python's `random`: what it draws from a list are objects of the program."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.heap import Sequence
from nonegrad.analysis.domain.value_class import replace
from nonegrad.analysis.domain.values import Value
from nonegrad.analysis.machine import Machine
from nonegrad.analysis.python import calls, iteration

if TYPE_CHECKING:
    from nonegrad.analysis.python.calls import Arguments


def drawn(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """random.choice(items): any of them."""
    return any_of(m, given, node) or calls.unknown(m, given, node)


def several(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """random.sample(items, k), random.choices(items): a list of any number of them."""
    one = any_of(m, given, node)
    if not one:
        return calls.unknown(m, given, node)
    return m.make(node, "drawn", Sequence("list", (), one))


def shuffled(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """random.shuffle(items): the same ones, in an order that is not known."""
    for addr in values.references(given.args[0]) if given.args else ():
        thing = m.at(addr, Sequence)
        if thing is not None and thing.items:
            count = len(thing.items) if thing.rest is None else 0
            rest = None if thing.rest is None else thing.element
            m.put(addr, replace(thing, items=(thing.element,) * count, rest=rest))
    return values.NONE


def any_of(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """What an item of the first argument may be; the empty value where that is not known."""
    source = given.args[0] if given.args else given.kwargs.get("population")
    if source is None or given.rest is not None:
        return frozenset()
    items, rest = iteration.items_of(m, source, node)
    found = values.join_all((*items, *([rest] if rest is not None else [])))
    return frozenset() if values.UNKNOWN in found else found
