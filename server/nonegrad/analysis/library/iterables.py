"""Python's builtins over iterables: containers from items, loops in one call, lengths and sums."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING

from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.heap import Mapping, Sequence
from nonegrad.analysis.domain.truth import MAYBE, NO, YES, Truth
from nonegrad.analysis.domain.value_class import replace
from nonegrad.analysis.domain.values import ANY, Const, Ref, Value
from nonegrad.analysis.library import dispatch
from nonegrad.analysis.machine import Machine
from nonegrad.analysis.python import (
    calls,
    conditions,
    containers,
    generators,
    iteration,
    operators,
)

if TYPE_CHECKING:
    from nonegrad.analysis.python.calls import Arguments


Handler = Callable[[Machine, "Arguments", ast.AST], Value]


def make_range(m: Machine, given: Arguments, node: ast.AST) -> Value:
    return m.make(node, "range", Sequence("range", tuple(given.args), values.scalar("int")))


def length(m: Machine, given: Arguments, node: ast.AST) -> Value:
    atom = values.only(given.args[0]) if given.args else None
    thing = m.s.get(atom.addr) if isinstance(atom, Ref) else None
    if isinstance(thing, Sequence) and thing.rest is None and thing.kind != "range":
        return values.const(len(thing.items))
    if isinstance(thing, Mapping) and thing.rest is None:
        return values.const(len(thing.entries))
    if isinstance(atom, Const) and isinstance(atom.value, str):
        return values.const(len(atom.value))
    return values.scalar("int")


def container(kind: str) -> Handler:
    """list(), tuple(), set(), sorted(), iter(): the items of an iterable."""

    def run(m: Machine, given: Arguments, node: ast.AST) -> Value:
        if not given.args:
            return m.make(node, kind, Sequence(kind))
        paused = generators.paused_of(m, given.args) if kind == "iterator" else None
        items, rest = iteration.items_of(m, given.args[0], node)
        return m.make(node, kind, Sequence(kind, items, rest, paused=paused))

    return run


def backwards(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """reversed(): the items from the last to the first, where all of them are known."""
    items, rest = iteration.items_of(m, given.args[0], node) if given.args else ((), ANY)
    if rest is not None:
        return m.make(node, "iterator", Sequence("iterator", (), values.join_all((*items, rest))))
    return m.make(node, "iterator", Sequence("iterator", tuple(reversed(items))))


def ordered(m: Machine, given: Arguments, node: ast.AST) -> Value:
    items, rest = iteration.items_of(m, given.args[0], node) if given.args else ((), None)
    if len(items) > 1 or rest is not None:
        rest = values.join_all((*items, *([rest] if rest is not None else [])))
        return m.make(node, "list", Sequence("list", (), rest))
    return m.make(node, "list", Sequence("list", items))


def make_dict(m: Machine, given: Arguments, node: ast.AST) -> Value:
    result = Mapping()
    if given.args:
        atom = values.only(given.args[0])
        found = m.at(atom.addr, Mapping) if isinstance(atom, Ref) else None
        if found is not None:
            result = found
        else:
            items, rest = iteration.items_of(m, given.args[0], node)
            for item in items:
                pair, more = iteration.items_of(m, item, node)
                if len(pair) == 2 and more is None:
                    result = containers.with_entry(result, pair[0], pair[1])
                else:
                    result = replace(result, rest=ANY)
            if rest is not None:
                pair, _ = iteration.items_of(m, rest, node)
                value = pair[1] if len(pair) == 2 else ANY
                result = replace(result, rest=value)
    for key, value in given.kwargs.items():
        result = containers.with_entry(result, values.const(key), value)
    if given.open_keywords:
        result = replace(result, rest=ANY)
    return m.make(node, "dict", result)


def default_dict(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """defaultdict(factory, ...): a dict that makes the entries it is asked for."""
    factory = given.args[0] if given.args else values.NONE
    made = Mapping((), None, "defaultdict", None if factory == values.NONE else factory)
    if len(given.args) > 1 or given.kwargs or not given.plain:
        made = replace(made, rest=ANY)
    return m.make(node, "dict", made)


def mapped(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """map(f, iterable), run at once."""
    if len(given.args) != 2:
        return calls.unknown(m, given, node)
    function = given.args[0]
    items, rest = iteration.items_of(m, given.args[1], node)
    context = m.ctx
    results: list[Value] = []
    for place, item in enumerate(items[:8]):
        m.ctx = context.child((id(node), "map", place))
        results.append(calls.call(m, function, calls.Arguments([item]), node))
    more: Value | None = None
    others = values.join_all((*items[8:], *([rest] if rest is not None else [])))
    if others:
        m.ctx = context.child((id(node), "map"))
        m.perhaps(lambda: results.append(calls.call(m, function, calls.Arguments([others]), node)))
        more = results.pop() if len(results) > len(items[:8]) else ANY
    m.ctx = context
    paused = generators.paused_of(m, given.args[1:])
    return m.make(node, "map", Sequence("iterator", tuple(results), more, paused=paused))


def filtered(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """filter(f, iterable): items that may be there, or not."""
    if len(given.args) != 2:
        return ANY
    items, rest = iteration.items_of(m, given.args[1], node)
    kept: list[Value] = []
    unsure = False
    for item in items:
        verdict = conditions.truth_of(
            m,
            item
            if given.args[0] == values.NONE
            else calls.call(m, given.args[0], calls.Arguments([item]), node),
        )
        if verdict is YES:
            kept.append(item)
        elif verdict is not NO:
            unsure = True
            kept.append(item)
    if unsure:
        rest = values.join_all((*kept, *([rest] if rest is not None else [])))
        kept = []
    paused = generators.paused_of(m, given.args[1:])
    return m.make(node, "filter", Sequence("iterator", tuple(kept), rest, paused=paused))


def summed(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """sum(iterable): additions from left to right, from 0."""
    items, rest = iteration.items_of(m, given.args[0], node) if given.args else ((), ANY)
    total = given.get(1, "start") or values.const(0)
    context = m.ctx
    for place, item in enumerate(items):
        m.ctx = context.child((id(node), "sum", place))
        total = operators.binary(m, node, ast.Add(), total, item)
    if rest is not None:
        m.ctx = context.child((id(node), "sum"))
        more = operators.binary(m, node, ast.Add(), total, rest)
        total = values.join(total, more)
    m.ctx = context
    return total


def extreme(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """max() and min(): one of the arguments, or of the items."""
    if len(given.args) == 1:
        items, rest = iteration.items_of(m, given.args[0], node)
        every: tuple[Value, ...] = (*items, *([rest] if rest is not None else []))
    else:
        every = tuple(given.args)
    default = [given.kwargs["default"]] if "default" in given.kwargs else []
    return values.join_all((*every, *default)) or ANY


def quantified(deciding: Truth) -> Handler:
    """any() and all(): what the truth of the items decides, of which one alone may do so."""

    def run(m: Machine, given: Arguments, node: ast.AST) -> Value:
        atom = values.only(given.args[0]) if given.args else None
        thing = m.at(atom.addr, Sequence) if isinstance(atom, Ref) else None
        if thing is None or not isinstance(atom, Ref) or thing.kind == "range":
            return values.BOOL
        if thing.kind in ("generator", "iterator"):
            # It stops at the item that decides.
            m.put(atom.addr, replace(thing, taken=MAYBE))
            if thing.taken is not NO or thing.paused is not None:
                return values.BOOL
        found = {conditions.truth_of(m, item) for item in thing.items}
        if deciding in found:
            return values.const(deciding is YES)
        if thing.rest is not None:
            found.add(conditions.truth_of(m, thing.rest))
        undecided = MAYBE in found or deciding in found
        return values.BOOL if undecided else values.const(deciding is NO)

    return run


def next_item(m: Machine, given: Arguments, node: ast.AST) -> Value:
    found = dispatch.next_of(m, given.args[0], node) if given.args else ANY
    return values.join(found, given.args[1]) if len(given.args) > 1 else found


def chained(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """itertools.chain"""
    every: list[Value] = []
    rest: Value | None = None
    for arg in given.args:
        items, more = iteration.items_of(m, arg, node)
        every.extend(items)
        if more is not None:
            rest = more if rest is None else values.join(rest, more)
    if given.rest is not None:
        rest = ANY
    if rest is not None:
        rest, every = values.join_all((rest, *every)), []
    paused = generators.joined([generators.paused_of(m, [arg]) for arg in given.args])
    return m.make(node, "chain", Sequence("iterator", tuple(every), rest, paused=paused))


def chained_from(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """itertools.chain.from_iterable"""
    items, rest = iteration.items_of(m, given.args[0], node) if given.args else ((), ANY)
    return chained(m, calls.Arguments(list(items), {}, rest), node)
