"""Python's builtins and the parts of its standard library that programs train with."""

from __future__ import annotations

import ast
from functools import cache
from typing import TYPE_CHECKING

from nonegrad.analysis import escapes
from nonegrad.analysis.autograd import operation, tensor_methods
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.objects import Class, Function, Instance, Opaque, Partial
from nonegrad.analysis.domain.truth import NO, YES
from nonegrad.analysis.domain.values import ANY, Ref, Scalar, Value
from nonegrad.analysis.library import chances, commandline, copying, iterables, namespaces, zips
from nonegrad.analysis.machine import Machine, Raised
from nonegrad.analysis.python import attributes, calls, conditions

if TYPE_CHECKING:
    from nonegrad.analysis.library.iterables import Handler
    from nonegrad.analysis.python.calls import Arguments


def plain(m: Machine, path: str, given: Arguments, node: ast.AST) -> Value:
    """A function that leaves tensors alone and gives nothing we follow."""
    if path.startswith("math."):
        return mathematics(m, path, given, node)
    return escapes.lost(m, given.every())


OF_MATH = {
    **dict.fromkeys("ceil floor trunc gcd lcm isqrt comb perm factorial".split(), "int"),
    **dict.fromkeys("isfinite isnan isinf isclose".split(), "bool"),
}
"""What functions of math give that give no float."""


def mathematics(m: Machine, path: str, given: Arguments, node: ast.AST) -> Value:
    """A function of math: of a tensor it takes the number, which has left torch."""
    name = path.removeprefix("math.")
    if name in ("modf", "frexp", "prod", "sumprod"):
        return ANY
    whys = [a.why for v in given.args for a in v if isinstance(a, Scalar) and a.why]
    for value in given.args:
        for addr, tensor in m.tensors(value):
            whys.append(tensor_methods.leaving(m, addr, tensor, node, f"{path}()"))
    return values.scalar(OF_MATH.get(name, "float"), whys[0] if whys else None)


def nothing(m: Machine, given: Arguments, node: ast.AST) -> Value:
    return values.NONE


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
            return values.verdict(value) if verdict is None else values.const(verdict)
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


def maybe(m: Machine, given: Arguments, node: ast.AST) -> Value:
    return values.BOOL


def absolute(m: Machine, given: Arguments, node: ast.AST) -> Value:
    value = given.args[0] if given.args else ANY
    if m.tensors(value):
        return operation.call(m, "Tensor.abs", [value], {}, node)
    known = values.constant(value)
    if known is not None and isinstance(known.value, (int, float)):
        return values.const(abs(known.value))
    return value


def rounded(m: Machine, given: Arguments, node: ast.AST) -> Value:
    if given.args and m.tensors(given.args[0]):
        return operation.call(m, "Tensor.round", [given.args[0]], {}, node)
    value = given.args[0] if given.args else ANY
    if not all(isinstance(atom, (values.Const, Scalar)) for atom in value):
        return ANY
    why = next((atom.why for atom in value if isinstance(atom, Scalar) and atom.why), None)
    return values.scalar("float", why)


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


def copy(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """copy.copy"""
    return copying.shallow(m, given.args[0], node) if given.args else ANY


def deep_copy(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """copy.deepcopy"""
    if len(given.args) != 1 or not given.plain:
        # What is in the memo is not copied.
        return escapes.lost(m, given.every())
    copying.refused(m, given.args[0], node)
    return copying.deep(m, given.args[0], node)


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


def expected_raise(m: Machine, given: Arguments, node: ast.AST) -> Value:
    return m.make(node, "raises", Opaque("raises"))


def bound_slice(m: Machine, given: Arguments, node: ast.AST) -> Value:
    return values.sym("slice")


@cache
def handlers() -> dict[str, Handler]:
    """What runs each function, by its name; made when first asked for."""
    return {
        "print": nothing, "range": iterables.make_range, "len": iterables.length,
        "float": to_number("float"), "int": to_number("int"), "bool": to_number("bool"),
        "str": text,
        "repr": text, "list": iterables.container("list"), "tuple": iterables.container("tuple"),
        "set": iterables.container("set"), "frozenset": iterables.container("set"),
        "iter": iterables.container("iterator"), "reversed": iterables.backwards,
        "collections.deque": iterables.container("list"), "sorted": iterables.ordered,
        "dict": iterables.make_dict, "collections.OrderedDict": iterables.make_dict,
        "collections.defaultdict": iterables.default_dict,
        "collections.Counter": iterables.default_dict, "enumerate": zips.enumerated,
        "zip": zips.zipped, "map": iterables.mapped, "filter": iterables.filtered,
        "sum": iterables.summed, "max": iterables.extreme, "min": iterables.extreme,
        "any": iterables.quantified(YES), "all": iterables.quantified(NO),
        "abs": absolute, "round": rounded, "isinstance": is_instance,
        "issubclass": is_instance, "getattr": get_attribute, "setattr": set_attribute,
        "hasattr": has_attribute, "next": iterables.next_item, "type": type_of,
        "functools.partial": partial, "tqdm.tqdm": identity, "tqdm.auto.tqdm": identity,
        "tqdm": identity, "tqdm.trange": iterables.make_range, "functools.lru_cache": transparent,
        "functools.wraps": transparent,
        "copy.copy": copy, "copy.deepcopy": deep_copy, "dataclasses.dataclass": transparent,
        "dataclasses.field": data_field, "dataclasses.replace": replaced,
        "itertools.chain": iterables.chained, "pytest.raises": expected_raise,
        "contextlib.suppress": expected_raise, "slice": bound_slice, "callable": maybe,
        "itertools.chain.from_iterable": iterables.chained_from,
        "random.choice": chances.drawn, "random.sample": chances.several,
        "random.choices": chances.several, "random.shuffle": chances.shuffled,
        "vars": namespaces.variables, "argparse.Namespace": namespaces.namespace,
        "types.SimpleNamespace": namespaces.namespace,
        "argparse.ArgumentParser": commandline.parser,
    }  # fmt: skip
