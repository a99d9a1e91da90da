"""Whether the table says of a call what torch does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import torch
from nonegrad.ops import dtypes
from nonegrad.ops.row import Kind, Op
from nonegrad.ops.signature import parse
from nonegrad.ops.table import find

from opfacts import samples, surface
from opfacts.conclude import parameters, spread
from opfacts.observe import (
    FAILURES,
    Call,
    Observation,
    Path,
    can_require_grad,
    observe,
    tensors_of,
)


def asked(call: Call) -> Op | None:
    """The row for the kinds of the arguments, as a reader of the source would ask for it."""
    kinds = [Kind[spread(a)] for a in call.args]
    named = {n: Kind[spread(v)] for n, v in call.kwargs.items()}
    plain = {n: v for n, v in call.kwargs.items() if isinstance(v, bool)}
    return find(call.spelling, kinds, named, values=plain, training=None)


def disagreements(call: Call, row: Op) -> Iterator[str]:
    """Each statement of the row that torch contradicts, with gradients wanted in turn."""
    named = sorted(row.keyword_only)
    signature = parse(", ".join([*(p for p in row.params if p not in named), "*", *named]))
    tensors = tensors_of(call)
    # Numbers and a dtype argument have their say too; those are looked at elsewhere.
    other = (*call.args, *call.kwargs.values())
    plain = not any(isinstance(v, (int, float, complex, torch.dtype)) for v in other)
    params = parameters(signature, tensors)
    able = {p for p, t in tensors.items() if can_require_grad(t) and t.layout is torch.strided}
    for name in (None, *sorted({params[p] for p in able})):
        wish = frozenset(p for p in able if name in (None, params[p]))
        try:
            seen = observe(call, wish)
        except FAILURES:
            continue
        wanted = frozenset(params[p] for p in wish)
        for claim in _wrong(row, seen, wanted, params, tensors, plain):
            yield f"{call.spelling} as {row.name}, {sorted(wanted)} require grad: {claim}"


def _wrong(
    row: Op,
    seen: Observation,
    wanted: frozenset[str],
    params: Mapping[Path, str],
    tensors: Mapping[Path, torch.Tensor],
    plain: bool,
) -> Iterator[str]:
    live = bool(wanted & row.grads_through)
    for result in seen.results:
        at = int(result.path[0]) if result.path and set(row.returns) - {"L", "?"} else 0
        whole = not result.dtype.startswith(("float", "bfloat", "complex"))
        flows = row.flows(at)
        expected = flows and live and not whole
        if flows is not None and result.requires_grad != expected:
            yield f"result {at} requires grad: {result.requires_grad}"
        node = row.node(at)
        if node is not None and result.requires_grad and result.node not in (node, None):
            yield f"result {at} has {result.node}, not {node}"
        detached = result.shared == "memory" and row.flows(at) is False
        unsafe = result.shared == "memory" and row.name.startswith("unsafe_")
        if at == 0 and not (row.view in ("maybe", result.shared) or detached or unsafe):
            yield f"result shares memory: {result.shared}, not {row.view}"
    if any(r.requires_grad for r in seen.results):
        yield from _wrongly_saved(row, seen, wanted, params)
    written = frozenset(params[p] for p in seen.written)
    told = row.writes_also | ({row.writes} if row.writes else set[str]())
    if row.writes_certain and not written <= told:
        yield f"writes {sorted(written)}, not {sorted(told)}"
    if seen.results and plain:
        yield from _wrong_dtype(row, seen, params, tensors)


def _wrongly_saved(
    row: Op, seen: Observation, wanted: frozenset[str], params: Mapping[Path, str]
) -> Iterator[str]:
    kept = {params[p] for p in seen.saved}
    rules = {s.param: s for s in row.saved}
    for name in sorted(kept - rules.keys()):
        yield f"saves {name}"
    for saved in row.saved:
        given = saved.param in params.values() and saved.param != row.writes
        if saved.certain and given:
            expected = saved.when is None or bool(saved.when & wanted)
            if expected != (saved.param in kept):
                yield f"saves {saved.param}: {not expected}"
    results = dict(row.saves_result)
    for result in seen.results:
        at = int(result.path[0]) if result.path else 0
        if row.returns not in ("L", "?") and results.get(at) is not False:
            fresh = result.shared in ("no", "same") and result.requires_grad
            if fresh and result.saved != (at in results):
                yield f"saves result {at}: {result.saved}"


def _wrong_dtype(
    row: Op, seen: Observation, params: Mapping[Path, str], tensors: Mapping[Path, torch.Tensor]
) -> Iterator[str]:
    told = {params[p]: str(t.dtype)[6:] for p, t in tensors.items()}
    given = {n: told[n] for n in row.params if n in told}
    dtype = dtypes.result(row.dtype, given)
    if dtype is not None and dtype != seen.results[0].dtype:
        yield f"dtype {seen.results[0].dtype}, not {dtype}"


def over_operators(operators: Iterable[Any], limit: int) -> Iterator[str]:
    """Every disagreement over samples of torch's own operators, under each of their names."""
    for operator in operators:
        drawn = samples.samples(operator, limit)
        for spelling in samples.spellings(operator):
            for sample in drawn:
                if spelling.startswith("Tensor.") and not isinstance(sample.input, torch.Tensor):
                    continue
                args = (sample.input, *sample.args)
                call = Call(spelling, surface.function(spelling), args, sample.kwargs)
                row = asked(call)
                if row is not None:
                    yield from disagreements(call, row)
