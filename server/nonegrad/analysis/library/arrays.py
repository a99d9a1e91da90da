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
from nonegrad.analysis.domain.objects import Array
from nonegrad.analysis.domain.provenance import Why, step
from nonegrad.analysis.domain.value_class import replace
from nonegrad.analysis.domain.values import ANY, Addr, Const, Ref, Scalar, Value
from nonegrad.analysis.machine import Machine

if TYPE_CHECKING:
    from nonegrad.analysis.python.calls import Arguments

OBJECTS = frozenset("""
    load choice permutation vectorize frompyfunc apply_along_axis apply_over_axes fromiter nditer
    ndenumerate select piecewise frombuffer fromfunction""".split())  # fmt: skip
"""Functions that give what the caller's own objects are, unless they get nothing but numbers."""

CONVERTING = frozenset({"array", "asarray", "asanyarray", "ascontiguousarray"})
"""Functions that make an array of a tensor; others may ask the tensor itself, and give a tensor."""

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
    for value in given.every():
        for addr, tensor in m.tensors(value):
            why = tensor_methods.leaving(m, addr, tensor, node, path)
            return m.make(node, "array", Array(None, why, sure=name in CONVERTING))
    sure = given.plain and "dtype" not in given.kwargs
    sure = sure and all(numeric(m, value) for value in given.every())
    if name in OBJECTS and not sure:
        return escapes.lost(m, given.every())
    why = None if name in SHAPED else story(m, given.every(), node)
    plain = all(isinstance(atom, (Const, Scalar)) for value in given.args for atom in value)
    if name in ("float32", "float64", "int64", "sqrt") and plain:
        return values.scalar("float", why) if sure else ANY
    dtype = "float64" if path in ("numpy.ones", "numpy.zeros") else None
    return m.make(node, "array", Array(dtype, why, sure))


def method(m: Machine, thing: Array, name: str, given: Arguments, node: ast.AST) -> Value:
    """ARRAY.name(ARGUMENTS)"""
    if name == "item":
        why = thing.why if isinstance(thing.why, Why) else None
        return values.scalar("float", why) if thing.sure else ANY
    sure = thing.sure and given.plain and all(numeric(m, value) for value in given.every())
    if not sure and name not in METHODS:
        return escapes.lost(m, given.every())
    why = story(m, given.every(), node, thing.why)
    return m.make(node, "array", replace(thing, dtype=None, why=why, sure=sure))


def element(m: Machine, thing: Array, node: ast.AST) -> Value:
    """What a loop over an array yields: numbers, or rows."""
    if not thing.sure:
        return ANY
    why = thing.why if isinstance(thing.why, Why) else None
    return values.scalar("float", why) | m.make(node, "row", thing)


def combined(m: Machine, node: ast.AST, a: Value, b: Value, dtype: str | None = None) -> Value:
    """What an operator gives of an array and something else."""
    sure = numeric(m, a) and numeric(m, b)
    return m.make(node, "array", Array(dtype, story(m, [a, b], node), sure))


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
