"""What iterating over a value yields: known items one by one, then any number of others."""

from __future__ import annotations

import ast

from nonegrad.analysis import escapes
from nonegrad.analysis.autograd import tensors
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.heap import Mapping, Sequence, Tensor
from nonegrad.analysis.domain.objects import Array, Instance, Opaque
from nonegrad.analysis.domain.steps import Steps
from nonegrad.analysis.domain.truth import MAYBE, YES
from nonegrad.analysis.domain.value_class import replace
from nonegrad.analysis.domain.values import ANY, Const, Ref, Scalar, Sym, Unknown, Value
from nonegrad.analysis.library import arrays, batches
from nonegrad.analysis.machine import Machine
from nonegrad.analysis.python import classes, generators

UNROLLED = 8
OPENING = 2
"""The turns that a loop of unknown length has for itself."""


def steps(m: Machine, iterable: Value, node: ast.AST, *, unrolled: int = UNROLLED) -> Steps:
    """How a loop over the value goes; a long known run is folded."""
    atom = values.only(iterable)
    if atom is None:
        rest: Value = frozenset()
        for one in iterable:
            part = steps(m, frozenset({one}), node)
            rest = values.join(rest, values.join_all(part.known))
            if part.rest is not None:
                rest = values.join(rest, part.rest)
        return Steps((), rest or ANY, paused=generators.paused_of(m, [iterable]))
    found = of_atom(m, atom, node)
    if len(found.known) > unrolled:
        rest = values.join_all((*found.known, found.rest or frozenset()))
        return Steps((), rest, len(found.known), found.paused)
    return found


def of_atom(m: Machine, atom: object, node: ast.AST) -> Steps:
    match atom:
        case Const(value=value, kind="str"):
            return Steps(tuple(values.const(char) for char in str(value)))
        case Const() | Unknown() | Sym():
            return Steps((), ANY)
        case Scalar(kind=kind):
            return Steps((), values.scalar("str") if kind == "str" else ANY)
        case Ref(addr=addr):
            return of_object(m, addr, node)
        case _:
            return Steps((), ANY)


def of_object(m: Machine, addr: values.Addr, node: ast.AST) -> Steps:
    thing = m.s.get(addr)
    match thing:
        case Sequence(kind="range", items=items):
            return of_range(items)
        case Sequence():
            if thing.kind in ("generator", "iterator"):
                if thing.taken is YES:
                    return Steps(())
                m.put(addr, replace(thing, taken=YES))
                m.recorder.went_through(m, addr, node)
                if thing.taken is MAYBE:
                    rest = values.join_all((*thing.items, thing.rest or frozenset()))
                    return Steps((), rest, paused=thing.paused)
            return Steps(thing.items, thing.rest, 0, thing.paused, thing.opening)
        case Mapping():
            known = tuple(key_value(key) for key, _ in thing.entries)
            return Steps(known, ANY if thing.rest is not None else None)
        case Tensor():
            return tensors.iterate(m, addr, thing, node)
        case Instance():
            return of_instance(m, addr, thing, node)
        case Opaque(cls="loader"):
            return batches.turns(m, thing, node)
        case Opaque(cls="enumerated"):
            return batches.counted(m, thing, node)
        case Array():
            return Steps((), arrays.element(m, thing, node))
        case _:
            escapes.escape(m, values.ref(addr))
            return Steps((), ANY)


def of_range(items: tuple[Value, ...]) -> Steps:
    """range() over known or unknown bounds."""
    numbers = [values.number(item) for item in items]
    if all(number is not None for number in numbers) and numbers:
        known = range(*[n for n in numbers if n is not None]) if 0 not in numbers[2:] else range(0)
        if len(known) <= UNROLLED // 2:
            return Steps(tuple(values.const(number) for number in known))
        opening = tuple(values.const(number) for number in known[:OPENING])
        return Steps((), values.scalar("int"), len(known), opening=opening)
    first, by = (0 if len(items) == 1 else numbers[0]), (1 if len(items) < 3 else numbers[2])
    counted = () if first is None or not by else range(first, first + OPENING * by, by)
    return Steps((), values.scalar("int"), opening=tuple(values.const(n) for n in counted))


def of_instance(m: Machine, addr: values.Addr, thing: Instance, node: ast.AST) -> Steps:
    """Containers of modules, and objects with an `__iter__` or `__getitem__` of their own."""
    own = not isinstance(thing.cls, Sym) and classes.find_method(m, thing, "__iter__") is not None
    container = classes.container(m, thing)
    if not own and container in ("Sequential", "ModuleList") and not isinstance(thing.cls, Sym):
        listed = tuple(v for name, v in thing.attributes if thing.role(name) == "module")
        return Steps(listed, thing.rest if not thing.open else ANY)
    if thing.is_module and isinstance(thing.cls, Sym):
        # add_module() may have put a child under a name of its own.
        children = tuple(v for name, v in thing.attributes if is_child(thing, name))
        if thing.cls.path.endswith("Dict"):
            known = tuple(values.const(name) for name, _ in thing.attributes)
            return Steps(known, thing.rest)
        return Steps(children, thing.rest if not thing.open else ANY)
    found = classes.find_method(m, thing, "__iter__")
    if found is not None:
        result = classes.call_method(m, addr, "__iter__", [], node)
        if result != values.ref(addr):
            return steps(m, result, node)
        following = classes.call_method(m, addr, "__next__", [], node)
        return Steps((), following)
    if classes.find_method(m, thing, "__getitem__") is not None:
        item = classes.call_method(m, addr, "__getitem__", [values.scalar("int")], node)
        return Steps((), item)
    return Steps((), ANY)


def is_child(thing: Instance, name: str) -> bool:
    """Whether an attribute of one of torch's containers is one of its children."""
    return name.isdigit() or thing.role(name) in ("module", "parameter")


def key_value(key: object) -> Value:
    """The value of a dict key."""
    return frozenset({key}) if isinstance(key, (Ref, Sym)) else values.const(key)


def items_of(m: Machine, value: Value, node: ast.AST) -> tuple[tuple[Value, ...], Value | None]:
    """Everything an iterable yields, as known items and the rest, without folding."""
    found = whole(m, value, node)
    return found.known, found.rest


def whole(m: Machine, value: Value, node: ast.AST) -> Steps:
    """How a loop over the value goes, without folding."""
    found = steps(m, value, node, unrolled=256)
    return found if found.fresh is None else replace(found, rest=found.one(), fresh=None)
