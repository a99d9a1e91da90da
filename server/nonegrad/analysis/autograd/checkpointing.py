"""torch.utils.checkpoint: the reentrant form has a graph only through the tensors it is given."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nonegrad.analysis.autograd.reaching import reach
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.heap import Sequence
from nonegrad.analysis.domain.provenance import step
from nonegrad.analysis.domain.truth import MAYBE, NO, YES, Truth, either
from nonegrad.analysis.domain.truth import join as join_truth
from nonegrad.analysis.domain.value_class import replace
from nonegrad.analysis.domain.values import ANY, Ref, Value
from nonegrad.analysis.machine import Machine
from nonegrad.analysis.python import calls

if TYPE_CHECKING:
    from nonegrad.analysis.python.calls import Arguments


def checkpoint(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """checkpoint(f, *args, use_reentrant=...): runs f; reentrant unless that is switched off."""
    if not given.args:
        return ANY
    asked = given.get(len(given.args), "use_reentrant")
    reentrant = YES if asked in (None, values.NONE) else values.flag_of(asked, True)
    inner = calls.Arguments(list(given.args[1:]), {}, given.rest)
    # What is reentrant runs with grad mode off at first, and with it on while backward goes on.
    assumed, m.assumed = m.assumed, m.assumed or reentrant is not NO
    try:
        result = recomputed(m, calls.call(m, given.args[0], inner, node), given)
    finally:
        m.assumed = assumed
    if reentrant is NO:
        return result
    if reentrant is YES and given.plain and requires(m, given.args[1:]) is NO:
        return cut(m, result, node, 0)
    return unnamed(m, result)


def recomputed(m: Machine, result: Value, given: Arguments) -> Value:
    """What comes out, whose nodes keep nothing: backward computes them again."""
    before = {a for v in given.every() for _, t in m.tensors(v) for a in reach(m, t.fn).nodes}
    for _, tensor in m.tensors(result):
        for addr in reach(m, tensor.fn, definite=False).nodes:
            record = m.node(addr)
            if addr not in before and record is not None and record.saved:
                m.s.set(addr, replace(record, saved=()))
    return result


def requires(m: Machine, args: list[Value]) -> Truth:
    """Whether one of the arguments is a tensor that requires grad; in a list it does not count."""
    result = NO
    for value in args:
        one: Truth | None = None
        for atom in value:
            tensor = m.tensor(atom.addr) if isinstance(atom, Ref) else None
            flag = tensor.requires_grad if tensor is not None else NO
            flag = MAYBE if atom == values.UNKNOWN else flag
            one = flag if one is None else join_truth(one, flag)
        result = either(result, one or MAYBE)
    return result


def cut(m: Machine, result: Value, node: ast.AST, depth: int) -> Value:
    """What comes out, outside of any graph."""
    atom = values.only(result)
    if not isinstance(atom, Ref):
        return result if all(isinstance(one, values.Const) for one in result) else ANY
    thing = m.s.get(atom.addr)
    if isinstance(thing, Sequence) and depth < 3:
        items = tuple(cut(m, item, node, depth + 1) for item in thing.items)
        rest = None if thing.rest is None else ANY
        return m.make(node, f"outputs{depth}", replace(thing, items=items, rest=rest))
    tensor = m.tensor(atom.addr)
    if tensor is None:
        return ANY
    lost = tensor.requires_grad is YES
    why = step("checkpoint", m.site(node), "checkpoint()", (tensor.why,), cut=lost)
    m.recorder.cut_off(m, why, [(atom.addr, tensor)])
    made = replace(
        tensor, requires_grad=NO, is_leaf=YES, retains_grad=NO, fn=frozenset(), grad=values.NONE
    )
    return m.make(node, f"output{depth}", replace(made, is_parameter=NO, why=why))


def unnamed(m: Machine, value: Value) -> Value:
    """The same tensors, with nothing claimed of their grad_fn."""
    for _, tensor in m.tensors(value):
        for fn in tensor.fn:
            record = m.node(fn)
            if record is not None:
                m.s.set(fn, replace(record, name=None))
    return value
