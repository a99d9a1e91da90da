"""Iterables walked side by side: zip() and enumerate()."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nonegrad.analysis import escapes
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.heap import Sequence
from nonegrad.analysis.domain.objects import Opaque
from nonegrad.analysis.domain.values import ANY, Ref, Value
from nonegrad.analysis.machine import Machine
from nonegrad.analysis.python import generators, iteration

if TYPE_CHECKING:
    from nonegrad.analysis.python.calls import Arguments


def enumerated(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """enumerate(iterable, start)"""
    atom = values.only(given.args[0]) if given.args else None
    loader = m.at(atom.addr, Opaque) if isinstance(atom, Ref) else None
    if loader is not None and loader.cls == "loader":
        return m.make(node, "enumerate", Opaque("enumerated", (given.args[0],)))
    found = iteration.whole(m, given.args[0] if given.args else ANY, node)
    items, rest = found.known, found.rest
    start = values.number(given.get(1, "start") or values.const(0))
    pairs: list[Value] = []
    for place, item in enumerate(items):
        index = values.scalar("int") if start is None else values.const(start + place)
        pairs.append(m.make(node, f"pair{place}", Sequence("tuple", (index, item))))
    more = None
    if rest is not None:
        more = m.make(node, "pair", Sequence("tuple", (values.scalar("int"), rest)))
    opening: list[Value] = []
    for place in range(iteration.OPENING) if start is not None and rest is not None else ():
        pair = (values.const((start or 0) + len(items) + place), rest or ANY)
        opening.append(m.make(node, f"opening{place}", Sequence("tuple", pair)))
    made = Sequence("iterator", tuple(pairs), more, opening=tuple(opening), paused=found.paused)
    return m.make(node, "enumerate", made)


def zipped(m: Machine, given: Arguments, node: ast.AST) -> Value:
    if given.rest is not None:
        return transposed(m, given, node)
    if not given.args:
        return ANY
    found = [iteration.whole(m, arg, node) for arg in given.args]
    columns = [(one.known, one.rest) for one in found]
    shortest = min((len(items) for items, rest in columns if rest is None), default=None)
    known = min((len(items) for items, _ in columns), default=0)
    rows: list[Value] = []
    count = known if shortest is None else min(known, shortest)
    for place in range(count):
        row = tuple(items[place] for items, _ in columns)
        rows.append(m.make(node, f"row{place}", Sequence("tuple", row)))
    more = None
    if shortest is None or shortest > count:
        rest = tuple(
            values.join_all((*items[count:], *([r] if r is not None else []))) or ANY
            for items, r in columns
        )
        more = m.make(node, "row", Sequence("tuple", rest))
    paused = generators.joined([one.paused for one in found if one.paused is not None])
    return m.make(node, "zip", Sequence("iterator", tuple(rows), more, paused=paused))


def transposed(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """zip(*rows) of any number of rows: the columns, as long as each row is as wide."""
    rest = given.rest or ANY
    rows = [m.s.get(atom.addr) if isinstance(atom, Ref) else None for atom in rest]
    for value in given.args:
        rows += [m.s.get(atom.addr) if isinstance(atom, Ref) else None for atom in value]
    known = [row for row in rows if isinstance(row, Sequence) and row.rest is None]
    if len(known) < len(rows) or len({len(row.items) for row in known}) != 1:
        return escapes.lost(m, given.every())
    columns = [
        m.make(node, f"column{place}", Sequence("tuple", (), values.join_all(items)))
        for place, items in enumerate(zip(*(row.items for row in known), strict=True))
    ]
    return m.make(node, "zip", Sequence("iterator", tuple(columns)))
