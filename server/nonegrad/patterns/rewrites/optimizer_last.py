"""An optimizer made after the last change of what it is given."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from nonegrad.patterns.base import Draft, Form, Task
from nonegrad.patterns.layout import delete, insert_after, insert_before
from nonegrad.patterns.place import Run, single
from nonegrad.patterns.rewrites.statements import carried, drafted, place_of


def make_optimizer_last(task: Task) -> Draft | None:
    """`make-optimizer-last`: the optimizer is made after its model has got its last parameters.

    The site is its construction. It moves behind the last statement of its block that changes
    what it is made of, before anything uses it; where something does too soon, the one such
    statement moves before it. `instead`, as `row:col`: where the new parameters are made.
    """
    run = single(task.source, task.tree, task.site)
    if run is None or not isinstance(run.statement, ast.Assign):
        return None
    if len(run.statement.targets) != 1:
        return None
    made = ast.unparse(run.statement.targets[0])
    given = frozenset(_names(run.statement.value, ast.Load))
    instead = place_of(task, task.request.argument("instead"))
    rows = range(0) if instead is None else range(instead.row, instead.row + 1)
    changing = [
        index
        for index in range(run.first + 1, len(run.statements))
        if _changes(run.statements[index], given, rows)
    ]
    if not changing:
        return None
    used = next(
        (
            index
            for index in range(run.first + 1, len(run.statements))
            if _mentions(run.statements[index], made)
        ),
        len(run.statements),
    )
    if changing[-1] < used:
        target = _one(run, changing[-1])
        put = carried(run, lambda text: insert_after(target, text))
        return drafted(delete(run), put)
    early = [index for index in changing if index < used]
    moved = changing[0]
    if early or len(changing) > 1 or not _free(run, moved):
        return None
    statement = _one(run, moved)
    return drafted(delete(statement), carried(statement, lambda text: insert_before(run, text)))


def _one(run: Run, index: int) -> Run:
    return Run(run.source, run.owner, run.statements, index, index, run.function)


def _changes(statement: ast.stmt, given: frozenset[str], rows: range) -> bool:
    """Whether a statement binds one of the names anew, changes its object, or makes the new
    parameters themselves."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return False
    if any(statement.lineno <= row <= (statement.end_lineno or 0) for row in rows):
        return True
    match statement:
        case ast.Assign(targets=targets):
            return any(_root(target) in given for target in targets)
        case ast.Expr(value=ast.Call(func=func, args=args)):
            receiver = func.value if isinstance(func, ast.Attribute) else None
            loads = isinstance(func, ast.Attribute) and func.attr in _HARMLESS
            return not loads and (_root(receiver) in given or any(_root(a) in given for a in args))
        case _:
            return False


_HARMLESS = {"train", "eval", "to", "cuda", "cpu", "load_state_dict", "requires_grad_", "zero_grad"}
"""Methods of a module that keep its parameters."""


def _root(node: ast.expr | None) -> str:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _mentions(statement: ast.stmt, made: str) -> bool:
    """Whether a statement uses the optimizer; a function that will does so later."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return False
    parts = (p for p in ast.walk(statement) if isinstance(p, ast.Name | ast.Attribute))
    return any(ast.unparse(part) == made for part in parts)


def _free(run: Run, index: int) -> bool:
    """Whether nothing between the optimizer and a statement binds what the statement reads."""
    needed = frozenset(_names(run.statements[index], ast.Load))
    between = run.statements[run.first : index]
    return not any(name in needed for one in between for name in _names(one, ast.Store))


def _names(node: ast.AST, kind: type[ast.expr_context]) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.Name) and isinstance(part.ctx, kind):
            yield part.id


FORMS = (Form("make-optimizer-last", make_optimizer_last),)
