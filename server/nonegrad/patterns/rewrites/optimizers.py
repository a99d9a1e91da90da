"""What an optimizer is given."""

from __future__ import annotations

import ast

from nonegrad.patterns.base import Draft, Form, Task
from nonegrad.patterns.layout import edit, insert_after
from nonegrad.patterns.place import cut, end_of, start_of
from nonegrad.patterns.rewrites.expressions import Spot, spot_of
from nonegrad.patterns.rewrites.statements import drafted
from nonegrad.patterns.syntax import exchange


def give_optimizer(task: Task) -> Draft | None:
    """`give-optimizer`: the call that makes an optimizer gets `given` as well: a parameter, or
    `*module.parameters()`; with `instead` it gets nothing else."""
    spot = spot_of(task)
    given = task.request.argument("given")
    if spot is None or not isinstance(spot.node, ast.Call) or not given:
        return None
    argument = first_of(spot.node)
    if argument is None:
        return None
    if task.request.argument("instead"):
        return drafted(exchange(task.source, argument, given))
    match argument:
        case ast.List(elts=[*_, ast.Dict()]):
            return drafted(appended(task, argument, f'{{"params": {group(given)}}}'))
        case ast.List(elts=[_, *_]):
            return drafted(appended(task, argument, given))
        case ast.Call(func=ast.Attribute(attr="parameters"), args=[], keywords=[]) | ast.BinOp():
            text = cut(task.source, argument)
            return drafted(exchange(task.source, argument, f"[*{text}, {given}]"))
        case ast.Call(func=ast.Name(id="list" | "filter")):
            text = cut(task.source, argument)
            return drafted(exchange(task.source, argument, f"[*{text}, {given}]"))
        case _:
            return grouped(spot, given)


def first_of(call: ast.Call) -> ast.expr | None:
    """The parameters in a call that makes an optimizer."""
    for keyword in call.keywords:
        if keyword.arg == "params":
            return keyword.value
    return call.args[0] if call.args and not isinstance(call.args[0], ast.Starred) else None


def group(given: str) -> str:
    """What a group of parameters holds under `params`."""
    return given[1:] if given.startswith("*") else f"[{given}]"


def appended(task: Task, display: ast.List, text: str):
    """One more element of a list, in the layout of the others."""
    last = display.elts[-1]
    end = end_of(task.source, last)
    before = start_of(task.source, last)
    line = task.source.text.rfind("\n", 0, before) + 1
    blank = task.source.text[line:before]
    own_line = not blank.strip() and len(display.elts) > 1
    joint = f",\n{blank}" if own_line else ", "
    return (edit(task.source, end, end, joint + text),)


def grouped(spot: Spot, given: str) -> Draft | None:
    """A group added in a statement of its own."""
    match spot.run.statement:
        case ast.Assign(targets=[ast.Name() | ast.Attribute() as target], value=value) if (
            value is spot.node
        ):
            name = ast.unparse(target)
        case _:
            return None
    text = f'{name}.add_param_group({{"params": {group(given)}}})'
    return drafted(insert_after(spot.run, text))


FORMS = (Form("give-optimizer", give_optimizer),)
