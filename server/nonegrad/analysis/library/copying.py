"""copy.deepcopy: new objects all the way down; tensors keep requires_grad, leaves their grad."""

from __future__ import annotations

import ast

from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.counters import Counter
from nonegrad.analysis.domain.heap import Mapping, Sequence, Tensor
from nonegrad.analysis.domain.objects import Instance
from nonegrad.analysis.domain.provenance import step
from nonegrad.analysis.domain.truth import YES
from nonegrad.analysis.domain.value_class import replace
from nonegrad.analysis.domain.values import ANY, Addr, Ref, Value
from nonegrad.analysis.machine import Machine


def deep(m: Machine, value: Value, node: ast.AST) -> Value:
    """A deep copy of a value."""
    return copied(m, value, node, {}, 0)


def copied(m: Machine, value: Value, node: ast.AST, made: dict[Addr, Addr], depth: int) -> Value:
    result: Value = frozenset()
    for atom in value:
        if not isinstance(atom, Ref):
            result = values.join(result, frozenset({atom}))
            continue
        result = values.join(result, copy_object(m, atom.addr, node, made, depth))
    return result or ANY


def copy_object(m: Machine, addr: Addr, node: ast.AST, made: dict[Addr, Addr], depth: int) -> Value:
    if addr in made:
        return values.ref(made[addr])
    if depth > 12:
        return ANY
    thing = m.s.get(addr)
    label = f"copy:{addr.number}"
    if isinstance(thing, Tensor):
        counter = m.new(node, label + ":counter", Counter())
        grad = values.NONE if thing.is_parameter is YES else thing.grad
        fresh = replace(
            thing,
            counter=frozenset({counter}),
            base=frozenset(),
            views=frozenset(),
            view="no",
            grad=grad,
            why=step("op", m.site(node), m.text(node), (thing.why,)),
        )
        made[addr] = m.new(node, label, fresh)
    elif isinstance(thing, Instance):
        made[addr] = m.new(node, label, thing)
        attributes = tuple(
            (name, copied(m, value, node, made, depth + 1)) for name, value in thing.attributes
        )
        rest = None if thing.rest is None else copied(m, thing.rest, node, made, depth + 1)
        m.s.set(made[addr], replace(thing, attributes=attributes, rest=rest))
    elif isinstance(thing, Sequence):
        items = tuple(copied(m, item, node, made, depth + 1) for item in thing.items)
        rest = None if thing.rest is None else copied(m, thing.rest, node, made, depth + 1)
        made[addr] = m.new(node, label, replace(thing, items=items, rest=rest))
    elif isinstance(thing, Mapping):
        entries = tuple((key, copied(m, v, node, made, depth + 1)) for key, v in thing.entries)
        rest = None if thing.rest is None else copied(m, thing.rest, node, made, depth + 1)
        made[addr] = m.new(node, label, replace(thing, entries=entries, rest=rest))
    else:
        return values.ref(addr)
    return values.ref(made[addr])
