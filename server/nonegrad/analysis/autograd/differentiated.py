"""Whether autograd.grad finds a way from its outputs to what it is to differentiate by."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nonegrad.analysis.autograd import kinds, reaching
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.heap import Tensor
from nonegrad.analysis.domain.provenance import Why
from nonegrad.analysis.domain.truth import NO, YES
from nonegrad.analysis.domain.values import ANY, Addr, Value
from nonegrad.analysis.machine import Machine, Raised
from nonegrad.analysis.record import peeking
from nonegrad.analysis.record.facts import Undifferentiated
from nonegrad.text import Site

if TYPE_CHECKING:
    from nonegrad.analysis.python.calls import Arguments


def unreached(m: Machine, given: Arguments, node: ast.AST) -> set[Addr]:
    """The inputs of autograd.grad that no output depends on; raises where torch does."""
    outputs = given.get(0, "outputs") or ANY
    if any(t.requires_grad is NO for v in kinds.flat(m, outputs) for _, t in m.tensors(v)):
        return set()
    reached, story = every_way(m, outputs)
    allowed = given.get(6, "allow_unused")
    may_be_unused = allowed not in (None, values.FALSE) or "materialize_grads" in given.kwargs
    missed: set[Addr] = set()
    for one in kinds.flat(m, given.get(1, "inputs") or ANY):
        found = m.tensors(one)
        if len(found) != 1 or len(one) != 1:
            continue
        addr, tensor = found[0]
        if tensor.requires_grad is NO:
            returned = m.recorder.returned.get(addr)
            defined = m.recorder.definitions.get(addr)
            tell(m, node, given, tensor, "untracked", None, returned, defined=defined)
            raise Raised
        if reached is None or not passed_by(addr, tensor, reached):
            continue
        if not may_be_unused:
            several = kinds.flat(m, given.get(1, "inputs") or ANY)
            others = [pair for each in several for pair in m.tensors(each)]
            partly = any(met(*pair, reached) for pair in others)
            tell(m, node, given, tensor, "unused", story, partly=partly)
            raise Raised
        if allowed == values.TRUE and "materialize_grads" not in given.kwargs:
            tell(m, node, given, tensor, "none", story)
            missed.add(addr)
    return missed


def every_way(m: Machine, outputs: Value) -> tuple[set[Addr] | None, Why | None]:
    """What the outputs may lead to, or None where a part of that is not known."""
    reached: set[Addr] = set()
    story: Why | None = None
    for one in kinds.flat(m, outputs):
        found = m.tensors(one)
        if not found or len(found) != len(one):
            return None, None
        for addr, tensor in found:
            way = reaching.reach(m, reaching.roots(addr, tensor), definite=False)
            if way.anywhere:
                return None, None
            reached |= {addr, *way.nodes, *way.leaves}
            story = story or tensor.why
    return reached, story


def met(addr: Addr, tensor: Tensor, reached: set[Addr]) -> bool:
    """Whether a way may lead to a tensor."""
    return addr in reached or not tensor.fn.isdisjoint(reached)


ALONE = ("no", "view", "multi")
"""The kinds of tensors that certainly are, or are not, views."""


def passed_by(addr: Addr, tensor: Tensor, reached: set[Addr]) -> bool:
    """Whether no way leads to a tensor that requires grad."""
    if tensor.requires_grad is not YES or addr in reached or tensor.view not in ALONE:
        return False
    if tensor.is_leaf is YES:
        return True
    return tensor.is_leaf is NO and not tensor.fn & reached


def tell(
    m: Machine,
    node: ast.AST,
    given: Arguments,
    tensor: Tensor,
    reason: str,
    story: Why | None,
    returned: Site | None = None,
    *,
    partly: bool = False,
    defined: tuple[str, Site] | None = None,
) -> None:
    """Record it."""
    wanted = next((k.value for k in keywords(node) if k.arg == "inputs"), None)
    if wanted is None and isinstance(node, ast.Call) and len(node.args) > 1:
        wanted = node.args[1]
    text = m.text(wanted) if wanted is not None else "the input"
    entry = entry_of(m, text)
    outputs = kinds.flat(m, given.get(0, "outputs") or ANY)
    leaf = all(t.is_leaf is YES for one in outputs for _, t in m.tensors(one))
    name, bound = defined or ("", None)
    here = bound is not None and bound.filename == m.frame.module.source.filename
    if bound is None or not here or name != text or not peeking.plainly_bound(m, name, bound):
        bound = None
    fact = Undifferentiated(
        m.site(node), text, reason, tensor.why, story, returned, entry, leaf, partly, bound
    )
    m.recorder.refuse(m, f"undifferentiated {reason}", node, fact)


def entry_of(m: Machine, name: str) -> Site | None:
    """Where the body of the running function begins, if the name is one of its parameters."""
    function = m.calls[-1] if m.calls else None
    if not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return None
    if name not in {arg.arg for arg in (*function.args.args, *function.args.kwonlyargs)}:
        return None
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return m.site(body[0]) if body else None


def keywords(node: ast.AST) -> list[ast.keyword]:
    return node.keywords if isinstance(node, ast.Call) else []
