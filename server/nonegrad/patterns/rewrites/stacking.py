"""A list of tensors joined within the graph, where its numbers were copied into a new tensor."""

from __future__ import annotations

import re

import libcst as cst

from nonegrad.patterns.base import Draft, Form, Task
from nonegrad.patterns.rewrites.expressions import put, spot_of
from nonegrad.patterns.rewrites.keywords import keyword_of
from nonegrad.patterns.syntax import dotted, postfixed, read, show

_INTEGRAL = re.compile(r"(?:u?int\d*|long|short|bool)\Z")
_KEPT = ("dtype", "device")
_DROPPED = ("requires_grad",)
_TYPED = {"FloatTensor": "float32", "DoubleTensor": "float64", "HalfTensor": "float16"}
_COPIES = {"tensor", "as_tensor", "asarray", "Tensor", *_TYPED}
_LIKE = {0.0: "zeros_like", 1.0: "ones_like"}

Layout = str | tuple["Layout", ...]
"""`s`, `t`, `n`, a row of layouts, or `(layout, "*")` for a row of unknown length."""


def stack_elements(task: Task) -> Draft | None:
    """`stack-elements`: `torch.tensor([a, b])` becomes `torch.stack([a, b])`, rows in rows too.

    `held` is the layout of what the call copies, as the analysis writes it (`[st]`, `[[ss][sn]]`,
    `[s*]`). Numbers among the tensors become tensors like their neighbours. `torch`: the
    module's name here.
    """
    spot = spot_of(task)
    held = layout_of(task.request.argument("held"))
    call = None if spot is None else read(spot.text)
    if spot is None or not isinstance(call, cst.Call) or held is None:
        return None
    if (dotted(call.func) or "").rpartition(".")[2] not in _COPIES:
        return None
    data = _data(call)
    suffix = None if data is None else _conversion(call, task.torch)
    if data is None or suffix is None:
        return None
    joined = _joined(call, data, held, task.torch)
    if joined is None:
        return None
    written = call.with_changes(func=cst.parse_expression(f"{task.torch}.stack"), args=[joined])
    draft = put(spot, postfixed(written, suffix) if suffix else show(written))
    if draft is None:
        return None
    remark = "dimensions of the elements stay" if "t" in task.request.argument("held") else ""
    return Draft(draft.edits, remark=remark)


def layout_of(text: str) -> Layout | None:
    """The layout that a text describes; None for no row."""
    stack: list[list[Layout]] = [[]]
    for letter in text:
        if letter == "[":
            stack.append([])
        elif letter == "]":
            row = tuple(stack.pop())
            if not stack:
                return None
            stack[-1].append(row)
        else:
            stack[-1].append(letter)
    whole = stack[0]
    return whole[0] if len(stack) == 1 and len(whole) == 1 and isinstance(whole[0], tuple) else None


def _data(call: cst.Call) -> cst.Arg | None:
    """The argument with the list; None where another one of the call cannot be kept."""
    known = {"data", *_KEPT, *_DROPPED}
    for index, arg in enumerate(call.args):
        named = arg.keyword is not None and arg.keyword.value in known
        if arg.star or not (named or (index == 0 and arg.keyword is None)):
            return None
    first = call.args[0] if call.args and call.args[0].keyword is None else None
    return first or keyword_of(call, "data")


def _conversion(call: cst.Call, torch: str) -> str | None:
    """The `.to(...)` for what the call says of dtype and device; None for a dtype of integers."""
    given = [arg for name in _KEPT if (arg := keyword_of(call, name)) is not None]
    dtype = keyword_of(call, "dtype")
    if dtype is not None and _INTEGRAL.match((dotted(dtype.value) or "").rpartition(".")[2]):
        return None
    name = (dotted(call.func) or "").rpartition(".")[2]
    said = [f"{show(arg.keyword)}={show(arg.value)}" for arg in given if arg.keyword is not None]
    if name in _TYPED:
        said.append(f"dtype={torch}.{_TYPED[name]}")
    return f".to({', '.join(said)})" if said else ""


def _joined(call: cst.Call, data: cst.Arg, held: Layout, torch: str) -> cst.Arg | None:
    """The list as the argument of `stack`, in the layout it has; its rows are stacked first."""
    rows = _rows(data.value, held, torch, _model(data.value, held))
    if rows is None:
        return None
    comma = cst.MaybeSentinel.DEFAULT
    last = call.args[-1]
    alone = isinstance(last.comma, cst.Comma) and _broken(last.comma)
    return cst.Arg(rows, comma=last.comma if alone else comma)


def _broken(comma: cst.Comma) -> bool:
    return isinstance(comma.whitespace_after, cst.ParenthesizedWhitespace)


def _model(node: cst.BaseExpression, held: Layout) -> cst.BaseExpression | None:
    """The first tensor that stands in the rows under a name."""
    if isinstance(held, str):
        return node if held != "n" and _is_plain(node) else None
    if not isinstance(node, cst.List | cst.Tuple) or _unpacks(node) or "*" in held:
        return None
    pairs = zip(node.elements, held, strict=False)
    return next((found for e, kind in pairs if (found := _model(e.value, kind))), None)


def _is_plain(node: cst.BaseExpression) -> bool:
    """Whether a tensor stands under a name, or at a number under one: naming it again is cheap."""
    match node:
        case cst.Subscript(
            value=value, slice=[cst.SubscriptElement(slice=cst.Index(value=cst.Integer()))]
        ):
            return dotted(value) is not None
        case _:
            return dotted(node) is not None


def _rows(
    node: cst.BaseExpression, held: Layout, torch: str, like: cst.BaseExpression | None
) -> cst.BaseExpression | None:
    """The elements of a row, each as a tensor."""
    if isinstance(held, str):
        return None
    if isinstance(node, cst.List | cst.Tuple) and not _unpacks(node):
        kinds = held[:1] * len(node.elements) if "*" in held else held
        if len(kinds) != len(node.elements):
            return None
        return _elements(node, kinds, torch, like)
    kind = held[0]
    if kind == "n" or any(other not in (kind, "*") for other in held):
        return None
    if isinstance(kind, str):
        return node
    if isinstance(node, cst.ListComp) and isinstance(node.elt, cst.List | cst.Tuple):
        inner = _stacked(node.elt, kind, torch, _model(node.elt, kind))
        return None if inner is None else node.with_changes(elt=inner)
    if any(isinstance(part, tuple) for part in kind) or "n" in kind:
        return None
    row = f"[{torch}.stack(row) for row in {show(node)}]"
    return read(row)


def _unpacks(node: cst.List | cst.Tuple) -> bool:
    return any(isinstance(element, cst.StarredElement) for element in node.elements)


def _elements(
    node: cst.List | cst.Tuple,
    kinds: tuple[Layout, ...],
    torch: str,
    like: cst.BaseExpression | None,
) -> cst.BaseExpression | None:
    made: list[cst.BaseElement] = []
    for element, kind in zip(node.elements, kinds, strict=True):
        if isinstance(kind, tuple):
            value = _stacked(element.value, kind, torch, like)
        elif kind == "n":
            value = None if like is None else _number(element.value, like, torch)
        else:
            value = element.value
        if value is None:
            return None
        made.append(element.with_changes(value=value))
    return node.with_changes(elements=made)


def _stacked(
    node: cst.BaseExpression, held: Layout, torch: str, like: cst.BaseExpression | None
) -> cst.BaseExpression | None:
    rows = _rows(node, held, torch, like)
    return None if rows is None else read(f"{torch}.stack({show(rows)})")


def _number(
    node: cst.BaseExpression, like: cst.BaseExpression, torch: str
) -> cst.BaseExpression | None:
    """A number as a tensor like another one."""
    known = isinstance(node, cst.Integer | cst.Float)
    filled = _LIKE.get(float(node.evaluated_value)) if known else None
    name = show(like)
    if filled is not None:
        return read(f"{torch}.{filled}({name})")
    return read(f"{torch}.full_like({name}, {show(node)})")


FORMS = (Form("stack-elements", stack_elements),)
