"""Items of containers and tensors: reading, writing, deleting, membership."""

from __future__ import annotations

import ast

from nonegrad.analysis import escapes
from nonegrad.analysis.autograd import indexing, setting
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.heap import Mapping, Sequence, Tensor
from nonegrad.analysis.domain.objects import Array, Instance, Optimizer
from nonegrad.analysis.domain.value_class import replace
from nonegrad.analysis.domain.values import ANY, Addr, Atom, Const, Ref, Scalar, Sym, Unknown, Value
from nonegrad.analysis.library import arrays
from nonegrad.analysis.machine import Machine, Raised
from nonegrad.analysis.nn import members, modules, registers
from nonegrad.analysis.python import calls, classes, expressions, iteration


def get_item(m: Machine, owner: Value, node: ast.Subscript) -> Value:
    """OWNER[INDEX]"""
    index = expressions.evaluate(m, node.slice)
    if owner == values.NONE:
        m.recorder.none_used(m, node, owner)
        raise Raised
    return m.each(owner, lambda atom: get_item_atom(m, atom, index, node))


def get_item_atom(m: Machine, atom: Atom, index: Value, node: ast.Subscript) -> Value:
    match atom:
        case Const(kind="NoneType"):
            m.recorder.none_used(m, node, values.NONE)
            raise Raised
        case Const(kind="str") | Scalar(kind="str"):
            return values.scalar("str")
        case Const(kind="int" | "float" | "bool") | Scalar(kind="int" | "float" | "bool"):
            raise Raised
        case Ref(addr=addr):
            return of_object(m, addr, index, node)
        case Sym(path=path):
            return (
                frozenset({Sym(path)})
                if path.startswith(("typing.", "collections.", "torch.nn."))
                or path in ("list", "dict", "tuple", "type", "set")
                else ANY
            )
        case _:
            return ANY


def of_object(m: Machine, addr: Addr, index: Value, node: ast.Subscript) -> Value:
    thing = m.s.get(addr)
    match thing:
        case Tensor():
            return indexing.index_tensor(m, addr, node, index)
        case Sequence():
            return item_of(m, thing, index, node)
        case Mapping():
            return (
                entry_of(m, thing, index)
                if thing.factory is None
                else made_entry(m, addr, thing, index, node)
            )
        case Instance():
            if thing.is_module and isinstance(thing.cls, Sym):
                return modules.child(m, addr, thing, index, node)
            if classes.find_method(m, thing, "__getitem__") is not None:
                return classes.call_method(m, addr, "__getitem__", [index], node)
            if classes.container(m, thing) in ("Sequential", "ModuleList", "ModuleDict"):
                return modules.child(m, addr, modules.with_children(thing), index, node)
            return ANY
        case Array():
            return m.make(node, "array", thing) if thing.sure or thing.why else ANY
        case Optimizer():
            return ANY
        case _:
            return ANY


def item_of(m: Machine, thing: Sequence, index: Value, node: ast.Subscript) -> Value:
    """sequence[index] or sequence[a:b]"""
    if isinstance(node.slice, ast.Slice):
        return sliced(m, thing, node.slice, node)
    number = values.number(index)
    if number is not None:
        if thing.rest is None and -len(thing.items) <= number < len(thing.items):
            return thing.items[number]
        if 0 <= number < len(thing.items):
            return thing.items[number]
        if thing.rest is None:
            return ANY
        if number < 0:
            return values.join_all((thing.rest, *thing.items))
        return thing.rest
    return thing.element


def sliced(m: Machine, thing: Sequence, part: ast.Slice, node: ast.AST) -> Value:
    bounds: list[int | None] = []
    known = thing.rest is None
    for bound in (part.lower, part.upper, part.step):
        if bound is None:
            bounds.append(None)
            continue
        number = values.number(indexing.peek_or_evaluate(m, bound))
        known = known and number is not None
        bounds.append(number)
    if known and bounds[2] != 0:
        return m.make(node, "slice", Sequence(thing.kind, thing.items[slice(*bounds)]))
    return m.make(node, "slice", Sequence(thing.kind, (), thing.element))


def key_of(value: Value) -> object | None:
    """The dict key a value certainly is; None where it is not known."""
    atom = values.only(value)
    match atom:
        case Const(value=key):
            return key
        case Ref(addr=addr) if not addr.summary:
            return atom
        case Sym():
            return atom
        case _:
            return None


def entry_of(m: Machine, thing: Mapping, index: Value) -> Value:
    """mapping[key]"""
    key = key_of(index)
    if key is not None:
        for known, value in thing.entries:
            if known == key and type(known) is type(key):
                return value if thing.rest is None else values.join(value, thing.rest)
        return ANY if thing.rest is None else thing.rest
    return thing.element


def made_entry(m: Machine, addr: Addr, thing: Mapping, index: Value, node: ast.AST) -> Value:
    """defaultdict[key]: the entry, made now where there is none."""
    key = key_of(index)
    there = key is not None and any(k == key and type(k) is type(key) for k, _ in thing.entries)
    if there or thing.factory is None:
        return entry_of(m, thing, index)
    fresh = calls.call(m, thing.factory, calls.Arguments(), node)
    thing = m.at(addr, Mapping) or thing
    if key is not None and thing.rest is None:
        m.put(addr, with_entry(thing, index, fresh))
        return fresh
    rest = fresh if thing.rest is None else values.join(thing.rest, fresh)
    m.put(addr, replace(thing, rest=rest))
    others = () if key is not None else tuple(value for _, value in thing.entries)
    return values.join_all((rest, *others))


def with_entry(mapping: Mapping, key: Value, value: Value) -> Mapping:
    """The mapping after mapping[key] = value."""
    known = key_of(key)
    if known is None:
        # Any entry may have been the one.
        entries = tuple((k, values.join(v, value)) for k, v in mapping.entries)
        rest = value if mapping.rest is None else values.join(mapping.rest, value)
        return replace(mapping, entries=entries, rest=rest)
    entries = dict(mapping.entries)
    if len(entries) >= 128 and known not in entries:
        rest = value if mapping.rest is None else values.join(mapping.rest, value)
        return replace(mapping, rest=rest)
    entries[known] = value
    return replace(mapping, entries=tuple(entries.items()))


def merge(m: Machine, mapping: Mapping, other: Value) -> Mapping:
    """The mapping after update(other)."""
    atom = values.only(other)
    found = m.at(atom.addr, Mapping) if isinstance(atom, Ref) else None
    if found is None:
        return replace(mapping, rest=ANY)
    result = mapping
    for key, value in found.entries:
        result = with_entry(result, iteration.key_value(key), value)
    if found.rest is not None:
        rest = found.rest if result.rest is None else values.join(result.rest, found.rest)
        result = replace(result, rest=rest)
    return result


def appended(found: Sequence, value: Value) -> Sequence:
    """A list after append(value)."""
    return calls.append_to(found, value)


def put_item(
    m: Machine,
    owner: Value,
    target: ast.Subscript,
    value: Value,
    node: ast.AST,
    *,
    augmented: bool = False,
) -> None:
    """OWNER[INDEX] = VALUE"""
    index = expressions.evaluate(m, target.slice)
    if len(owner) > 1 and setting.certainly_refused(m, owner):
        setting.refuse(m, owner, node)

    def one(atom: Atom) -> Value:
        if not isinstance(atom, Ref):
            escapes.escape(m, value)
            if isinstance(atom, Unknown):
                escapes.overwrite(m)
            return ANY
        addr = atom.addr
        thing = m.s.get(addr)
        match thing:
            case Tensor():
                setting.set_item(m, addr, target, index, value, node)
            case Mapping():
                registers.put(m, thing, index, value)
                m.put(addr, with_entry(thing, index, value))
            case Sequence() if isinstance(target.slice, ast.Slice):
                m.put(addr, with_slice(m, thing, target.slice, value, node))
            case Sequence():
                m.put(addr, with_item(thing, index, value))
            case Instance():
                if classes.find_method(m, thing, "__setitem__") is not None:
                    classes.call_method(m, addr, "__setitem__", [index, value], node)
                elif thing.is_module:
                    modules.set_child(m, addr, thing, index, value, node)
                else:
                    escapes.escape(m, value)
            case Array():
                arrays.filled(m, addr, thing, value, node)
            case _:
                escapes.escape(m, value)
        return ANY

    m.each(owner, one)


def with_item(thing: Sequence, index: Value, value: Value) -> Sequence:
    """The list after list[index] = value."""
    number = values.number(index)
    if number is not None and thing.rest is None and -len(thing.items) <= number < len(thing.items):
        items = list(thing.items)
        items[number] = value
        return replace(thing, items=tuple(items))
    items = [values.join(item, value) for item in thing.items]
    rest = None if thing.rest is None else values.join(thing.rest, value)
    if number is None and thing.rest is None and not thing.items:
        rest = value
    return replace(thing, items=tuple(items), rest=rest)


def with_slice(
    m: Machine, thing: Sequence, bounds: ast.Slice, value: Value, node: ast.AST
) -> Sequence:
    """The list after list[a:b] = value: other items, and perhaps another number of them."""
    known, rest = iteration.items_of(m, value, node)
    if bounds.lower is None and bounds.upper is None and bounds.step is None:
        return replace(thing, items=tuple(known), rest=rest)
    new = values.join_all([*known, *([] if rest is None else [rest])])
    return replace(thing, items=(), rest=values.join(thing.element, new) if new else thing.element)


def delete_item(m: Machine, owner: Value, index: Value) -> None:
    """del OWNER[INDEX]"""
    key = key_of(index)
    for atom in owner:
        if not isinstance(atom, Ref):
            continue
        thing = m.s.get(atom.addr)
        if isinstance(thing, Mapping):
            registers.delete(m, thing, index)
            entries = tuple(pair for pair in thing.entries if pair[0] != key)
            m.change(owner, atom.addr, replace(thing, entries=entries))
        elif isinstance(thing, Sequence):
            m.change(owner, atom.addr, replace(thing, items=(), rest=thing.element))
        elif isinstance(thing, Instance):
            members.fold(m, atom.addr)


def membership(m: Machine, item: Value, owner: Value, *, negated: bool) -> Value:
    """`item in owner`"""
    atom = values.only(owner)
    key = values.constant(item)
    if isinstance(atom, Ref) and key is not None:
        thing = m.s.get(atom.addr)
        if isinstance(thing, Mapping) and thing.rest is None:
            return values.const((key.value in dict(thing.entries)) is not negated)
        names = members.names(m, thing) if isinstance(thing, Instance) else None
        if names is not None:
            return values.const((key.value in names) is not negated)
        if isinstance(thing, Sequence) and thing.rest is None:
            found = [values.constant(one) for one in thing.items]
            if all(one is not None for one in found):
                inside = any(one is not None and one.value == key.value for one in found)
                return values.const(inside is not negated)
    return values.verdict(item, owner)
