"""Methods of Python's own containers, strings and numbers."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from nonegrad.analysis import escapes
from nonegrad.analysis.autograd import contexts
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.heap import Mapping, Sequence
from nonegrad.analysis.domain.objects import Array, Opaque
from nonegrad.analysis.domain.value_class import replace
from nonegrad.analysis.domain.values import ANY, Addr, Atom, Const, Ref, Scalar, Value
from nonegrad.analysis.library import arrays, commandline, dispatch
from nonegrad.analysis.machine import Machine
from nonegrad.analysis.nn import registers
from nonegrad.analysis.python import calls, classes, containers, iteration

if TYPE_CHECKING:
    from nonegrad.analysis.python.calls import Arguments

STRINGS = {
    "split": "list", "rsplit": "list", "splitlines": "list", "partition": "tuple",
    "startswith": "bool", "endswith": "bool", "isdigit": "bool", "find": "int", "count": "int",
    "index": "int",
}  # fmt: skip


def call(m: Machine, receiver: Atom, name: str, given: Arguments, node: ast.AST) -> Value:
    """receiver.name(...) for what Python itself defines."""
    match receiver:
        case Const(kind="str", value=str(text)):
            return string(m, text, name, given, node)
        case Const() | Scalar():
            return scalar(m, receiver, name, given, node)
        case Ref(addr=addr):
            return of_object(m, addr, name, given, node)
        case _:
            return calls.unknown(m, given, node)


RUN = frozenset(
    """startswith endswith lower upper strip lstrip rstrip split rsplit replace format removeprefix
    removesuffix find count isdigit""".split()
)
"""Methods of strings that give a string, a number, a bool or a list of strings."""


def plain(m: Machine, value: Value) -> tuple[object] | None:
    """What an argument is, where that is a constant or a tuple of them."""
    atom = values.only(value)
    if isinstance(atom, Const):
        return (atom.value,)
    thing = m.at(atom.addr, Sequence) if isinstance(atom, Ref) else None
    if thing is None or thing.kind != "tuple" or thing.rest is not None:
        return None
    parts = [values.constant(item) for item in thing.items]
    return None if None in parts else (tuple(one.value for one in parts if one),)


def string(m: Machine, text: str, name: str, given: Arguments, node: ast.AST) -> Value:
    """Methods of a known string, run where the arguments are known too."""
    arguments = [plain(m, arg) for arg in given.args]
    if name in RUN and given.plain and not given.kwargs and None not in arguments:
        try:
            result = getattr(text, name)(*[value for one in arguments if one for value in one])
        except (TypeError, ValueError, IndexError, KeyError):
            return ANY
        if isinstance(result, list):
            items = tuple(values.const(part) for part in cast("list[str]", result))
            return m.make(node, "list", Sequence("list", items))
        return values.const(result)
    return scalar(m, Scalar("str"), name, given, node)


def scalar(m: Machine, receiver: Atom, name: str, given: Arguments, node: ast.AST) -> Value:
    kind = receiver.kind if isinstance(receiver, (Const, Scalar)) else ""
    if kind != "str":
        return (
            values.scalar("bool" if name.startswith("is_") else "float")
            if kind in ("int", "float")
            else ANY
        )
    made = STRINGS.get(name)
    if made in ("list", "tuple"):
        return m.make(node, "list", Sequence(made, (), values.scalar("str")))
    return values.scalar(made or "str")


def of_object(m: Machine, addr: Addr, name: str, given: Arguments, node: ast.AST) -> Value:
    thing = m.s.get(addr)
    match thing:
        case Sequence():
            handler = SEQUENCE.get(name)
            if handler is None:
                # What it gives may be anything that is in the container.
                return escapes.lost(m, [thing.element, *given.every()])
            return handler(m, addr, thing, given, node)
        case Mapping(kind="ctx"):
            return contexts.method(m, addr, thing, name, given, node)
        case Mapping(kind=commandline.KIND):
            return commandline.method(m, addr, thing, name, given, node)
        case Mapping():
            handler = MAPPING.get(name)
            if handler is None:
                # What it gives may be anything that is in the container.
                return escapes.lost(m, [thing.element, *given.every()])
            return handler(m, addr, thing, given, node)
        case Opaque(cls="super"):
            return classes.super_call(m, thing, name, given, node)
        case Opaque():
            return dispatch.opaque_method(m, addr, thing, name, given, node)
        case Array():
            return arrays.method(m, thing, name, given, node)
        case _:
            return calls.unknown(m, given, node)


def append(m: Machine, addr: Addr, thing: Sequence, given: Arguments, node: ast.AST) -> Value:
    for value in given.args[:1]:
        m.put(addr, calls.append_to(thing, value))
        if isinstance(node, ast.Call) and len(node.args) == 1:
            m.recorder.put_away(m, node.args[0], value, node)
    return values.NONE


def extend(m: Machine, addr: Addr, thing: Sequence, given: Arguments, node: ast.AST) -> Value:
    if given.args:
        calls.extend(m, values.ref(addr), given.args[0], node)
    return values.NONE


def insert(m: Machine, addr: Addr, thing: Sequence, given: Arguments, node: ast.AST) -> Value:
    if len(given.args) == 2:
        place = values.number(given.args[0])
        if place is not None and thing.rest is None:
            items = list(thing.items)
            items.insert(place, given.args[1])
            m.put(addr, replace(thing, items=tuple(items)))
        else:
            rest = values.join_all((thing.element, given.args[1]))
            m.put(addr, replace(thing, items=(), rest=rest))
    return values.NONE


def pop(m: Machine, addr: Addr, thing: Sequence, given: Arguments, node: ast.AST) -> Value:
    place = values.number(given.args[0]) if given.args else -1
    if place is not None and thing.rest is None and -len(thing.items) <= place < len(thing.items):
        items = list(thing.items)
        taken = items.pop(place)
        m.put(addr, replace(thing, items=tuple(items)))
        return taken
    m.put(addr, replace(thing, items=(), rest=thing.element))
    return thing.element


def clear(
    m: Machine, addr: Addr, thing: Sequence | Mapping, given: Arguments, node: ast.AST
) -> Value:
    if isinstance(thing, Mapping):
        registers.tear(m, thing)
    m.put(addr, Mapping() if isinstance(thing, Mapping) else Sequence(thing.kind))
    return values.NONE


def reorder(m: Machine, addr: Addr, thing: Sequence, given: Arguments, node: ast.AST) -> Value:
    m.put(addr, replace(thing, items=(), rest=thing.element))
    return values.NONE


def copy(
    m: Machine, addr: Addr, thing: Sequence | Mapping, given: Arguments, node: ast.AST
) -> Value:
    return m.make(node, "copy", thing)


def number(m: Machine, addr: Addr, thing: object, given: Arguments, node: ast.AST) -> Value:
    return values.scalar("int")


def following(m: Machine, addr: Addr, thing: Sequence, given: Arguments, node: ast.AST) -> Value:
    """next(iterator)"""
    return dispatch.next_of(m, values.ref(addr), node)


def items(m: Machine, addr: Addr, thing: Mapping, given: Arguments, node: ast.AST) -> Value:
    pairs: list[Value] = []
    for place, (key, value) in enumerate(thing.entries):
        pair = Sequence("tuple", (iteration.key_value(key), value))
        pairs.append(m.make(node, f"item{place}", pair))
    rest = None
    if thing.rest is not None:
        rest = m.make(node, "items", Sequence("tuple", (ANY, thing.rest)))
    return m.make(node, "view", Sequence("items", tuple(pairs), rest))


def keys(m: Machine, addr: Addr, thing: Mapping, given: Arguments, node: ast.AST) -> Value:
    known = tuple(iteration.key_value(key) for key, _ in thing.entries)
    rest = ANY if thing.rest is not None else None
    return m.make(node, "view", Sequence("keys", known, rest))


def entries(m: Machine, addr: Addr, thing: Mapping, given: Arguments, node: ast.AST) -> Value:
    known = tuple(value for _, value in thing.entries)
    return m.make(node, "view", Sequence("values", known, thing.rest))


def get(m: Machine, addr: Addr, thing: Mapping, given: Arguments, node: ast.AST) -> Value:
    default = given.get(1, "default") or values.NONE
    if not given.args:
        return ANY
    key = containers.key_of(given.args[0])
    known = dict(thing.entries)
    if key is not None and key in known:
        return known[key] if thing.rest is None else values.join(known[key], thing.rest)
    if key is not None and thing.rest is None:
        return default
    return values.join(containers.entry_of(m, thing, given.args[0]), default)


def set_default(m: Machine, addr: Addr, thing: Mapping, given: Arguments, node: ast.AST) -> Value:
    found = get(m, addr, thing, given, node)
    if given.args:
        registers.put(m, thing, given.args[0], found)
        m.put(addr, containers.with_entry(thing, given.args[0], found))
    return found


def update(m: Machine, addr: Addr, thing: Mapping, given: Arguments, node: ast.AST) -> Value:
    result = containers.merge(m, thing, given.args[0]) if given.args else thing
    for key, value in given.kwargs.items():
        result = containers.with_entry(result, values.const(key), value)
    registers.tear(m, thing)
    m.put(addr, result)
    return values.NONE


def pop_entry(m: Machine, addr: Addr, thing: Mapping, given: Arguments, node: ast.AST) -> Value:
    found = get(m, addr, thing, given, node)
    if given.args:
        containers.delete_item(m, values.ref(addr), given.args[0])
    return found


def add_to_set(m: Machine, addr: Addr, thing: Sequence, given: Arguments, node: ast.AST) -> Value:
    return append(m, addr, thing, given, node)


Handler = Callable[..., Value]
SEQUENCE: dict[str, Handler] = {
    "append": append, "add": add_to_set, "appendleft": append, "extend": extend, "update": extend,
    "insert": insert, "pop": pop, "popleft": pop, "clear": clear, "sort": reorder,
    "reverse": reorder, "remove": reorder, "discard": reorder, "copy": copy, "index": number,
    "count": number, "numel": number, "__next__": following,
}  # fmt: skip
MAPPING: dict[str, Handler] = {
    "items": items, "keys": keys, "values": entries, "get": get, "setdefault": set_default,
    "update": update, "pop": pop_entry, "clear": clear, "copy": copy,
}  # fmt: skip
