"""`no_grad` in the place of `inference_mode`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from nonegrad.patterns.base import Draft, Form, Task
from nonegrad.patterns.layout import edit
from nonegrad.patterns.place import Definition, cut, end_of, span, start_of


def inference_to_no_grad(task: Task) -> Draft | None:
    """`inference-to-no-grad`: what switches inference mode on switches grad mode off instead.

    The site is the switch itself, or something under it: then the innermost block or function
    around it that has such a switch is meant.
    """
    switch = next(_switches(task), None)
    if switch is None:
        return None
    call = switch if isinstance(switch, ast.Call) else None
    if call is not None and not _is_on(call):
        return None
    function = call.func if call is not None else switch
    module = cut(task.source, function).rpartition(".")[0]
    if not module and not _is_imported(task):
        return None
    start, end = start_of(task.source, switch), end_of(task.source, switch)
    text = f"{module or task.torch}.no_grad()"
    return Draft((edit(task.source, start, end, text),))


def _switches(task: Task) -> Iterator[ast.expr]:
    """What switches inference mode on around the site, the innermost first."""
    start, end = span(task.source, task.site)
    around = [
        node
        for node in ast.walk(task.tree)
        if isinstance(node, (ast.With, ast.AsyncWith, *Definition))
        and start_of(task.source, node) <= start
        and end <= end_of(task.source, node)
    ]
    for node in sorted(around, key=lambda each: start_of(task.source, each), reverse=True):
        if isinstance(node, ast.With | ast.AsyncWith):
            found = [item.context_expr for item in node.items]
        else:
            found = node.decorator_list
        for switch in found:
            if _named(switch.func if isinstance(switch, ast.Call) else switch):
                yield switch


def _is_imported(task: Task) -> bool:
    """Whether the file imports the torch module under the name it is spelled by."""
    return any(
        (alias.asname or alias.name) == task.torch
        for node in task.tree.body
        if isinstance(node, ast.Import)
        for alias in node.names
    )


def _named(function: ast.expr) -> bool:
    match function:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name == "inference_mode"
        case _:
            return False


def _is_on(call: ast.Call) -> bool:
    """Whether the call says True, or nothing."""
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    return all(isinstance(value, ast.Constant) and value.value is True for value in given)


FORMS = (Form("inference-to-no-grad", inference_to_no_grad),)
