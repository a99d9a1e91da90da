"""The dtypes of numpy's arrays: what its functions choose, and what they keep.

Said is only what every version of numpy and every platform agrees on, the width of its default
integer aside: where one of two dtypes comes out, nothing is known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nonegrad.analysis.autograd import kinds
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.heap import Sequence, Tensor
from nonegrad.analysis.domain.objects import Array
from nonegrad.analysis.domain.values import Const, Ref, Scalar, Sym, Value
from nonegrad.analysis.machine import Machine

if TYPE_CHECKING:
    from nonegrad.analysis.python.calls import Arguments


def names(text: str) -> frozenset[str]:
    return frozenset(text.split())


FLOATS = names("zeros ones empty eye identity tri hanning hamming blackman bartlett")
"""What is made of no array, by default of float64: its arguments are sizes."""
SIZE_AT = {
    **dict.fromkeys(names("random random_sample ranf sample standard_normal rand randn"), 0),
    **dict.fromkeys(names("standard_cauchy standard_exponential"), 0),
    **dict.fromkeys(names("exponential chisquare rayleigh power pareto weibull dirichlet"), 1),
    **dict.fromkeys(names("standard_gamma standard_t"), 1),
    **dict.fromkeys(names("normal uniform beta gamma laplace logistic lognormal gumbel"), 2),
    **dict.fromkeys(names("vonmises multivariate_normal randint integers"), 2),
    "triangular": 3,
}
"""Where a random function takes its size: without one it may give a number of Python's own."""
INTEGERS = names("randint integers")
RANDOM = frozenset(SIZE_AT) - INTEGERS
COMPUTED = names(
    """exp exp2 expm1 log log2 log10 log1p sqrt cbrt sin cos tan arcsin arccos arctan sinh cosh tanh
    arcsinh arccosh arctanh deg2rad rad2deg radians degrees sinc"""
)
"""Real functions: float64 of int64 and of float64."""
ALGEBRA = names("norm inv pinv solve cholesky det")
AVERAGED = names("mean std var nanmean nanstd nanvar median nanmedian")
BOOLS = names("isnan isfinite isinf all any isclose isin in1d logical_and logical_or logical_not")
PLACES = names("argmax argmin argsort searchsorted flatnonzero digitize argwhere")
KEPT = names(
    """copy ascontiguousarray asfortranarray reshape ravel flatten transpose squeeze expand_dims
    roll flip fliplr flipud rot90 sort unique repeat tile abs absolute negative positive square max
    min amax amin diag diagonal triu tril atleast_1d atleast_2d atleast_3d broadcast_to swapaxes
    moveaxis rollaxis take delete zeros_like ones_like empty_like full_like nan_to_num partition
    resize nanmax nanmin diff sign"""
)
"""What gives the dtype of its first argument."""
SUMMED = names("sum prod cumsum cumprod nansum trace")
ROUNDED = names("floor ceil trunc rint round around fix")
MIXED = {
    **dict.fromkeys(names("add subtract multiply maximum minimum dot matmul inner outer"), 1),
    **dict.fromkeys(names("cross kron append"), 1),
    "clip": 2,
}
"""What gives the dtype of several arguments together: how many beside the first."""
STACKED = names("concatenate stack hstack vstack dstack column_stack")
CONVERTING = names("array asarray asanyarray")
ENDS = ("start", "stop", "step")
HARMLESS = names(
    """axis axes size shape num keepdims ddof order copy low high loc scale reps repeats endpoint
    start stop step shift decimals N M k n fill_value a_min a_max min max object a newshape"""
)
"""Keywords that change neither the dtype nor what kind of thing comes out."""
DTYPE_AT = {
    **dict.fromkeys(names("array asarray asanyarray zeros ones empty zeros_like ones_like"), 1),
    **dict.fromkeys(names("empty_like ascontiguousarray identity"), 1),
    **dict.fromkeys(names("full full_like"), 2),
    **dict.fromkeys(names("arange eye tri"), 3),
}
"""Where a function takes its dtype, if not by name."""
SPELLED = {
    "double": "float64", "single": "float32", "half": "float16", "float_": "float64",
    "bool_": "bool",
    "int_": "int64", "intp": "int64", "intc": "int32", "longlong": "int64", "ubyte": "uint8",
    "byte": "int8", "short": "int16", "float": "float64", "int": "int64", "complex": "complex128",
    "f": "float32", "f4": "float32", "d": "float64", "f8": "float64", "i4": "int32", "i8": "int64",
    "i": "int32", "u1": "uint8", "f2": "float16", "?": "bool",
}  # fmt: skip


def named(value: Value) -> str | None:
    """The dtype that an argument names: `np.float32`, `float`, `"f4"`."""
    atom = values.only(value)
    match atom:
        case Sym(path=path):
            name = path.removeprefix("numpy.")
        case Const(value=str(name)):
            pass
        case _:
            return None
    name = SPELLED.get(name, name)
    return name if name in kinds.KNOWN_DTYPES and name != "bfloat16" else None


def asked(name: str, given: Arguments) -> Value | None:
    """The argument that asks for a dtype, where there is one."""
    place = DTYPE_AT.get(name)
    found = given.kwargs.get("dtype") if place is None else given.get(place, "dtype")
    return None if found == values.NONE else found


def of_call(m: Machine, path: str, given: Arguments) -> str | None:
    """The dtype of what a function of numpy gives, of numbers and arrays of numbers."""
    name = path.rpartition(".")[2]
    if not given.kwargs.keys() <= HARMLESS or given.open_keywords:
        return None
    if path.startswith("numpy.random."):
        if not sized(name, given):
            return None
        return "float64" if name in RANDOM else "int64" if name in INTEGERS else None
    if name in FLOATS:
        return "float64"
    if given.rest is not None:
        return None
    if path.startswith("numpy.linalg."):
        found = {of_value(m, value) for value in given.args}
        return "float64" if name in ALGEBRA and found <= {"int64", "float64"} else None
    if name in ("linspace", "logspace", "geomspace"):
        ends = {of_value(m, value) for value in given.args[:2]}
        return "float64" if 2 <= len(given.args) < 5 and ends <= {"float64", "int64"} else None
    if name == "arange":
        bounds = [*given.args, *(given.kwargs[k] for k in ENDS if k in given.kwargs)]
        return joint([of_value(m, value) for value in bounds])
    if name == "full":
        return of_value(m, given.get(1, "fill_value") or values.ANY)
    if not given.args:
        return None
    own = of_value(m, given.args[0])
    if name in CONVERTING:
        return own
    if name in STACKED:
        return joint([of_value(m, part) for part in items(m, given.args[0])])
    if name == "where":
        return joint([of_value(m, part) for part in given.args[1:]])
    return of_function(m, name, own, given.args[1:])


def of_method(m: Machine, name: str, own: str | None, given: Arguments) -> str | None:
    """The dtype of what a method of an array gives."""
    if not given.kwargs.keys() <= HARMLESS or not given.plain:
        return None
    return of_function(m, name, own, given.args)


def sized(name: str, given: Arguments) -> bool:
    """Whether an array comes out: without a size, a random function may give a number."""
    place = SIZE_AT.get(name)
    size = None if place is None else given.get(place, "size")
    if name in ("rand", "randn"):
        return size is not None
    return size is not None and values.NONE_ATOM not in size and values.UNKNOWN not in size


def of_function(m: Machine, name: str, own: str | None, others: list[Value]) -> str | None:
    """What a function or a method makes of an array of a dtype, and of further arguments."""
    if name in BOOLS:
        return "bool"
    if name in PLACES:
        return "int64"
    if name in MIXED:
        given = [value for value in others if value != values.NONE]
        return joint([own, *(of_value(m, value) for value in given[: MIXED[name]])])
    if own is None or own.startswith("complex"):
        return None
    if name in KEPT:
        return None if name == "square" and own == "bool" else own
    if name in COMPUTED:
        return "float64" if own in ("int64", "float64") else None
    if name in AVERAGED:
        return "float64" if own in ("int64", "float64", "bool") else None
    if name in SUMMED:
        return "int64" if own == "bool" else own if own in ("int64", "float64", "float32") else None
    if name in ROUNDED:
        return own if own in ("float64", "float32") else None
    return None


def items(m: Machine, value: Value) -> list[Value]:
    """The arrays in the list that a value certainly is."""
    atom = values.only(value)
    thing = m.at(atom.addr, Sequence) if isinstance(atom, Ref) else None
    if thing is None:
        return [values.ANY]
    return kinds.every_item(thing) or [values.ANY]


def of_operator(m: Machine, name: str, a: Value, b: Value) -> str | None:
    """The dtype of `a op b` where one of them is an array."""
    found = joint([of_value(m, a), of_value(m, b)])
    if name == "truediv":
        return "float64" if found in ("int64", "float64", "bool") else None
    if found == "bool" and name not in ("and_", "or_", "xor", "add", "mul"):
        return None
    return found


def of_value(m: Machine, value: Value, depth: int = 0) -> str | None:
    """The dtype of the array that numpy makes of a value."""
    found = {of_atom(m, atom, depth) for atom in value}
    return found.pop() if len(found) == 1 else None


def of_atom(m: Machine, atom: values.Atom, depth: int) -> str | None:
    match atom:
        case Const(value=int(number)) if abs(number) >= 2**31:
            # Where it does not fit, it becomes a wider integer or an object.
            return None
        case Const(kind=kind) | Scalar(kind=kind):
            return OF_NUMBER.get(kind)
        case Ref(addr=addr):
            thing = m.s.get(addr)
            if isinstance(thing, Array):
                return thing.dtype if thing.sure else None
            if isinstance(thing, Tensor):
                return thing.dtype if thing.dtype != "bfloat16" else None
            if isinstance(thing, Sequence) and thing.kind in ("list", "tuple", "range"):
                return of_list(m, thing, depth)
            return None
        case _:
            return None


OF_NUMBER = {
    "int": "int64",
    "float": "float64",
    "bool": "bool",
    "complex": "complex128",
    values.NUMPY_FLOAT: "float64",
}


def of_list(m: Machine, thing: Sequence, depth: int) -> str | None:
    """A list of numbers, rows or arrays; of nothing at all come floats."""
    if thing.kind == "range":
        return "int64"
    if depth > 5:
        return None
    found = joint([of_value(m, item, depth + 1) for item in kinds.every_item(thing)])
    maybe_empty = not thing.items and found != "float64"
    return ("float64" if thing.rest is None else None) if maybe_empty else found


def joint(dtypes: list[str | None]) -> str | None:
    """The dtype that arrays and numbers have together, where it is the same for both."""
    found = set(dtypes)
    if len(found) == 1:
        return found.pop()
    for name in ("complex128", "float64", "int64"):
        if name in found and found <= UP_TO[name]:
            return name
    return None


UP_TO = {
    "complex128": {"complex128", "float64", "int64", "bool"},
    "float64": {"float64", "int64", "bool"},
    "int64": {"int64", "bool"},
}
