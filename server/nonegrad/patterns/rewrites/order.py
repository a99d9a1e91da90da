"""A backward() that runs before what reads its gradients."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace

from nonegrad.patterns.base import Draft, Form, Task
from nonegrad.patterns.layout import delete, insert_before
from nonegrad.patterns.place import Run, cut, single
from nonegrad.patterns.rewrites.statements import carried, drafted, place_of

_CLEARED = re.compile(r"\.grad(\.data)?\.zero_\(\)\Z")


def backward_first(task: Task) -> Draft | None:
    """`backward-first`: the backward() after the site moves before what reads the gradients.

    The site clears the gradients; a statement between it and the backward(), in the same block,
    leads to the read at `read` (`row:col`). None where the backward() needs what stands between.
    """
    run = single(task.source, task.tree, task.site)
    where = place_of(task, task.request.argument("read"))
    read = None if where is None else single(task.source, task.tree, where)
    if run is None or read is None or _CLEARED.search(cut(task.source, read.statement)):
        return None
    backward = next(_backwards(run), None)
    leads = next((i for i in range(run.last + 1, backward or 0) if _leads(run, i, read)), None)
    if backward is None or leads is None:
        return None
    moved = replace(run, first=backward, last=backward)
    needed = {part.id for part in ast.walk(moved.statement) if isinstance(part, ast.Name)}
    between = run.statements[leads:backward]
    bound = {
        part.id
        for one in between
        for part in ast.walk(one)
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
    }
    if needed & bound:
        return None
    target = replace(run, first=leads, last=leads)
    put = carried(moved, lambda text: insert_before(target, text))
    text = " ".join(cut(task.source, moved.statement).split())
    draft = drafted(delete(moved), put)
    title = f"Move `{text}` before line {target.statement.lineno}, which reads the gradients"
    return None if draft is None else Draft(draft.edits, title)


def _backwards(run: Run) -> Iterator[int]:
    """The statements after a run, in its block, that call backward()."""
    for index in range(run.last + 1, len(run.statements)):
        match run.statements[index]:
            case ast.Expr(value=ast.Call(func=ast.Attribute(attr="backward"))):
                yield index
            case _:
                pass


def _leads(run: Run, index: int, read: Run) -> bool:
    """Whether a statement holds the read, or calls the function that does."""
    statement = run.statements[index]
    if any(part is read.statement for part in ast.walk(statement)):
        return True
    return read.function is not None and any(
        isinstance(part, ast.Call)
        and ast.unparse(part.func).rpartition(".")[2] == read.function.name
        for part in ast.walk(statement)
    )


FORMS = (Form("backward-first", backward_first),)
