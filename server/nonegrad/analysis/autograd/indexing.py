"""Indexing into tensors: the kind of every index, and what it cuts out."""

from __future__ import annotations

import ast

from nonegrad.analysis import escapes
from nonegrad.analysis.autograd import operation
from nonegrad.analysis.autograd.kinds import kind_of
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.heap import Sequence
from nonegrad.analysis.domain.values import Addr, Value
from nonegrad.analysis.machine import Machine
from nonegrad.analysis.python import expressions
from nonegrad.ops import Kind, find


def index_tensor(m: Machine, addr: Addr, node: ast.Subscript, index: Value) -> Value:
    """t[index]: a view for numbers and slices, a copy for masks and lists."""
    kinds = index_kinds(m, node.slice, index)
    op = find("operator.getitem", [Kind.TENSOR, *kinds])
    if op is None:
        return escapes.lost(m, [values.ref(addr)])
    bound = {"self": values.ref(addr), "index": index}
    return operation.apply(m, op, bound, node, "operator.getitem")


def index_kinds(m: Machine, node: ast.expr, index: Value) -> list[Kind]:
    """The kinds of the elements of an index, as the operator table asks for them."""
    elements = node.elts if isinstance(node, ast.Tuple) else [node]
    found: list[Kind] = []
    for element in elements:
        if isinstance(element, ast.Slice):
            if element.lower is None and element.upper is None and element.step is None:
                found.append(Kind.FULL_SLICE)
            else:
                found.append(Kind.CUT_SLICE if cuts(m, element) else Kind.SLICE)
            continue
        value = index if len(elements) == 1 else peek_or_evaluate(m, element)
        tensors = m.tensors(value)
        if tensors and len(tensors) == len(value):
            dtypes = {tensor.dtype for _, tensor in tensors}
            if dtypes == {"bool"}:
                found.append(Kind.MASK)
            elif all(t.dtype in ("int64", "int32") and t.shape for _, t in tensors):
                found.append(Kind.INDEXES)
            else:
                found.append(Kind.TENSOR)
        else:
            found.append(Kind.UNKNOWN if is_tuple(m, value) else kind_of(m, value))
    return found


def is_tuple(m: Machine, value: Value) -> bool:
    """Whether an index may be a tuple, each item of which is an index of its own."""
    things = [m.at(addr, Sequence) for addr in values.references(value)]
    return any(thing is not None and thing.kind != "list" for thing in things)


def peek_or_evaluate(m: Machine, element: ast.expr) -> Value:
    """An element of an index that has been evaluated already: its value, without its effects."""
    before = m.s
    m.s = before.fork()
    with m.silent():
        value = expressions.evaluate(m, element)
    m.s = before.fork()
    return value


def cuts(m: Machine, node: ast.Slice) -> bool:
    """Whether a slice certainly takes less than everything."""
    if node.lower is not None:
        low = values.number(peek_or_evaluate(m, node.lower))
        return low is not None and low != 0
    return False
