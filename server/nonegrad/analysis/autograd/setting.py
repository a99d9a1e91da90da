"""`t[index] = value`: a write to a part of a tensor, or to all of it."""

from __future__ import annotations

import ast
from typing import NoReturn

from nonegrad.analysis.autograd import (
    factories,
    indexing,
    inplace,
    inputs,
    kinds,
    rebasing,
    tensors,
)
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.heap import Node, Tensor
from nonegrad.analysis.domain.truth import MAYBE, NO, YES, both, either
from nonegrad.analysis.domain.values import Addr, Value
from nonegrad.analysis.machine import Machine, Raised
from nonegrad.ops import Kind

WHOLE = frozenset({Kind.FULL_SLICE, Kind.ELLIPSIS})
PART = frozenset({Kind.CUT_SLICE, Kind.INT, Kind.NONE}) | WHOLE
GATHERED = frozenset({Kind.MASK, Kind.INDEXES, Kind.NUMBERS})
NUMBERS = frozenset({Kind.INT, Kind.FLOAT, Kind.BOOL})


def certainly_refused(m: Machine, owner: Value) -> bool:
    """Whether torch refuses a write to a part of each of the tensors that a value may be."""
    found = m.tensors(owner)
    return len(found) == len(owner) > 0 and all(
        not addr.summary and inplace.refuses(m, addr, tensor) in ("leaf", "view-of-leaf")
        for addr, tensor in found
    )


def refuse(m: Machine, owner: Value, node: ast.AST) -> NoReturn:
    """The write raises."""
    addr, tensor = m.tensors(owner)[0]
    m.recorder.refused_write(m, node, addr, tensor, "view-of-leaf")
    raise Raised


def set_item(
    m: Machine, addr: Addr, target: ast.Subscript, index: Value, value: Value, node: ast.AST
) -> None:
    """`t[index] = value`: a copy into a view of the tensor."""
    tensor = m.tensor(addr)
    if tensor is None:
        return
    written = inputs.operand(m, "value", value)
    incoming = written.requires_grad if written.tensors or values.UNKNOWN in value else NO
    refused = inplace.refuses(m, addr, tensor)
    if refused is not None and (tensor.view == "multi" or not addr.summary):
        name = "view-of-leaf" if refused == "leaf" else refused
        m.recorder.refused_write(m, node, addr, tensor, name, incoming)
        raise Raised
    own = either(tensor.requires_grad, inplace.base_requires(m, tensor))
    m.recorder.write(m, node, addr, tensor, "index assignment")
    recording = both(m.grad_mode, inplace.taken_up(tensor, own, incoming))
    inplace.bump(m, addr, tensor, node, sure=True)
    tensors.pour_through(m, target.value, value)
    if recording is NO:
        if m.grad_mode is YES and own is NO:
            inplace.retell(m, addr, factories.stories(m, value) + factories.stories(m, index), node)
        return
    sources = inputs.targets_of(written)
    edges = (frozenset(inputs.tensor_targets(addr, tensor)), sources)
    name = node_name(m, tensor, target, index, value)
    record = Node(name, edges, keeps=MAYBE, operator="index assignment", site=m.site(node))
    node_addr = m.new(node, "fn", record)
    requires = either(own, recording)
    rebasing.rebase(m, addr, tensor, node_addr, node, requires, recording, sure=True)


def node_name(
    m: Machine, tensor: Tensor, target: ast.Subscript, index: Value, value: Value
) -> str | None:
    """What the grad_fn is called: a write to the whole is none to a slice of it."""
    found = indexing.index_kinds(m, target.slice, index)
    if len(found) == 1 and found[0] in GATHERED:
        single = found[0] is Kind.MASK and not kinds.rank(m, index)
        return None if single else "IndexPutBackward0"
    if tensor.view == "maybe":
        return None
    if set(found) <= WHOLE:
        rank = kinds.rank(m, value)
        if rank and len(m.tensors(value)) == len(value):
            return "torch::autograd::CopyBackwards"
        if tensor.shape and kinds.kind_of(m, value) in NUMBERS:
            return "FillBackward3"
        return None
    # What takes no element of an empty tensor leaves all of it as well.
    return rebasing.COPY_SLICES if set(found) <= PART and tensor.shape != (0,) else None
