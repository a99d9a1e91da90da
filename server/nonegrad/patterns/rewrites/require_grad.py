"""`requires_grad=True` at the creation of a tensor, with a dtype that can have a gradient."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import libcst as cst

from nonegrad.patterns.base import Draft, Form, Task
from nonegrad.patterns.place import path_to, single
from nonegrad.patterns.rewrites.expressions import Spot, put
from nonegrad.patterns.rewrites.keywords import keyword_of, with_keyword
from nonegrad.patterns.spellings import FACTORIES, KEPT
from nonegrad.patterns.syntax import dotted, postfixed, read, show

_CAST_TO_INTEGER = frozenset({"long", "int", "short", "byte", "char", "bool"})
_INTEGRAL = re.compile(r"(?:torch\.)?(?:u?int\d*|long|short|bool)\Z")
_FROM_DATA = frozenset({"tensor", "asarray", "new_tensor"})
_FILLED = frozenset({"full", "full_like", "new_full"})
_COUNTED = frozenset({"arange", "range"})
_INTEGER = frozenset({"randint", "randperm", "randint_like"})


def add_requires_grad(task: Task) -> Draft | None:
    """`add-requires-grad`: the tensor made at the site, or by the statement, asks for a gradient.

    A keyword where the last call of the chain takes it, `.requires_grad_()` behind it elsewhere.
    `inner`=`1`: the site is the whole right-hand side; without it the casts and moves that
    follow the site belong to it too. `torch`: the module's name here. `dtype`: the dtype
    to ask for where the creation names none.
    """
    spot = _creation(task)
    node = None if spot is None else read(spot.text)
    if spot is None or node is None:
        return None
    text = flagged(node, task.torch, task.request.argument("dtype"))
    draft = None if text is None or text == spot.text else put(spot, text)
    if draft is None or not isinstance(node, cst.Call):
        return draft
    typed = floating(node, _name(node), task.torch, task.request.argument("dtype"))
    return draft if typed is node else Draft(draft.edits, remark="its integers become floats")


def _creation(task: Task) -> Spot | None:
    run = single(task.source, task.tree, task.site)
    if run is None:
        return None
    path = path_to(task.source, run, task.site)
    statement = run.statement
    if path is None and isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value:
        path = (statement, statement.value)
    if path is None:
        return None
    if not task.request.argument("inner"):
        path = _outward(path)
    node = path[-1]
    return Spot(run, path, node) if isinstance(node, ast.expr) else None


def _outward(path: tuple[ast.AST, ...]) -> tuple[ast.AST, ...]:
    """The path up to the last of the casts and moves that are called on its end."""
    while len(path) > 2:
        node, attribute, call = path[-1], path[-2], path[-3]
        if not (
            isinstance(attribute, ast.Attribute)
            and attribute.value is node
            and attribute.attr in KEPT
            and isinstance(call, ast.Call)
            and call.func is attribute
        ):
            break
        path = path[:-2]
    return path


def flagged(node: cst.BaseExpression, torch: str, dtype: str) -> str | None:
    """The creation with its flag, None where no dtype could carry a gradient."""
    if not isinstance(node, cst.Call):
        return postfixed(node, ".requires_grad_()")
    name = _name(node)
    if name in _CAST_TO_INTEGER and isinstance(node.func, cst.Attribute):
        return None
    if name == "requires_grad_" and isinstance(node.func, cst.Attribute):
        return show(node.with_changes(args=[]))
    if keyword_of(node, "requires_grad") is not None or takes_flag(node.func, torch):
        typed = floating(node, name, torch, dtype)
        return show(with_keyword(typed, "requires_grad", cst.Name("True")))
    return postfixed(node, ".requires_grad_()")


def _name(call: cst.Call) -> str:
    """The last name of what is called."""
    return call.func.attr.value if isinstance(call.func, cst.Attribute) else dotted(call.func) or ""


def takes_flag(function: cst.BaseExpression, torch: str) -> bool:
    """Whether a call of this function takes `requires_grad`."""
    name = dotted(function)
    if name is None or "." not in name:
        return name in FACTORIES or (
            isinstance(function, cst.Attribute) and function.attr.value.startswith("new_")
        )
    module, _, last = name.rpartition(".")
    return (module == torch and last in FACTORIES) or last.startswith("new_")


def floating(call: cst.Call, name: str, torch: str, dtype: str) -> cst.Call:
    """The creation with a floating dtype where its own is certainly an integral one."""
    wanted = cst.parse_expression(f"{torch}.{dtype or 'float32'}")
    given = keyword_of(call, "dtype")
    if given is not None:
        spelled = dotted(given.value) or ""
        integral = _INTEGRAL.match(spelled.removeprefix(f"{torch}."))
        return with_keyword(call, "dtype", wanted) if integral else call
    if dtype or name in _INTEGER:
        return with_keyword(call, "dtype", wanted)
    positional = [arg for arg in call.args if arg.keyword is None and not arg.star]
    if name in _COUNTED and positional and all(_integral([arg.value]) for arg in positional):
        return with_keyword(call, "dtype", wanted)
    index = 0 if name in _FROM_DATA else 1 if name in _FILLED else None
    if index is None or index >= len(positional):
        return call
    data = positional[index]
    if not _integral([data.value]):
        return call
    floated = _floated(data.value)
    if floated is None:
        return with_keyword(call, "dtype", wanted)
    return call.with_deep_changes(data, value=floated)


def _leaves(node: cst.BaseExpression) -> Iterator[cst.BaseExpression]:
    if isinstance(node, cst.List | cst.Tuple):
        for element in node.elements:
            yield from _leaves(element.value)
    elif isinstance(node, cst.UnaryOperation) and isinstance(node.operator, cst.Minus | cst.Plus):
        yield from _leaves(node.expression)
    else:
        yield node


def _integral(nodes: list[cst.BaseExpression]) -> bool:
    """Whether the literals are integers or booleans, all of them, and there is one."""
    leaves = [leaf for node in nodes for leaf in _leaves(node)]
    return bool(leaves) and all(
        isinstance(leaf, cst.Integer)
        or (isinstance(leaf, cst.Name) and leaf.value in ("True", "False"))
        for leaf in leaves
    )


class _Floats(cst.CSTTransformer):
    def leave_Integer(  # noqa: N802
        self, original_node: cst.Integer, updated_node: cst.Integer
    ) -> cst.BaseExpression:
        return cst.Float(f"{updated_node.value}.0", lpar=updated_node.lpar, rpar=updated_node.rpar)


def _floated(node: cst.BaseExpression) -> cst.BaseExpression | None:
    """The literals as floats, None where one of them is not a plain decimal number."""
    for leaf in _leaves(node):
        if not (isinstance(leaf, cst.Integer) and re.fullmatch(r"\d[\d_]*", leaf.value)):
            return None
    changed = node.visit(_Floats())
    return changed if isinstance(changed, cst.BaseExpression) else None


FORMS = (Form("add-requires-grad", add_requires_grad),)
