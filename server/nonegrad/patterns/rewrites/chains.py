"""The leaf moved to the end of the chain that makes it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace

import libcst as cst

from nonegrad.patterns.base import Draft, Form, Task
from nonegrad.patterns.rewrites.expressions import Spot, put, spot_of
from nonegrad.patterns.rewrites.keywords import keyword_of, without_keyword
from nonegrad.patterns.syntax import dotted, postfixed, read, show


@dataclass(frozen=True, slots=True)
class _Bare:
    """A chain without its flag, and what the flag was given (`requires_grad_(ARGS)`)."""

    node: cst.BaseExpression
    flag: str | None


def move_requires_grad_last(task: Task) -> Draft | None:
    """`move-requires-grad-last`: the chain's result, not its first tensor, is the leaf.

    `torch.randn(3, requires_grad=True).cuda()` and `torch.zeros(3).requires_grad_().double()`
    get the flag at their end, `nn.Parameter(x).cuda()` becomes `nn.Parameter(x.cuda())`. With
    `alike` so do the chains of the assignments beside it whose names have their `.grad` read.
    """
    spot = spot_of(task)
    draft = None if spot is None else _moved(spot)
    if spot is None or draft is None or not task.request.argument("alike"):
        return draft
    names: list[str] = []
    edits = [*draft.edits]
    for name, beside in _beside(spot, task.tree):
        found = _moved(beside)
        if found is not None:
            names.append(f"`{name}`")
            edits += found.edits
    title = task.request.title
    if names:
        *more, last = names
        listed = "".join(f", {one}" for one in more)
        title = title.replace(" the leaf:", f"{listed} and {last} leaves:", 1)
    return Draft(tuple(edits), title)


def _beside(spot: Spot, tree: ast.Module) -> Iterator[tuple[str, Spot]]:
    """The assignments next to one, whose names have a gradient read."""
    run = spot.run
    if not isinstance(run.statement, ast.Assign) or run.statement.value is not spot.node:
        return
    read = frozenset(
        part.value.id
        for part in ast.walk(run.function or tree)
        if isinstance(part, ast.Attribute)
        and part.attr == "grad"
        and isinstance(part.value, ast.Name)
    )
    for step in (-1, 1):
        index = run.first + step
        while 0 <= index < len(run.statements):
            match run.statements[index]:
                case ast.Assign(targets=[ast.Name(id=name)], value=value) as statement if (
                    name in read and isinstance(value, ast.Call | ast.BinOp)
                ):
                    beside = replace(run, first=index, last=index)
                    yield name, Spot(beside, (statement, value), value)
                case _:
                    break
            index += step


def _moved(spot: Spot) -> Draft | None:
    node = read(spot.text)
    if not isinstance(node, cst.Call | cst.BinaryOperation):
        return None
    inward = _into_parameter(node)
    if inward is not None:
        return put(spot, inward)
    if (
        isinstance(node, cst.Call)
        and isinstance(node.func, cst.Attribute)
        and node.func.attr.value == "requires_grad_"
    ):
        return None
    bare = _without_flag(node)
    if bare.flag is None:
        return None
    return put(spot, postfixed(bare.node, bare.flag))


def _without_flag(node: cst.BaseExpression) -> _Bare:
    if isinstance(node, cst.Call):
        present = keyword_of(node, "requires_grad")
        if present is not None and isinstance(node.func, cst.Name | cst.Attribute):
            return _Bare(without_keyword(node, "requires_grad"), _flag_of(present.value))
        if isinstance(node.func, cst.Attribute):
            before = _without_flag(node.func.value)
            if node.func.attr.value == "requires_grad_":
                given = show(node)[len(show(node.func)) :]
                return _Bare(before.node, f".requires_grad_{given.strip()}")
            func = node.func.with_changes(value=before.node)
            return _Bare(node.with_changes(func=func), before.flag)
    if isinstance(node, cst.BinaryOperation):
        left, right = _without_flag(node.left), _without_flag(node.right)
        if (left.flag is None) == (right.flag is None):
            return _Bare(node, None)
        bare = node.with_changes(left=left.node, right=right.node)
        return _Bare(bare, left.flag or right.flag)
    if isinstance(node, cst.Attribute):
        before = _without_flag(node.value)
        return _Bare(node.with_changes(value=before.node), before.flag)
    return _Bare(node, None)


def _flag_of(value: cst.BaseExpression) -> str:
    text = show(value)
    return ".requires_grad_()" if text == "True" else f".requires_grad_({text})"


def _into_parameter(node: cst.Call | cst.BinaryOperation) -> str | None:
    """What is done to a new Parameter, done to what it wraps instead."""
    if isinstance(node, cst.BinaryOperation):
        return _arithmetic_into(node)
    suffixes: list[str] = []
    while isinstance(node.func, cst.Attribute) and isinstance(node.func.value, cst.Call):
        inner = node.func.value
        suffixes.append(show(node)[len(show(inner)) :])
        node = inner
    if not suffixes or not node.args or (dotted(node.func) or "").split(".")[-1] != "Parameter":
        return None
    wrapped = node.args[0]
    if wrapped.star or (wrapped.keyword is not None and wrapped.keyword.value != "data"):
        return None
    moved = read(postfixed(wrapped.value, "".join(reversed(suffixes))))
    return None if moved is None else show(node.with_deep_changes(wrapped, value=moved))


def _arithmetic_into(node: cst.BinaryOperation) -> str | None:
    """`nn.Parameter(x) * 0.1` as `nn.Parameter(x * 0.1)`."""
    for name, call in (("left", node.left), ("right", node.right)):
        if not isinstance(call, cst.Call) or not call.args or call.args[0].star:
            continue
        wrapped = call.args[0]
        if (dotted(call.func) or "").split(".")[-1] != "Parameter" or wrapped.keyword is not None:
            continue
        operand = wrapped.value
        if isinstance(operand, cst.BinaryOperation) and not operand.lpar:
            operand = operand.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
        inner = node.with_changes(**{name: operand}, lpar=[], rpar=[])
        return show(call.with_deep_changes(wrapped, value=inner))
    return None


def append_call(task: Task) -> Draft | None:
    """`append-call`: `text`, such as `.sum()`, behind the expression at the site."""
    spot = spot_of(task)
    text = task.request.argument("text")
    node = None if spot is None else read(spot.text)
    if spot is None or node is None or not text.startswith(".") or read(f"x{text}") is None:
        return None
    return put(spot, postfixed(node, text))


FORMS = (
    Form("move-requires-grad-last", move_requires_grad_last),
    Form("append-call", append_call),
)
