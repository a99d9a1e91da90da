"""Tensors made from no tensor: factories, torch.tensor, from_numpy."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from nonegrad.analysis.autograd import gradmode, inputs, kinds, operation, outputs, sizing
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.counters import Counter
from nonegrad.analysis.domain.heap import Sequence, Shape, Tensor
from nonegrad.analysis.domain.objects import Array
from nonegrad.analysis.domain.provenance import Why, step
from nonegrad.analysis.domain.truth import MAYBE, NO, YES, Truth, truth
from nonegrad.analysis.domain.values import ANY, Addr, Const, Ref, Scalar, Value
from nonegrad.analysis.machine import Machine, Raised
from nonegrad.analysis.record import nesting
from nonegrad.ops import Op

if TYPE_CHECKING:
    from nonegrad.analysis.python.calls import Arguments


def fresh(
    m: Machine,
    node: ast.AST,
    *,
    label: str = "tensor",
    requires_grad: Truth = NO,
    dtype: str | None = "float32",
    shape: Shape | None = None,
    is_parameter: Truth = NO,
    why: Why | None = None,
    summary_of: tuple[Why | None, ...] = (),
) -> Value:
    """A new leaf."""
    counter = m.new(node, label + ":counter", Counter())
    made = Tensor(
        requires_grad=requires_grad,
        is_leaf=YES,
        fn=frozenset(),
        counter=frozenset({counter}),
        dtype=dtype,
        shape=shape,
        contiguous=YES,
        is_parameter=is_parameter,
        inference=gradmode.inference(m),
        why=why or step("created", m.site(node), m.text(node), summary_of),
    )
    return m.make(node, label, made)


def flag(m: Machine, given: Arguments, name: str = "requires_grad") -> Truth:
    """A boolean keyword; absent is NO."""
    value = given.kwargs.get(name)
    if value is None:
        return MAYBE if given.open_keywords else NO
    known = values.constant(value)
    return truth(None if known is None else bool(known.value))


def dtype_argument(m: Machine, given: Arguments, default: str | None) -> str | None:
    """The dtype keyword, by name."""
    value = given.kwargs.get("dtype")
    if value is None or value == values.NONE:
        return None if given.open_keywords else default
    named = kinds.plain(m, value)
    return named if isinstance(named, str) else None


def make(m: Machine, op: Op, path: str, given: Arguments, node: ast.AST) -> Value:
    """torch.randn(...), torch.zeros(...), torch.arange(...), x.new_zeros(...)."""
    bound = operation.kinds.bind(op, given.args, given.kwargs)
    name = path.rpartition(".")[2]
    dtype = dtype_argument(m, given, factory_dtype(m, op, name, bound, given))
    requires = flag(m, given)
    shape = shape_of(m, name, given)
    checked = Tensor(dtype=dtype)
    if requires is YES and checked.differentiable is NO:
        m.recorder.integer_requires_grad(m, node, None, checked)
        raise Raised
    if op.returns != "T":
        return ANY
    return fresh(m, node, requires_grad=requires, dtype=dtype, shape=shape)


def factory_dtype(
    m: Machine, op: Op, name: str, bound: dict[str, Value], given: Arguments
) -> str | None:
    """The dtype a factory chooses by itself."""
    if name in ("arange", "full"):
        relevant = given.args if name == "arange" else given.args[1:2]
        found = {kinds.kind_of(m, value) for value in relevant}
        if name == "full" and "fill_value" in given.kwargs:
            found.add(kinds.kind_of(m, given.kwargs["fill_value"]))
        if name == "arange":
            found |= {
                kinds.kind_of(m, v)
                for k, v in given.kwargs.items()
                if k in ("start", "end", "step")
            }
        if found <= {kinds.Kind.INT}:
            return "int64"
        if kinds.Kind.UNKNOWN in found:
            return None
        if found == {kinds.Kind.BOOL}:
            return "bool"
        return kinds.default_dtype(m) if found <= {kinds.Kind.INT, kinds.Kind.FLOAT} else None
    operands = inputs.operands_of(m, op, bound)
    if not operands.all and name in DEFAULTED:
        return kinds.default_dtype(m)
    return outputs.dtype_of(m, op, operands, {k: v for k, v in bound.items() if k != "dtype"})


DEFAULTED = frozenset(
    "rand randn zeros ones empty eye linspace logspace normal hann_window".split()
)
SIZED = frozenset({"randn", "rand", "zeros", "ones", "empty"})


def shape_of(m: Machine, name: str, given: Arguments) -> Shape | None:
    """The shape of a factory's result, where the arguments say it."""
    if name in ("arange", "linspace", "logspace", "randperm"):
        return (counted(name, given),)
    if name.endswith("_like") and given.args:
        return sizing.shape_of(m, given.args[0])
    if name == "eye":
        size = values.number(given.get(0, "n") or ANY)
        return (size, size if len(given.args) == 1 and "m" not in given.kwargs else None)
    if name in SIZED and given.rest is None:
        sizes = given.args
        if len(sizes) == 1:
            found = sizes_of(m, sizes[0])
            if found is not None:
                return found
        if all(kinds.kind_of(m, size) is kinds.Kind.INT for size in sizes):
            return tuple(values.number(size) for size in sizes)
    if name in ("full", "randint") and given.args:
        for value in given.args:
            found = sizes_of(m, value)
            if found is not None:
                return found
    return None


def counted(name: str, given: Arguments) -> int | None:
    """How many numbers a sequence has, where the arguments say it."""
    if given.rest is not None:
        return None
    if name in ("linspace", "logspace"):
        return values.number(given.get(2, "steps") or ANY)
    ends = [values.number(value) for value in given.args]
    if {"start", "end", "step", "n"} & given.kwargs.keys() or not 1 <= len(ends) <= 2:
        return None
    first, last = (0, *ends)[-2:]
    return None if first is None or last is None else max(last - first, 0)


def sizes_of(m: Machine, value: Value) -> Shape | None:
    """A tuple or list of sizes."""
    atom = values.only(value)
    found = m.at(atom.addr, Sequence) if isinstance(atom, Ref) else None
    if found is None or found.rest is not None:
        return None
    return tuple(values.number(item) for item in found.items)


def from_data(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """torch.tensor(data): always a copy, always outside the graph of what it was made from."""
    data = given.get(0, "data") or ANY
    dtype, shape = look_into(m, data)
    dtype = dtype_argument(m, given, dtype)
    requires = flag(m, given)
    if requires is YES and Tensor(dtype=dtype).differentiable is NO:
        m.recorder.integer_requires_grad(m, node, None, Tensor(dtype=dtype))
        raise Raised
    return copied(m, data, node, requires, dtype, shape)


def copied(
    m: Machine, data: Value, node: ast.AST, requires: Truth, dtype: str | None, shape: Shape | None
) -> Value:
    """The numbers of the data in a new leaf."""
    whys = stories(m, data)
    cut = any(tensor.requires_grad is YES for _, tensor in tensors_in(m, data))
    kind = "retensored" if cut else "created"
    if any(w is not None and w.kind == "left_torch" and w.cut for w in whys):
        kind = "retensored"
    held = nesting.layout(m, data)
    m.recorder.copied(m, node, held)
    why = step(kind, m.site(node), m.text(node), whys, cut=cut, held=held)
    m.recorder.cut_off(m, why, tensors_in(m, data))
    return fresh(m, node, requires_grad=requires, dtype=dtype, shape=shape, why=why)


def tensors_in(m: Machine, data: Value, depth: int = 0) -> list[tuple[Addr, Tensor]]:
    """The tensors in nested lists."""
    found: list[tuple[Addr, Tensor]] = []
    for atom in data:
        thing = m.s.get(atom.addr) if isinstance(atom, Ref) else None
        if isinstance(thing, Tensor) and isinstance(atom, Ref):
            found.append((atom.addr, thing))
        elif isinstance(thing, Sequence) and depth < 4:
            for item in (*thing.items, *([thing.rest] if thing.rest is not None else [])):
                found.extend(tensors_in(m, item, depth + 1))
    return found


def stories(m: Machine, data: Value) -> tuple[Why | None, ...]:
    """The stories of what a tensor is made from."""
    return (*(tensor.why for _, tensor in tensors_in(m, data)), *of_numbers(m, data))


def of_numbers(m: Machine, data: Value, depth: int = 0) -> Iterator[Why | None]:
    """The stories of the numbers and arrays in nested lists."""
    for atom in data:
        thing = m.s.get(atom.addr) if isinstance(atom, Ref) else None
        if isinstance(atom, Scalar):
            yield atom.why
        elif isinstance(thing, Array) and isinstance(thing.why, Why):
            yield thing.why
        elif isinstance(thing, Sequence) and depth < 4:
            for item in (*thing.items, *([thing.rest] if thing.rest is not None else [])):
                yield from of_numbers(m, item, depth + 1)


def look_into(m: Machine, data: Value, depth: int = 0) -> tuple[str | None, Shape | None]:
    """dtype and shape of nested lists of numbers."""
    atom = values.only(data)
    match atom:
        case Const(kind=kind) | Scalar(kind=kind):
            if kind in ("float", "complex"):
                return (kinds.default_dtype if kind == "float" else kinds.default_complex)(m), ()
            return OF_NUMBER.get(kind), ()
        case Ref(addr=addr):
            thing = m.s.get(addr)
            if isinstance(thing, Tensor):
                return thing.dtype, thing.shape
            if isinstance(thing, Array):
                return thing.dtype, None
            if isinstance(thing, Sequence) and depth < 6:
                every = [look_into(m, item, depth + 1) for item in thing.items]
                if thing.rest is not None:
                    every.append(look_into(m, thing.rest, depth + 1))
                dtypes = {dtype for dtype, _ in every}
                inner = {shape for _, shape in every}
                count = len(thing.items) if thing.rest is None else None
                one = next(iter(inner)) if len(inner) == 1 else None
                shape = (count, *one) if one is not None else None
                if not every:
                    return kinds.default_dtype(m), (0,)
                return widest(dtypes), shape
            return None, None
        case _:
            return None, None


OF_NUMBER = {"int": "int64", "bool": "bool", values.NUMPY_FLOAT: "float64"}


def widest(dtypes: set[str | None]) -> str | None:
    """The dtype of a list that mixes kinds of numbers."""
    if None in dtypes:
        return None
    for name in ("complex128", "complex64", "float64", "float32", "int64", "bool"):
        if name in dtypes:
            return name
    return next(iter(dtypes)) if len(dtypes) == 1 else None
