"""Rows measured: every sample runs with gradients wanted for all tensors, then for each alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import torch
from nonegrad.ops.row import Kind
from nonegrad.ops.signature import Signature, parse
from nonegrad.ops.table import overloads

from opfacts import dtype_rules, surface
from opfacts.conclude import Case, parameters, rows, spread
from opfacts.derive import Row
from opfacts.observe import (
    FAILURES,
    Call,
    Observation,
    Path,
    can_require_grad,
    observe,
    replaced,
    tensors_of,
)

_SAMPLES = 240
_DTYPE_SAMPLES = 16
_RANKED = ("matmul", "linear", "operator.matmul", "operator.imatmul", "torch.nn.Linear")
"""Where the number of dimensions decides which node it is, and they are common."""
_STATISTICS = ("running_mean", "running_var")
"""Never meant to require grad."""


@dataclass
class Measured:
    """Rows and dtype rules by name, and the samples of what never could be run."""

    rows: dict[str, Row] = field(default_factory=dict)
    dtypes: dict[str, str] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)


@dataclass
class _Gathered:
    """What was seen of one overload or function."""

    signature: str
    derived: bool
    ranked: bool = False
    samples: int = 0
    cases: list[Case] = field(default_factory=list)
    dtypes: list[dtype_rules.Seen] = field(default_factory=list)
    failure: str = ""


def measure(
    calls: Iterable[Call], aten: Mapping[str, Row], overrides: Mapping[str, Row]
) -> Measured:
    """Measure each call; those of a composite overload count for the overload."""
    found: dict[str, _Gathered] = {}
    for call in calls:
        owner = _owner(call, aten)
        if owner is not None:
            key, signature = owner
            derived = key in aten and not aten[key].get("measured")
            _gather(call, found.setdefault(key, _Gathered(signature, derived, key in _RANKED)))
    result = Measured()
    flat = {
        row["node"]
        for row in aten.values()
        if row.get("zero") and set(row["zero"]) >= set(_tensors(row)) and "node" in row
    }
    for key, gathered in found.items():
        if gathered.failure and not gathered.cases and not gathered.derived:
            result.failures[key] = gathered.failure
        dtype = dtype_rules.rule(gathered.dtypes)
        if gathered.derived and dtype:
            result.dtypes[key] = dtype
        if not gathered.cases:
            continue
        fixed = {} if key in aten else {"sig": gathered.signature}
        if dtype:
            fixed["dtype"] = dtype
        for condition, row in rows(gathered.cases).items():
            if str(row.get("node")) not in flat:
                row.pop("zero", None)  # zero in these samples proves nothing
            whole = fixed | row | overrides.get(key, {})
            result.rows[f"{key} {condition}" if condition else key] = whole
    return result


def _tensors(row: Row) -> list[str]:
    declared = [p.name for p in parse(row["sig"]).params if p.type.startswith("Tensor")]
    return row.get("through", declared)


def _gather(call: Call, into: _Gathered) -> None:
    if into.samples >= _SAMPLES:
        return
    into.samples += 1
    signature = parse(into.signature, call.spelling.startswith("Tensor."))
    if into.samples <= _DTYPE_SAMPLES:
        into.dtypes.extend(dtype_rules.observe(call, signature))
    if into.derived:
        return
    try:
        complex_too = into.samples <= _DTYPE_SAMPLES
        into.cases.extend(_cases(call, signature, complex_too, into.ranked))
    except FAILURES as error:
        into.failure = f"{type(error).__name__}: {error}".partition("\n")[0][:100]


def _owner(call: Call, aten: Mapping[str, Row]) -> tuple[str, str] | None:
    """The name the sample is filed under, with its signature."""
    if call.signature:
        return call.spelling, call.signature
    target = surface.target(call.spelling, aten)
    if not target.startswith("aten "):
        return call.spelling, surface.signature(call.spelling)
    kinds = [Kind[spread(a)] for a in call.args]
    named = {n: Kind[spread(v)] for n, v in call.kwargs.items()}
    reached = overloads(call.spelling, kinds, named)
    return (reached[0], aten[reached[0]]["sig"]) if len(reached) == 1 else None


def _cases(call: Call, signature: Signature, complex_too: bool, ranked: bool) -> Iterator[Case]:
    tensors = tensors_of(call)
    params = parameters(signature, tensors)
    words = _words(call, signature) | call.words
    if ranked:
        words |= {f"{params[p]}.rank": str(t.dim()) for p, t in tensors.items() if len(p) == 1}
    able = {
        p
        for p, t in tensors.items()
        if can_require_grad(t) and t.layout is torch.strided and params[p] not in _STATISTICS
    }
    names = sorted({params[p] for p in able})
    alone = {name: frozenset(p for p in able if params[p] == name) for name in names}
    variants = [(call, awkward) for awkward in (False, True)]
    if complex_too and all(t.dtype is torch.float64 for p, t in tensors.items() if p in able):
        variants.append((_complex(call), False))
    for number, (variant, awkward) in enumerate(variants):
        # A parameter that torch refuses to differentiate is left out of "all of them".
        runs = {name: _try(variant, wish, awkward) for name, wish in alone.items()}
        wish = frozenset(p for name, seen in runs.items() if seen for p in alone[name])
        together = _try(variant, wish, awkward)
        if together is None:
            if not number:
                observe(variant, frozenset(able), awkward)  # raises what went wrong
            continue
        single = len(names) == 1
        for name, seen in ({} if single else runs).items():
            if seen is not None:
                yield Case(
                    words, frozenset(params.values()), frozenset({name}), False, seen, params
                )
        wanted = frozenset(params[p] for p in wish)
        yield Case(words, frozenset(params.values()), wanted, True, together, params)


def _try(call: Call, wish: frozenset[Path], awkward: bool) -> Observation | None:
    try:
        return observe(call, wish, awkward)
    except FAILURES:
        return None


def _complex(call: Call) -> Call:
    cast = {
        p: t.to(torch.complex128) if t.dtype is torch.float64 else t
        for p, t in tensors_of(call).items()
    }
    args = tuple(replaced(list(call.args), cast))
    return replace(call, args=args, kwargs=replaced(dict(call.kwargs), cast))


def _words(call: Call, signature: Signature) -> dict[str, str]:
    given: dict[str, object] = {}
    positional = [p for p in signature.params if not p.keyword_only]
    for index, value in enumerate(call.args):
        name = positional[min(index, len(positional) - 1)].name
        packed = name in given or name == signature.starred
        if packed and not isinstance(value, (list, tuple)):
            given[name] = [*given.get(name, []), value]  # type: ignore[misc]
        else:
            given[name] = value
    known = {p.name for p in signature.params}
    for name, value in call.kwargs.items():
        given["self" if name == "input" and name not in known else name] = value
    words = {name: spread(value) for name, value in given.items()}
    for param in signature.params:
        value = given.get(param.name, param.default)
        if str(value) in ("True", "False") and param.name not in ("self", "other"):
            words[param.name] = str(value)
    return words
