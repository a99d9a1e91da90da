"""Variables that a loop's next turn binds before it reads them: what they hold at the end of a
turn is never seen again, and is forgotten there, with all the graph behind it.

Liveness as compilers do it, in the simplest sound form: a name counts where every read of it
stands in the loop, below a binding that each turn passes first.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from nonegrad.analysis.domain.frames import WATCHED, Frame
from nonegrad.analysis.syntax import walking

KEPT_READS = "_nonegrad_reads"
KEPT_ALL = "_nonegrad_all_reads"
KEPT_DEAD = "_nonegrad_dead"
"""Attributes under which trees keep what was found: they are analysed more than once."""
SWALLOWING = re.compile(r"suppress|raises|ExitStack", re.I)


@dataclass(frozen=True, slots=True)
class Reads:
    """How often each name is read in a tree, and the names that functions inside may read."""

    count: Counter[str]
    captured: frozenset[str]


def dead(frame: Frame, loop: ast.stmt | ast.expr) -> frozenset[str]:
    """The variables of a frame that hold nothing at the end of a turn that is ever read."""
    scope = frame.names.scope
    if frame.is_class or scope is None or not isinstance(loop, (ast.For, ast.AsyncFor, ast.While)):
        return frozenset()
    known: tuple[ast.AST, frozenset[str]] | None = getattr(loop, KEPT_DEAD, None)
    if known is None or known[0] is not scope:
        known = scope, _dead(frame, scope, loop)
        setattr(loop, KEPT_DEAD, known)
    return known[1]


def _dead(frame: Frame, scope: ast.AST, loop: ast.For | ast.AsyncFor | ast.While) -> frozenset[str]:
    whole = _in_all(scope)
    if not WATCHED.isdisjoint(whole.count):
        return frozenset()
    inside = reads_of(loop).count
    stored = {
        node.id
        for node in walking.walk(loop)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    exposed, _ = _loop(loop)
    hidden = whole.captured | frame.names.globals | frame.names.nonlocals
    return frozenset(
        name for name in stored - exposed - hidden if whole.count[name] == inside[name]
    )


def _in_all(scope: ast.AST) -> Reads:
    """What a scope reads; of each of its statements it is kept, for few change at a time."""
    known: Reads | None = getattr(scope, KEPT_ALL, None)
    if known is None:
        parts = [reads_of(part) for part in walking.children(scope)]
        count: Counter[str] = Counter()
        for part in parts:
            count.update(part.count)
        known = Reads(count, frozenset[str]().union(*(part.captured for part in parts)))
        setattr(scope, KEPT_ALL, known)
    return known


def reads_of(tree: ast.AST) -> Reads:
    """What a tree reads; kept with it."""
    known: Reads | None = getattr(tree, KEPT_READS, None)
    if known is not None:
        return known
    count: Counter[str] = Counter()
    captured: set[str] = set()
    for node in walking.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            captured |= set(_names(walking.children(node)))
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Store):
            count[node.id] += 1
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            count[node.target.id] += 1
    found = Reads(count, frozenset(captured))
    setattr(tree, KEPT_READS, found)
    return found


def _names(trees: Iterable[ast.AST | None]) -> Iterable[str]:
    """Every name in some trees, however it is used."""
    for tree in trees:
        for node in walking.walk(tree) if tree is not None else ():
            if isinstance(node, ast.Name):
                yield node.id


Found = tuple[set[str], set[str]]
"""Names that may be read before they are bound, and names that are certainly bound."""


def _block(body: list[ast.stmt]) -> Found:
    exposed: set[str] = set()
    bound: set[str] = set()
    for statement in body:
        reads, binds = _statement(statement)
        exposed |= reads - bound
        bound |= binds
    return exposed, bound


def _statement(statement: ast.stmt) -> Found:
    match statement:
        case ast.Assign(targets=targets, value=value):
            return _reads(value, *targets), _targets(*targets)
        case ast.AnnAssign(target=target, value=value) if value is not None:
            return _reads(value, target), _targets(target)
        case ast.If(test=test, body=body, orelse=orelse):
            one, other = _block(body), _block(orelse)
            return _reads(test) | one[0] | other[0], one[1] & other[1]
        case ast.For() | ast.AsyncFor() | ast.While():
            return _loop(statement)
        case ast.With(items=items, body=body) | ast.AsyncWith(items=items, body=body):
            held = [item.optional_vars for item in items if item.optional_vars is not None]
            exposed, bound = _block(body)
            own = _targets(*held)
            before = _reads(*(item.context_expr for item in items), *held)
            return before | (exposed - own), own | (set() if _swallows(items) else bound)
        case _:
            return set(_names([statement])), set()


def _swallows(items: list[ast.withitem]) -> bool:
    """Whether what a body raises may go on below its with statement, with nothing bound."""
    return any(
        isinstance(node, (ast.Name, ast.Attribute)) and SWALLOWING.search(ast.unparse(node))
        for item in items
        for node in walking.walk(item.context_expr)
    )


def _loop(loop: ast.For | ast.AsyncFor | ast.While) -> Found:
    """A loop perhaps takes no turn: it certainly binds nothing."""
    exposed, _ = _block(loop.body)
    if isinstance(loop, ast.While):
        before, own = _reads(loop.test), set[str]()
    else:
        before, own = _reads(loop.iter, loop.target), _targets(loop.target)
    return before | (exposed - own) | _block(loop.orelse)[0], set()


def _reads(*trees: ast.expr) -> set[str]:
    """Names an expression reads; those it binds itself, as comprehensions do, count as well."""
    return {
        node.id
        for tree in trees
        for node in walking.walk(tree)
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Store)
    }


def _targets(*targets: ast.expr) -> set[str]:
    """Names that an assignment certainly binds."""
    found: set[str] = set()
    for target in targets:
        match target:
            case ast.Name(id=name):
                found.add(name)
            case ast.Tuple(elts=elts) | ast.List(elts=elts):
                found |= _targets(*elts)
            case ast.Starred(value=value):
                found |= _targets(value)
            case _:
                pass
    return found
