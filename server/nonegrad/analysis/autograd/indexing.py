"""Indexing into tensors: the kind of every index, and what it cuts out."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from nonegrad.analysis import escapes
from nonegrad.analysis.autograd import cutting, operation, sizing
from nonegrad.analysis.autograd.kinds import kind_of
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.heap import Sequence as Listed
from nonegrad.analysis.domain.value_class import replace
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
    whole = m.tensor(addr)
    result = operation.apply(m, op, bound, node, "operator.getitem")
    if whole is not None and whole.shape is not None:
        left = cutting.shape(m, whole.shape, parts_of(m, node.slice, index, kinds))
        for one, tensor in m.tensors(result) if left is not None else ():
            if one is not addr:
                m.s.set(one, replace(tensor, shape=left))
    return result


def parts_of(m: Machine, node: ast.expr, index: Value, kinds: list[Kind]) -> list[cutting.Part]:
    """The elements of an index with what is known of their numbers."""
    elements, given = elements_of(m, node, index)
    found: list[cutting.Part] = []
    for element, kind, known in zip(elements, kinds, given, strict=True):
        if isinstance(element, ast.Slice):
            ends = (element.lower, element.upper, element.step)
            cut = [None if end is None else peek_or_evaluate(m, end) for end in ends]
            found.append((kind, cutting.ends(cut)))
        else:
            found.append((kind, known or peek_or_evaluate(m, element)))
    return found


def index_kinds(m: Machine, node: ast.expr, index: Value) -> list[Kind]:
    """The kinds of the elements of an index, as the operator table asks for them."""
    elements, given = elements_of(m, node, index)
    found: list[Kind] = []
    for element, known in zip(elements, given, strict=True):
        if isinstance(element, ast.Slice):
            if element.lower is None and element.upper is None and element.step is None:
                found.append(Kind.FULL_SLICE)
            else:
                found.append(Kind.CUT_SLICE if cuts(m, element) else Kind.SLICE)
            continue
        value = known or peek_or_evaluate(m, element)
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


def elements_of(
    m: Machine, node: ast.expr, index: Value
) -> tuple[list[ast.expr], Sequence[Value | None]]:
    """The elements of an index, with their values where they were evaluated to something."""
    if not isinstance(node, ast.Tuple):
        return [node], [index]
    known = sizing.items(m, index)
    if known is None or len(known) != len(node.elts):
        return node.elts, [None] * len(node.elts)
    return node.elts, known


def is_tuple(m: Machine, value: Value) -> bool:
    """Whether an index may be a tuple, each item of which is an index of its own."""
    things = [m.at(addr, Listed) for addr in values.references(value)]
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
