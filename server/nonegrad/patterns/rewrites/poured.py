"""A plain tensor that keeps its graph, where `.data` of a frozen Parameter was set."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

from nonegrad.patterns.base import Draft, Form, Task
from nonegrad.patterns.layout import edit
from nonegrad.patterns.place import Run, cut, end_of, single
from nonegrad.patterns.syntax import exchange
from nonegrad.text import LINE_END, Edit


def plain_data(task: Task) -> Draft | None:
    """`plain-data`: `self.w.data = EXPR` becomes `self.w = EXPR`, and what `self.w` begins as,
    `nn.Parameter(DATA, requires_grad=False)`, becomes DATA; the statements beside it that do the
    same for other attributes go along."""
    run = single(task.source, task.tree, task.site)
    holder = None if run is None else _class_around(task, run)
    if run is None or holder is None or _poured(run.statement) is None:
        return None
    edits: list[Edit] = []
    names: list[str] = []
    for one in _beside(run):
        target = _poured(one.statement)
        begun = None if target is None else _begun(holder, ast.unparse(target.value))
        if target is None or begun is None:
            if one.statement is run.statement:
                return None
            continue
        plain = exchange(task.source, begun, LINE_END.sub("\n", cut(task.source, begun.args[0])))
        if plain is None:
            return None
        start, end = end_of(task.source, target.value), end_of(task.source, target)
        edits += [*plain, edit(task.source, start, end, "")]
        names.append(f"`{ast.unparse(target.value)}`")
    title = f"Keep the graph: {' and '.join(names)} without Parameter and `.data`"
    return Draft(tuple(edits), title, "no longer in state_dict()")


def _poured(statement: ast.stmt) -> ast.Attribute | None:
    """`self.w.data`, where a statement sets that."""
    match statement:
        case ast.Assign(
            targets=[
                ast.Attribute(attr="data", value=ast.Attribute(value=ast.Name(id="self"))) as target
            ]
        ):
            return target
        case _:
            return None


def _beside(run: Run) -> Iterator[Run]:
    """The run, and the statements after and before it that do the same."""
    yield run
    for step in (1, -1):
        index = run.first + step
        while 0 <= index < len(run.statements) and _poured(run.statements[index]) is not None:
            yield replace(run, first=index, last=index)
            index += step


def _class_around(task: Task, run: Run) -> ast.ClassDef | None:
    row = run.statement.lineno
    found = [
        node
        for node in ast.walk(task.tree)
        if isinstance(node, ast.ClassDef) and node.lineno <= row <= (node.end_lineno or 0)
    ]
    return found[-1] if found else None


def _begun(holder: ast.ClassDef, name: str) -> ast.Call | None:
    """The one frozen Parameter that an attribute begins as."""
    values = [
        node.value
        for node in ast.walk(holder)
        if isinstance(node, ast.Assign) and any(ast.unparse(one) == name for one in node.targets)
    ]
    match values:
        case [
            ast.Call(
                func=ast.Attribute(attr="Parameter") | ast.Name(id="Parameter"),
                args=[_],
                keywords=[ast.keyword(arg="requires_grad", value=ast.Constant(value=False))],
            ) as call
        ]:
            return call
        case _:
            return None


FORMS = (Form("plain-data", plain_data),)
