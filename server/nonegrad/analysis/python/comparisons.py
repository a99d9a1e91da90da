"""Comparisons: of tensors, of plain values, and of what the sources define."""

from __future__ import annotations

import ast
import operator as op
from collections.abc import Callable
from typing import Any

from nonegrad.analysis.autograd import tensor_methods
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.values import Const, Scalar, Value
from nonegrad.analysis.machine import Machine
from nonegrad.analysis.python import conditions, containers, expressions, operators


def run_compare(m: Machine, node: ast.Compare) -> Value:
    if len(node.ops) == 1 and isinstance(node.ops[0], (ast.Is, ast.IsNot)):
        return expressions.run_test(m, node)
    left = expressions.evaluate(m, node.left)
    result: Value = frozenset()
    for operator, comparator in zip(node.ops, node.comparators, strict=True):
        right = expressions.evaluate(m, comparator)
        one = binary_compare(m, node, left, operator, right)
        result = one if not result else operators.conjunction(result, one)
        left = right
    return result


def binary_compare(
    m: Machine, node: ast.expr, left: Value, operator: ast.cmpop, right: Value
) -> Value:
    """The value of one comparison; with a tensor in it, a tensor."""
    verdict = conditions.comparison(m, left, operator, right)
    if verdict is not None and verdict.known is not None:
        return values.const(verdict.known)
    if m.tensors(left) or m.tensors(right):
        if isinstance(operator, (ast.Is, ast.IsNot)):
            return values.BOOL
        if isinstance(operator, (ast.In, ast.NotIn)):
            return left_torch(m, node, left, right)
        return operators.compare(m, node, operator, left, right)
    if isinstance(operator, (ast.In, ast.NotIn)):
        return containers.membership(m, left, right, negated=isinstance(operator, ast.NotIn))
    plain = all(isinstance(atom, (Const, Scalar)) for atom in left | right)
    return values.verdict(left, right) if plain else operators.compare_objects(m, node, left, right)


def plain(node: ast.expr) -> ast.Compare | None:
    """A comparison of values, that tells nothing of what is there and what is not."""
    if not isinstance(node, ast.Compare) or any(map(none, (node.left, *node.comparators))):
        return None
    return None if any(isinstance(one, (ast.Is, ast.IsNot)) for one in node.ops) else node


def none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def negated(m: Machine, node: ast.Compare) -> Value:
    """`not a < b`, with the story of what was compared."""
    value = run_compare(m, node)
    verdict = conditions.truth_of(m, value).known
    if verdict is not None:
        return values.const(not verdict)
    if m.tensors(value):
        return left_torch(m, node, value)
    return values.verdict(value)


def left_torch(m: Machine, node: ast.expr, *given: Value) -> Value:
    """`tensor in (1, 2)` is plain: the tensor's numbers leave torch."""
    found = [pair for value in given for pair in m.tensors(value)]
    how = m.text(node)
    whys = [tensor_methods.leaving(m, addr, tensor, node, how) for addr, tensor in found]
    return values.scalar("bool", whys[0])


def fold_compare(operator: ast.cmpop, a: object, b: object) -> bool | None:
    """Compare two constants as Python does; None where it would raise."""
    function = COMPARISONS.get(type(operator))
    if function is None:
        return None
    try:
        return bool(function(a, b))
    except TypeError:
        return None


COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], object]] = {
    ast.Eq: op.eq,
    ast.NotEq: op.ne,
    ast.Lt: op.lt,
    ast.LtE: op.le,
    ast.Gt: op.gt,
    ast.GtE: op.ge,
    ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
}
