"""numpy: what its functions and the methods of its arrays give.

Nothing of numpy is in a graph. But an array of objects gives back whatever was put into it, and
some functions are objects' own business: only what is certainly made of numbers is called one.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nonegrad.analysis import escapes
from nonegrad.analysis.autograd import factories, tensor_methods
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.heap import Sequence
from nonegrad.analysis.domain.objects import Array, Opaque
from nonegrad.analysis.domain.provenance import Why, step
from nonegrad.analysis.domain.value_class import replace
from nonegrad.analysis.domain.values import ANY, Addr, Const, Ref, Scalar, Value
from nonegrad.analysis.library import array_dtypes
from nonegrad.analysis.machine import Machine

if TYPE_CHECKING:
    from nonegrad.analysis.python.calls import Arguments

OBJECTS = frozenset("""
    load choice permutation vectorize frompyfunc apply_along_axis apply_over_axes fromiter nditer
    ndenumerate select piecewise frombuffer fromfunction""".split())  # fmt: skip
"""Functions that give what the caller's own objects are, unless they get nothing but numbers."""

CONVERTING = frozenset({"array", "asarray", "asanyarray", "ascontiguousarray"})
"""Functions that make an array of a tensor; others may ask the tensor itself, and give a tensor."""

RANDOM = "numpy.random."
GENERATOR = "numpy generator"
GENERATORS = frozenset({RANDOM + "default_rng", RANDOM + "RandomState", RANDOM + "Generator"})
NUMBERS = {
    **dict.fromkeys(array_dtypes.COMPUTED | {"float64"}, values.NUMPY_FLOAT),
    **dict.fromkeys(("float32", "int64"), values.SOME_NUMBER),
}
"""What functions give of plain numbers: numbers of numpy's own."""
METHODS = frozenset("""
    all any argmax argmin argsort astype clip conj copy cumprod cumsum diagonal dot flatten max mean
    min nonzero prod ravel repeat reshape round squeeze std sum swapaxes take trace transpose var
    view""".split())  # fmt: skip
SHAPED = frozenset({"zeros_like", "ones_like", "empty_like", "full_like", "shape", "ndim", "size"})
"""Functions that take of an array how large it is."""
DEEPEST = 4


def call(m: Machine, path: str, given: Arguments, node: ast.AST) -> Value:
    """PATH(ARGUMENTS) for a function of numpy: the story of a tensor goes on in the array."""
    name = path.rpartition(".")[2]
    if path in GENERATORS:
        return m.make(node, "generator", Opaque(GENERATOR))
    asked = array_dtypes.asked(name, given)
    named = None if asked is None else array_dtypes.named(asked)
    for value in given.every():
        for addr, tensor in m.tensors(value):
            why = tensor_methods.leaving(m, addr, tensor, node, path)
            sure = name in CONVERTING
            dtype = named if asked is not None else tensor.dtype if sure else None
            return m.make(node, "array", Array(dtype, why, sure))
    rest = [value for value in given.every() if value is not asked]
    sure = given.plain and (asked is None or named is not None)
    made = name in array_dtypes.FLOATS or (name in CONVERTING and named is not None)
    sure = sure and (made or all(numeric(m, value) for value in rest))
    if name == "shuffle" or (name in OBJECTS and not sure):
        return escapes.lost(m, given.every())
    why = None if name in SHAPED else story(m, given.every(), node)
    plain = bool(given.args) and all(real(atom) for value in given.args for atom in value)
    if plain and (number := NUMBERS.get(name)) is not None:
        return values.scalar(number, why) if sure else ANY
    sized = path.startswith(RANDOM) and array_dtypes.sized(name, given)
    if named is None and (sure or sized):
        named = None if asked is not None else array_dtypes.of_call(m, path, given)
    return m.make(node, "array", Array(named, why, sure or (sized and named is not None)))


def real(atom: values.Atom) -> bool:
    """Whether an atom is a plain number that numpy makes a float64 of."""
    return isinstance(atom, (Const, Scalar)) and atom.kind in ("int", "float", values.NUMPY_FLOAT)


def drawn(m: Machine, name: str, given: Arguments, node: ast.AST) -> Value:
    """GENERATOR.name(ARGUMENTS)"""
    return call(m, RANDOM + name, given, node)


def method(m: Machine, thing: Array, name: str, given: Arguments, node: ast.AST) -> Value:
    """ARRAY.name(ARGUMENTS)"""
    if name == "item":
        why = thing.why if isinstance(thing.why, Why) else None
        return values.scalar(number_of(thing.dtype), why) if thing.sure else ANY
    asked = given.get(0, "dtype") if name in ("astype", "view") else given.kwargs.get("dtype")
    named = None if asked is None else array_dtypes.named(asked)
    rest = [value for value in given.every() if value is not asked]
    sure = thing.sure and given.plain and all(numeric(m, value) for value in rest)
    sure = sure and (asked is None or named is not None)
    if not sure and name not in METHODS:
        return escapes.lost(m, given.every())
    if asked is None and sure:
        named = array_dtypes.of_method(m, name, thing.dtype, given)
    why = story(m, given.every(), node, thing.why)
    return m.make(node, "array", Array(named, why, sure))


def number_of(dtype: str | None) -> str:
    """The kind of the number that item() gives of an array."""
    if dtype is None:
        return values.SOME_NUMBER
    return "bool" if dtype == "bool" else "int" if "int" in dtype else dtype.rstrip("0123456789")


def element(m: Machine, thing: Array, node: ast.AST) -> Value:
    """What a loop over an array yields: numbers, or rows."""
    if not thing.sure:
        return ANY
    why = thing.why if isinstance(thing.why, Why) else None
    return values.scalar(values.SOME_NUMBER, why) | m.make(node, "row", thing)


def combined(m: Machine, node: ast.AST, a: Value, b: Value, name: str) -> Value:
    """What an operator gives of an array and something else; a comparison gives bools."""
    sure = numeric(m, a) and numeric(m, b)
    dtype = "bool" if name == "compare" else array_dtypes.of_operator(m, name, a, b)
    return m.make(node, "array", Array(dtype if sure else None, story(m, [a, b], node), sure))


def updated(m: Machine, addr: Addr, thing: Array, name: str, value: Value, node: ast.AST) -> None:
    """ARRAY op= VALUE: an array keeps its dtype, a number of numpy's is another one afterwards."""
    dtype = array_dtypes.of_operator(m, name, values.ref(addr), value)
    filled(m, addr, thing, value, node)
    now = m.at(addr, Array)
    if now is not None and dtype != now.dtype:
        m.put(addr, replace(now, dtype=None))


def filled(m: Machine, addr: Addr, thing: Array, value: Value, node: ast.AST) -> None:
    """ARRAY[INDEX] = VALUE: the array takes up the numbers, and where they come from."""
    sure = thing.sure and numeric(m, value)
    if not sure:
        escapes.escape(m, value)
    m.put(addr, replace(thing, why=story(m, [value], node, thing.why), sure=sure))


def story(m: Machine, given: list[Value], node: ast.AST, own: object = None) -> Why | None:
    """Where the numbers of an array come from, as far as they left torch."""
    found = [own, *(why for value in given for why in factories.stories(m, value))]
    whys = [why for why in dict.fromkeys(found) if isinstance(why, Why)]
    if len(whys) < 2:
        return whys[0] if whys else None
    return step("op", m.site(node), m.text(node), tuple(whys))


def numeric(m: Machine, value: Value, depth: int = 0) -> bool:
    """Whether a value certainly is a number, None, an array of numbers, or a list of these."""
    if value == values.NONE:
        return True
    for atom in value:
        match atom:
            case Const(kind=kind) | Scalar(kind=kind):
                if kind == "str":
                    return False
            case Ref(addr=addr):
                thing = m.s.get(addr)
                if isinstance(thing, Sequence) and depth < DEEPEST:
                    inner = [*thing.items, *([thing.rest] if thing.rest is not None else [])]
                    if not all(numeric(m, one, depth + 1) for one in inner):
                        return False
                elif not (isinstance(thing, Array) and thing.sure):
                    return False
            case _:
                return False
    return bool(value)
