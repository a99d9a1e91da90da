"""A tensor of integers that is asked for a gradient, made of floats."""

from __future__ import annotations

import ast

import libcst as cst

from nonegrad.patterns.base import Draft, Form, Task
from nonegrad.patterns.names import may_bind
from nonegrad.patterns.place import Run, single
from nonegrad.patterns.rewrites.expressions import put, spot_of
from nonegrad.patterns.rewrites.require_grad import floating, takes_flag
from nonegrad.patterns.rewrites.statements import drafted
from nonegrad.patterns.syntax import dotted, exchange, postfixed, read, show
from nonegrad.text import LINE_END

_INTEGRAL = frozenset({"long", "int", "short", "byte", "char", "bool"})


def make_float(task: Task) -> Draft | None:
    """`make-float`: what is asked for a gradient at the site has a floating dtype before.

    `torch.tensor([1, 2], requires_grad=True)` gets floats, `nn.Parameter(x)` becomes
    `nn.Parameter(x.float())`, `x.requires_grad_()` and `x.requires_grad = True` become
    `x = x.float().requires_grad_()`. `torch`: the module's name here.
    """
    run = single(task.source, task.tree, task.site)
    if run is None:
        return None
    match run.statement:
        case ast.Assign(targets=[ast.Attribute(attr="requires_grad", value=owner)]):
            return _rebound(task, run, owner)
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr="requires_grad_", value=owner))):
            return _rebound(task, run, owner)
        case _:
            pass
    spot = spot_of(task)
    node = None if spot is None else read(spot.text)
    if spot is None or not isinstance(node, cst.Call):
        return None
    text = _floated(node, task.torch)
    return None if text is None or text == spot.text else put(spot, text)


def _rebound(task: Task, run: Run, owner: ast.expr) -> Draft | None:
    name = ast.unparse(owner)
    if not isinstance(owner, ast.Name | ast.Attribute) or not may_bind(run, name):
        return None
    text = f"{name} = {name}.float().requires_grad_()"
    return drafted(exchange(task.source, run.statement, text))


def _floated(node: cst.Call, torch: str) -> str | None:
    name = (dotted(node.func) or show(node.func)).rpartition(".")[2]
    if name == "requires_grad_" and isinstance(node.func, cst.Attribute):
        value = _float(node.func.value, torch)
        return show(node.with_changes(func=node.func.with_changes(value=value)))
    if name in ("Parameter", "Variable"):
        if not node.args or node.args[0].star:
            return None
        first = node.args[0]
        return show(node.with_deep_changes(first, value=_float(first.value, torch)))
    if not takes_flag(node.func, torch):
        return None
    typed = floating(node, name, torch, "")
    return show(floating(node, name, torch, "float32") if typed is node else typed)


def _float(value: cst.BaseExpression, torch: str) -> cst.BaseExpression:
    """The tensor with a floating dtype: at its creation where that stands here."""
    if isinstance(value, cst.Call) and isinstance(value.func, cst.Attribute):
        if value.func.attr.value in _INTEGRAL and not value.args:
            method = value.func.with_changes(attr=cst.Name("float"))
            return value.with_changes(func=method)
        if takes_flag(value.func, torch):
            typed = floating(value, value.func.attr.value, torch, "")
            if typed is not value:
                return typed
    return cst.parse_expression(LINE_END.sub("\n", postfixed(value, ".float()")))


FORMS = (Form("make-float", make_float),)
