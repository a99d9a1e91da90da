"""The names of the types a value may have, as isinstance asks for them."""

from __future__ import annotations

from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.heap import Mapping, Sequence, Tensor
from nonegrad.analysis.domain.objects import Class, Instance
from nonegrad.analysis.domain.values import Atom, Bound, Const, Ref, Scalar, Sym
from nonegrad.analysis.machine import Machine
from nonegrad.analysis.python import classes

CLASS_NAMES = {
    "torch.Tensor": "Tensor",
    "torch.nn.Parameter": "Parameter",
    "torch.nn.parameter.Parameter": "Parameter",
    "torch.autograd.Variable": "Tensor",
}


KINDS = frozenset(
    {"int", "float", "bool", "str", "complex", "bytes", "list", "tuple", "dict", "set"}
)


def type_names(m: Machine, atom: Atom) -> tuple[frozenset[str], bool] | None:
    """The classes an atom is an instance of, and whether that is all of them; None: not known."""
    match atom:
        case Scalar(kind=kind) if kind == values.SOME_NUMBER:
            return None
        case Const(kind=kind) | Scalar(kind=kind):
            if kind == values.NUMPY_FLOAT:
                return frozenset({"float", "numpy.float64"}), False
            return frozenset({kind, "int"} if kind == "bool" else {kind}), True
        case Ref(addr=addr):
            return object_types(m, m.s.get(addr))
        case Bound() | Sym():
            return frozenset({"function"}), False
        case _:
            return None


def object_types(m: Machine, thing: object) -> tuple[frozenset[str], bool] | None:
    match thing:
        case Tensor(is_parameter=flag):
            if flag.known is None:
                return frozenset({"Tensor"}), False
            return frozenset({"Tensor", "Parameter"} if flag.known else {"Tensor"}), True
        case Sequence(kind=kind):
            return frozenset({kind}), kind in KINDS
        case Mapping() if thing.is_dict:
            return frozenset({"dict", "collections.OrderedDict"}), True
        case Instance(cls=cls):
            names = classes.ancestry(m, cls)
            return names.names, names.whole
        case Class():
            return frozenset({"type"}), False
        case _:
            return None
