"""Rows measured: every sample run with gradients wanted for all of its tensors, and for each alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import torch
from nonegrad.ops.row import Kind
from nonegrad.ops.signature import Signature, parse
from nonegrad.ops.table import overloads

from opfacts import surface
from opfacts.conclude import Case, parameters, rows, spread
from opfacts.derive import Row
from opfacts.observe import Call, can_require_grad, observe, tensors_of

_FAILURES = (RuntimeError, TypeError, ValueError, IndexError, NotImplementedError, AttributeError, AssertionError)


@dataclass
class Measured:
    """Rows by name, the samples that could not be run, and how many ran."""

    rows: dict[str, Row] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)


def measure(calls: Iterable[Call], aten: Mapping[str, Row]) -> Measured:
    """Measure each call; those of a composite overload count for the overload."""
    cases: dict[str, list[Case]] = defaultdict(list)
    signatures: dict[str, str] = {}
    failures: dict[str, str] = {}
    for call in calls:
        key, text = _owner(call, aten)
        if key is None:
            continue
        signatures[key] = text
        try:
            cases[key].extend(_cases(call, parse(text)))
        except _FAILURES as error:
            failures[key] = f"{type(error).__name__}: {error}".partition("\n")[0][:100]
    result = Measured(failures={k: v for k, v in failures.items() if not cases.get(k)})
    for key, seen in cases.items():
        if not seen:
            continue
        named = "" if key in aten else signatures[key]
        for condition, row in rows(seen).items():
            name = f"{key} {condition}" if condition else key
            result.rows[name] = ({"sig": named} if named else {}) | row
    return result


def _owner(call: Call, aten: Mapping[str, Row]) -> tuple[str | None, str]:
    """The name the sample is filed under, with its signature; none where the yaml says it all."""
    target = surface.target(call.spelling, aten)
    if not target.startswith("aten "):
        return call.spelling, surface.signature(call.spelling)
    kinds = [Kind[spread(a)] for a in call.args]
    named = {n: Kind[spread(v)] for n, v in call.kwargs.items()}
    reached = overloads(call.spelling, kinds, named)
    if len(reached) != 1 or not aten[reached[0]].get("measured"):
        return None, ""
    return reached[0], aten[reached[0]]["sig"]


def _cases(call: Call, signature: Signature) -> Iterator[Case]:
    tensors = tensors_of(call)
    params = parameters(signature, tensors)
    words = _words(call, signature)
    able = {p for p, t in tensors.items() if can_require_grad(t) and t.layout is torch.strided}
    names = sorted({params[p] for p in able})
    wishes = [frozenset(able)]
    if len(names) > 1:
        wishes += [frozenset(p for p in able if params[p] == name) for name in names]
    shapes = (False, True) if any(t.dim() > 1 for t in tensors.values()) else (False,)
    for awkward in shapes:
        for number, wish in enumerate(wishes):
            try:
                seen = observe(call, wish, awkward)
            except _FAILURES:
                if awkward or number:
                    continue
                raise
            yield Case(
                words=words,
                tensors=frozenset(params.values()),
                wanted=frozenset(params[p] for p in wish),
                everything=number == 0,
                seen=seen,
                params=params,
            )


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
