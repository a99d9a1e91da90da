"""From the terse entries of the generated files to rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from nonegrad.ops.row import Kind, Op, Saved
from nonegrad.ops.signature import Signature, parse

_TENSORS = frozenset({Kind.TENSOR, Kind.TENSORS, Kind.MASK, Kind.INDEXES})


def op(name: str, entry: Mapping[str, Any], method: bool = False) -> Op:
    """The row of one entry; `entry` holds its signature."""
    signature = parse(entry["sig"], method)
    tensors = frozenset(entry.get("tensors", _declared(signature)))
    through: frozenset[str] = frozenset(entry.get("through", tensors))
    if entry.get("constant"):
        through = frozenset[str]()
    returns = str(entry.get("returns", "T"))
    node: str | list[str | None] | None = entry.get("node")
    refused = entry.get("no_backward", False)
    return Op(
        name=name,
        params=tuple(p.name for p in signature.params),
        keyword_only=frozenset(p.name for p in signature.params if p.keyword_only),
        tensors=tensors,
        saved=_saved(entry),
        saves_result=_kept(entry),
        grads_through=through,
        nodes=tuple(node) if isinstance(node, list) else (node,) * len(returns),
        differentiable=_differentiable(entry, returns),
        returns=returns,
        writes=entry.get("writes"),
        writes_certain="maybe_writes" not in entry,
        writes_also=frozenset(entry.get("writes_also", ())),
        view=entry.get("view", "same" if "writes" in entry else "no"),
        dtype=entry.get("dtype"),
        zero=frozenset(entry.get("zero", ())),
        random=bool(entry.get("random")),
        factory=bool(entry.get("factory")),
        accepts_requires_grad=bool(entry.get("requires_grad")),
        no_backward=refused is True,
    )


def _declared(signature: Signature) -> frozenset[str]:
    return frozenset(p.name for p in signature.params if p.type.startswith("Tensor"))


def _saved(entry: Mapping[str, Any]) -> tuple[Saved, ...]:
    rows: list[Saved] = []
    for key, certain in (("saves", True), ("saves?", False)):
        for param, when in sorted(entry.get(key, {}).items()):
            rows.append(Saved(param, None if when is None else frozenset(when), certain))
    return tuple(rows)


def _kept(entry: Mapping[str, Any]) -> tuple[tuple[int, bool], ...]:
    certain = [(index, True) for index in entry.get("keeps", ())]
    return tuple(sorted(certain + [(index, False) for index in entry.get("keeps?", ())]))


def _differentiable(entry: Mapping[str, Any], returns: str) -> tuple[bool | None, ...]:
    if entry.get("constant"):
        # What is written to without a node stays in the graph it was in.
        return (None if "writes" in entry else False,) * len(returns)
    indexes = entry.get("differentiable")
    unsure = entry.get("differentiable?", ())
    whole = entry.get("conditional", False)
    return tuple(
        None if whole or i in unsure else letter != "N" and (indexes is None or i in indexes)
        for i, letter in enumerate(returns)
    )


def at_call(row: Op, bound: Mapping[str, Kind]) -> Op:
    """The row for the arguments at hand: what is given as no tensor is not one here."""
    absent = {p for p in row.tensors if bound.get(p, Kind.NONE) not in _TENSORS | {Kind.UNKNOWN}}
    strangers = {p for p, kind in bound.items() if kind in _TENSORS and p not in row.tensors}
    if not absent and not strangers:
        return row
    saved = tuple(s for s in row.saved if s.param not in absent)
    # A tensor where none was ever seen: nothing is known of what happens to it.
    saved += tuple(Saved(p, None, False) for p in sorted(strangers))
    return replace(
        row,
        tensors=(row.tensors - absent) | strangers,
        grads_through=(row.grads_through - absent) | strangers,
        saved=saved,
        zero=row.zero - absent,
        differentiable=tuple(None for _ in row.differentiable) if strangers else row.differentiable,
        nodes=tuple(None for _ in row.nodes) if strangers else row.nodes,
    )
