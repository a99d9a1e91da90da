"""Estimators that keep the numbers of a step without a derivative, and give it a gradient."""

from __future__ import annotations

import ast

from nonegrad.patterns.base import Draft, Form, Task
from nonegrad.patterns.layout import insert_before
from nonegrad.patterns.place import cut
from nonegrad.patterns.rewrites.expressions import Spot, put, spot_of
from nonegrad.patterns.rewrites.statements import drafted
from nonegrad.text import LINE_END

_CASTS = frozenset({"float", "double", "to", "type_as", "type"})
_OWN_NAMES = ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


def straight_through(task: Task) -> Draft | None:
    """`straight-through`: `(x > t).float()` as `(margin > 0).float() + (margin - margin.detach())`,
    with `margin = x - t` in a statement before it.

    The numbers stay, and the gradient is that of the margin. Only where the comparison is made a
    number at once. `torch.round(x)` becomes `x + (torch.round(x) - x).detach()`.
    """
    spot = spot_of(task)
    if spot is None or any(isinstance(one, _OWN_NAMES) for one in spot.path):
        return None
    if isinstance(spot.node, ast.Call):
        return _around(task, spot, spot.node)
    whole = _as_number(spot)
    if whole is None:
        return None
    match spot.node:
        case ast.Compare(left=left, ops=[ast.Gt() | ast.GtE() as sign], comparators=[right]):
            larger, smaller = left, right
        case ast.Compare(left=left, ops=[ast.Lt() | ast.LtE() as sign], comparators=[right]):
            larger, smaller = right, left
        case _:
            return None
    name = _free(task, spot, "margin")
    difference = f"{_operand(task, larger)} - {_operand(task, smaller)}"
    if LINE_END.search(difference):
        return None
    operator = ">" if isinstance(sign, ast.Gt | ast.Lt) else ">="
    cast = LINE_END.sub("\n", cut(task.source, whole)).rpartition(")")[0]
    start = cast.rindex(".")
    text = f"({name} {operator} 0){cast[start:]}) + ({name} - {name}.detach())"
    spread = Spot(spot.run, spot.path[: spot.path.index(whole) + 1], whole)
    draft = put(spread, text)
    before = insert_before(spot.run, f"{name} = {difference}")
    return None if draft is None else drafted(before, draft.edits)


def _around(task: Task, spot: Spot, call: ast.Call) -> Draft | None:
    """The gradient of what a step function is given, around the step."""
    if len(call.args) == 1 and not call.keywords:
        inner = call.args[0]
    elif not call.args and not call.keywords and isinstance(call.func, ast.Attribute):
        inner = call.func.value
    else:
        return None
    text, given = cut(task.source, call), cut(task.source, inner)
    if isinstance(inner, ast.Name | ast.Attribute):
        return put(spot, f"{given} + ({text} - {given}).detach()")
    if isinstance(inner, ast.Starred) or LINE_END.search(text):
        return None
    name = _free(task, spot, "smooth")
    rounded = text.replace(given, name, 1)
    draft = put(spot, f"{name} + ({rounded} - {name}).detach()")
    before = insert_before(spot.run, f"{name} = {given}")
    return None if draft is None else drafted(before, draft.edits)


def _as_number(spot: Spot) -> ast.Call | None:
    """The cast of the comparison to a number."""
    match spot.path[-3:]:
        case (ast.Call() as call, ast.Attribute(attr=attr) as function, node) if (
            call.func is function and function.value is node and attr in _CASTS
        ):
            return call
        case _:
            return None


def _operand(task: Task, node: ast.expr) -> str:
    text = cut(task.source, node)
    bare = ast.Name | ast.Attribute | ast.Call | ast.Subscript | ast.Constant
    return text if isinstance(node, bare) else f"({text})"


def _free(task: Task, spot: Spot, name: str) -> str:
    """A name that the function does not use."""
    inside = spot.run.function or task.tree
    taken = {part.id for part in ast.walk(inside) if isinstance(part, ast.Name)}
    taken |= {part.arg for part in ast.walk(inside) if isinstance(part, ast.arg)}
    return next(one for one in (name, *(f"{name}{n}" for n in range(2, 99))) if one not in taken)


FORMS = (Form("straight-through", straight_through),)
