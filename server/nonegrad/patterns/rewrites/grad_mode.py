"""Grad mode left on where something switched it off."""

from __future__ import annotations

import ast

from nonegrad.patterns.base import Draft, Form, Task
from nonegrad.patterns.layout import (
    block_prefix,
    delete,
    edit,
    is_chained,
    leads,
    line_start,
    newline_of,
    next_line,
    prefix,
    shifted,
    unit_of,
)
from nonegrad.patterns.place import Definition, Run, cut, end_of, single, span, start_of
from nonegrad.patterns.rewrites.no_grad import unwrap_with
from nonegrad.patterns.rewrites.statements import drafted

_OFF = frozenset({"no_grad", "inference_mode", "set_grad_enabled"})


def keep_grad_mode(task: Task) -> Draft | None:
    """`keep-grad-mode`: what switches grad mode off at the site goes: block, decorator or call.

    A `with` leaves its body where it was, indented less; the title says what went.
    """
    run = single(task.source, task.tree, task.site)
    if run is None:
        return None
    match run.statement:
        case ast.With() | ast.AsyncWith():
            draft = unwrap_with(task)
            return None if draft is None else Draft(draft.edits, _title(task, "block"))
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return _undecorated(task, run)
        case ast.Expr(value=ast.Call() as call) if _switches(call):
            draft = drafted(delete(run))
            return None if draft is None else Draft(draft.edits, _title(task, "call"))
        case _:
            return None


def _title(task: Task, what: str) -> str:
    text = " ".join(task.source.cut(task.site).split())
    return f"Compute with grad mode on: remove the {what} `{text}`"


def _switches(node: ast.expr) -> bool:
    function = node.func if isinstance(node, ast.Call) else node
    match function:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name in _OFF
        case _:
            return False


def _undecorated(task: Task, run: Run) -> Draft | None:
    statement = run.statement
    if not isinstance(statement, Definition):
        return None
    site = span(task.source, task.site)
    for decorator in statement.decorator_list:
        extent = start_of(task.source, decorator), end_of(task.source, decorator)
        if not (_switches(decorator) and extent[0] <= site[0] and site[1] <= extent[1]):
            continue
        start, end = line_start(task.source, extent[0]), next_line(task.source, extent[1])
        text = " ".join(cut(task.source, decorator).split())
        title = f"Compute with grad mode on: remove the decorator `@{text}`"
        return Draft((edit(task.source, start, end, ""),), title)
    return None


def enable_grad(task: Task) -> Draft | None:
    """`enable-grad`: the function around the site gets the decorator `@torch.enable_grad()`.

    `inside`, rows (commas between) that the function must hold as well; `outside`, one that it
    must not, for there grad mode is switched off. `torch`: the module's name here.
    """
    run = single(task.source, task.tree, task.site)
    if run is None or run.function is None:
        return None
    first = task.source.position(start_of(task.source, run.function))[0]
    rows = range(first, (run.function.end_lineno or 0) + 1)
    inside, outside = (_rows(task.request.argument(key)) for key in ("inside", "outside"))
    if any(row not in rows for row in inside) or any(row in rows for row in outside):
        return None
    start = start_of(task.source, run.function)
    if not leads(task.source, start):
        return None
    text = f"@{task.torch}.enable_grad()"
    line = f"{prefix(task.source, start)}{text}{newline_of(task.source)}"
    at = line_start(task.source, start)
    title = f"Compute with grad mode on: decorate `{run.function.name}` with `{text}`"
    return Draft((edit(task.source, at, at, line),), title)


def _rows(text: str) -> list[int]:
    return [int(row) for row in text.split(",") if row]


def guard_grad(task: Task) -> Draft | None:
    """`guard-grad`: the statement runs only where the gradient that it uses is there.

    The site is the read: `w.grad.zero_()` goes under `if w.grad is not None:`. Only for a
    statement that binds nothing.
    """
    run = single(task.source, task.tree, task.site)
    if run is None or not isinstance(run.statement, ast.Expr | ast.AugAssign):
        return None
    source = task.source
    indent = block_prefix(run)
    if indent is None or is_chained(source, run):
        return None
    first, last = source.position(run.start)[0], source.position(run.end)[0]
    test = " ".join(source.cut(task.site).split())
    header = f"{indent}if {test} is not None:{newline_of(source)}"
    at = source.starts[first - 1]
    rows = shifted(source, first, last, indent, indent + unit_of(source, task.tree))
    return Draft((edit(source, at, at, header), *rows))


FORMS = (
    Form("keep-grad-mode", keep_grad_mode),
    Form("enable-grad", enable_grad),
    Form("guard-grad", guard_grad),
)
