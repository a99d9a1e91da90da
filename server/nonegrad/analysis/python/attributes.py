"""Attribute access on every kind of value: reading, writing, deleting."""

from __future__ import annotations

import ast

from nonegrad.analysis import escapes
from nonegrad.analysis.autograd import contexts, graphless, moving, tensors
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.heap import Mapping, Sequence, Tensor
from nonegrad.analysis.domain.objects import (
    Array,
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
from nonegrad.analysis.library import mixing
from nonegrad.analysis.machine import Machine, Raised
from nonegrad.analysis.nn import modules, optimizers
from nonegrad.analysis.python import classes, imports


def get(m: Machine, owner: Value, name: str, node: ast.AST) -> Value:
    """OWNER.name, with its effects: a descriptor may run, a None raises."""
    if owner == values.NONE:
        m.recorder.none_used(m, node, owner)
        raise Raised
    if name == "backward" and isinstance(node, ast.Attribute) and graphless.check(m, owner, node):
        raise Raised
    if name == "grad" and isinstance(node, ast.Attribute):
        if len(owner) > 1:
            moving.use(m, owner, node, m.text(node.value), "grad")
        if values.UNKNOWN in owner and m.recording:
            m.recorder.unsure_reads.add(m.site(node))
    return m.each(owner, lambda atom: get_atom(m, atom, name, node))


def get_atom(m: Machine, atom: Atom, name: str, node: ast.AST) -> Value:
    match atom:
        case Const(kind="NoneType"):
            m.recorder.none_used(m, node, values.NONE)
            raise Raised
        case Const() | Scalar():
            if name == "backward" and graphless.kind_of(m, atom):
                raise Raised
            return frozenset({Bound(atom, name)})
        case Sym(path=path):
            return imports.member(m, path, name)
        case Ref(addr=addr):
            return of_object(m, addr, name, node)
        case Bound(function=function) if name in ("__self__", "__func__"):
            return (
                frozenset({atom.receiver}) if name == "__self__" else frozenset({function or atom})
            )
        case Bound(receiver=Sym(path=path)):
            return imports.member(m, f"{path}.{atom.name}", name)
        case _:
            return ANY


def of_object(m: Machine, addr: Addr, name: str, node: ast.AST) -> Value:
    thing = m.s.get(addr)
    receiver = Ref(addr)
    match thing:
        case Tensor():
            return tensors.attribute(m, addr, thing, name, node)
        case Instance():
            return of_instance(m, addr, thing, name, node)
        case Class():
            return of_class(m, addr, thing, name)
        case Sequence(fields=fields) if name in fields:
            index = fields.index(name)
            return thing.items[index] if index < len(thing.items) else ANY
        case Optimizer():
            return optimizers.optimizer_attribute(m, addr, thing, name, node)
        case imports.ModuleObject():
            return imports.module_member(m, thing, name)
        case Opaque() if name in ("value", "dataset", "tensors") and thing.parts:
            return thing.parts[0]
        case Opaque() if mixing.is_distribution(thing) and name in mixing.PROPERTIES:
            return mixing.mixed(m, list(thing.parts), node, name)
        case Opaque(cls="device"):
            return ANY
        case Mapping(kind="ctx"):
            return contexts.get(addr, thing, name)
        case Sequence() | Mapping() | Opaque() | Partial() | Array() | GradSwitch() | Function():
            if isinstance(thing, Function) and name in ("__name__", "__qualname__"):
                return values.const(thing.name)
            if isinstance(thing, Array) and name in ("T", "real"):
                return values.ref(addr)
            if isinstance(thing, Array) and name in ("size", "ndim"):
                return values.scalar("int")
            if isinstance(thing, Array) and name == "shape":
                return m.make(node, "tuple", Sequence("tuple", (), values.scalar("int")))
            if isinstance(thing, Array) and name == "dtype":
                return ANY
            return frozenset({Bound(receiver, name)})
        case _:
            return ANY


def of_instance(m: Machine, addr: Addr, thing: Instance, name: str, node: ast.AST) -> Value:
    """Own attributes first, then what the class defines, then what nn.Module gives."""
    own = thing.get(name)
    if own is not None:
        return own
    found = classes.find_method(m, thing, name)
    if found is not None:
        return classes.bind_method(m, addr, found, node)
    if name == "__class__":
        return frozenset({thing.cls})
    if name == "__dict__":
        if thing.cls is values.UNKNOWN:
            escapes.escape(m, values.ref(addr))
        return ANY
    if thing.is_module:
        return modules.attribute(m, addr, thing, name, node)
    if classes.find_method(m, thing, "__getattr__") is not None:
        return classes.call_method(m, addr, "__getattr__", [values.const(name)], node)
    if isinstance(thing.cls, Sym):
        return frozenset({Bound(Ref(addr), name)})
    ancestry = classes.ancestry(m, thing.cls)
    return ANY if thing.open or not ancestry.whole else frozenset({Bound(Ref(addr), name)})


def of_class(m: Machine, addr: Addr, thing: Class, name: str) -> Value:
    """A class attribute: its own, or inherited."""
    if name == "__name__":
        return values.const(thing.name)
    found = classes.find_in_class(m, Ref(addr), name)
    if found is None:
        inherited = classes.ancestry(m, Ref(addr))
        if name == "apply" and "torch.autograd.Function" in inherited.names:
            return frozenset({Bound(Ref(addr), "apply")})
        external = [base for base in inherited.names if base.startswith("torch.")]
        return values.sym(f"{external[0]}.{name}") if external else ANY
    return classes.class_attribute(m, addr, found)


def peek(m: Machine, owner: Value, name: str) -> Value:
    """An attribute where reading it has no effect; ANY otherwise."""
    atom = values.only(owner)
    if not isinstance(atom, Ref):
        return ANY
    thing = m.s.get(atom.addr)
    if isinstance(thing, Instance):
        found = thing.get(name)
        return ANY if found is None else found
    if isinstance(thing, Tensor) and name == "grad":
        return thing.grad
    return ANY


def put(m: Machine, owner: Value, name: str, value: Value, node: ast.AST) -> None:
    """OWNER.name = value."""
    for atom in owner:
        if not isinstance(atom, Ref):
            escapes.escape(m, value)
            if name == "requires_grad":
                escapes.overwrite(m, switched=True)
            elif name == "grad":
                escapes.fill(m)
            elif name == "data":
                escapes.refill(m)
            continue
        thing = m.s.get(atom.addr)
        match thing:
            case Tensor():
                tensors.put_attribute(m, owner, atom.addr, thing, name, value, node)
            case Instance():
                put_instance(m, owner, atom.addr, thing, name, value, node)
            case Class():
                attributes = {**dict(thing.attributes), name: value}
                m.change(owner, atom.addr, replace(thing, attributes=tuple(attributes.items())))
            case Mapping(kind="ctx"):
                m.change(owner, atom.addr, contexts.put(thing, name, value))
            case Array() if name == "dtype":
                m.change(owner, atom.addr, replace(thing, dtype=None))
            case _:
                escapes.escape(m, value)


def put_instance(
    m: Machine, owner: Value, addr: Addr, thing: Instance, name: str, value: Value, node: ast.AST
) -> None:
    found = classes.find_method(m, thing, name)
    if found is not None and classes.is_property(m, found):
        classes.set_property(m, addr, thing, name, value, node)
        return
    if thing.is_module:
        if name == "requires_grad":
            m.recorder.flags.put(m, owner, value, node)
        modules.put_attribute(m, owner, addr, thing, name, value, node)
        return
    m.change(owner, addr, thing.with_attribute(name, value))


def delete(m: Machine, owner: Value, name: str, node: ast.AST) -> None:
    """del OWNER.name"""
    for atom in owner:
        if isinstance(atom, Ref):
            thing = m.s.get(atom.addr)
            if isinstance(thing, Tensor) and name == "grad":
                m.change(owner, atom.addr, replace(thing, grad=values.NONE))
            elif isinstance(thing, Instance):
                m.change(owner, atom.addr, thing.without(name))
