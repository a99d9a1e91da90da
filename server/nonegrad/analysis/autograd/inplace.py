"""In-place writes: what they do to versions, to the graph and to views, and when torch refuses."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nonegrad.analysis.autograd import (
    gradmode,
    inputs,
    kinds,
    naming,
    operation,
    rebasing,
    summands,
    tensors,
)
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.counters import UNSEEN, Counter
from nonegrad.analysis.domain.heap import NOWHERE, Node, Saved, Tensor
from nonegrad.analysis.domain.provenance import Why, step
from nonegrad.analysis.domain.truth import MAYBE, NO, YES, Truth, both, either
from nonegrad.analysis.domain.truth import join as join_truth
from nonegrad.analysis.domain.value_class import replace
from nonegrad.analysis.domain.values import ANY, Addr, Value
from nonegrad.analysis.machine import Machine, Raised
from nonegrad.analysis.record import hidden
from nonegrad.ops import Op

if TYPE_CHECKING:
    from nonegrad.analysis.autograd.inputs import Operands


def augmented(m: Machine, statement: ast.AugAssign, name: str, addr: Addr, right: Value) -> Value:
    """`t op= right` for a tensor; what the name is bound to is the same tensor."""
    subject = values.ref(addr)
    op = operation.lookup(m, f"operator.i{name.rstrip('_')}", [subject, right], {})
    if op is None or op.writes is None:
        forget(m, addr)
        return subject
    bound = kinds.bind(op, [subject, right], {})
    operands = inputs.operands_of(m, op, bound)
    return write(m, op, operands, bound, statement, f"operator.i{name}")


def write(
    m: Machine,
    op: Op,
    operands: Operands,
    bound: dict[str, Value],
    node: ast.AST,
    spelling: str,
) -> Value:
    """Run an in-place operator; gives the tensor it returns, which is the one it wrote."""
    subject = bound.get(op.writes or "self", ANY)
    found = m.tensors(subject)
    if not found or len(found) != len(subject):
        return subject
    others = [o for o in operands.all if o.value != subject or o.param != op.writes]
    incoming = NO
    for operand in others:
        if operand.param in op.grads_through:
            incoming = either(incoming, operand.requires_grad)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        for operand in others:
            tensors.pour_through(m, node.func.value, operand.value)
    for addr, tensor in found:
        write_one(m, op, operands, addr, tensor, node, spelling, incoming, sure=len(found) == 1)
        after = m.tensor(addr)
        if after is not None and op.name.partition(".")[0] in RESHAPING:
            m.s.set(addr, replace(after, shape=None, contiguous=MAYBE))
    return subject


def write_one(
    m: Machine,
    op: Op,
    operands: Operands,
    addr: Addr,
    tensor: Tensor,
    node: ast.AST,
    spelling: str,
    incoming: Truth,
    *,
    sure: bool,
) -> None:
    """Write one of the tensors the target may be."""
    refused = refuses(m, addr, tensor)
    if refused is not None and sure and (tensor.view == "multi" or not addr.summary):
        m.recorder.refused_write(m, node, addr, tensor, refused, incoming)
        raise Raised
    own = either(tensor.requires_grad, base_requires(m, tensor))
    m.recorder.write(m, node, addr, tensor, naming.spoken(spelling))
    recording = both(m.grad_mode, taken_up(tensor, own, incoming))
    requires = either(own, both(m.grad_mode, taken_up(tensor, own, incoming)))
    node_addr: Addr | None = None
    if recording is not NO:
        edges = [inputs.tensor_targets(addr, tensor)] if "self" in op.grads_through else []
        edges += [
            set(inputs.targets_of(o))
            for o in operands.all
            if o.param in op.grads_through and o.param != op.writes
        ]
        saved = tuple(
            s
            for s in operation.saved_inputs(m, op, operands, recording)
            if s.role != op.writes  # torch keeps a copy of the target as it was before the write
        )
        keeps = operation.keeping(op, operands, saved)
        record = Node(
            op.node(0) if tensor.view != "maybe" else None,
            tuple(frozenset(edge) for edge in edges) or (frozenset({NOWHERE}),),
            saved,
            keeps,
            operator=naming.spoken(spelling),
            site=m.site(node),
            beside=summands.beside(naming.spoken(spelling), operands),
            flat=op.zero >= op.grads_through,
        )
        node_addr = m.new(node, "fn", record)
    bump(m, addr, tensor, node, sure=sure)
    if recording is NO:
        if m.grad_mode is YES and own is NO:
            retell(m, addr, operands.whys(), node)
        return
    assert node_addr is not None
    if op.saves_result:
        record = m.node(node_addr)
        assert record is not None
        certain = all(flag for _, flag in op.saves_result) and recording is YES
        kept = Saved(tensor.counter, m.version(tensor.counter), certain, "result")
        m.s.set(node_addr, replace(record, saved=(*record.saved, kept)))
    # Of what has no two dimensions to swap, nothing is done at all.
    reshaping = op.name.partition(".")[0] in RESHAPING
    written = sure and not reshaping
    rebasing.rebase(m, addr, tensor, node_addr, node, requires, recording, sure=written)
    after = m.tensor(addr)
    if reshaping and after is not None:
        # No data are written: the node of the step itself stays.
        m.put(addr, replace(after, fn=after.fn | {node_addr}))


def retell(m: Machine, addr: Addr, whys: tuple[Why | None, ...], node: ast.AST) -> None:
    """A tensor outside any graph takes up numbers, and the story of where they come from."""
    tensor = m.tensor(addr)
    if tensor is not None and any(why is not None and why is not tensor.why for why in whys):
        why = step("op", m.site(node), m.text(node), (tensor.why, *whys))
        m.put(addr, replace(tensor, why=why))


HOOK_NODE = "BackwardHookFunctionBackward"
RESHAPING = frozenset("t_ squeeze_ unsqueeze_ transpose_ swapaxes_ swapdims_ as_strided_".split())
"""In-place operators that change how a tensor lies over its data."""


def taken_up(tensor: Tensor, own: Truth, incoming: Truth) -> Truth:
    """Whether a write is recorded where grad mode is on: integers take no gradient up."""
    return both(either(own, incoming), either(own, tensor.differentiable))


def refuses(m: Machine, addr: Addr, tensor: Tensor) -> str | None:
    """The reason for which torch certainly refuses the write, if it does."""
    if tensor.inference is YES and gradmode.inference(m) is NO:
        return "inference"
    if m.grad_mode is not YES:
        return None
    bases = [m.tensor(base) for base in tensor.base]
    leaf_base = bool(bases) and all(
        base is not None and base.requires_grad is YES and base.is_leaf is YES for base in bases
    )
    if tensor.view == "nograd" and bases and all(b and b.requires_grad is YES for b in bases):
        return "nograd-view"
    if tensor.view == "view" and leaf_base and tensor.requires_grad is YES:
        return "view-of-leaf"
    if tensor.requires_grad is not YES:
        return None
    if tensor.is_leaf is YES and tensor.view == "no":
        return "leaf"
    if tensor.view == "multi":
        return "hook-view" if tensors.fn_name(m, tensor) == HOOK_NODE else "multi-view"
    return None


def base_requires(m: Machine, tensor: Tensor) -> Truth:
    """Whether the tensor it is a view of requires grad."""
    if tensor.view not in ("view", "multi"):
        return NO
    result: Truth | None = None
    for base in tensor.base:
        found = m.tensor(base)
        one = found.requires_grad if found else MAYBE
        result = one if result is None else join_truth(result, one)
    return NO if result is None else result


def bump(m: Machine, addr: Addr, tensor: Tensor, node: ast.AST, *, sure: bool) -> None:
    """A new version of the tensor's counter, written at this node."""
    token = m.token(node, "version")
    perhaps_views = {addr, *tensor.base}
    # With several counters it is one of them that counts this write.
    this = sure and not addr.summary and len(tensor.counter) == 1
    for counter_addr in tensor.counter:
        counter = m.at(counter_addr, Counter)
        if counter is None:
            continue
        perhaps_views |= counter.viewers
        version = frozenset({token})
        if UNSEEN in counter.version:
            version |= {UNSEEN}
        if not this:
            version |= counter.version
        history = (*counter.history, token)[-rebasing.LONGEST :]
        m.put(counter_addr, replace(counter, version=version, history=history))
        hidden.wrote(m, counter, node, sure=this)
        for viewer in sorted(counter.viewers, key=values.age):
            rebasing.regenerate(m, viewer, node, sure=this)
    rebasing.unname(m, perhaps_views, node)


def forget(m: Machine, addr: Addr) -> None:
    """Something unknown wrote to the tensor."""
    tensor = m.tensor(addr)
    if tensor is None:
        return
    for counter_addr in tensor.counter:
        counter = m.at(counter_addr, Counter)
        if counter is not None:
            m.s.set(counter_addr, replace(counter, version=counter.version | {UNSEEN}))
    if tensor.is_leaf is not NO:
        unsure = replace(
            tensor,
            requires_grad=MAYBE if tensor.requires_grad is NO else tensor.requires_grad,
            is_leaf=MAYBE,
            fn=tensor.fn | {NOWHERE},
        )
        m.s.set(addr, unsure)
