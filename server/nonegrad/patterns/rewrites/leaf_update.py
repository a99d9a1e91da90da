"""A leaf that a rebinding loses, kept: updated in place, or made a leaf again."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

import libcst as cst

from nonegrad.patterns.base import Draft, Form, Task
from nonegrad.patterns.layout import block_prefix, delete, is_chained, unit_of
from nonegrad.patterns.place import Definition, Run, cut, end_of, single, start_of
from nonegrad.patterns.rewrites.statements import drafted
from nonegrad.patterns.rewrites.twins import is_target
from nonegrad.patterns.spellings import RESHAPED, TWINS
from nonegrad.patterns.syntax import (
    dotted,
    exchange,
    inside,
    is_name,
    postfixed,
    read,
    read_statement,
    same,
    show,
)

_AUGMENTED: dict[type[cst.BaseBinaryOp], str] = {
    cst.Add: "+=",
    cst.Subtract: "-=",
    cst.Multiply: "*=",
    cst.Divide: "/=",
    cst.Power: "**=",
    cst.FloorDivide: "//=",
    cst.Modulo: "%=",
}
_COMMUTES = cst.Add | cst.Multiply


def update_in_place(task: Task) -> Draft | None:
    """`update-in-place`: `w = w - lr * w.grad` writes into `w`, under `torch.no_grad()`.

    `w = w + a` becomes `w += a`, `w = w.clamp(0, 1)` becomes `w.clamp_(0, 1)`, any other value
    that is computed from `w` is copied in (`w.copy_(...)`). Where grad mode is off already no
    block is put around it. None where the value has another shape or says nothing of `w`.
    `torch`: the module's name here.
    """
    run = single(task.source, task.tree, task.site)
    pairs = None if run is None else _pairs(run)
    if run is None or pairs is None:
        return None
    lines = [_update(target, value, task.torch) for target, value in pairs]
    texts = [line for line in lines if line is not None]
    if len(texts) < len(lines):
        return None
    name = ", ".join(f"`{show(target)}`" for target, _ in pairs)
    if _grad_mode_is_off(run, task.tree):
        return _in_lines(run, texts, "", "", f"Update {name} in place")
    header = f"with {task.torch}.no_grad():"
    title = f"Update {name} in place under `{task.torch}.no_grad()`"
    return _in_lines(run, texts, header, unit_of(task.source, task.tree), title)


def _pairs(run: Run) -> list[tuple[cst.BaseExpression, cst.BaseExpression]] | None:
    """The targets of an assignment, each with its value, where they can be updated in turn."""
    statement = read_statement(cut(run.source, run.statement))
    match statement:
        case cst.Assign(targets=[cst.AssignTarget(target=target)], value=value):
            pass
        case cst.AnnAssign(target=target, value=cst.BaseExpression() as value):
            pass
        case _:
            return None
    if not isinstance(target, cst.Tuple):
        return [(target, value)]
    if not isinstance(value, cst.Tuple) or len(value.elements) != len(target.elements):
        return None
    pairs = [
        (one.value, other.value) for one, other in zip(target.elements, value.elements, strict=True)
    ]
    written: list[cst.BaseExpression] = []
    for one, other in pairs:
        if any(_reads_value(other, before) for before in written):
            return None
        written.append(one)
    return pairs


def _update(target: cst.BaseExpression, value: cst.BaseExpression, torch: str) -> str | None:
    if not is_target(target, container=True):
        return None
    value = _bare(value, target)
    if _is(value, target) or not _reads(value, target):
        return None
    if isinstance(value, cst.BinaryOperation):
        sign = _AUGMENTED.get(type(value.operator))
        if sign is not None and _is(value.left, target):
            return f"{show(target)} {sign} {show(value.right)}"
        if isinstance(value.operator, _COMMUTES) and _is(value.right, target):
            return f"{show(target)} {sign} {show(value.left)}"
    if isinstance(value, cst.Call):
        twin = _twin(value, target, torch)
        if twin is not None:
            return twin
        if (_called(value) or "") in RESHAPED:
            return None
    if isinstance(value, cst.Subscript):
        return None
    return f"{show(target)}.copy_({show(value)})"


def _bare(value: cst.BaseExpression, target: cst.BaseExpression) -> cst.BaseExpression:
    """The value without the calls at its end that take it out of the graph and flag it."""
    while not _is(value, target):
        inner = _last_of(value, "detach", "clone") or _flagged(value)
        if inner is None:
            break
        value = inner
    return value


def _is(node: cst.BaseExpression, target: cst.BaseExpression) -> bool:
    """Whether an expression is the target, or the same memory outside the graph."""
    while (inner := _last_of(node, "detach", "clone") or _aliased(node)) is not None:
        node = inner
    return same(show(node), show(target))


def _last_of(node: cst.BaseExpression, *names: str) -> cst.BaseExpression | None:
    """What a method of these names is called on, without arguments."""
    match node:
        case cst.Call(func=cst.Attribute(value=inner, attr=attr), args=[]) if is_name(attr, *names):
            return inner
        case _:
            return None


def _flagged(node: cst.BaseExpression) -> cst.BaseExpression | None:
    """What `requires_grad_` is called on, with or without its flag."""
    match node:
        case cst.Call(func=cst.Attribute(value=inner, attr=cst.Name(value="requires_grad_"))):
            return inner
        case _:
            return None


def _aliased(node: cst.BaseExpression) -> cst.BaseExpression | None:
    """What `.data` is read of."""
    match node:
        case cst.Attribute(value=inner, attr=cst.Name(value="data")):
            return inner
        case _:
            return None


def _reads(value: cst.BaseExpression, target: cst.BaseExpression) -> bool:
    name = dotted(target) or show(target)
    shapes = cst.Name | cst.Attribute | cst.Subscript
    return any(show(node) == name for node in inside(value) if isinstance(node, shapes))


def _reads_value(value: cst.BaseExpression, target: cst.BaseExpression) -> bool:
    """Whether an expression reads more of a target than its gradient."""
    name = show(target)
    text = show(value)
    return text.replace(f"{name}.grad", "").count(name) > 0


def _called(call: cst.Call) -> str | None:
    return (dotted(call.func) or show(call.func)).rpartition(".")[2]


def _twin(call: cst.Call, target: cst.BaseExpression, torch: str) -> str | None:
    """`w.clamp(0, 1)` and `torch.clamp(w, 0, 1)` as `w.clamp_(0, 1)`."""
    func, name = call.func, _called(call) or ""
    if not isinstance(func, cst.Attribute) or name not in TWINS or name in RESHAPED:
        return None
    if _is(func.value, target):
        args = call.args
    elif dotted(func.value) == torch and call.args and not call.args[0].keyword:
        if call.args[0].star or not _is(call.args[0].value, target):
            return None
        args = call.args[1:]
    else:
        return None
    method = cst.Attribute(target, cst.Name(f"{name}_"))
    return show(call.with_changes(func=method, args=args))


def _grad_mode_is_off(run: Run, tree: ast.Module) -> bool:
    """Whether a `with` or a decorator around the statement, in its function, says `no_grad`."""
    off = False
    node: ast.AST = tree
    while True:
        inner = next(
            (
                child
                for child in ast.walk(node)
                if child is not node
                and isinstance(child, (ast.With, ast.AsyncWith, *Definition))
                and start_of(run.source, child) < run.start
                and run.end <= end_of(run.source, child)
            ),
            None,
        )
        if inner is None:
            return off
        if isinstance(inner, ast.With | ast.AsyncWith):
            modes = [mode for item in inner.items if (mode := _mode(item.context_expr))]
            off = modes[-1] != "enable_grad" if modes else off
        else:
            off = any(_mode(one) in ("no_grad", "inference_mode") for one in inner.decorator_list)
        node = inner


def _mode(node: ast.expr) -> str:
    function = node.func if isinstance(node, ast.Call) else node
    name = function.attr if isinstance(function, ast.Attribute) else ""
    name = function.id if isinstance(function, ast.Name) else name
    return name if name in ("no_grad", "inference_mode", "enable_grad") else ""


def _in_lines(run: Run, texts: list[str], header: str, unit: str, title: str) -> Draft | None:
    """The statement as other ones, each on a line of its own, under a header if there is one."""
    source, indent = run.source, block_prefix(run)
    if header or len(texts) > 1:
        if indent is None or is_chained(source, run):
            return None
        lines = [header, *(unit + text for text in texts)] if header else texts
        text = f"\n{indent}".join(lines)
    else:
        [text] = texts
    draft = drafted(exchange(source, run.statement, text))
    return None if draft is None else Draft(draft.edits, title)


def fresh_leaf(task: Task) -> Draft | None:
    """`fresh-leaf`: what the assignment binds is a leaf that requires grad.

    `x = torch.clamp(x, 0, 1)` becomes `x = torch.clamp(x, 0, 1).detach().requires_grad_()`. Its
    gradient is None, so that a statement after it that sets the old one to zero goes.
    """
    run = single(task.source, task.tree, task.site)
    node = None if run is None else read_statement(cut(task.source, run.statement))
    match node:
        case cst.Assign(targets=[cst.AssignTarget(target=cst.Name() | cst.Attribute())]):
            pass
        case cst.AnnAssign(value=cst.BaseExpression()):
            pass
        case _:
            return None
    if run is None or node.value is None:
        return None
    value = read(postfixed(_stripped(node.value), ".detach().requires_grad_()"))
    if value is None or same(show(value), show(node.value)):
        return None
    changed = exchange(task.source, run.statement, show(node.with_changes(value=value)))
    return drafted(changed, *(delete(one) for one in _zeroing(run)))


def _zeroing(run: Run) -> Iterator[Run]:
    """The statements after an assignment that set the gradient of its target to zero."""
    match run.statement:
        case ast.Assign(targets=[target]) | ast.AnnAssign(target=target):
            name = ast.unparse(target)
        case _:
            return
    zeroed = {f"{name}.grad.zero_()", f"{name}.grad.data.zero_()"}
    for index in range(run.last + 1, len(run.statements)):
        if ast.unparse(run.statements[index]) in zeroed:
            yield replace(run, first=index, last=index)


def _stripped(value: cst.BaseExpression) -> cst.BaseExpression:
    """The value without the calls at its end that detach and flag it."""
    while (inner := _last_of(value, "detach") or _flagged(value)) is not None:
        value = inner
    return value


FORMS = (Form("update-in-place", update_in_place), Form("fresh-leaf", fresh_leaf))
