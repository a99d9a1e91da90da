"""Custom autograd Functions: apply runs forward without a graph and records one node."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nonegrad.analysis import escapes
from nonegrad.analysis.autograd import contexts, derivatives, gradmode, inputs
from nonegrad.analysis.autograd.inputs import Operand
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.heap import ANYWHERE, NOWHERE, Node, Sequence
from nonegrad.analysis.domain.objects import Class, GradSwitch
from nonegrad.analysis.domain.provenance import Why, step
from nonegrad.analysis.domain.truth import MAYBE, NO, YES, Truth, both, either, negate
from nonegrad.analysis.domain.truth import join as join_truth
from nonegrad.analysis.domain.value_class import replace
from nonegrad.analysis.domain.values import ANY, Addr, Ref, Value
from nonegrad.analysis.machine import Machine
from nonegrad.analysis.python import calls, classes
from nonegrad.analysis.record import counted, unset

if TYPE_CHECKING:
    from nonegrad.analysis.python.calls import Arguments


def function_apply(m: Machine, addr: Addr, thing: Class, given: Arguments, node: ast.AST) -> Value:
    """CLASS.apply(...)"""
    forward = classes.find_in_class(m, Ref(addr), "forward")
    if forward is None or not given.plain:
        return calls.unknown(m, given, node)
    operands = [inputs.operand(m, "input", value) for value in given.args]
    requires = NO
    for operand in operands:
        requires = either(requires, needed(operand))
    requires = both(requires, m.grad_mode)
    ctx = contexts.make(m, [needed(operand) for operand in operands], node)
    result = run_forward(m, addr, forward, ctx, given, node, recorded=requires is not NO)
    if requires is NO:
        return attach(m, result, None, requires, node, thing, None)
    ignored = derivatives.none_for(m, addr, ctx, result, operands, node)
    edges = tuple(
        frozenset({NOWHERE}) if place in ignored else inputs.targets_of(operand)
        for place, operand in enumerate(operands)
        if flows(operand)
    )
    if derivatives.fills_itself(m, addr):
        escapes.escape(m, ctx)
        edges = (*edges, frozenset({ANYWHERE}))
    record = Node(
        f"{thing.name}Backward",
        edges or (frozenset({NOWHERE}),),
        keeps=MAYBE,
        operator=thing.name,
        site=m.site(node),
    )
    fn = m.new(node, "fn", record)
    apart = classes.find_in_class(m, Ref(addr), "setup_context") is not None
    unset.note(m, thing, m.site(node), apart=apart)
    counted.mismatch(m, thing, m.site(node), len(given.args))
    stories = [t.why for operand in operands for _, t in operand.tensors[:1]]
    why = step("op", m.site(node), m.text(node), (*ignored.values(), *stories))
    return attach(m, result, fn, requires, node, thing, why)


def flows(operand: Operand) -> bool:
    """Whether a gradient may go on into an input."""
    return bool(operand.tensors) or values.UNKNOWN in operand.value


def needed(operand: Operand) -> Truth:
    """Whether an input needs a gradient."""
    return operand.requires_grad if flows(operand) else NO


def run_forward(
    m: Machine,
    addr: Addr,
    forward: Value,
    ctx: Value,
    given: Arguments,
    node: ast.AST,
    *,
    recorded: bool,
) -> Value:
    """forward, and setup_context where there is one: without a graph, which is no cut where the
    Function itself is recorded."""
    setup = classes.find_in_class(m, Ref(addr), "setup_context")
    saved = gradmode.switch(m, GradSwitch(NO, text="no_grad"))
    m.recorder.within_function += recorded
    try:
        if setup is None:
            return calls.call(m, forward, calls.Arguments([ctx, *given.args]), node)
        result = calls.call(m, forward, given, node)
        args = m.make(node, "inputs", Sequence("tuple", tuple(given.args)))
        calls.call(m, setup, calls.Arguments([ctx, args, result]), node)
        return result
    finally:
        m.recorder.within_function -= recorded
        gradmode.restore(m, saved)


def attach(
    m: Machine,
    result: Value,
    fn: Addr | None,
    requires: Truth,
    node: ast.AST,
    thing: Class,
    why: Why | None,
) -> Value:
    """Point the outputs at the node; integer outputs stay outside the graph."""
    atom = values.only(result)
    sequence = m.at(atom.addr, Sequence) if isinstance(atom, Ref) else None
    if sequence is not None:
        items = tuple(attach(m, item, fn, requires, node, thing, why) for item in sequence.items)
        return m.make(node, "outputs", replace(sequence, items=items))
    made: Value = frozenset()
    for place, (_, tensor) in enumerate(m.tensors(result)):
        wanted = requires if tensor.differentiable is not NO else NO
        if tensor.dtype is None and wanted is YES:
            wanted = MAYBE if fn is None else wanted
        # mark_non_differentiable may take an output out of the graph.
        if "mark_non_differentiable" in ast.unparse(thing.node) and wanted is YES:
            wanted = join_truth(YES, NO)
        output = replace(
            tensor,
            requires_grad=wanted,
            is_leaf=negate(wanted),
            fn=frozenset({fn}) if fn is not None and wanted is not NO else frozenset(),
            base=frozenset(),
            view="no",
            is_parameter=NO,
            grad=values.NONE,
            why=why or step("op", m.site(node), m.text(node), (tensor.why,)),
        )
        made = values.join(made, m.make(node, f"output{place}", output))
    return made or (result if result == values.NONE else ANY)
