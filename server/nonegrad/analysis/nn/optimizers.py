"""torch.optim: the parameters an optimizer holds, what its step writes, what zero_grad clears."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nonegrad.analysis.autograd import gradmode, inplace, moving
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.heap import Mapping, Sequence
from nonegrad.analysis.domain.objects import GradSwitch, Optimizer
from nonegrad.analysis.domain.provenance import step as why_step
from nonegrad.analysis.domain.truth import NO, YES, Truth
from nonegrad.analysis.domain.value_class import replace
from nonegrad.analysis.domain.values import ANY, Addr, Bound, Ref, Value
from nonegrad.analysis.machine import Machine, Raised
from nonegrad.analysis.python import calls, iteration

if TYPE_CHECKING:
    from nonegrad.analysis.python.calls import Arguments


def make_optimizer(m: Machine, path: str, given: Arguments, node: ast.AST) -> Value:
    """torch.optim.SGD(params, ...)"""
    name = path.rpartition(".")[2]
    source = given.get(0, "params") or ANY
    found, is_open = listed(m, source, node)
    for param in found:
        moving.use(m, param, node, "", "optimizer")
        for addr, tensor in m.tensors(param):
            certain = len(param) == 1 and tensor.is_leaf is NO and tensor.requires_grad is YES
            if certain and tensor.retains_grad is NO:
                m.recorder.optimizer_non_leaf(m, node, addr, tensor)
                raise Raised
    if not found and not is_open and not grouped(m, source):
        m.recorder.optimizer_empty(m, node, source)
        raise Raised
    made = Optimizer(name, tuple(found), is_open, m.site(node))
    result = m.make(node, "optimizer", made)
    m.recorder.optimizer_made(m, node, made)
    return result


def grouped(m: Machine, source: Value) -> bool:
    """Whether a list of groups was given: torch takes a group without parameters."""
    atom = values.only(source)
    found = m.at(atom.addr, Sequence) if isinstance(atom, Ref) else None
    items = found.items if found is not None else ()
    return any(m.at(addr, Mapping) for item in items for addr in values.references(item))


def listed(m: Machine, source: Value, node: ast.AST) -> tuple[list[Value], bool]:
    """The parameters in an iterable of tensors, of (name, tensor) pairs, or of groups."""
    if values.UNKNOWN in source:
        return [], True
    items, rest = iteration.items_of(m, source, node)
    found: list[Value] = []
    is_open = False
    for item in (*items, *([rest] if rest is not None else [])):
        atom = values.only(item)
        thing = m.s.get(atom.addr) if isinstance(atom, Ref) else None
        if isinstance(thing, Mapping):
            group = dict(thing.entries).get("params", ANY)
            lone = bool(m.tensors(group))
            inner, more = ([group], False) if lone else listed(m, group, node)
            if not inner and not more:
                m.recorder.group_empty(m, node, group)
            found.extend(inner)
            is_open = is_open or more
        elif isinstance(thing, Sequence) and len(thing.items) == 2:
            found.append(thing.items[1])
        elif m.tensors(item):
            found.append(item)
        else:
            is_open = True
    return found, is_open or (rest is not None and values.UNKNOWN in rest)


def optimizer_attribute(
    m: Machine, addr: Addr, thing: Optimizer, name: str, node: ast.AST
) -> Value:
    """optimizer.param_groups is a list with one dict that holds the parameters."""
    if name == "param_groups":
        rest = ANY if thing.open else None
        params = m.make(node, "params", Sequence("list", thing.params, rest))
        group = m.make(node, "group", Mapping((("params", params),), ANY))
        return m.make(node, "groups", Sequence("list", (), group))
    if name in ("state", "defaults"):
        return ANY
    return frozenset({Bound(Ref(addr), name)})


def optimizer_method(
    m: Machine, addr: Addr, thing: Optimizer, name: str, given: Arguments, node: ast.AST
) -> Value:
    match name:
        case "zero_grad":
            to_none = values.flag_of(given.get(0, "set_to_none"), True)
            for param in thing.params:
                clear(m, param, to_none, node)
            return values.NONE
        case "step":
            closure = given.get(0, "closure")
            result = values.NONE
            if closure is not None and closure != values.NONE:
                saved = gradmode.switch(m, GradSwitch(YES, text="enable_grad"))
                result = calls.call(m, closure, calls.Arguments(), node)
                m.recorder.closure_ran(m, node, closure)
                gradmode.restore(m, saved)
            step(m, addr, node, sure=True)
            return result
        case "add_param_group":
            group = given.get(0, "param_group") or ANY
            found, more = listed(m, m.make(node, "groups", Sequence("list", (group,))), node)
            params = tuple(dict.fromkeys([*thing.params, *found]))
            m.put(addr, replace(thing, params=params, open=thing.open or more))
            return values.NONE
        case _:
            return ANY


def step(m: Machine, addr: Addr, node: ast.AST, *, sure: bool) -> None:
    """Write every parameter that has a gradient, under no_grad."""
    thing = m.at(addr, Optimizer)
    if thing is None:
        return
    m.recorder.stepped(m, node, addr, thing)
    for place, param in enumerate(thing.params):
        for one, tensor in m.tensors(param):
            if tensor.grad_state is NO or (
                tensor.requires_grad is NO and tensor.grad_state is not YES
            ):
                continue
            certain = sure and len(param) == 1 and tensor.grad_state is YES
            context = m.ctx
            m.ctx = context.child((id(node), "step", place))
            inplace.bump(m, one, tensor, node, sure=certain)
            m.ctx = context


def clear(m: Machine, param: Value, to_none: Truth, node: ast.AST) -> None:
    """zero_grad of one parameter."""
    for addr, tensor in m.tensors(param):
        why = why_step("zero_grad", m.site(node), m.text(node))
        why = replace(why, moment=m.recorder.moment())
        if to_none is YES:
            m.change(param, addr, replace(tensor, grad=values.NONE, grad_why=why))
        elif to_none is not NO:
            m.change(param, addr, replace(tensor, grad=values.join(tensor.grad, values.NONE)))
