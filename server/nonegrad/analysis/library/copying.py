"""copy.deepcopy: new objects all the way down; tensors keep requires_grad, leaves their grad. And
copy.copy, which makes a new object of the same parts."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from nonegrad.analysis import escapes
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.counters import Counter
from nonegrad.analysis.domain.heap import Mapping, Sequence, Tensor
from nonegrad.analysis.domain.objects import Instance, Opaque, Optimizer, Partial
from nonegrad.analysis.domain.provenance import step
from nonegrad.analysis.domain.truth import NO, YES
from nonegrad.analysis.domain.value_class import replace
from nonegrad.analysis.domain.values import ANY, Addr, Atom, Ref, Value
from nonegrad.analysis.machine import Machine, Raised
from nonegrad.analysis.python import classes
from nonegrad.analysis.record.facts import UntrackedCall


def deep(m: Machine, value: Value, node: ast.AST) -> Value:
    """A deep copy of a value, in which all tensors are leaves."""
    return copied(m, value, node, {}, 0)


def refused(m: Machine, value: Value, node: ast.AST) -> None:
    """copy.deepcopy of a tensor that is no leaf raises, however deep it lies."""
    argument = node.args[0] if isinstance(node, ast.Call) else node
    found = computed(m, value, m.text(argument), set())
    if found is not None:
        path, tensor = found
        fact = UntrackedCall(m.site(node), path, "deepcopy", tensor.why, m.site(argument))
        m.recorder.refuse(m, "untracked", node, fact)
        raise Raised


def computed(m: Machine, value: Value, path: str, seen: set[Addr]) -> tuple[str, Tensor] | None:
    """A tensor that certainly is in a value and certainly is no leaf, and how to get to it."""
    atom = values.only(value)
    if not isinstance(atom, Ref) or atom.addr in seen or atom.addr.summary:
        return None
    seen.add(atom.addr)
    parts: Iterable[tuple[str, Value]] = ()
    match thing := m.s.get(atom.addr):
        case Tensor():
            return (path, thing) if thing.is_leaf is NO and thing.requires_grad is YES else None
        case Instance():
            if classes.find_method(m, thing, "__deepcopy__") is None:
                parts = ((f"{path}.{name}", inner) for name, inner in thing.attributes)
        case Sequence():
            parts = ((f"{path}[{place}]", inner) for place, inner in enumerate(thing.items))
        case Mapping():
            parts = ((f"{path}[{key!r}]", inner) for key, inner in thing.entries)
        case _:
            pass
    inside = (computed(m, inner, name, seen) for name, inner in parts)
    return next((one for one in inside if one is not None), None)


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
            is_leaf=YES,
            fn=frozenset(),
            grad=grad,
            why=step("op", m.site(node), m.text(node), (thing.why,)),
        )
        made[addr] = m.new(node, label, fresh)
        m.recorder.copies[made[addr]] = addr
    elif isinstance(thing, Instance) and classes.find_method(m, thing, "__deepcopy__") is not None:
        memo = m.make(node, label + ":memo", Mapping((), ANY))
        context = m.ctx
        m.ctx = context.child((id(node), label))
        copy = classes.call_method(m, addr, "__deepcopy__", [memo], node)
        m.ctx = context
        return copy
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
    elif isinstance(thing, Optimizer):
        params = tuple(copied(m, param, node, made, depth + 1) for param in thing.params)
        made[addr] = m.new(node, label, replace(thing, params=params))
    elif isinstance(thing, Partial) or (isinstance(thing, Opaque) and thing.parts):
        return ANY
    else:
        return values.ref(addr)
    return values.ref(made[addr])


def shallow(m: Machine, value: Value, node: ast.AST) -> Value:
    """A new object of the same parts; of a module or a tensor, more is shared than its parts."""
    return m.each(value, lambda atom: same_parts(m, atom, node))


def same_parts(m: Machine, atom: Atom, node: ast.AST) -> Value:
    thing = m.s.get(atom.addr) if isinstance(atom, Ref) else None
    own = isinstance(thing, Instance) and (
        thing.is_module or classes.find_method(m, thing, "__copy__") is not None
    )
    if isinstance(thing, (Sequence, Mapping, Instance)) and not own:
        return m.make(node, "copy", thing)
    if isinstance(atom, Ref):
        return escapes.lost(m, [values.ref(atom.addr)])
    return frozenset({atom})
