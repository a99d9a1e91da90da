"""Classes of the analysed sources: defining them, finding what an attribute means."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nonegrad.analysis import escapes
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.frames import Frame, names_of
from nonegrad.analysis.domain.objects import Class, Function, Instance, Opaque
from nonegrad.analysis.domain.values import ANY, Addr, Atom, Bound, Ref, Sym, Value
from nonegrad.analysis.library import dispatch
from nonegrad.analysis.machine import Machine
from nonegrad.analysis.nn import modules
from nonegrad.analysis.python import calls, expressions, functions, instances
from nonegrad.analysis.python import statements as blocks

if TYPE_CHECKING:
    from nonegrad.analysis.python.calls import Arguments

KNOWN_BASES = ("torch.nn.", "torch.autograd.Function", "torch.optim.", "torch.utils.data.")


@dataclass(frozen=True, slots=True)
class Ancestry:
    """The names of a class and its bases, and whether that is all of them."""

    names: frozenset[str]
    whole: bool


def define_class(m: Machine, node: ast.ClassDef) -> Value:
    """A class statement: its body run in a frame of its own."""
    bases = tuple(expressions.evaluate(m, base) for base in node.bases)
    for keyword in node.keywords:
        expressions.evaluate(m, keyword.value)
    decorators = [expressions.evaluate(m, decorator) for decorator in node.decorator_list]
    names = names_of(node)
    key = (m.ctx.number, id(node))
    frame = m.recorder.frames.get(key)
    if frame is None:
        frame = Frame(m.frame.module, node.name, names, m.frame, node.name, is_class=True)
        m.recorder.frames[key] = frame
    outer = m.frame
    addr = m.new(node, "class", Class(node.name, node, frame, bases, ()))
    frame.class_value = values.ref(addr)
    m.frame = frame
    try:
        blocks.run_block(m, node.body)
    finally:
        m.frame = outer
    attributes: list[tuple[str, Value]] = []
    extra = [name + suffix for name in names.bound for suffix in (".setter",)]
    for name in [*sorted(names.bound), *extra]:
        found = m.s.get((id(frame), name))
        if values.is_value(found):
            attributes.append((name, found))
    known = all(is_known(m, base) for base in bases)
    made = Class(node.name, node, frame, bases, tuple(attributes), not known)
    m.s.set(addr, made)
    result = values.ref(addr)
    for decorator, expression in zip(
        reversed(decorators), reversed(node.decorator_list), strict=True
    ):
        result = decorated(m, result, decorator, expression)
    return result


def decorated(m: Machine, cls: Value, decorator: Value, node: ast.expr) -> Value:
    """What a decorator of the program makes of a class; those of libraries leave it as it is."""
    atom = values.only(decorator)
    known = isinstance(atom, Bound) and atom.function is not None
    if isinstance(atom, Ref):
        known = isinstance(m.s.get(atom.addr), Function)
    if not known:
        return cls
    result = calls.call(m, decorator, calls.Arguments([cls]), node)
    return cls if values.UNKNOWN in result else result


def is_known(m: Machine, base: Value) -> bool:
    """Whether everything a base can bring is known to this package."""
    atom = values.only(base)
    match atom:
        case Ref(addr=addr):
            found = m.s.get(addr)
            return isinstance(found, Class) and not found.external
        case Sym(path=path):
            return (
                path.startswith(KNOWN_BASES)
                or "." not in path
                or path.startswith(("abc.", "typing.", "enum.", "collections."))
            )
        case _:
            return False


def lineage(m: Machine, cls: Atom, seen: int = 0) -> list[Atom]:
    """The classes in the order in which attributes are looked up."""
    order = [cls]
    if isinstance(cls, Ref) and seen < 20:
        found = m.s.get(cls.addr)
        if isinstance(found, Class):
            above = [
                one for base in found.bases for atom in base for one in lineage(m, atom, seen + 1)
            ]
            # A base that several classes share comes after all of them.
            order += [one for i, one in enumerate(above) if one not in above[i + 1 :]]
    return order


def container(m: Machine, thing: Instance) -> str:
    """Which of torch's containers of modules an object is, also by its bases; else nothing."""
    if not thing.is_module:
        return ""
    for atom in lineage(m, thing.cls):
        if isinstance(atom, Sym) and atom.path.startswith("torch.nn."):
            return atom.path.rpartition(".")[2]
    return ""


def ancestry(m: Machine, cls: Atom) -> Ancestry:
    """Every name a class answers to in isinstance."""
    names: set[str] = set()
    whole = True
    for atom in lineage(m, cls):
        match atom:
            case Ref(addr=addr):
                found = m.s.get(addr)
                if isinstance(found, Class):
                    names.add(f"{found.frame.module.name}.{found.name}")
                else:
                    whole = False
            case Sym(path=path):
                names.add(path)
                names |= dispatch.bases(path)
                whole = whole and (path.startswith("torch.") or "." not in path)
            case _:
                whole = False
    return Ancestry(frozenset(names), whole)


def find_in_class(m: Machine, cls: Atom, name: str) -> Value | None:
    """A class attribute, looked up along the lineage; None where no analysed class has it."""
    for atom in lineage(m, cls):
        found = m.s.get(atom.addr) if isinstance(atom, Ref) else None
        if isinstance(found, Class):
            for key, value in found.attributes:
                if key == name:
                    return value
    return None


def find_method(m: Machine, instance: Instance, name: str) -> Value | None:
    """What an instance's class defines under a name."""
    return find_in_class(m, instance.cls, name)


def bind_method(m: Machine, addr: Addr, found: Value, node: ast.AST) -> Value:
    """A class attribute seen through an instance: functions bind, properties run."""
    result: Value = frozenset()
    for atom in found:
        thing = m.s.get(atom.addr) if isinstance(atom, Ref) else None
        if isinstance(thing, Function):
            if thing.kind == "staticmethod":
                one: Value = frozenset({atom})
            elif thing.kind == "property":
                one = functions.enter(m, thing, calls.Arguments([values.ref(addr)]), node)
            elif thing.kind == "classmethod":
                owner = m.at(addr, Instance)
                receiver = owner.cls if owner else Ref(addr)
                one = frozenset({Bound(receiver, thing.name, atom)})
            else:
                one = frozenset({Bound(Ref(addr), thing.name, atom)})
        else:
            one = frozenset({atom})
        result = values.join(result, one)
    return result or ANY


def class_attribute(m: Machine, addr: Addr, found: Value) -> Value:
    """A class attribute seen through the class itself."""
    result: Value = frozenset()
    for atom in found:
        thing = m.s.get(atom.addr) if isinstance(atom, Ref) else None
        if isinstance(thing, Function) and thing.kind == "classmethod":
            result = values.join(result, frozenset({Bound(Ref(addr), thing.name, atom)}))
        else:
            result = values.join(result, frozenset({atom}))
    return result or ANY


def is_property(m: Machine, found: Value) -> bool:
    """Whether a class attribute is a property."""
    return any(
        isinstance(atom, Ref)
        and isinstance(thing := m.s.get(atom.addr), Function)
        and thing.kind == "property"
        for atom in found
    )


def set_property(
    m: Machine, addr: Addr, thing: Instance, name: str, value: Value, node: ast.AST
) -> None:
    """Assigning to a property runs its setter."""
    setter = find_method(m, thing, f"{name}.setter")
    atom = values.only(setter) if setter else None
    found = m.at(atom.addr, Function) if isinstance(atom, Ref) else None
    if found is None:
        escapes.escape(m, value)
        return
    functions.enter(m, found, calls.Arguments([values.ref(addr), value]), node)


def call_method(m: Machine, addr: Addr, name: str, args: list[Value], node: ast.AST) -> Value:
    """instance.name(*args) for a method the sources define."""
    return call_method_given(m, addr, name, calls.Arguments(args), node)


def call_method_given(m: Machine, addr: Addr, name: str, given: Arguments, node: ast.AST) -> Value:
    instance = m.at(addr, Instance)
    found = find_method(m, instance, name) if instance else None
    if found is None:
        return calls.unknown(m, given, node)
    return calls.call(m, bind_method(m, addr, found, node), given, node)


def super_object(m: Machine, node: ast.Call) -> Value:
    """super(): the rest of the lineage, bound to self."""
    frame = m.frame
    while frame.class_value is None and frame.parent is not None:
        frame = frame.parent
    self_name = None
    holder = m.frame
    while holder is not None and self_name is None:
        self_name = holder.first_argument
        holder = holder.parent
    receiver = m.lookup(self_name) if self_name else None
    if frame.class_value is None or receiver is None:
        return ANY
    return m.make(node, "super", Opaque("super", (receiver, frame.class_value)))


def super_call(m: Machine, found: Opaque, name: str, given: Arguments, node: ast.AST) -> Value:
    """super().name(...)"""
    receiver, after = values.only(found.parts[0]), values.only(found.parts[1])
    if not isinstance(receiver, Ref) or after is None:
        return calls.unknown(m, given, node)
    instance = m.at(receiver.addr, Instance)
    own = instance.cls if instance is not None else receiver
    order = lineage(m, own)
    rest = order[order.index(after) + 1 :] if after in order else lineage(m, after)[1:]
    for atom in rest:
        thing = m.s.get(atom.addr) if isinstance(atom, Ref) else None
        if isinstance(thing, Class):
            for key, value in thing.attributes:
                if key == name:
                    bound = bind_method(m, receiver.addr, value, node)
                    return calls.call(m, bound, given, node)
            if name == "__init__" and instances.has_fields(thing):
                instances.fill_fields(m, receiver.addr, atom, given, node)
                return values.NONE
        elif isinstance(atom, Sym) and instance is not None:
            if name == "__init__":
                if atom.path.startswith("torch.nn."):
                    modules.init_layer(m, receiver.addr, atom.path, given, node)
                return values.NONE
            if instance.is_module:
                return modules.base_method(m, receiver.addr, atom.path, name, given, node)
    if name == "__init__":
        return values.NONE
    return calls.unknown(m, given, node)
