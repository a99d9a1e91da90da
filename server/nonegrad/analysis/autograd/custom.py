"""Custom autograd Functions: apply runs forward without a graph and records one node."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nonegrad.analysis.autograd import gradmode, inputs
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.heap import NOWHERE, Node, Sequence, Targets
from nonegrad.analysis.domain.objects import Class, GradSwitch, Opaque
from nonegrad.analysis.domain.provenance import step
from nonegrad.analysis.domain.truth import MAYBE, NO, YES, both, either, negate
from nonegrad.analysis.domain.truth import join as join_truth
from nonegrad.analysis.domain.value_class import replace
from nonegrad.analysis.domain.values import ANY, Addr, Ref, Value
from nonegrad.analysis.machine import Machine
from nonegrad.analysis.python import calls, classes
from nonegrad.analysis.record import counted

if TYPE_CHECKING:
    from nonegrad.analysis.python.calls import Arguments


def function_apply(m: Machine, addr: Addr, thing: Class, given: Arguments, node: ast.AST) -> Value:
    """CLASS.apply(...)"""
    forward = classes.find_in_class(m, Ref(addr), "forward")
    if forward is None or not given.plain:
        return calls.unknown(m, given, node)
    requires = NO
    edges: list[Targets] = []
    for value in given.args:
        operand = inputs.operand(m, "input", value)
        if not operand.tensors and operand.certain:
            continue
        if operand.tensors or values.UNKNOWN in value:
            requires = either(requires, operand.requires_grad)
            edges.append(inputs.targets_of(operand))
    requires = both(requires, m.grad_mode)
    ctx = m.make(node, "ctx", Opaque("ctx"))
    separate = classes.find_in_class(m, Ref(addr), "setup_context") is not None
    arguments = list(given.args) if separate else [ctx, *given.args]
    saved = gradmode.switch(m, GradSwitch(NO, text="no_grad"))
    try:
        result = calls.call(m, forward, calls.Arguments(arguments), node)
    finally:
        gradmode.restore(m, saved)
    fn: Addr | None = None
    if requires is not NO:
        record = Node(
            f"{thing.name}Backward",
            tuple(edges) or (frozenset({NOWHERE}),),
            keeps=MAYBE,
            operator=thing.name,
            site=m.site(node),
        )
        fn = m.new(node, "fn", record)
        counted.mismatch(m, thing, m.site(node))
    return attach(m, result, fn, requires, node, thing)


def attach(
    m: Machine, result: Value, fn: Addr | None, requires: object, node: ast.AST, thing: Class
) -> Value:
    """Point the outputs at the node; integer outputs stay outside the graph."""
    atom = values.only(result)
    sequence = m.at(atom.addr, Sequence) if isinstance(atom, Ref) else None
    if sequence is not None:
        items = tuple(attach(m, item, fn, requires, node, thing) for item in sequence.items)
        return m.make(node, "outputs", replace(sequence, items=items))
    made: Value = frozenset()
    for place, (_, tensor) in enumerate(m.tensors(result)):
        wanted = requires if tensor.differentiable is not NO else NO
        if tensor.dtype is None and wanted is YES:
            wanted = MAYBE if fn is None else wanted
        # mark_non_differentiable may take an output out of the graph.
        if "mark_non_differentiable" in ast.unparse(thing.node) and wanted is YES:
            wanted = join_truth(YES, NO)
        flag = wanted if wanted in (YES, NO, MAYBE) else MAYBE
        output = replace(
            tensor,
            requires_grad=flag,
            is_leaf=negate(flag),
            fn=frozenset({fn}) if fn is not None and flag is not NO else frozenset(),
            base=frozenset(),
            view="no",
            is_parameter=NO,
            grad=values.NONE,
            why=step("op", m.site(node), m.text(node), (tensor.why,)),
        )
        made = values.join(made, m.make(node, f"output{place}", output))
    return made or (result if result == values.NONE else ANY)
