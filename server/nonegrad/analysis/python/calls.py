"""Calls: from the callee's atoms to what runs, user code or knowledge about a library."""

from __future__ import annotations

import ast
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field

from nonegrad.analysis import escapes
from nonegrad.analysis.autograd import backward, custom, graphless, inputs
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.heap import Mapping, Sequence, Tensor
from nonegrad.analysis.domain.objects import (
    Class,
    Function,
    GradSwitch,
    Instance,
    Opaque,
    Optimizer,
    Partial,
)
from nonegrad.analysis.domain.value_class import replace
from nonegrad.analysis.domain.values import ANY, Addr, Atom, Bound, Const, Ref, Scalar, Sym, Value
from nonegrad.analysis.library import dispatch, methods, namespaces
from nonegrad.analysis.machine import Machine, Raised
from nonegrad.analysis.nn import modules, optimizers
from nonegrad.analysis.python import classes, expressions, functions, instances, iteration


@dataclass(slots=True)
class Arguments:
    """The arguments of one call; `rest` is what a starred iterable of unknown length adds."""

    args: list[Value] = field(default_factory=list[Value])
    kwargs: dict[str, Value] = field(default_factory=dict[str, Value])
    rest: Value | None = None
    open_keywords: bool = False

    def every(self) -> list[Value]:
        """All argument values."""
        return [*self.args, *self.kwargs.values(), *([self.rest] if self.rest is not None else [])]

    def get(self, index: int, name: str) -> Value | None:
        """One argument by its place or name."""
        if name in self.kwargs:
            return self.kwargs[name]
        return self.args[index] if index < len(self.args) else None

    @property
    def plain(self) -> bool:
        """Whether every argument is written out."""
        return self.rest is None and not self.open_keywords


def run(m: Machine, node: ast.Call) -> Value:
    """FUNC(ARGUMENTS)"""
    if isinstance(node.func, ast.Name) and node.func.id == "super" and m.lookup("super") is None:
        return classes.super_object(m, node)
    if isinstance(node.func, ast.Attribute) and node.func.attr.startswith("assertIs"):
        for argument in node.args:
            m.recorder.asked_for_none(argument)
    callee = expressions.evaluate(m, node.func)
    if callee == ANY and graphless.is_item(node):
        # Of what is not known, too: tensors and arrays alike give a plain number.
        return graphless.number_of(m, node)
    return call(m, callee, arguments(m, node), node)


def arguments(m: Machine, node: ast.Call) -> Arguments:
    """Evaluate the arguments of a call from left to right."""
    known, rest = expressions.evaluate_all(m, node.args, node)
    result = Arguments(list(known), {}, rest)
    for keyword in node.keywords:
        mapping = namespaces.spread(m, keyword.value) if keyword.arg is None else None
        if mapping is None:
            value = expressions.evaluate(m, keyword.value)
            if keyword.arg is not None:
                result.kwargs[keyword.arg] = value
                continue
            mapping = mapping_of(m, value)
        if mapping is None or mapping.rest is not None:
            result.open_keywords = True
        for key, entry in mapping.entries if mapping else ():
            result.kwargs[str(key)] = entry
    return result


def mapping_of(m: Machine, value: Value) -> Mapping | None:
    """What the mappings that a value may be have in common; None where it may be another thing."""
    joined: Mapping | None = None
    for atom in value:
        found = m.at(atom.addr, Mapping) if isinstance(atom, Ref) else None
        if found is None:
            return None
        joined = found if joined is None else joined.join(found)
    return joined


def call(m: Machine, callee: Value, given: Arguments, node: ast.AST) -> Value:
    """Call a value; atoms that raise drop out."""
    m.spend()
    if callee == values.NONE:
        m.recorder.none_used(m, node, callee)
        raise Raised
    if len(callee) > 1 and (subject := graphless.backward_of_tensors(m, callee)):
        return dispatch.joint_backward(m, subject, given, node)
    return m.each(callee, lambda atom: call_atom(m, atom, given, node))


def call_atom(m: Machine, atom: Atom, given: Arguments, node: ast.AST) -> Value:
    match atom:
        case Sym(path=path):
            return dispatch.call(m, path, given, node)
        case Bound():
            return call_bound(m, atom, given, node)
        case Ref(addr=addr):
            return call_object(m, addr, given, node)
        case Const() | Scalar():
            raise Raised
        case _:
            m.recorder.unknown_call(m, node, given.args)
            return unknown(m, given, node)


def unknown(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """Somebody else's code: it may do anything to what it gets."""
    method = node.func if isinstance(node, ast.Call) else None
    wanted = None
    if isinstance(method, ast.Attribute) and method.attr == "backward":
        wanted = inputs.wanted(m, given.get(3, "inputs"))
    for value in given.every():
        escapes.escape(m, value)
    escapes.disturb(m, node)
    if wanted is not None:
        backward.retain_inputs(m, wanted[0])
    return ANY


def call_bound(m: Machine, bound: Bound, given: Arguments, node: ast.AST) -> Value:
    """A method with its receiver."""
    if bound.function is not None:
        function = bound.function
        thing = m.s.get(function.addr) if isinstance(function, Ref) else None
        if isinstance(thing, Function):
            with_self = replace_args(given, [frozenset({bound.receiver}), *given.args])
            return functions.enter(m, thing, with_self, node)
        return call_atom(m, function, given, node)
    receiver = bound.receiver
    if isinstance(receiver, Ref):
        thing = m.s.get(receiver.addr)
        if isinstance(thing, Tensor):
            return dispatch.tensor_method(m, receiver.addr, thing, bound.name, given, node)
        if isinstance(thing, Instance) and thing.is_module:
            return modules.method(m, receiver.addr, thing, bound.name, given, node)
        if isinstance(thing, Optimizer):
            return optimizers.optimizer_method(m, receiver.addr, thing, bound.name, given, node)
        if isinstance(thing, Class) and bound.name == "apply":
            return custom.function_apply(m, receiver.addr, thing, given, node)
        if isinstance(thing, Instance) and isinstance(thing.cls, Ref):
            for value in given.every():
                escapes.escape(m, value)
            return ANY
    return methods.call(m, receiver, bound.name, given, node)


def replace_args(given: Arguments, args: list[Value]) -> Arguments:
    """The same arguments after others."""
    return Arguments(args, given.kwargs, given.rest, given.open_keywords)


def call_object(m: Machine, addr: Addr, given: Arguments, node: ast.AST) -> Value:
    thing = m.s.get(addr)
    match thing:
        case Function():
            return functions.enter(m, thing, given, node)
        case Class():
            return instances.instantiate(m, addr, thing, given, node)
        case Instance():
            if thing.is_module:
                return modules.call(m, addr, thing, given, node)
            found = classes.find_method(m, thing, "__call__")
            if found is not None:
                return classes.call_method_given(m, addr, "__call__", given, node)
            return unknown(m, given, node)
        case Partial():
            inner = Arguments(
                [*thing.args, *given.args],
                {**dict(thing.keywords), **given.kwargs},
                given.rest,
                given.open_keywords,
            )
            return call(m, thing.function, inner, node)
        case GradSwitch():
            return decorate(m, thing, given)
        case Opaque():
            return dispatch.call_opaque(m, addr, thing, given, node)
        case _:
            return unknown(m, given, node)


def decorate(m: Machine, switch: GradSwitch, given: Arguments) -> Value:
    """`torch.no_grad()(f)`: the function under another grad mode."""
    result: Value = frozenset()
    for atom in given.args[0] if given.args else ANY:
        thing = m.s.get(atom.addr) if isinstance(atom, Ref) else None
        if isinstance(thing, Function) and isinstance(atom, Ref):
            key = ("decorated", atom.addr.key, switch.text)
            addr = m.addresses.setdefault(key, Addr(key, summary=False, stars=m.ctx.stars))
            m.s.set(addr, replace(thing, modes=(switch_key(m, switch), *thing.modes)))
            result = values.join(result, values.ref(addr))
        else:
            result = ANY
    return result or ANY


def switch_key(m: Machine, switch: GradSwitch) -> Value:
    """A grad switch as a value, kept in the store."""
    key = ("switch", switch.text, switch.mode, switch.inference)
    addr = m.addresses.setdefault(key, Addr(key, summary=False))
    m.s.set(addr, switch)
    return values.ref(addr)


def extend(m: Machine, target: Value, addition: Value, node: ast.AST) -> None:
    """list += iterable."""
    items, rest = iteration.items_of(m, addition, node)
    for addr in values.references(target):
        found = m.at(addr, Sequence)
        if found is None:
            continue
        for item in items:
            found = append_to(found, item)
        if rest is not None:
            found = replace(
                found, rest=rest if found.rest is None else values.join(found.rest, rest)
            )
        m.change(target, addr, found)


def append_to(found: Sequence, item: Value) -> Sequence:
    """A list with one more item; past a limit its items are folded together."""
    if found.rest is None and len(found.items) < 256:
        return replace(found, items=(*found.items, item))
    return replace(found, rest=item if found.rest is None else values.join(found.rest, item))


@contextmanager
def yielding(m: Machine, function: Function, callback: Callable[[Value], None]):
    """While a generator function runs, let its yields run `callback`."""
    m.on_yield.append((function.node, callback))
    try:
        yield
    finally:
        m.on_yield.pop()
