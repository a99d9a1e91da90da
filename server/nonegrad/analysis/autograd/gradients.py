"""torch.autograd's own functions: backward, grad, and checkpointing."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nonegrad.analysis import escapes
from nonegrad.analysis.autograd import (
    backward,
    differentiated,
    factories,
    inputs,
    kept,
    kinds,
    reaching,
    second_order,
)
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.heap import Sequence
from nonegrad.analysis.domain.provenance import step
from nonegrad.analysis.domain.truth import MAYBE, NO, YES, Truth
from nonegrad.analysis.domain.value_class import replace
from nonegrad.analysis.domain.values import ANY, Ref, Value
from nonegrad.analysis.machine import Machine, Raised

if TYPE_CHECKING:
    from nonegrad.analysis.python.calls import Arguments


def autograd_backward(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """torch.autograd.backward(tensors)"""
    create = values.flag_of(given.get(3, "create_graph"), False)
    asked = given.get(2, "retain_graph")
    retain = create if asked in (None, values.NONE) else values.flag_of(asked, False)
    gradient = given.get(1, "grad_tensors")
    scaled = gradient not in (None, values.NONE) or not given.plain
    tensors = given.get(0, "tensors") or ANY
    wanted = inputs.wanted(m, given.get(5, "inputs"))
    m.recorder.leads(m, node, tensors, wanted)
    roots = kinds.flat(m, tensors)
    for place, one in enumerate(roots):
        # One run of the engine: what several roots share is freed once, at its end.
        here = retain if place == len(roots) - 1 else YES
        backward.run(m, one, node, gradient=scaled, retain=here, inputs=wanted, create=create)
    return values.NONE


def autograd_grad(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """torch.autograd.grad(outputs, inputs): gradients as a tuple, `.grad` untouched."""
    outputs = given.get(0, "outputs") or ANY
    sources = given.get(1, "inputs") or ANY
    create = values.flag_of(given.kwargs.get("create_graph"), False)
    retain = values.flag_of(given.kwargs.get("retain_graph"), create is YES)
    unused = given.kwargs.get("allow_unused")
    wanted = [a for v in kinds.flat(m, sources) for a in values.references(v)]
    m.recorder.leads(m, node, outputs, (wanted, values.UNKNOWN in sources))
    m.recorder.differentiated_by.update(wanted)
    missed = differentiated.unreached(m, given, node)
    ways: list[reaching.Reach] = []
    for one in kinds.flat(m, outputs):
        found = m.tensors(one)
        if len(found) != 1 or len(one) != 1:
            continue
        addr, tensor = found[0]
        if tensor.requires_grad is NO:
            m.recorder.no_graph(m, node, addr, tensor)
            raise Raised
        reached = reaching.reach(m, reaching.roots(addr, tensor))
        reached = reaching.towards(m, reached, wanted)
        ways.append(reached)
        stale = kept.stale_of(m, reached)
        if stale:
            m.recorder.stale(m, node, stale, tensor)
            if tensor.requires_grad is YES and any(s.definite for s in stale):
                raise Raised
        kept.check_freed(m, reached, node, sure=tensor.requires_grad is YES)
        backward.touch_retaining(m, {*reached.nodes, *wanted})
        if retain is not YES:
            backward.free(m, reached, retain, node)
    if create is not NO:
        escapes.lost(m, [outputs, sources])
    else:
        m.recorder.terms.derived(m, node, kinds.flat(m, outputs))
    atom = values.only(sources)
    several = isinstance(atom, Ref) and isinstance(m.s.get(atom.addr), Sequence)
    stories = tuple(t.why for v in kinds.flat(m, outputs) for _, t in m.tensors(v))
    grads: list[Value] = []
    for place, one in enumerate(kinds.flat(m, sources)):
        if len(one) == 1 and missed.intersection(values.references(one)):
            grads.append(values.NONE)
            continue
        if create is YES:
            made = second_order.gradient(m, one, node, place, ways, stories)
        else:
            made = gradient(m, one, node, place, create)
        grads.append(values.join(made, values.NONE) if unused not in (None, values.FALSE) else made)
    thing = m.at(atom.addr, Sequence) if several and isinstance(atom, Ref) else None
    if thing is not None and thing.rest is not None:
        return m.make(node, "grads", Sequence("tuple", (), values.join_all(grads) or ANY))
    return m.make(node, "grads", Sequence("tuple", tuple(grads)))


def gradient(m: Machine, of: Value, node: ast.AST, place: int, create: Truth) -> Value:
    """A gradient that autograd.grad returns; with create_graph it has a graph we do not follow."""
    if create is not NO:
        return escapes.unknown_tensor(m, node, f"grad{place}")
    found = m.tensors(of)
    dtype = found[0][1].dtype if len(found) == 1 else None
    shape = found[0][1].shape if len(found) == 1 else None
    why = step("grad", m.site(node), m.text(node))
    made = factories.fresh(m, node, label=f"grad{place}", dtype=dtype, shape=shape, why=why)
    for addr, tensor in m.tensors(made):
        m.s.set(addr, replace(tensor, contiguous=MAYBE))
    return made
