"""Decorators of a function: taken off, or exchanged."""

from __future__ import annotations

import ast

from nonegrad.patterns.base import Draft, Form, Task
from nonegrad.patterns.layout import edit, line_start, next_line, trimmed
from nonegrad.patterns.place import Definition, cut, end_of, single, start_of
from nonegrad.patterns.rewrites.statements import drafted
from nonegrad.patterns.syntax import dotted, read


def _decorator(task: Task) -> ast.expr | None:
    """The decorator that argument `name` names, dotted or by its last part, called or not."""
    run = single(task.source, task.tree, task.site)
    if run is None or not isinstance(run.statement, Definition):
        return None
    name = task.request.argument("name")
    for decorator in run.statement.decorator_list:
        function = decorator.func if isinstance(decorator, ast.Call) else decorator
        node = read(cut(task.source, function))
        spelled = None if node is None else dotted(node)
        if spelled is not None and (spelled == name or spelled.endswith(f".{name}")):
            return decorator
    return None


def remove_decorator(task: Task) -> Draft | None:
    """`remove-decorator`: the function at the site loses the decorator called `name`."""
    decorator = _decorator(task)
    if decorator is None:
        return None
    start, end = start_of(task.source, decorator), end_of(task.source, decorator)
    return drafted(
        (edit(task.source, line_start(task.source, start), next_line(task.source, end), ""),)
    )


def swap_decorator(task: Task) -> Draft | None:
    """`swap-decorator`: the decorator called `name` becomes `to`, written without its `@`."""
    decorator = _decorator(task)
    to = task.request.argument("to")
    if decorator is None or read(to) is None:
        return None
    start, end = start_of(task.source, decorator), end_of(task.source, decorator)
    return drafted(trimmed(task.source, start, end, to))


FORMS = (Form("remove-decorator", remove_decorator), Form("swap-decorator", swap_decorator))
