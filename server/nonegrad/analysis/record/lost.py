"""Updates that are bound to the name of a leaf and that nothing ever reads: the leaf stays as it
was, for `p = p - lr * p.grad` is about the name `p` only."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nonegrad.analysis.domain.frames import WATCHED
from nonegrad.analysis.domain.truth import NO, YES
from nonegrad.analysis.record import peeking
from nonegrad.analysis.record.missed import LostUpdate
from nonegrad.analysis.syntax import walking

if TYPE_CHECKING:
    from nonegrad.analysis.domain.values import Value
    from nonegrad.analysis.machine import Machine
    from nonegrad.text import Site

KEPT = "_nonegrad_unread"
"""The attribute under which a statement keeps what was found of it."""
Loop = ast.For | ast.AsyncFor | ast.While
Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
Holding = ast.stmt | ast.ExceptHandler | ast.match_case


@dataclass(slots=True)
class Lost:
    """Collects them."""

    found: dict[Site, LostUpdate] = field(default_factory=dict["Site", LostUpdate])

    def meet(self, m: Machine, statement: ast.Assign, before: Value, after: Value) -> None:
        """An assignment to one name, with what the name held before."""
        target = statement.targets[0]
        old, new = m.tensors(before), m.tensors(after)
        if not old or not new or not isinstance(target, ast.Name) or len(new) != len(after):
            return
        if not (m.recording and m.frame.module.asked) or m.uncertain or m.frame.is_class:
            return
        if not all(one.is_leaf is YES and one.requires_grad is YES for _, one in old):
            return
        apart = {addr for addr, _ in old}.isdisjoint(addr for addr, _ in new)
        fresh = all(one.view == "no" and not one.base for _, one in new)
        computed = all(one.is_leaf is NO or one.requires_grad is NO for _, one in new)
        if not (apart and fresh and computed and peeking.mentions(statement, target.id)):
            return
        scope = m.frame.names.scope
        declared = m.frame.names.globals | m.frame.names.nonlocals
        if scope is None or target.id in declared or not is_computation(statement.value):
            return
        if is_unread(scope, statement, target.id):
            site = m.site(statement)
            made = old[0][1].why.site if len(old) == 1 and old[0][1].why is not None else None
            by_gradient = any(
                isinstance(node, ast.Attribute) and node.attr == "grad"
                for node in walking.walk(statement.value)
            )
            self.found.setdefault(
                site, LostUpdate(site, target.id, m.text(statement, 60), by_gradient, made)
            )


def is_computation(value: ast.expr) -> bool:
    """Whether an expression certainly does nothing but compute: arithmetic and calls of methods,
    none of which writes into what it is given."""
    if not isinstance(value, (ast.BinOp, ast.Call)):
        return False
    for node in walking.walk(value):
        match node:
            case ast.Call(func=ast.Attribute(attr=name), keywords=keywords):
                if name.endswith("_") or any(one.arg in (None, "out") for one in keywords):
                    return False
            case ast.Call() | ast.NamedExpr() | ast.Await() | ast.Yield() | ast.YieldFrom():
                return False
            case _:
                pass
    return True


def is_unread(scope: ast.AST, statement: ast.Assign, name: str) -> bool:
    """Whether what a statement binds is certainly never read."""
    known: tuple[ast.AST, bool] | None = getattr(statement, KEPT, None)
    if known is None or known[0] is not scope:
        known = scope, _unread(scope, statement, name)
        setattr(statement, KEPT, known)
    return known[1]


def _unread(scope: ast.AST, statement: ast.Assign, name: str) -> bool:
    way = next(_ways(scope, statement), None)
    if way is None:
        return False
    loops = [node for node in way if isinstance(node, Loop)]
    if loops:
        # Each turn binds the name anew before anything is read.
        loop = loops[-1]
        if isinstance(loop, ast.While) or not _binds(loop.target, name):
            return False
        inside = [node for one in loop.body for node in _reads(one, name)]
        outside = [
            node
            for node in _reads(scope, name)
            if not any(_within(node, one) for one in loop.body)
            and not any(_within(node, one) for one in _bound_anew(scope, name))
        ]
        return not outside and all(_before(node, statement) for node in inside)
    if not isinstance(scope, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return False
    arguments = scope.args
    given = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return any(one.arg == name for one in given) and all(
        _before(node, statement) for one in scope.body for node in _reads(one, name)
    )


def _ways(node: ast.AST, goal: ast.AST) -> Iterator[list[ast.AST]]:
    """What stands around a statement, from the scope down to it."""
    for child in walking.children(node):
        if child is goal:
            yield [node]
        elif isinstance(child, Holding) and not isinstance(child, Function | ast.ClassDef):
            yield from ([node, *way] for way in _ways(child, goal))


def _reads(node: ast.AST, name: str) -> Iterator[ast.AST]:
    """Where a name may be read, also by functions inside that do not bind it themselves."""
    pending = [node]
    while pending:
        one = pending.pop()
        if isinstance(one, Function) and one is not node and _own(one, name):
            continue
        match one:
            case ast.Name(id=found, ctx=ctx):
                if found in WATCHED or (found == name and not isinstance(ctx, ast.Store)):
                    yield one
            case ast.AugAssign(target=ast.Name(id=found)) if found == name:
                yield one
            case _:
                pass
        pending += walking.children(one)


def _own(function: Function, name: str) -> bool:
    """Whether a function binds a name as its own."""
    arguments = function.args
    given = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    if any(one.arg == name for one in given):
        return True
    shared = any(
        isinstance(node, (ast.Global, ast.Nonlocal)) and name in node.names
        for node in walking.walk(function)
    )
    return not shared and any(_binds(node, name) for node in walking.walk(function))


def _binds(node: ast.AST, name: str) -> bool:
    return any(
        isinstance(one, ast.Name) and one.id == name and isinstance(one.ctx, ast.Store)
        for one in walking.walk(node)
    )


def _bound_anew(scope: ast.AST, name: str) -> Iterator[ast.AST]:
    """What reads the name only after it has bound it: bodies of other loops over it, and
    comprehensions."""
    for node in walking.walk(scope):
        match node:
            case ast.For(target=target, body=body) if _binds(target, name):
                yield from body
            case (
                ast.ListComp(generators=parts)
                | ast.SetComp(generators=parts)
                | ast.GeneratorExp(generators=parts)
                | ast.DictComp(generators=parts)
            ) if _binds(parts[0].target, name):
                yield node
            case _:
                pass


def _within(node: ast.AST, other: ast.AST) -> bool:
    return _start(other) <= _start(node) and _end(node) <= _end(other)


def _before(node: ast.AST, statement: ast.stmt) -> bool:
    """Whether a read comes before an assignment, or stands in it: its own value."""
    return _end(node) <= _end(statement)


def _start(node: ast.AST) -> tuple[int, int]:
    return getattr(node, "lineno", 0), getattr(node, "col_offset", 0)


def _end(node: ast.AST) -> tuple[int, int]:
    return getattr(node, "end_lineno", 0) or 0, getattr(node, "end_col_offset", 0) or 0
