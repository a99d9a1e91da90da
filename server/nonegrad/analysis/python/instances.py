"""Instances of the classes of the sources: how they are made, and what their fields start as."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nonegrad.analysis import escapes
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.objects import Class, Instance, Opaque
from nonegrad.analysis.domain.values import ANY, Addr, Atom, Ref, Sym, Value
from nonegrad.analysis.machine import Machine
from nonegrad.analysis.nn import modules
from nonegrad.analysis.python import calls, classes

if TYPE_CHECKING:
    from nonegrad.analysis.python.calls import Arguments


NAMED = Sym("typing.NamedTuple")


def instantiate(m: Machine, addr: Addr, cls: Class, given: Arguments, node: ast.AST) -> Value:
    """CLASS(ARGUMENTS)"""
    found = classes.ancestry(m, Ref(addr))
    if "torch.autograd.Function" in found.names or "type" in found.names:
        return calls.unknown(m, given, node)
    if "enum.Enum" in found.names or classes.find_in_class(m, Ref(addr), "__new__") is not None:
        return calls.unknown(m, given, node)
    if any(name.startswith("torch.optim.") for name in found.names):
        # An optimizer of the program's own may hold whatever it is given.
        m.recorder.may_hold_others = True
    is_module = "torch.nn.Module" in found.names
    made = Instance(Ref(addr), is_module=is_module, open=not found.whole, site=m.site(node))
    instance = m.new(node, "instance", made)
    init = classes.find_in_class(m, Ref(addr), "__init__")
    if fields_of(m, Ref(addr)) is not None:
        fill_fields(m, instance, Ref(addr), given, node)
    elif init is not None:
        classes.call_method_given(m, instance, "__init__", given, node)
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


def fields_of(m: Machine, cls: Atom) -> dict[str, Value] | None:
    """The fields of the `__init__` that @dataclass or NamedTuple writes, with their defaults, in
    the order of its arguments; None where the class has no such `__init__`."""
    above = [
        m.at(atom.addr, Class) if isinstance(atom, Ref) else None
        for atom in classes.lineage(m, cls)
    ]
    classes_here = [one for one in above if one is not None]
    for one in classes_here:
        if any(name == "__init__" for name, _ in one.attributes):
            return None
        if has_fields(one):
            break
    else:
        return None
    found: dict[str, Value] = {}
    for one in reversed(classes_here):
        if has_fields(one):
            defaults = dict(one.attributes)
            found |= {name: defaults.get(name, ANY) for name in annotated(one)}
    return found


def annotated(cls: Class) -> list[str]:
    """The names a class body annotates, those of the class itself aside."""
    return [
        statement.target.id
        for statement in cls.node.body
        if isinstance(statement, ast.AnnAssign)
        and isinstance(statement.target, ast.Name)
        and "ClassVar" not in ast.unparse(statement.annotation)
    ]


def has_fields(cls: Class) -> bool:
    """Whether the annotations of a class are arguments of an `__init__` that is written for it."""
    if NAMED in [base for value in cls.bases for base in value]:
        return True
    return any("dataclass" in ast.unparse(decorator) for decorator in cls.node.decorator_list)


def fill_fields(m: Machine, addr: Addr, cls: Atom, given: Arguments, node: ast.AST) -> None:
    """The `__init__` of a dataclass or NamedTuple: fields in the order of their annotations."""
    instance = m.at(addr, Instance)
    assert instance is not None
    for index, (name, default) in enumerate((fields_of(m, cls) or {}).items()):
        value = given.get(index, name)
        if value is None:
            value = default_field(m, default, node)
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
