"""The out-of-place twin of an in-place call, and the tensor that a write reaches through a view."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from nonegrad.patterns.rewrites.keywords import keyword_of, without
from nonegrad.patterns.spellings import FUNCTIONS, TWINS, VIEWS
from nonegrad.patterns.syntax import dotted, inside, is_name, show

_LIKE = {"zero_": "zeros_like", "fill_": "full_like"}
_MODULES = frozenset({"F", "functional", "torch.nn.functional", "nn.functional"})
_READ_ONLY = frozenset({"T", "mT", "H", "mH", "real", "imag", "data"})
_EFFECTS = (
    cst.Call
    | cst.Await
    | cst.Yield
    | cst.NamedExpr
    | cst.Lambda
    | cst.ListComp
    | cst.SetComp
    | cst.DictComp
    | cst.GeneratorExp
    | cst.FormattedString
)
_POSITIONAL = frozenset({"ReLU", "ReLU6", "SELU", "SiLU", "Mish", "Hardswish", "Hardsigmoid"})


def is_target(node: cst.BaseExpression, *, container: bool = False) -> bool:
    """Whether `node = ...` binds, and reading `node` twice is as good as once.

    A subscript counts where the thing subscripted is no tensor: `container` says so, or a
    string as the key does.
    """
    if isinstance(node, cst.Name):
        return True
    if isinstance(node, cst.Attribute):
        return dotted(node) is not None and not _hides_write(node)
    if isinstance(node, cst.Subscript) and is_target(node.value, container=container):
        keys = [item.slice.value for item in node.slice if isinstance(item.slice, cst.Index)]
        named = len(keys) == 1 and isinstance(keys[0], cst.SimpleString)
        return (named or container) and len(keys) == len(node.slice) and all(map(_pure, keys))
    return False


def _hides_write(node: cst.BaseExpression) -> bool:
    """Whether an attribute chain goes through a view of the tensor or around autograd."""
    while isinstance(node, cst.Attribute):
        if node.attr.value in _READ_ONLY:
            return True
        node = node.value
    return False


def _pure(node: cst.BaseExpression) -> bool:
    """Whether evaluating an expression twice does what once does, as far as its shape tells."""
    return not any(isinstance(inner, _EFFECTS) for inner in inside(node))


def as_statement(node: cst.BaseExpression, torch: str) -> str | None:
    """`y.op_(a)` as `y = y.op(a)`; also `F.op_(y)`, `F.op(y, inplace=True)` and `out=y`."""
    if not isinstance(node, cst.Call):
        return None
    out = keyword_of(node, "out")
    if out is not None:
        bare = without(node, out)
        return f"{show(out.value)} = {show(bare)}" if is_target(out.value) else None
    root = _root(node, torch)
    value = as_value(node, torch)
    if root is None or value is None or not is_target(root):
        return None
    return f"{show(root)} = {value}"


def _root(node: cst.BaseExpression, torch: str) -> cst.BaseExpression | None:
    """What a chain of nothing but in-place calls writes to."""
    if not isinstance(node, cst.Call) or not isinstance(node.func, cst.Attribute):
        return node
    name = node.func.attr.value
    if _is_function(node.func, torch):
        return _root(node.args[0].value, torch) if node.args and not node.args[0].star else None
    if not _in_place(name):
        return None
    return _root(node.func.value, torch)


def _in_place(name: str) -> bool:
    return name in _LIKE or (name.endswith("_") and name[:-1] in TWINS)


def _is_function(func: cst.BaseExpression, torch: str) -> bool:
    module = dotted(func.value) if isinstance(func, cst.Attribute) else None
    return module is not None and (module == torch or module in _MODULES)


def as_value(node: cst.BaseExpression, torch: str) -> str | None:
    """The expression with its in-place calls out of place; None where one has no twin."""
    changed = _out_of_place(node, torch)
    if changed is None or changed is node:
        return None
    return show(changed)


def _out_of_place(node: cst.BaseExpression, torch: str) -> cst.BaseExpression | None:
    if not isinstance(node, cst.Call):
        return node
    func = node.func
    if not isinstance(func, cst.Attribute):
        return _without_inplace(node, _last_name(func))
    name = func.attr.value
    if _is_function(func, torch) or keyword_of(node, "inplace") or name in _POSITIONAL:
        return _function(node, func, torch)
    receiver = _out_of_place(func.value, torch)
    if receiver is None:
        return None
    if name in _LIKE:
        arg = cst.Arg(receiver, comma=cst.Comma(whitespace_after=cst.SimpleWhitespace(" ")))
        like = cst.parse_expression(f"{torch}.{_LIKE[name]}")
        first = arg if node.args else arg.with_changes(comma=cst.MaybeSentinel.DEFAULT)
        return node.with_changes(func=like, args=[first, *_as_fill(node.args)])
    if name.endswith("_") and not name.startswith("_"):
        if name[:-1] not in TWINS:
            return None
        attr = func.attr.with_changes(value=name[:-1])
        return node.with_changes(func=func.with_changes(value=receiver, attr=attr))
    if receiver is func.value:
        return node
    return node.with_changes(func=func.with_changes(value=receiver))


def _as_fill(args: Sequence[cst.Arg]) -> list[cst.Arg]:
    """The arguments of `fill_` as `full_like` names them."""
    return [
        arg.with_changes(keyword=cst.Name("fill_value")) if arg.keyword is not None else arg
        for arg in args
    ]


def _function(node: cst.Call, func: cst.Attribute, torch: str) -> cst.BaseExpression | None:
    name = func.attr.value
    changed = _without_inplace(node, name)
    if name.endswith("_") and not name.startswith("_"):
        if name[:-1] not in FUNCTIONS:
            return None
        changed = changed.with_changes(
            func=func.with_changes(attr=func.attr.with_changes(value=name[:-1]))
        )
    if changed.args and not changed.args[0].star:
        first = _out_of_place(changed.args[0].value, torch)
        if first is None:
            return None
        if first is not changed.args[0].value:
            changed = changed.with_deep_changes(changed.args[0], value=first)
    return changed


def _without_inplace(node: cst.Call, name: str) -> cst.Call:
    """The call without `inplace=True`, or without the lone `True` of an activation module."""
    present = keyword_of(node, "inplace")
    if present is not None and not is_name(present.value, "False"):
        return without(node, present)
    match node.args:
        case [cst.Arg(value=cst.Name(value="True"), keyword=None, star="")] if name in _POSITIONAL:
            return node.with_changes(args=[])
        case _:
            return node


def _last_name(node: cst.BaseExpression) -> str:
    return (dotted(node) or "").rpartition(".")[2]


def written_through(node: cst.BaseExpression, *, certain: bool) -> str | None:
    """The name of the tensor that a write to a slice, a mask or a view of it changes.

    `certain` says that the thing subscripted is a tensor; without it the subscript must show it.
    """
    if isinstance(node, cst.Call):
        if not isinstance(node.func, cst.Attribute) or not _is_write_call(node):
            return None
        node = node.func.value
        if isinstance(node, cst.Call) and _is_write_call(node):
            return written_through(node, certain=certain)
    base, through = node, False
    while True:
        match base:
            case cst.Subscript() if certain or _tensorlike(base):
                base, through = base.value, True
            case cst.Call(func=cst.Attribute(attr=cst.Name(value=name)) as func) if name in VIEWS:
                base, through = func.value, True
            case cst.Attribute(attr=cst.Name(value="T" | "mT")):
                base, through = base.value, True
            case _:
                break
    return show(base) if through and dotted(base) is not None and is_target(base) else None


def _is_write_call(node: cst.Call) -> bool:
    return isinstance(node.func, cst.Attribute) and _is_write(node.func.attr)


def _is_write(node: cst.CSTNode) -> bool:
    name = node.value if isinstance(node, cst.Name) else ""
    return name.endswith("_") and not name.startswith("_") and name not in _NOT_WRITES


_NOT_WRITES = frozenset({"requires_grad_", "share_memory_", "set_", "detach_", "resize_"})


def _tensorlike(node: cst.Subscript) -> bool:
    """Whether only a tensor (or an array) is subscripted like this: slices, masks, several axes."""
    if len(node.slice) > 1:
        return True
    inner = node.slice[0].slice
    if isinstance(inner, cst.Slice):
        return True
    match inner:
        case cst.Index(value=cst.Comparison() | cst.Ellipsis()):
            return True
        case cst.Index(value=cst.UnaryOperation(operator=cst.BitInvert())):
            return True
        case cst.Index(value=cst.BinaryOperation(operator=cst.BitAnd() | cst.BitOr())):
            return True
        case _:
            return False
