"""Python's builtins and the parts of its standard library that programs train with."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from nonegrad.analysis import (
    attributes,
    autograd,
    calls,
    conditions,
    escapes,
    iteration,
    library,
    operators,
    tensor_methods,
    values,
)
from nonegrad.analysis.heap import Mapping, Sequence
from nonegrad.analysis.machine import Machine, Raised
from nonegrad.analysis.objects import Class, Function, Instance, Opaque, Partial
from nonegrad.analysis.truth import NO, YES
from nonegrad.analysis.values import ANY, Const, Ref, Scalar, Value

if TYPE_CHECKING:
    from nonegrad.analysis.calls import Arguments

Handler = Callable[[Machine, "Arguments", ast.AST], Value]


def plain(m: Machine, path: str, given: Arguments, node: ast.AST) -> Value:
    """A function that leaves tensors alone and gives nothing we follow."""
    if path.startswith("math."):
        whys = [a.why for v in given.args for a in v if isinstance(a, Scalar) and a.why]
        return values.scalar("float", whys[0] if whys else None)
    return ANY


def nothing(m: Machine, given: Arguments, node: ast.AST) -> Value:
    return values.NONE


def make_range(m: Machine, given: Arguments, node: ast.AST) -> Value:
    return m.make(node, "range", Sequence("range", tuple(given.args), values.scalar("int")))


def length(m: Machine, given: Arguments, node: ast.AST) -> Value:
    atom = values.only(given.args[0]) if given.args else None
    thing = m.s.get(atom.addr) if isinstance(atom, Ref) else None
    if isinstance(thing, Sequence) and thing.rest is None and thing.kind != "range":
        return values.const(len(thing.items))
    if isinstance(thing, Mapping) and thing.rest is None:
        return values.const(len(thing.entries))
    if isinstance(atom, Const) and isinstance(atom.value, str):
        return values.const(len(atom.value))
    return values.scalar("int")


def to_number(kind: str) -> Handler:
    """float(), int(), bool(): of a tensor, a number that has left torch."""

    def run(m: Machine, given: Arguments, node: ast.AST) -> Value:
        if not given.args:
            return values.const({"int": 0, "float": 0.0, "bool": False}.get(kind, 0))
        value = given.args[0]
        for addr, tensor in m.tensors(value):
            return values.scalar(kind, tensor_methods.leaving(m, addr, tensor, node, f"{kind}()"))
        known = values.constant(value)
        if kind == "bool":
            verdict = conditions.truth_of(m, value).known
            return values.BOOL if verdict is None else values.const(verdict)
        if known is not None and isinstance(known.value, (int, float, str)):
            try:
                return values.const({"int": int, "float": float}.get(kind, float)(known.value))
            except (ValueError, OverflowError):
                return values.scalar(kind)
        why = next((a.why for a in value if isinstance(a, Scalar) and a.why), None)
        return values.scalar(kind, why)

    return run


def text(m: Machine, given: Arguments, node: ast.AST) -> Value:
    known = values.constant(given.args[0]) if given.args else None
    return values.const(str(known.value)) if known else values.scalar("str")


def container(kind: str) -> Handler:
    """list(), tuple(), set(), sorted(), iter(): the items of an iterable."""

    def run(m: Machine, given: Arguments, node: ast.AST) -> Value:
        if not given.args:
            return m.make(node, kind, Sequence(kind))
        items, rest = iteration.items_of(m, given.args[0], node)
        return m.make(node, kind, Sequence(kind, items, rest))

    return run


def ordered(m: Machine, given: Arguments, node: ast.AST) -> Value:
    items, rest = iteration.items_of(m, given.args[0], node) if given.args else ((), None)
    if len(items) > 1 or rest is not None:
        rest = values.join_all((*items, *([rest] if rest is not None else [])))
        return m.make(node, "list", Sequence("list", (), rest))
    return m.make(node, "list", Sequence("list", items))


def make_dict(m: Machine, given: Arguments, node: ast.AST) -> Value:
    from nonegrad.analysis import containers

    result = Mapping()
    if given.args:
        atom = values.only(given.args[0])
        found = m.at(atom.addr, Mapping) if isinstance(atom, Ref) else None
        if found is not None:
            result = found
        else:
            items, rest = iteration.items_of(m, given.args[0], node)
            for item in items:
                pair, more = iteration.items_of(m, item, node)
                if len(pair) == 2 and more is None:
                    result = containers.with_entry(result, pair[0], pair[1])
                else:
                    result = replace(result, rest=ANY)
            if rest is not None:
                pair, _ = iteration.items_of(m, rest, node)
                value = pair[1] if len(pair) == 2 else ANY
                result = replace(result, rest=value)
    for key, value in given.kwargs.items():
        result = containers.with_entry(result, values.const(key), value)
    if given.open_keywords:
        result = replace(result, rest=ANY)
    return m.make(node, "dict", result)


def default_dict(m: Machine, given: Arguments, node: ast.AST) -> Value:
    return m.make(node, "dict", Mapping((), ANY, "defaultdict"))


def enumerated(m: Machine, given: Arguments, node: ast.AST) -> Value:
    items, rest = iteration.items_of(m, given.args[0], node) if given.args else ((), ANY)
    start = values.number(given.get(1, "start") or values.const(0))
    pairs: list[Value] = []
    for place, item in enumerate(items):
        index = values.scalar("int") if start is None else values.const(start + place)
        pairs.append(m.make(node, f"pair{place}", Sequence("tuple", (index, item))))
    more = None
    if rest is not None:
        more = m.make(node, "pair", Sequence("tuple", (values.scalar("int"), rest)))
    return m.make(node, "enumerate", Sequence("iterator", tuple(pairs), more))


def zipped(m: Machine, given: Arguments, node: ast.AST) -> Value:
    if given.rest is not None or not given.args:
        return ANY
    columns = [iteration.items_of(m, arg, node) for arg in given.args]
    shortest = min((len(items) for items, rest in columns if rest is None), default=None)
    known = min((len(items) for items, _ in columns), default=0)
    rows: list[Value] = []
    count = known if shortest is None else min(known, shortest)
    for place in range(count):
        row = tuple(items[place] for items, _ in columns)
        rows.append(m.make(node, f"row{place}", Sequence("tuple", row)))
    more = None
    if shortest is None or shortest > count:
        rest = tuple(
            values.join_all((*items[count:], *([r] if r is not None else []))) or ANY
            for items, r in columns
        )
        more = m.make(node, "row", Sequence("tuple", rest))
    return m.make(node, "zip", Sequence("iterator", tuple(rows), more))


def mapped(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """map(f, iterable), run at once."""
    if len(given.args) != 2:
        return calls.unknown(m, given, node)
    function = given.args[0]
    items, rest = iteration.items_of(m, given.args[1], node)
    context = m.ctx
    results: list[Value] = []
    for place, item in enumerate(items[:8]):
        m.ctx = context.child((id(node), "map", place))
        results.append(calls.call(m, function, calls.Arguments([item]), node))
    more: Value | None = None
    others = values.join_all((*items[8:], *([rest] if rest is not None else [])))
    if others:
        m.ctx = context.child((id(node), "map"))
        m.perhaps(lambda: results.append(calls.call(m, function, calls.Arguments([others]), node)))
        more = results.pop() if len(results) > len(items[:8]) else ANY
    m.ctx = context
    return m.make(node, "map", Sequence("iterator", tuple(results), more))


def filtered(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """filter(f, iterable): items that may be there, or not."""
    if len(given.args) != 2:
        return ANY
    items, rest = iteration.items_of(m, given.args[1], node)
    kept: list[Value] = []
    unsure = False
    for item in items:
        verdict = conditions.truth_of(
            m,
            item
            if given.args[0] == values.NONE
            else calls.call(m, given.args[0], calls.Arguments([item]), node),
        )
        if verdict is YES:
            kept.append(item)
        elif verdict is not NO:
            unsure = True
            kept.append(item)
    if unsure:
        rest = values.join_all((*kept, *([rest] if rest is not None else [])))
        kept = []
    return m.make(node, "filter", Sequence("iterator", tuple(kept), rest))


def summed(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """sum(iterable): additions from left to right, from 0."""
    items, rest = iteration.items_of(m, given.args[0], node) if given.args else ((), ANY)
    total = given.get(1, "start") or values.const(0)
    context = m.ctx
    for place, item in enumerate(items):
        m.ctx = context.child((id(node), "sum", place))
        total = operators.binary(m, node, ast.Add(), total, item)
    if rest is not None:
        m.ctx = context.child((id(node), "sum"))
        more = operators.binary(m, node, ast.Add(), total, rest)
        total = values.join(total, more)
    m.ctx = context
    return total


def extreme(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """max() and min(): one of the arguments, or of the items."""
    if len(given.args) == 1:
        items, rest = iteration.items_of(m, given.args[0], node)
        every: tuple[Value, ...] = (*items, *([rest] if rest is not None else []))
    else:
        every = tuple(given.args)
    default = [given.kwargs["default"]] if "default" in given.kwargs else []
    return values.join_all((*every, *default)) or ANY


def is_any(m: Machine, given: Arguments, node: ast.AST) -> Value:
    return values.BOOL


def absolute(m: Machine, given: Arguments, node: ast.AST) -> Value:
    value = given.args[0] if given.args else ANY
    if m.tensors(value):
        return autograd.call(m, "Tensor.abs", [value], {}, node)
    known = values.constant(value)
    if known is not None and isinstance(known.value, (int, float)):
        return values.const(abs(known.value))
    return value


def rounded(m: Machine, given: Arguments, node: ast.AST) -> Value:
    if given.args and m.tensors(given.args[0]):
        return autograd.call(m, "Tensor.round", [given.args[0]], {}, node)
    return values.scalar("float")


def is_instance(m: Machine, given: Arguments, node: ast.AST) -> Value:
    return values.BOOL


def get_attribute(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """getattr(x, name, default)"""
    name = values.string(given.args[1]) if len(given.args) > 1 else None
    if name is None:
        return ANY
    if name == "grad" and len(given.args) > 2:
        return ANY
    try:
        found = attributes.get(m, given.args[0], name, node)
    except Raised:
        if len(given.args) > 2:
            return given.args[2]
        raise
    return values.join(found, given.args[2]) if len(given.args) > 2 and found != ANY else found


def set_attribute(m: Machine, given: Arguments, node: ast.AST) -> Value:
    if len(given.args) == 3:
        name = values.string(given.args[1])
        if name is None:
            escapes.escape(m, given.args[0])
            escapes.escape(m, given.args[2])
        else:
            attributes.put(m, given.args[0], name, given.args[2], node)
    return values.NONE


def has_attribute(m: Machine, given: Arguments, node: ast.AST) -> Value:
    name = values.string(given.args[1]) if len(given.args) > 1 else None
    atom = values.only(given.args[0]) if given.args else None
    thing = m.s.get(atom.addr) if isinstance(atom, Ref) else None
    if isinstance(thing, Instance) and name is not None and thing.get(name) is not None:
        return values.TRUE
    return values.BOOL


def next_item(m: Machine, given: Arguments, node: ast.AST) -> Value:
    found = library.next_of(m, given.args[0], node) if given.args else ANY
    return values.join(found, given.args[1]) if len(given.args) > 1 else found


def type_of(m: Machine, given: Arguments, node: ast.AST) -> Value:
    atom = values.only(given.args[0]) if given.args else None
    thing = m.s.get(atom.addr) if isinstance(atom, Ref) else None
    return frozenset({thing.cls}) if isinstance(thing, Instance) else ANY


def partial(m: Machine, given: Arguments, node: ast.AST) -> Value:
    if not given.args or not given.plain:
        return calls.unknown(m, given, node)
    keywords = tuple(given.kwargs.items())
    return m.make(node, "partial", Partial(given.args[0], tuple(given.args[1:]), keywords))


def identity(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """tqdm(iterable) and the like give their argument back."""
    return given.args[0] if given.args else ANY


def transparent(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """A decorator factory whose decorator changes nothing we follow."""
    if given.args and any(
        isinstance(a, Ref) and isinstance(m.s.get(a.addr), (Function, Class)) for a in given.args[0]
    ):
        return given.args[0]
    return m.make(node, "transparent", Opaque("transparent"))


def shallow(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """copy.copy and copy.deepcopy."""
    from nonegrad.analysis import copying

    return copying.deep(m, given.args[0], node) if given.args else ANY


def data_field(m: Machine, given: Arguments, node: ast.AST) -> Value:
    factory = given.kwargs.get("default_factory")
    if factory is None:
        return given.kwargs.get("default", ANY)
    return m.make(node, "field", Opaque("field", (factory,)))


def replaced(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """dataclasses.replace(obj, **changes)"""
    atom = values.only(given.args[0]) if given.args else None
    thing = m.at(atom.addr, Instance) if isinstance(atom, Ref) else None
    if thing is None:
        return ANY
    for key, value in given.kwargs.items():
        thing = thing.with_attribute(key, value)
    return m.make(node, "replace", thing)


def chained(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """itertools.chain"""
    every: list[Value] = []
    rest: Value | None = None
    for arg in given.args:
        items, more = iteration.items_of(m, arg, node)
        every.extend(items)
        if more is not None:
            rest = more if rest is None else values.join(rest, more)
    if given.rest is not None:
        rest = ANY
    if rest is not None:
        rest, every = values.join_all((rest, *every)), []
    return m.make(node, "chain", Sequence("iterator", tuple(every), rest))


def chained_from(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """itertools.chain.from_iterable"""
    items, rest = iteration.items_of(m, given.args[0], node) if given.args else ((), ANY)
    return chained(m, calls.Arguments(list(items), {}, rest), node)


def expected_raise(m: Machine, given: Arguments, node: ast.AST) -> Value:
    return m.make(node, "raises", Opaque("raises"))


def bound_slice(m: Machine, given: Arguments, node: ast.AST) -> Value:
    return values.sym("slice")


HANDLERS: dict[str, Handler] = {
    "print": nothing, "range": make_range, "len": length, "float": to_number("float"),
    "int": to_number("int"), "bool": to_number("bool"), "str": text, "repr": text,
    "list": container("list"), "tuple": container("tuple"), "set": container("set"),
    "frozenset": container("set"), "iter": container("iterator"), "reversed": container("iterator"),
    "collections.deque": container("list"), "sorted": ordered, "dict": make_dict,
    "collections.OrderedDict": make_dict, "collections.defaultdict": default_dict,
    "collections.Counter": default_dict, "enumerate": enumerated, "zip": zipped, "map": mapped,
    "filter": filtered, "sum": summed, "max": extreme, "min": extreme, "any": is_any, "all": is_any,
    "abs": absolute, "round": rounded, "isinstance": is_instance, "issubclass": is_instance,
    "getattr": get_attribute, "setattr": set_attribute, "hasattr": has_attribute,
    "next": next_item, "type": type_of, "functools.partial": partial, "tqdm.tqdm": identity,
    "tqdm.auto.tqdm": identity, "tqdm": identity, "tqdm.trange": make_range,
    "functools.lru_cache": transparent, "functools.wraps": transparent,
    "torch.jit.script": transparent, "torch.compile": transparent, "copy.copy": shallow,
    "copy.deepcopy": shallow, "dataclasses.dataclass": transparent, "dataclasses.field": data_field,
    "dataclasses.replace": replaced, "itertools.chain": chained, "pytest.raises": expected_raise,
    "contextlib.suppress": expected_raise, "slice": bound_slice, "callable": is_any,
    "itertools.chain.from_iterable": chained_from,
}  # fmt: skip
