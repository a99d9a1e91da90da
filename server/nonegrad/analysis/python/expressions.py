"""Transfer functions of expressions: each gives the value, and leaves its effects in the state."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable

from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.heap import Mapping, Sequence
from nonegrad.analysis.domain.store import State
from nonegrad.analysis.domain.values import ANY, Value
from nonegrad.analysis.machine import Exhausted, Machine
from nonegrad.analysis.python import (
    attributes,
    calls,
    comparisons,
    comprehensions,
    conditions,
    containers,
    functions,
    generators,
    iteration,
    operators,
)

KEPT = "_nonegrad_value"
"""The attribute under which a constant keeps its value: it is asked for over and over."""
CALLABLE = frozenset({"print", "len", "range", "float", "int", "str", "sum", "max", "min"})


def evaluate(m: Machine, node: ast.expr) -> Value:
    """The value of an expression."""
    m.budget -= 1
    if m.budget < 0:
        raise Exhausted
    handler = HANDLERS.get(type(node))
    return ANY if handler is None else handler(m, node)


def evaluate_all(
    m: Machine, nodes: list[ast.expr], node: ast.AST
) -> tuple[tuple[Value, ...], Value | None]:
    """Elements of a display or arguments, with stars unpacked: known ones, then the rest."""
    known: list[Value] = []
    rest: Value | None = None
    for element in nodes:
        if isinstance(element, ast.Starred):
            items, more = iteration.items_of(m, evaluate(m, element.value), node)
            found, more_found = list(items), more
        else:
            found, more_found = [evaluate(m, element)], None
        if rest is None:
            known.extend(found)
            rest = more_found
        else:
            for value in (*found, *([more_found] if more_found is not None else [])):
                rest = values.join(rest, value)
    return tuple(known), rest


def run_constant(m: Machine, node: ast.Constant) -> Value:
    known: Value | None = getattr(node, KEPT, None)
    if known is None:
        known = values.const(node.value)
        setattr(node, KEPT, known)
    return known


def run_name(m: Machine, node: ast.Name) -> Value:
    value = m.lookup(node.id)
    if value is None:
        return builtin(node.id)
    m.recorder.seen(m, node, value)
    return value


def builtin(name: str) -> Value:
    """A name that no analysed code binds."""
    if name in ("__name__", "__file__", "__doc__"):
        return values.scalar("str")
    return values.sym(name) if hasattr(builtins, name) else ANY


def run_attribute(m: Machine, node: ast.Attribute) -> Value:
    owner = evaluate(m, node.value)
    value = attributes.get(m, owner, node.attr, node)
    if node.attr != "grad":
        m.recorder.seen(m, node, value)
    return value


def run_call(m: Machine, node: ast.Call) -> Value:
    return calls.run(m, node)


def run_binop(m: Machine, node: ast.BinOp) -> Value:
    left = evaluate(m, node.left)
    right = evaluate(m, node.right)
    return operators.binary(m, node, node.op, left, right)


def run_unary(m: Machine, node: ast.UnaryOp) -> Value:
    if isinstance(node.op, ast.Not):
        asked = comparisons.plain(node.operand)
        return run_test(m, node) if asked is None else comparisons.negated(m, asked)
    return operators.unary(m, node, node.op, evaluate(m, node.operand))


def run_test(m: Machine, node: ast.expr) -> Value:
    """An expression that is a test: True, False or either, from the states it leaves."""
    ancestor = m.s = m.s.fork()
    with ancestor.holding():
        true, false = conditions.branch(m, node)
    ends = [state for state in (true, false) if state is not None]
    m.s = m.join(ancestor, ends)
    if true is None:
        return values.FALSE
    return values.TRUE if false is None else values.BOOL


def run_boolop(m: Machine, node: ast.BoolOp) -> Value:
    """`and` and `or` as values: operands that decide, or the last one."""
    is_and = isinstance(node.op, ast.And)
    ancestor = m.s = m.s.fork()
    ends: list[State] = []
    result: Value = frozenset()
    for operand in node.values[:-1]:
        m.s = m.s.fork()
        with ancestor.holding():
            true, false = conditions.branch(m, operand)
        out, going = (false, true) if is_and else (true, false)
        if out is not None:
            m.s = out
            value = conditions.peek(m, operand)
            if value == ANY:
                m.s = out.fork()
                with m.silent():
                    value = evaluate(m, operand)
                m.s = out
            kept = frozenset(
                atom for atom in value if conditions.truth_of_atom(m, atom).known is not is_and
            )
            result = values.join(result, kept or value)
            ends.append(out)
        if going is None:
            m.s = m.join(ancestor, ends)
            return result
        m.s = going
    with ancestor.holding():
        last = evaluate(m, node.values[-1])
    ends.append(m.s)
    m.s = m.join(ancestor, ends)
    return values.join(result, last)


def run_ifexp(m: Machine, node: ast.IfExp) -> Value:
    ancestor = m.s = m.s.fork()
    with ancestor.holding():
        true, false = conditions.branch(m, node.test)
    ends: list[State] = []
    result: Value = frozenset()
    with ancestor.holding():
        for state, expression in ((true, node.body), (false, node.orelse)):
            if state is not None:
                m.s = state
                result = values.join(result, evaluate(m, expression))
                ends.append(m.s)
    m.s = m.join(ancestor, ends)
    return result


def run_subscript(m: Machine, node: ast.Subscript) -> Value:
    owner = evaluate(m, node.value)
    return containers.get_item(m, owner, node)


def run_display(m: Machine, node: ast.List | ast.Tuple | ast.Set) -> Value:
    kind = {ast.List: "list", ast.Tuple: "tuple", ast.Set: "set"}[type(node)]
    known, rest = evaluate_all(m, node.elts, node)
    return m.make(node, kind, Sequence(kind, known, rest))


def run_dict(m: Machine, node: ast.Dict) -> Value:
    result = Mapping()
    for key_node, value_node in zip(node.keys, node.values, strict=True):
        if key_node is None:
            other = evaluate(m, value_node)
            result = containers.merge(m, result, other)
            continue
        key = evaluate(m, key_node)
        result = containers.with_entry(result, key, evaluate(m, value_node))
    return m.make(node, "dict", result)


def run_fstring(m: Machine, node: ast.JoinedStr) -> Value:
    parts: list[str] | None = []
    for part in node.values:
        if isinstance(part, ast.FormattedValue):
            value = values.constant(evaluate(m, part.value))
            plain = value is not None and part.format_spec is None and part.conversion == -1
            if parts is not None and plain and value is not None:
                parts.append(str(value.value))
            else:
                parts = None
        elif parts is not None and isinstance(part, ast.Constant):
            parts.append(str(part.value))
    return values.scalar("str") if parts is None else values.const("".join(parts))


def run_named(m: Machine, node: ast.NamedExpr) -> Value:
    value = evaluate(m, node.value)
    m.bind(node.target.id, value)
    return value


def run_lambda(m: Machine, node: ast.Lambda) -> Value:
    return functions.define_lambda(m, node)


def run_starred(m: Machine, node: ast.Starred) -> Value:
    return evaluate(m, node.value)


def run_await(m: Machine, node: ast.Await) -> Value:
    return evaluate(m, node.value)


def run_yield(m: Machine, node: ast.Yield) -> Value:
    value = values.NONE if node.value is None else evaluate(m, node.value)
    return generators.yielded(m, value)


def run_yield_from(m: Machine, node: ast.YieldFrom) -> Value:
    found = iteration.whole(m, evaluate(m, node.value), node)
    for value in (*found.known, *([found.rest] if found.rest is not None else [])):
        generators.yielded(m, value, found.paused)
    return ANY


def run_slice(m: Machine, node: ast.Slice) -> Value:
    for part in (node.lower, node.upper, node.step):
        if part is not None:
            evaluate(m, part)
    return values.sym("slice")


def run_compare(m: Machine, node: ast.Compare) -> Value:
    return comparisons.run_compare(m, node)


def run_comprehension(m: Machine, node: comprehensions.Comprehension) -> Value:
    return comprehensions.run(m, node)


HANDLERS: dict[type[ast.expr], Callable[..., Value]] = {
    ast.Constant: run_constant,
    ast.Name: run_name,
    ast.Attribute: run_attribute,
    ast.Call: run_call,
    ast.BinOp: run_binop,
    ast.UnaryOp: run_unary,
    ast.BoolOp: run_boolop,
    ast.Compare: run_compare,
    ast.IfExp: run_ifexp,
    ast.Subscript: run_subscript,
    ast.List: run_display,
    ast.Tuple: run_display,
    ast.Set: run_display,
    ast.Dict: run_dict,
    ast.JoinedStr: run_fstring,
    ast.NamedExpr: run_named,
    ast.Lambda: run_lambda,
    ast.Starred: run_starred,
    ast.Await: run_await,
    ast.Yield: run_yield,
    ast.YieldFrom: run_yield_from,
    ast.Slice: run_slice,
    ast.ListComp: run_comprehension,
    ast.SetComp: run_comprehension,
    ast.GeneratorExp: run_comprehension,
    ast.DictComp: run_comprehension,
}
