"""Instances of the classes of the sources: how they are made, and what their fields start as."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nonegrad.analysis import (
    calls,
    classes,
    escapes,
    modules,
    values,
)
from nonegrad.analysis.machine import Machine
from nonegrad.analysis.objects import Class, Instance, Opaque
from nonegrad.analysis.values import ANY, Addr, Atom, Ref, Sym, Value

if TYPE_CHECKING:
    from nonegrad.analysis.calls import Arguments


def instantiate(m: Machine, addr: Addr, cls: Class, given: Arguments, node: ast.AST) -> Value:
    """CLASS(ARGUMENTS)"""
    found = classes.ancestry(m, Ref(addr))
    if "torch.autograd.Function" in found.names or "type" in found.names:
        return calls.unknown(m, given, node)
    if "enum.Enum" in found.names or classes.find_in_class(m, Ref(addr), "__new__") is not None:
        return calls.unknown(m, given, node)
    is_module = "torch.nn.Module" in found.names
    made = Instance(Ref(addr), is_module=is_module, open=not found.whole, site=m.site(node))
    instance = m.new(node, "instance", made)
    init = classes.find_in_class(m, Ref(addr), "__init__")
    if init is not None:
        classes.call_method_given(m, instance, "__init__", given, node)
    elif is_dataclass(cls) or "typing.NamedTuple" in found.names:
        fill_fields(m, instance, cls, given, node)
    else:
        external_init(m, instance, Ref(addr), given, node)
    return values.ref(instance)


def external_init(m: Machine, instance: Addr, cls: Atom, given: Arguments, node: ast.AST) -> None:
    """`__init__` of the first base that torch defines."""
    for atom in classes.lineage(m, cls):
        if isinstance(atom, Sym) and atom.path.startswith("torch.nn."):
            modules.init_layer(m, instance, atom.path, given, node)
            return
    for value in given.every():
        escapes.escape(m, value)


def is_dataclass(cls: Class) -> bool:
    """Whether @dataclass writes its `__init__`."""
    return any("dataclass" in ast.unparse(decorator) for decorator in cls.node.decorator_list)


def fill_fields(m: Machine, addr: Addr, cls: Class, given: Arguments, node: ast.AST) -> None:
    """The `__init__` of a dataclass or NamedTuple: fields in the order of their annotations."""
    defaults = dict(cls.attributes)
    fields = [
        statement.target.id
        for statement in cls.node.body
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name)
    ]
    instance = m.at(addr, Instance)
    assert instance is not None
    for index, name in enumerate(fields):
        value = given.get(index, name)
        if value is None:
            value = default_field(m, defaults.get(name, ANY), node)
        instance = instance.with_attribute(name, value)
    m.put(addr, instance)
    if classes.find_method(m, instance, "__post_init__") is not None:
        classes.call_method(m, addr, "__post_init__", [], node)


def default_field(m: Machine, default: Value, node: ast.AST) -> Value:
    """A field's default, or what its factory makes."""
    atom = values.only(default)
    found = m.at(atom.addr, Opaque) if isinstance(atom, Ref) else None
    if found is not None and found.cls == "field":
        factory = found.parts[0] if found.parts else ANY
        return calls.call(m, factory, calls.Arguments(), node)
    return default
