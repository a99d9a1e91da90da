"""What freezes a tensor or a module, taken out."""

from __future__ import annotations

import ast

from nonegrad.patterns.base import Draft, Form, Task
from nonegrad.patterns.layout import edit
from nonegrad.patterns.place import Run, cut, end_of, single, start_of
from nonegrad.patterns.rewrites.headers import colon_after, without_header
from nonegrad.patterns.rewrites.statements import drafted, without
from nonegrad.text import Site


def unfreeze(task: Task) -> Draft | None:
    """`unfreeze`: what switches requires_grad off at the site goes.

    `p.requires_grad = False` goes as a statement; of `self.base = base.requires_grad_(False)` the
    call does. A switch to what a variable says stays, but no longer depends on whether
    requires_grad is on: `if p.requires_grad:` around it goes, under which it never comes back on.
    """
    run = single(task.source, task.tree, task.site)
    match run.statement if run is not None else None:
        case ast.Expr():
            return None if run is None else drafted(without(task, run))
        case ast.Assign(targets=[ast.Attribute(attr="requires_grad") as flag], value=value):
            if run is None:
                return None
            if isinstance(value, ast.Constant):
                return drafted(without(task, run))
            return _whatever_it_was(task, run, flag)
        case ast.Assign(value=ast.Call(func=ast.Attribute(attr="requires_grad_") as func) as call):
            start, end = end_of(task.source, func.value), end_of(task.source, call)
            return Draft((edit(task.source, start, end, ""),))
        case _:
            return None


def _whatever_it_was(task: Task, run: Run, flag: ast.Attribute) -> Draft | None:
    """The switch without the test of the flag itself around it."""
    match run.owner:
        case ast.If(test=ast.Attribute() as test, orelse=[]) as owner if ast.unparse(
            test
        ) == ast.unparse(flag):
            pass
        case _:
            return None
    row, column = task.source.position(start_of(task.source, owner))
    around = single(task.source, task.tree, Site(task.source.filename, row, column, row, column))
    if around is None or around.statement is not owner:
        return None
    colon = colon_after(task.source, end_of(task.source, test))
    draft = None if colon is None else drafted(without_header(around, owner.body, colon.end()))
    text = cut(task.source, test)
    title = f"Switch it whatever it was: no `if {text}:` around it"
    return None if draft is None else Draft(draft.edits, title)


FORMS = (Form("unfreeze", unfreeze),)
