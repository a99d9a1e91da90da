"""`x[...]` and `x[...] = v`: what the elements of the index make of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from nonegrad.ops.row import Kind, Op, Saved

_NODE = {
    Kind.INT: "SelectBackward0",
    Kind.CUT_SLICE: "SliceBackward0",
    Kind.NONE: "UnsqueezeBackward0",
}
_WHOLE = frozenset({Kind.FULL_SLICE, Kind.ELLIPSIS})
_GATHERS = frozenset({Kind.MASK, Kind.INDEXES, Kind.NUMBERS, Kind.BOOL, Kind.TENSORS})
_OPEN = frozenset({Kind.TENSOR, Kind.UNKNOWN, Kind.OTHER})
"""A tensor of integers without dimensions selects like a number, any other one gathers."""
_VALID = _GATHERS | _OPEN | _WHOLE | frozenset({Kind.INT, Kind.CUT_SLICE, Kind.SLICE, Kind.NONE})


def getitem(args: Sequence[Kind]) -> Op | None:
    """The row of `x[i, j, ...]`; None where torch refuses such an index."""
    index = args[1:]
    if not index or any(kind not in _VALID for kind in index):
        return None
    tensors = frozenset({"self"})
    if any(kind in _GATHERS for kind in index):
        kept = () if Kind.BOOL in index else (Saved("index"),)
        return Op(
            name="operator.getitem",
            params=("self", "index"),
            tensors=tensors | {"index"},
            saved=kept,
            grads_through=tensors,
            nodes=("IndexBackward0",),
            dtype="self",
        )
    unsure = any(kind in _OPEN for kind in index)
    return Op(
        name="operator.getitem",
        params=("self", "index"),
        tensors=tensors,
        saved=(Saved("index", None, False),) if unsure else (),
        grads_through=tensors,
        nodes=(None if unsure else _last(index),),
        view="maybe" if unsure else "view",
        dtype="self",
    )


def _last(index: Sequence[Kind]) -> str | None:
    """The node of the last element that does something."""
    if len(index) == 1 and index[0] in (Kind.SLICE, Kind.FULL_SLICE):
        return "SliceBackward0"  # torch only looks for no-ops in longer indexes
    for kind in reversed(index):
        if kind is Kind.SLICE:
            return None
        if kind not in _WHOLE:
            return _NODE[kind]
    return "AliasBackward0"


def setitem(args: Sequence[Kind]) -> Op | None:
    """The row of `x[i, j, ...] = value`, the value last."""
    index = args[1:-1]
    if not index or any(kind not in _VALID for kind in index):
        return None
    value = args[-1]
    tensor = value in (Kind.TENSOR, Kind.UNKNOWN, Kind.MASK, Kind.INDEXES)
    sources = frozenset({"self", "value"}) if tensor else frozenset({"self"})
    gathers = any(kind in _GATHERS for kind in index)
    return Op(
        name="operator.setitem",
        params=("self", "index", "value"),
        tensors=sources | {"index"} if gathers else sources,
        saved=(Saved("index", None, False),) if gathers or _OPEN & set(index) else (),
        grads_through=sources,
        nodes=(_written(index, value),),
        writes="self",
        view="same",
        dtype="self",
    )


def _written(index: Sequence[Kind], value: Kind) -> str | None:
    """The node of what is written to: through a view of it, all at once, or here and there."""
    kinds = set(index)
    if kinds & _NODE.keys():
        return "torch::autograd::CopySlices"
    if kinds & (_OPEN | {Kind.SLICE, Kind.BOOL}):
        return None
    if kinds & _GATHERS:
        return "IndexPutBackward0"
    plain = value in (Kind.INT, Kind.FLOAT, Kind.BOOL)
    return "FillBackward3" if plain else None


INDEXING: Mapping[str, Callable[[Sequence[Kind]], Op | None]] = {
    "operator.getitem": getitem,
    "operator.setitem": setitem,
}
