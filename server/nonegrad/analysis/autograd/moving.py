"""Leaves that are moved to a device: the very tensor where it is there already, else a copy that is
no leaf."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.heap import Tensor
from nonegrad.analysis.domain.truth import NO, YES
from nonegrad.analysis.domain.value_class import replace
from nonegrad.analysis.domain.values import Value
from nonegrad.analysis.record.facts import MovedLeaf

if TYPE_CHECKING:
    from nonegrad.analysis.machine import Machine

MOVED = "moved"
"""The kind of the step that may have made a copy on another device."""
FRESH = re.compile(
    r"(torch\.)?(zeros|ones|rand|randn|randint|full|empty|tensor|arange|linspace|eye|from_numpy)\("
)
ACCELERATORS = frozenset({"cuda", "mps", "xpu"})
ELSEWHERE = re.compile(r"device|cuda|set_default_tensor_type")


def other_device(m: Machine, tensor: Tensor, given: list[Value]) -> bool:
    """Whether a move is certain to copy: to the name of an accelerator, of a tensor that a factory
    made on the CPU, which is where factories make them unless somebody says otherwise."""
    made = tensor.why
    if made is None or made.kind != "created" or made.parents:
        return False
    source = m.frame.module.source
    if made.site.filename != source.filename or "set_default_" in source.text:
        return False
    text = source.cut(made.site)
    if not FRESH.match(text) or ELSEWHERE.search(text) or "with torch.device" in source.text:
        return False
    return any((values.string(value) or "").partition(":")[0] in ACCELERATORS for value in given)


def marked(m: Machine, moved: Value, leaf: Tensor) -> None:
    """Remember of a copy that it is one only where the device is another one."""
    for one, made in m.tensors(moved):
        if leaf.is_leaf is YES and leaf.requires_grad is YES and made.why is not None:
            m.s.set(one, replace(made, why=replace(made.why, kind=MOVED)))


def copy_of(m: Machine, value: Value) -> tuple[Tensor, Tensor] | None:
    """The leaf and its moved copy, where a value is the one or the other."""
    found = [tensor for _, tensor in m.tensors(value)]
    if len(found) != 2 or len(value) != 2:
        return None
    leaves = [t for t in found if t.is_leaf is YES and t.requires_grad is YES]
    copies = [t for t in found if t.is_leaf is NO and t.why is not None and t.why.kind == MOVED]
    if len(leaves) != 1 or len(copies) != 1 or copies[0].retains_grad is not NO:
        return None
    story = copies[0].why
    return (leaves[0], copies[0]) if story and leaves[0].why in story.parents else None


def use(m: Machine, value: Value, node: ast.AST, name: str, how: str) -> None:
    """A leaf that may be a moved copy is used as a leaf: `grad`, `optimizer` or `attribute`."""
    pair = copy_of(m, value)
    if pair is None or pair[1].why is None:
        return
    leaf, story = pair[0].why, pair[1].why
    if how == "grad" and tested(m, node, name):
        return
    if how == "grad" and (pair[1].grad_state is not NO or pair[0].grad_state is NO):
        return
    made = leaf.site if leaf is not None and leaf.kind == "created" else None
    m.recorder.moved_leaf(m, MovedLeaf(story.site, story.text, m.site(node), name, how, made))


def tested(m: Machine, node: ast.AST, name: str) -> bool:
    """Whether the program asks itself for None."""
    asks = f"{name}.grad is "
    return id(node) in m.recorder.none_tests or asks in m.frame.module.source.text


def is_parameter(m: Machine, value: Value) -> bool:
    """Whether a value is a parameter, or a copy of it that was moved."""
    pair = copy_of(m, value)
    return pair is not None and pair[0].is_parameter is YES
