"""In-place writes: what they do to versions, to the graph and to views, and when torch refuses."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from nonegrad.analysis import autograd, gradmode, inputs, kinds, naming, values
from nonegrad.analysis.counters import UNSEEN, Counter
from nonegrad.analysis.heap import NOWHERE, Node, Saved, Targets, Tensor
from nonegrad.analysis.machine import Machine, Raised
from nonegrad.analysis.provenance import step
from nonegrad.analysis.truth import MAYBE, NO, YES, Truth, both, either, negate
from nonegrad.analysis.truth import join as join_truth
from nonegrad.analysis.values import ANY, Addr, Value
from nonegrad.ops import Op

if TYPE_CHECKING:
    from nonegrad.analysis.inputs import Operands


LONGEST = 12
COPY_SLICES = "torch::autograd::CopySlices"
"""As `grad_fn.name()` spells it."""


def augmented(m: Machine, statement: ast.AugAssign, name: str, addr: Addr, right: Value) -> Value:
    """`t op= right` for a tensor; what the name is bound to is the same tensor."""
    subject = values.ref(addr)
    op = autograd.lookup(m, f"operator.i{name.rstrip('_')}", [subject, right], {})
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
    for addr, tensor in found:
        write_one(m, op, operands, addr, tensor, node, spelling, incoming, sure=len(found) == 1)
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
    if refused is not None and sure and not addr.summary:
        m.recorder.refused_write(m, node, addr, tensor, refused)
        raise Raised
    own = either(tensor.requires_grad, base_requires(m, tensor))
    requires = either(own, both(m.grad_mode, incoming))
    m.recorder.write(m, node, addr, tensor, naming.spoken(spelling))
    recording = both(m.grad_mode, either(own, incoming))
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
            for s in autograd.saved_inputs(m, op, operands, recording)
            if s.role != op.writes  # torch keeps a copy of the target as it was before the write
        )
        keeps = autograd.keeping(op, operands, saved)
        record = Node(
            op.node(0) if tensor.view != "maybe" else None,
            tuple(frozenset(edge) for edge in edges) or (frozenset({NOWHERE}),),
            saved,
            keeps,
            operator=naming.spoken(spelling),
            site=m.site(node),
        )
        node_addr = m.new(node, "fn", record)
    bump(m, addr, tensor, node, sure=sure)
    if recording is NO:
        return
    assert node_addr is not None
    if op.saves_result:
        record = m.node(node_addr)
        assert record is not None
        certain = all(flag for _, flag in op.saves_result) and recording is YES
        kept = Saved(tensor.counter, m.version(tensor.counter), certain, "result")
        m.s.set(node_addr, replace(record, saved=(*record.saved, kept)))
    rebase(m, addr, tensor, node_addr, node, requires, recording, sure=sure)


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
    if tensor.view in ("view", "multi") and leaf_base and tensor.requires_grad is YES:
        return "view-of-leaf"
    if tensor.requires_grad is not YES:
        return None
    if tensor.is_leaf is YES and tensor.view == "no":
        return "leaf"
    return "multi-view" if tensor.view == "multi" else None


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
    for counter_addr in tensor.counter:
        counter = m.at(counter_addr, Counter)
        if counter is None:
            continue
        version = frozenset({token})
        if UNSEEN in counter.version:
            version |= {UNSEEN}
        if not sure or len(tensor.counter) > 1 or addr.summary:
            version |= counter.version
        history = (*counter.history, token)[-LONGEST:]
        m.put(counter_addr, replace(counter, version=version, history=history))
        for viewer in sorted(counter.viewers, key=values.age):
            regenerate(m, viewer, node, sure=sure and not addr.summary)


def regenerate(m: Machine, viewer: Addr, node: ast.AST, *, sure: bool) -> None:
    """A view whose data were written finds its grad_fn anew, from its base, at the next look."""
    tensor = m.tensor(viewer)
    if tensor is None or tensor.view not in ("view", "multi") or tensor.requires_grad is NO:
        return
    if tensor.is_leaf is YES:
        return
    edges = tuple(frozenset({fn}) for fn in sorted(tensor.fn, key=values.age))
    strided = Node("AsStridedBackward0", edges or (frozenset({NOWHERE}),), keeps=MAYBE)
    fn = frozenset({m.new(node, "regenerated", replace(strided, site=m.site(node)))})
    if sure and len(tensor.fn) == 1:
        m.put(viewer, replace(tensor, fn=fn))
    else:
        m.put_weak(viewer, replace(tensor, fn=fn))


def rebase(
    m: Machine,
    addr: Addr,
    tensor: Tensor,
    node_addr: Addr,
    node: ast.AST,
    requires: Truth,
    recording: Truth,
    *,
    sure: bool,
) -> None:
    """Point the tensor, its base and the other views at the new node."""
    fn: Targets = frozenset({node_addr})
    strong = sure and not addr.summary and recording is YES
    is_view = tensor.view in ("view", "multi")
    own_fn = fn
    if is_view:
        regenerated = Node("AsStridedBackward0", (fn,), keeps=MAYBE, site=m.site(node))
        own_fn = frozenset({m.new(node, "view", regenerated)})
    after = replace(
        tensor,
        requires_grad=requires,
        is_leaf=negate(requires),
        fn=own_fn,
        why=step("inplace", m.site(node), m.text(node), (tensor.why,)),
    )
    (m.put if strong else m.put_weak)(addr, after)
    if tensor.view == "maybe":
        for root in tensor.base:
            base = m.tensor(root)
            if base is not None:
                loose = Node(None, (frozenset(inputs.tensor_targets(root, base)), fn), keeps=MAYBE)
                either_fn = base.fn | {m.new(node, "maybe slices", loose)}
                m.put_weak(
                    root,
                    replace(base, requires_grad=either(base.requires_grad, requires), fn=either_fn),
                )
    roots = tensor.base if is_view else frozenset({addr})
    for root in roots:
        base = m.tensor(root)
        if base is None:
            continue
        alone = strong and len(roots) == 1 and not root.summary
        if is_view:
            edges = (frozenset(inputs.tensor_targets(root, base)), fn)
            copied = Node(COPY_SLICES, edges, keeps=MAYBE, site=m.site(node))
            base_fn: Targets = frozenset({m.new(node, "slices", copied)})
            rebased = replace(
                base,
                requires_grad=requires,
                is_leaf=negate(requires),
                fn=base_fn,
                why=step("inplace", m.site(node), m.text(node), (base.why,)),
            )
            (m.put if alone else m.put_weak)(root, rebased)
        else:
            base_fn = fn
        for other in base.views:
            seen = m.tensor(other)
            if seen is None or other is addr or seen.view not in ("view", "multi"):
                continue
            strided = Node("AsStridedBackward0", (base_fn,), keeps=MAYBE, site=m.site(node))
            view_fn = frozenset({m.new(node, "view", strided)})
            change = replace(seen, requires_grad=requires, is_leaf=negate(requires), fn=view_fn)
            (m.put if alone else m.put_weak)(other, change)


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


def set_item(m: Machine, addr: Addr, value: Value, node: ast.AST) -> None:
    """`t[index] = value`: a copy into a view of the tensor."""
    tensor = m.tensor(addr)
    if tensor is None:
        return
    incoming = NO
    found = m.tensors(value)
    targets: set[Addr] = set()
    for one, source in found:
        incoming = either(incoming, source.requires_grad)
        targets |= inputs.tensor_targets(one, source)
    if values.UNKNOWN in value:
        incoming = either(incoming, MAYBE)
    refused = refuses(m, addr, tensor)
    if refused is not None and not addr.summary:
        name = "view-of-leaf" if refused == "leaf" else refused
        m.recorder.refused_write(m, node, addr, tensor, name)
        raise Raised
    own = either(tensor.requires_grad, base_requires(m, tensor))
    m.recorder.write(m, node, addr, tensor, "index assignment")
    recording = both(m.grad_mode, either(own, incoming))
    bump(m, addr, tensor, node, sure=True)
    if recording is NO:
        return
    requires = either(own, both(m.grad_mode, incoming))
    edges = (frozenset(inputs.tensor_targets(addr, tensor)), frozenset(targets or {NOWHERE}))
    record = Node(COPY_SLICES, edges, keeps=MAYBE, operator="index assignment", site=m.site(node))
    node_addr = m.new(node, "fn", record)
    rebase(m, addr, tensor, node_addr, node, requires, recording, sure=True)
