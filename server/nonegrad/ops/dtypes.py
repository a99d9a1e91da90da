"""Which dtype a result has: torch's promotion, and the rules that rows name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nonegrad.ops.row import Kind

_ORDER = (
    "bool", "uint8", "int8", "int16", "int32", "int64", "float16", "bfloat16", "float32",
    "float64", "complex32", "complex64", "complex128",
)  # fmt: skip
_COMPLEX = {"complex32": "float16", "complex64": "float32", "complex128": "float64"}
_WIDER = {
    frozenset({"uint8", "int8"}): "int16",
    frozenset({"float16", "bfloat16"}): "float32",
}
_CATEGORY = {Kind.BOOL: 0, Kind.INT: 1, Kind.FLOAT: 2, Kind.COMPLEX: 3}
_COMPLEX_OF = {
    "float16": "complex32",
    "bfloat16": "complex64",
    "float32": "complex64",
    "float64": "complex128",
}


def category(dtype: str) -> int:
    """0 for bool, 1 for integers, 2 for floating point, 3 for complex."""
    if dtype in _COMPLEX:
        return 3
    if dtype.startswith(("float", "bfloat")):
        return 2
    return 0 if dtype == "bool" else 1


def promote(a: str, b: str) -> str | None:
    """What two tensors with dimensions become together; None where torch has no answer."""
    if a == b:
        return a
    if a not in _ORDER or b not in _ORDER:
        return None
    if {category(a), category(b)} == {2, 3}:
        joint = promote(_COMPLEX.get(a, a), _COMPLEX.get(b, b))
        return None if joint is None else _COMPLEX_OF[joint]
    wider = _WIDER.get(frozenset({a, b}))
    return wider or max(a, b, key=_ORDER.index)


def promote_any(a: str, b: str) -> str | None:
    """Like `promote` for tensors of which one may have no dimension; None where that matters."""
    if a == b:
        return a
    # A tensor without dimensions counts like a number: only its category can raise the other's.
    return promote(a, b) if category(a) != category(b) and _same_either_way(a, b) else None


def _same_either_way(a: str, b: str) -> bool:
    low, high = sorted((a, b), key=category)
    return promote(a, b) == high and (category(low) < 2 or _COMPLEX_OF[low] == high)


def promote_number(dtype: str, number: Kind, default: str = "float32") -> str | None:
    """What a tensor of that dtype becomes together with a plain number."""
    wanted = _CATEGORY.get(number)
    if wanted is None:
        return None
    if wanted <= category(dtype):
        return dtype
    if wanted == 1:
        return "int64"
    if wanted == 2:
        return default
    return _COMPLEX_OF.get(dtype if category(dtype) == 2 else default)


def of_number(number: Kind, default: str = "float32") -> str | None:
    """The dtype of a tensor made from a plain number."""
    return promote_number("bool", number, default) if number in _CATEGORY else None


def result(
    rule: str | None,
    tensors: Mapping[str, str | None],
    numbers: Sequence[Kind] = (),
    *,
    ranks_known: bool = False,
    default: str = "float32",
) -> str | None:
    """The dtype of result 0 where no `dtype` argument decides, by the rule of its row.

    `tensors` gives the dtype of each tensor argument by parameter, in the order of the parameters;
    `numbers` the kinds of the plain numbers that take the place of a tensor or fill one.
    `ranks_known` says that all tensors have dimensions, or none has.
    """
    if rule is None or rule == "arg":
        return None
    if rule.startswith("of:"):
        return tensors.get(rule[3:])
    given = list(tensors.values())
    first = given[0] if given else None
    if rule == "default":
        return default
    if rule == "number":
        return _together([], numbers, True, default)
    if rule in ("self", "sum", "real"):
        return _adjusted(rule, first)
    if rule in ("promote", "float"):
        joint = _together(given, numbers, ranks_known, default)
        if rule == "float" and joint is not None and category(joint) < 2:
            return default
        return joint
    return rule


def _adjusted(rule: str, first: str | None) -> str | None:
    if first is None:
        return None
    if rule == "sum" and category(first) < 2:
        return "int64"
    return _COMPLEX.get(first, first) if rule == "real" else first


def _together(
    given: Sequence[str | None], numbers: Sequence[Kind], ranks_known: bool, default: str
) -> str | None:
    joint: str | None = None
    for dtype in given:
        if dtype is None:
            return None
        join = promote if ranks_known else promote_any
        joint = dtype if joint is None else join(joint, dtype)
        if joint is None:
            return None
    for number in numbers:
        joint = (
            of_number(number, default) if joint is None else promote_number(joint, number, default)
        )
        if joint is None:
            return None
    return joint
