"""Python's operators: on tensors they are torch operators, on constants they fold."""

from __future__ import annotations

import ast
import operator as op
from collections.abc import Callable

from nonegrad.analysis import escapes
from nonegrad.analysis.autograd import inplace, operation
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.heap import Mapping, Sequence, Tensor
from nonegrad.analysis.domain.objects import Array, Instance
from nonegrad.analysis.domain.values import ANY, Atom, Const, Ref, Scalar, Unknown, Value
from nonegrad.analysis.library import arrays
from nonegrad.analysis.machine import Machine, Raised
from nonegrad.analysis.python import calls, classes

SPELLED: dict[type[ast.operator], str] = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.Div: "truediv",
    ast.FloorDiv: "floordiv",
    ast.Mod: "mod",
    ast.Pow: "pow",
    ast.MatMult: "matmul",
    ast.BitAnd: "and_",
    ast.BitOr: "or_",
    ast.BitXor: "xor",
    ast.LShift: "lshift",
    ast.RShift: "rshift",
}
FOLDED = frozenset({"add", "sub", "mul", "truediv", "floordiv", "mod", "and_", "or_", "xor"})
"""Those that constants fold under, by their names in `operator`."""
COMPARED: dict[type[ast.cmpop], str] = {
    ast.Eq: "eq",
    ast.NotEq: "ne",
    ast.Lt: "lt",
    ast.LtE: "le",
    ast.Gt: "gt",
    ast.GtE: "ge",
}
UNARY: dict[type[ast.unaryop], str] = {ast.USub: "neg", ast.UAdd: "pos", ast.Invert: "invert"}
DUNDER = {"truediv": "div", "and_": "and", "or_": "or"}
LONGEST = 10_000


def binary(m: Machine, node: ast.AST, operator: ast.operator, a: Value, b: Value) -> Value:
    """a op b."""
    name = SPELLED[type(operator)]
    if len(a) == 1 and len(b) == 1:
        return binary_atoms(m, node, name, next(iter(a)), next(iter(b)))
    if not any(isinstance(atom, Ref) for atom in a | b):
        return (
            values.join_all(
                binary_atoms(m, node, name, x, y) for x in list(a)[:6] for y in list(b)[:6]
            )
            or ANY
        )
    if none_operand(m, node, a, b):
        a, b = values.without_none(a) or a, values.without_none(b) or b
    if all_tensorish(m, a) and all_tensorish(m, b) and (m.tensors(a) or m.tensors(b)):
        return operation.call(m, f"operator.{name}", [a, b], {}, node)
    return m.each(a, lambda x: m.each(b, lambda y: binary_atoms(m, node, name, x, y)))


def none_operand(m: Machine, node: ast.AST, a: Value, b: Value) -> bool:
    """Whether an operand is perhaps None; certain None raises."""
    return values.NONE_ATOM in a or values.NONE_ATOM in b


def all_tensorish(m: Machine, value: Value) -> bool:
    """Whether every atom is a tensor or a number."""
    for atom in value:
        if isinstance(atom, Ref):
            if not isinstance(m.s.get(atom.addr), Tensor):
                return False
        elif not isinstance(atom, Scalar) and not (
            isinstance(atom, Const) and atom.kind in ("int", "float", "bool", "complex")
        ):
            return False
    return True


def binary_atoms(m: Machine, node: ast.AST, name: str, a: Atom, b: Atom) -> Value:
    x, y = thing_of(m, a), thing_of(m, b)
    if isinstance(x, Tensor) or isinstance(y, Tensor):
        for one in (a, b):
            if one == values.NONE_ATOM:
                m.recorder.none_used(m, node, frozenset({one}))
                raise Raised
        if isinstance(x, (Instance, Sequence, Mapping)):
            return user_operator(m, node, name, a, x, b) if isinstance(x, Instance) else ANY
        if isinstance(a, Unknown) or isinstance(b, Unknown):
            return operation.with_unknown(m, node, f"operator.{name}", a, b)
        return operation.call(m, f"operator.{name}", [frozenset({a}), frozenset({b})], {}, node)
    if isinstance(a, Const) and isinstance(b, Const):
        return fold(m, node, name, a, b)
    if isinstance(x, Instance):
        return user_operator(m, node, name, a, x, b)
    if isinstance(y, Instance):
        return user_operator(m, node, "r" + name, b, y, a)
    if isinstance(x, Sequence) and isinstance(y, Sequence) and name == "add":
        return concatenated(m, node, x, y)
    if isinstance(x, Sequence) and name == "mul":
        return repeated(m, node, x, b)
    if isinstance(y, Sequence) and name == "mul":
        return repeated(m, node, y, a)
    if isinstance(x, Mapping) and isinstance(y, Mapping) and name == "or_":
        return m.make(node, "dict", x.join(y))
    if isinstance(x, Array) or isinstance(y, Array):
        if isinstance(a, Unknown) or isinstance(b, Unknown):
            return escapes.lost(m, [frozenset({a}), frozenset({b})])
        return arrays.combined(m, node, frozenset({a}), frozenset({b}), name)
    if isinstance(a, (Const, Scalar)) and isinstance(b, (Const, Scalar)):
        return mixed_numbers(name, a, b)
    return escapes.lost(m, [frozenset({a}), frozenset({b})])


def thing_of(m: Machine, atom: Atom) -> object:
    return m.s.get(atom.addr) if isinstance(atom, Ref) else None


def mixed_numbers(name: str, a: Const | Scalar, b: Const | Scalar) -> Value:
    """Numbers of which one is not known; the story of a number that left torch goes on."""
    why = next((atom.why for atom in (a, b) if isinstance(atom, Scalar) and atom.why), None)
    kinds = {a.kind, b.kind}
    if "str" in kinds:
        return values.scalar("str")
    if values.SOME_NUMBER in kinds:
        return values.scalar(values.SOME_NUMBER, why)
    if values.NUMPY_FLOAT in kinds and "complex" not in kinds:
        return values.scalar(values.NUMPY_FLOAT, why)
    if kinds == {"int"} and name != "truediv":
        return values.scalar("int", why)
    return values.scalar("float" if kinds <= {"int", "float", "bool"} else "complex", why)


def fold(m: Machine, node: ast.AST, name: str, a: Const, b: Const) -> Value:
    """Constants fold; what would grow too large or raise does not."""
    if values.NONE_ATOM in (a, b):
        m.recorder.none_used(m, node, frozenset({a, b}))
        raise Raised
    if name == "pow" and not _small_power(a.value, b.value):
        return mixed_numbers(name, a, b)
    if name != "pow" and name not in FOLDED:
        return mixed_numbers(name, a, b)
    function: Callable[[object, object], object] = getattr(op, name)
    if name == "mul" and any(isinstance(c.value, (str, bytes)) for c in (a, b)):
        return values.scalar("str")
    try:
        result = function(a.value, b.value)
    except (TypeError, ArithmeticError, ValueError):
        return ANY
    if isinstance(result, (str, bytes)) and len(result) > LONGEST:
        return values.scalar("str")
    if isinstance(result, int) and result.bit_length() > 256:
        return values.scalar("int")
    return values.const(result)


def _small_power(a: object, b: object) -> bool:
    return (
        isinstance(a, (int, float))
        and isinstance(b, (int, float))
        and abs(a) < 10**6
        and abs(b) <= 32
        and not (a == 0 and b < 0)
        and (a >= 0 or isinstance(b, int))
    )


def concatenated(m: Machine, node: ast.AST, x: Sequence, y: Sequence) -> Value:
    """list + list, tuple + tuple."""
    if x.rest is None:
        joined = Sequence(x.kind, x.items + y.items, y.rest)
    else:
        rest = values.join_all((x.rest, *y.items, *([y.rest] if y.rest is not None else [])))
        joined = Sequence(x.kind, x.items, rest)
    return m.make(node, x.kind, joined)


def repeated(m: Machine, node: ast.AST, x: Sequence, times: Atom) -> Value:
    """list * int."""
    if isinstance(times, Const) and isinstance(times.value, int) and x.rest is None:
        count = len(x.items) * max(times.value, 0)
        if count <= 64:
            return m.make(node, x.kind, Sequence(x.kind, x.items * max(times.value, 0)))
    return m.make(node, x.kind, Sequence(x.kind, (), x.element))


def user_operator(m: Machine, node: ast.AST, name: str, a: Atom, x: Instance, b: Atom) -> Value:
    """An operator that a class of the sources defines."""
    reflected = name.startswith("r") and name[1:] in FOLDED | {"pow", "matmul"}
    bare = name[1:] if reflected else name
    dunder = f"__{'r' if reflected else ''}{DUNDER.get(bare, bare)}__"
    if bare == "truediv":
        dunder = f"__{'r' if reflected else ''}truediv__"
    if isinstance(a, Ref) and classes.find_method(m, x, dunder) is not None:
        return classes.call_method(m, a.addr, dunder, [frozenset({b})], node)
    return ANY


def unary(m: Machine, node: ast.AST, operator: ast.unaryop, value: Value) -> Value:
    """-x, +x, ~x."""
    name = UNARY[type(operator)]

    def one(atom: Atom) -> Value:
        if isinstance(thing_of(m, atom), Tensor):
            if name == "pos":
                return frozenset({atom})
            return operation.call(m, f"operator.{name}", [frozenset({atom})], {}, node)
        if isinstance(thing := thing_of(m, atom), Array) and thing.sure:
            return m.make(node, "array", thing)
        if isinstance(atom, Const) and isinstance(atom.value, (int, float, complex)):
            number = atom.value
            if name == "neg":
                return values.const(-number)
            if name == "pos":
                return values.const(+number)
            return values.const(~number) if isinstance(number, int) else ANY
        if isinstance(atom, Scalar):
            return values.scalar("int" if atom.kind == "bool" else atom.kind, atom.why)
        if atom == values.NONE_ATOM:
            m.recorder.none_used(m, node, frozenset({atom}))
            raise Raised
        return ANY

    return m.each(value, one)


def compare(m: Machine, node: ast.AST, operator: ast.cmpop, a: Value, b: Value) -> Value:
    """A comparison with a tensor in it: a tensor of bools."""
    name = COMPARED.get(type(operator))
    if name is None:
        return ANY
    if values.UNKNOWN in a or values.UNKNOWN in b:
        return ANY
    if values.NONE in (a, b):
        return values.BOOL
    return operation.call(m, f"operator.{name}", [a, b], {}, node)


def compare_objects(m: Machine, node: ast.AST, a: Value, b: Value) -> Value:
    """A comparison that an object decides; strings of objects give plain bools."""
    if any(isinstance(thing_of(m, atom), Array) for atom in a | b):
        plain = arrays.numeric(m, a) and arrays.numeric(m, b)
        return arrays.combined(m, node, a, b, "compare") if plain else ANY
    for atom in a | b:
        thing = thing_of(m, atom)
        if isinstance(atom, Unknown) or isinstance(thing, (Instance, Array, Tensor)):
            return ANY
    return values.BOOL


def conjunction(a: Value, b: Value) -> Value:
    """A chained comparison of plain values."""
    if values.FALSE in (a, b):
        return values.FALSE
    return b if a == values.TRUE else values.join(a, b)


def augmented(
    m: Machine, statement: ast.AugAssign, operator: ast.operator, before: Value, right: Value
) -> Value:
    """What the target is bound to after `target op= right`."""
    name = SPELLED[type(operator)]

    def one(atom: Atom) -> Value:
        thing = thing_of(m, atom)
        if isinstance(thing, Tensor) and isinstance(atom, Ref):
            if right == values.NONE:
                m.recorder.none_used(m, statement, right)
                raise Raised
            return inplace.augmented(m, statement, name, atom.addr, right)
        if isinstance(thing, Sequence) and thing.kind == "list" and name == "add":
            calls.extend(m, frozenset({atom}), right, statement)
            return frozenset({atom})
        if isinstance(thing, Array) and isinstance(atom, Ref) and values.UNKNOWN not in right:
            arrays.updated(m, atom.addr, thing, name, right, statement)
            return frozenset({atom})
        if isinstance(thing, Instance) and isinstance(atom, Ref):
            dunder = f"__i{name.rstrip('_')}__"
            if classes.find_method(m, thing, dunder) is not None:
                return classes.call_method(m, atom.addr, dunder, [right], statement)
        if isinstance(atom, Unknown):
            escapes.overwrite(m)
            return ANY
        return binary(m, statement, operator, frozenset({atom}), right)

    return m.each(before, one)
