"""From abstract values to what the operator table asks: kinds of arguments, their binding."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import zip_longest

from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.heap import Sequence, Tensor
from nonegrad.analysis.domain.values import Addr, Atom, Bound, Const, Ref, Scalar, Sym, Value
from nonegrad.analysis.machine import DEFAULT_DTYPE, Machine
from nonegrad.ops import Kind, Op

OF_KIND = {
    "int": Kind.INT,
    "float": Kind.FLOAT,
    "bool": Kind.BOOL,
    "complex": Kind.COMPLEX,
    "str": Kind.STR,
    "NoneType": Kind.NONE,
    "ellipsis": Kind.ELLIPSIS,
    values.SOME_NUMBER: Kind.UNKNOWN,
    values.NUMPY_FLOAT: Kind.FLOAT,
}
DTYPES = {
    "float": "float32", "double": "float64", "half": "float16", "long": "int64", "int": "int32",
    "short": "int16", "cfloat": "complex64", "cdouble": "complex128",
}  # fmt: skip
PYTHON_TYPES = {"float": "float64", "int": "int64", "bool": "bool"}
"""Python's own types, where a dtype is asked for."""
KNOWN_DTYPES = frozenset(
    {
        "float16", "float32", "float64", "bfloat16", "int8", "int16", "int32", "int64", "uint8",
        "bool", "complex64", "complex128", "complex32",
    }
)  # fmt: skip


def kind_of(m: Machine, value: Value) -> Kind:
    """The kind all atoms agree on, or UNKNOWN."""
    result: Kind | None = None
    for atom in value:
        one = atom_kind(m, atom)
        if result is not None and one is not result:
            return Kind.UNKNOWN
        result = one
    return result or Kind.UNKNOWN


def atom_kind(m: Machine, atom: Atom) -> Kind:
    match atom:
        case Const(kind=kind) | Scalar(kind=kind):
            return OF_KIND.get(kind, Kind.OTHER)
        case Sym(path=path):
            return Kind.DTYPE if dtype_name(path) else Kind.OTHER
        case Ref(addr=addr):
            thing = m.s.get(addr)
            if isinstance(thing, Tensor):
                return tensor_kind(thing)
            return sequence_kind(m, thing) if isinstance(thing, Sequence) else Kind.OTHER
        case Bound():
            return Kind.OTHER
        case _:
            return Kind.UNKNOWN


def tensor_kind(tensor: Tensor) -> Kind:
    """Masks and index tensors are told apart from others, where that is certain."""
    if tensor.dtype == "bool":
        return Kind.MASK
    if tensor.dtype in ("int64", "int32") and tensor.shape:
        return Kind.INDEXES
    return Kind.TENSOR


def sequence_kind(m: Machine, thing: Sequence) -> Kind:
    """A list of tensors, of numbers, or of what is not known."""
    every = [*thing.items, *([thing.rest] if thing.rest is not None else [])]
    found = {kind_of(m, item) for item in every}
    if found <= {Kind.TENSOR, Kind.MASK, Kind.INDEXES} and found:
        return Kind.TENSORS
    if found <= {Kind.INT, Kind.FLOAT, Kind.BOOL}:
        return Kind.NUMBERS
    return Kind.UNKNOWN if Kind.UNKNOWN in found else Kind.OTHER


def dtype_name(path: str) -> str | None:
    """`torch.float` -> `float32`; None for what is no dtype."""
    if path in PYTHON_TYPES:
        return PYTHON_TYPES[path]
    if not path.startswith("torch."):
        return None
    name = path.removeprefix("torch.")
    name = DTYPES.get(name, name)
    return name if name in KNOWN_DTYPES else None


def default_dtype(m: Machine) -> str | None:
    """The dtype of what is made of Python's floats, where it is known."""
    found = m.s.get(DEFAULT_DTYPE)
    return values.string(found) if values.is_value(found) else None


COMPLEX = {"float32": "complex64", "float64": "complex128", "float16": "complex32"}


def default_complex(m: Machine) -> str | None:
    """The dtype of what is made of Python's complex numbers."""
    return COMPLEX.get(default_dtype(m) or "")


def bind(op: Op, args: list[Value], kwargs: dict[str, Value]) -> dict[str, Value]:
    """Arguments by parameter name; `input` is another name of `self`."""
    bound: dict[str, Value] = {}
    for param, value in zip(op.params, args, strict=False):
        bound[param] = value
    for number, value in enumerate(args[len(op.params) :] if op.params else []):
        bound[f"{op.params[-1]} {number}"] = value
    for key, value in kwargs.items():
        name = key if key in op.params else {"input": "self", "x": "self"}.get(key, key)
        bound[name] = value
    return bound


def flat(m: Machine, value: Value) -> list[Value]:
    """A value, or the items of the list it certainly is: of several lists, item by item what it
    may be. An item that not all of them have may be None as well."""
    lists: list[Sequence] = []
    for atom in value:
        thing = m.s.get(atom.addr) if isinstance(atom, Ref) else None
        if isinstance(thing, Sequence):
            lists.append(thing)
        elif atom != values.NONE_ATOM:
            return [value]
    if not lists:
        return [value]
    if len(value) == 1:
        return every_item(lists[0])
    columns = zip_longest(*map(every_item, lists), fillvalue=values.NONE)
    perhaps = values.NONE if values.NONE_ATOM in value else frozenset[Atom]()
    return [values.join_all((*column, perhaps)) for column in columns]


def open_ended(m: Machine, value: Value) -> bool:
    """Whether a list that it may be goes on after its known items, or perhaps does not."""
    things = (m.s.get(addr) for addr in values.references(value))
    return any(isinstance(one, Sequence) and one.items and one.rest is not None for one in things)


def every_item(thing: Sequence) -> list[Value]:
    """The items of a list, the further ones as one."""
    return [*thing.items, *([thing.rest] if thing.rest is not None else [])]


def dtype_kind(tensors: Iterable[tuple[Addr, Tensor]], *, certain: bool) -> str | None:
    """The dtype all of them share."""
    found = {tensor.dtype for _, tensor in tensors}
    return found.pop() if len(found) == 1 and certain else None


def plain(m: Machine, value: Value) -> object:
    """A constant, a dtype's name, or the kind of a number; None where it is not known."""
    atom = values.only(value)
    match atom:
        case Const(value=constant):
            return constant
        case Scalar(kind=kind):
            return OF_KIND.get(kind)
        case Sym(path=path):
            return dtype_name(path)
        case _:
            return None


def rank(m: Machine, value: Value) -> int | None:
    """How many dimensions the tensor has, where that is known."""
    found = {None if t.shape is None else len(t.shape) for _, t in m.tensors(value)}
    return found.pop() if len(found) == 1 else None
