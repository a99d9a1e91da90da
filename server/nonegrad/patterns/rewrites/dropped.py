"""A call that takes a tensor out of its graph, left out."""

from __future__ import annotations

import ast

from nonegrad.patterns.base import Draft, Form, Task
from nonegrad.patterns.place import cut
from nonegrad.patterns.rewrites.expressions import Spot, put, spot_of
from nonegrad.patterns.rewrites.statements import drafted, without
from nonegrad.text import LINE_END

_OF_ARGUMENT = frozenset(
    {
        "tensor",
        "as_tensor",
        "asarray",
        "array",
        "Variable",
        "Parameter",
        "from_numpy",
        "FloatTensor",
    }
)

_INDEXED = frozenset(
    """gather scatter scatter_ scatter_add scatter_add_ index_select index_add index_add_ index_copy
    index_copy_ index_fill index_fill_ take take_along_dim embedding one_hot cross_entropy nll_loss
    select narrow""".split()
)
"""Calls that take integers among their arguments."""


def drop_call(task: Task) -> Draft | None:
    """`drop-call`: `expr.detach()`, `expr.data`, `float(expr)` become `expr`.

    `of` says where the expression stands, `receiver` or `argument`; without it the shape does.
    With `chain` so do all such calls at the end of it: `expr.detach().item()` becomes `expr`.
    `Variable(expr.data)` becomes `expr`, too, for that would cut it off again. A statement that
    does nothing then goes as a whole.
    """
    spot = spot_of(task)
    if spot is None or _is_index(task, spot):
        return None
    kept = _through(task, spot)
    if kept is not None:
        return kept
    inner = _inner(spot.node, task.request.argument("of"))
    while task.request.argument("chain") and inner is not None and _takes_out(inner):
        inner = _inner(inner, "receiver")
    if inner is None or isinstance(inner, ast.Starred):
        return None
    around = spot.path[-2] if len(spot.path) > 1 else None
    title = None
    if isinstance(around, ast.Call) and _rewraps(around) and around.args[0] is spot.node:
        spot = Spot(spot.run, spot.path[:-1], around)
        title = f"Stay in the graph: no `{' '.join(spot.text.split())}`"
    text = LINE_END.sub("\n", cut(task.source, inner))
    match spot.run.statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=value) if (
            value is spot.node and name == text
        ):
            draft = drafted(without(task, spot.run))
        case _:
            draft = put(spot, text)
    return None if draft is None else Draft(draft.edits, title)


def _through(task: Task, spot: Spot) -> Draft | None:
    """`x + (y - x).detach()`, which hands the gradient of y on to x, as `y + (x - x.detach())`: y
    has it, too. Without the `detach()` alone x would have none."""
    match spot.path[-2:]:
        case (
            ast.BinOp(left=x, op=ast.Add()) as whole,
            ast.Call(
                func=ast.Attribute(
                    attr="detach", value=ast.BinOp(left=y, op=ast.Sub(), right=again)
                )
            ),
        ) if ast.unparse(x) == ast.unparse(again) and isinstance(x, ast.Name | ast.Attribute):
            pass
        case _:
            return None
    kept, given = cut(task.source, x), LINE_END.sub("\n", cut(task.source, y))
    text = f"{given} + ({kept} - {kept}.detach())"
    draft = put(Spot(spot.run, spot.path[:-1], whole), text)
    title = f"Let `{' '.join(given.split())}` have a gradient, too: `{' '.join(text.split())}`"
    return None if draft is None else Draft(draft.edits, title)


def _is_index(task: Task, spot: Spot) -> bool:
    """Whether what a cast to integers gives is an index, or a class: those must be integers."""
    cast = spot.node.func if isinstance(spot.node, ast.Call) else None
    if not isinstance(cast, ast.Attribute) or cast.attr not in ("long", "int"):
        return False
    match spot.run.statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=value) if value is spot.node:
            return _indexes_with(spot.run.function or task.tree, name)
        case _:
            return any(isinstance(node, ast.Subscript) for node in spot.path)


def _indexes_with(scope: ast.AST, name: str) -> bool:
    """Whether a name stands in an index, or in a call that takes one."""
    places: list[ast.AST] = []
    for node in ast.walk(scope):
        match node:
            case ast.Subscript(slice=index):
                places.append(index)
            case ast.Call(func=ast.Attribute(attr=attr) | ast.Name(id=attr)) if attr in _INDEXED:
                places += [*node.args, *(keyword.value for keyword in node.keywords)]
            case _:
                pass
    inside = (part for place in places for part in ast.walk(place))
    return any(isinstance(part, ast.Name) and part.id == name for part in inside)


def _takes_out(node: ast.expr) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(attr=attr), args=[]) | ast.Attribute(attr=attr):
            return attr in ("detach", "data", "cpu", "item", "clone")
        case _:
            return False


def _rewraps(call: ast.Call) -> bool:
    """Whether a call makes a tensor without the graph of the one that it is given."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    name = call.func.id if isinstance(call.func, ast.Name) else name
    return name in ("Variable", "tensor") and bool(call.args)


def _inner(node: ast.expr, of: str) -> ast.expr | None:
    if isinstance(node, ast.Attribute):
        return node.value
    if not isinstance(node, ast.Call):
        return None
    method = node.func if isinstance(node.func, ast.Attribute) else None
    if not of:
        named = method is not None and (
            method.attr in _OF_ARGUMENT
            or (isinstance(method.value, ast.Name) and method.value.id in ("torch", "np"))
        )
        of = "argument" if method is None or (named and node.args) else "receiver"
    if of == "receiver":
        return None if method is None else method.value
    return node.args[0] if node.args else None


FORMS = (Form("drop-call", drop_call),)
