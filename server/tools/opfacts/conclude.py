"""From observations to rows: what always held, what held sometimes, and on what that depends."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from nonegrad.ops.signature import Signature

from opfacts.derive import Row
from opfacts.observe import Observation, Path

_DEPTH = 4


@dataclass(frozen=True)
class Case:
    """One observation, its arguments told by parameter."""

    words: Mapping[str, str]
    """Parameter to the kind it was given, or to True or False where it is a plain boolean."""
    tensors: frozenset[str]
    wanted: frozenset[str]
    everything: bool
    """Whether every tensor that could require grad did."""
    seen: Observation
    params: Mapping[Path, str]

    def named(self, paths: Iterable[Path]) -> frozenset[str]:
        return frozenset(self.params[p] for p in paths)


def parameters(signature: Signature, paths: Iterable[Path]) -> dict[Path, str]:
    """The parameter that each way into the arguments belongs to."""
    positional = [p.name for p in signature.params if not p.keyword_only]
    found: dict[Path, str] = {}
    for path in paths:
        head = path[0]
        if isinstance(head, int):
            name = positional[min(head, len(positional) - 1)]
        else:
            name = {"input": "self"}.get(head, head) if head not in positional else head
        found[path] = name
    return found


def rows(cases: Sequence[Case]) -> dict[str, Row]:
    """Condition to row; one row without condition where nothing depends on anything."""
    found: dict[str, Row] = {}
    tuples = {c.seen.shape for c in cases if c.seen.shape not in ("T", "N")}
    if len(tuples) > 1 and all(set(shape) in ({"T"}, {"L"}) for shape in tuples):
        # As many tensors as the arguments ask for: a list of them.
        cases = [
            c if c.seen.shape in ("T", "N") else replace(c, seen=replace(c.seen, shape="L"))
            for c in cases
        ]
    for clauses, part in _split(list(cases), (), _DEPTH):
        condition = " ".join(f"{name}={words}" for name, words in clauses)
        found[condition] = summary(part)
    return found


def _split(
    cases: list[Case], clauses: tuple[tuple[str, str], ...], depth: int
) -> list[tuple[tuple[tuple[str, str], ...], list[Case]]]:
    cost = _cost(summary(cases))
    if not depth or not cost:
        return [(clauses, cases)]
    best: tuple[float, str, dict[str, list[Case]]] | None = None
    for name in sorted({n for case in cases for n in case.words}):
        if name in (c[0] for c in clauses):
            continue
        parts: dict[str, list[Case]] = defaultdict(list)
        for case in cases:
            parts[case.words.get(name, "ABSENT")].append(case)
        if len(parts) < 2 or min(map(len, parts.values())) < 2:
            continue
        after = sum(_cost(summary(p)) * len(p) for p in parts.values()) / len(cases)
        if after < cost * 0.9 and (best is None or after < best[0]):
            best = (after, name, parts)
    if best is None:
        return [(clauses, cases)]
    _, name, parts = best
    joined: dict[str, list[str]] = defaultdict(list)
    for word, part in parts.items():
        # Ranks stay apart: they decide together with each other.
        joined[word if "." in name else repr(summary(part))].append(word)
    found = []
    for words in joined.values():
        inner = [case for word in words for case in parts[word]]
        found += _split(inner, (*clauses, (name, "|".join(sorted(words)))), depth - 1)
    return found


def _cost(row: Row) -> int:
    unsure = len(row.get("saves?", ())) + len(row.get("keeps?", ()))
    unsure += len(row.get("differentiable?", ())) * 2 + (row.get("view") == "maybe") * 2
    unsure += (row.get("returns") == "?") * 3 + bool(row.get("maybe_writes")) * 3
    nodes = row.get("node")
    listed = nodes if isinstance(nodes, list) else [nodes]
    if not row.get("constant") and row.get("view") != "same":
        unsure += any(node is None for node in listed)
    return unsure


def summary(cases: Sequence[Case]) -> Row:
    """What these observations have in common."""
    row: Row = {}
    shapes = {_letters(case.seen.shape) for case in cases}
    returns = shapes.pop() if len(shapes) == 1 else "?"
    if returns != "T":
        row["returns"] = returns
    tensors = sorted({n for case in cases for n in case.tensors})
    row["tensors"] = tensors
    through = _through(cases)
    if through != tensors:
        row["through"] = through
    _autograd(row, cases, returns)
    _inputs(row, cases)
    _sharing(row, cases)
    return row


def _letters(shape: str) -> str:
    return "L" if len(shape) > 6 else shape


def _through(cases: Sequence[Case]) -> list[str]:
    names: set[str] = set()
    for case in cases:
        if any(r.requires_grad for r in case.seen.results) and len(case.wanted) == 1:
            names |= case.wanted
    return sorted(names)


def _autograd(row: Row, cases: Sequence[Case], returns: str) -> None:
    live = [c for c in cases if c.everything and c.wanted]
    width = 1 if returns in ("L", "?") else len(returns)
    grads: list[set[bool]] = [set() for _ in range(width)]
    nodes: list[set[str | None]] = [set() for _ in range(width)]
    kept: list[set[bool]] = [set() for _ in range(width)]
    for case in live:
        for result in case.seen.results:
            at = 0 if returns in ("L", "?", "T") or not result.path else int(result.path[0])
            grads[at].add(result.requires_grad)
            if result.requires_grad:
                nodes[at].add(result.node)
                kept[at].add(result.saved)
    if not any(True in seen for seen in grads):
        row["constant"] = True
        return
    unsure = [i for i, seen in enumerate(grads) if len(seen) == 2]
    # One parameter alone may not be enough (an index, a weight), so each is looked at by itself.
    for case in cases:
        if len(case.wanted) == 1 and case.wanted <= set(row.get("through", row["tensors"])):
            for result in case.seen.results:
                at = 0 if returns in ("L", "?", "T") or not result.path else int(result.path[0])
                if not result.requires_grad and True in grads[at] and at not in unsure:
                    unsure.append(at)
    if unsure:
        row["differentiable?"] = sorted(unsure)
    sure = [i for i, seen in enumerate(grads) if seen == {True}]
    if sure != list(range(width)):
        row["differentiable"] = sure
    named = [next(iter(seen)) if len(seen) == 1 else None for seen in nodes]
    for case in cases:
        for result in case.seen.results:
            at = 0 if returns in ("L", "?", "T") or not result.path else int(result.path[0])
            if result.requires_grad and result.node != named[at]:
                named[at] = None
    row["node"] = named[0] if len(set(named)) == 1 else named
    certain = [i for i, seen in enumerate(kept) if seen == {True}]
    if certain:
        row["keeps"] = certain
    some = [i for i, seen in enumerate(kept) if len(seen) == 2]
    if some:
        row["keeps?"] = some
    if all(c.seen.refused for c in live):
        row["no_backward"] = True


def _inputs(row: Row, cases: Sequence[Case]) -> None:
    made = [c for c in cases if any(r.requires_grad for r in c.seen.results)]
    always: dict[str, list[str] | None] = {}
    sometimes: dict[str, list[str] | None] = {}
    for name in row["tensors"]:
        by_wish: dict[frozenset[str], set[bool]] = defaultdict(set)
        for case in made:
            if name in case.tensors:
                by_wish[case.wanted].add(name in case.named(case.seen.saved))
        if not any(True in seen for seen in by_wish.values()):
            continue
        alone = {next(iter(w)): seen for w, seen in by_wish.items() if len(w) == 1}
        when = sorted(w for w, seen in alone.items() if True in seen)
        certain = all(len(seen) == 1 for seen in by_wish.values()) and (
            not alone
            or all((True in seen) == bool(set(w) & set(when)) for w, seen in by_wish.items())
        )
        everyone = not alone or len(when) == len(alone)
        (always if certain else sometimes)[name] = None if everyone or not when else when
    if always:
        row["saves"] = always
    if sometimes:
        row["saves?"] = sometimes
    zero: dict[str, set[bool]] = defaultdict(set)
    for case in made:
        for name in case.wanted:
            paths = [p for p in case.seen.wanted if case.params[p] == name]
            zero[name].add(all(p in case.seen.zero for p in paths))
    flat = sorted(name for name, seen in zero.items() if seen == {True})
    if flat and len(cases) > 1:
        row["zero"] = flat


def _sharing(row: Row, cases: Sequence[Case]) -> None:
    shared = {r.shared for c in cases for r in c.seen.results}
    written = {c.named(c.seen.written) for c in cases}
    names = sorted({n for some in written for n in some})
    returned = any(r.shared == "same" for c in cases for r in c.seen.results)
    if names:
        if returned and len(names) == 1:
            row["writes"] = names[0]
            if len(written) > 1:
                row["maybe_writes"] = True
        else:
            row["writes_also"] = names
    if not shared or shared == {"no"}:
        return
    row["view"] = shared.pop() if len(shared) == 1 and "memory" not in shared else "maybe"


def spread(value: Any) -> str:
    """The kind of an argument's value, by the name of `Kind`'s member."""
    import torch

    if isinstance(value, torch.Tensor):
        if value.dtype is torch.bool:
            return "MASK"
        whole = not (value.dtype.is_floating_point or value.dtype.is_complex)
        return "INDEXES" if whole and value.dim() else "TENSOR"
    if isinstance(value, bool):
        return "BOOL"
    plain = {int: "INT", float: "FLOAT", complex: "COMPLEX", str: "STR", type(None): "NONE"}
    if type(value) in plain:
        return plain[type(value)]
    if isinstance(value, torch.dtype):
        return "DTYPE"
    if isinstance(value, (list, tuple)):
        if value and all(isinstance(v, torch.Tensor) for v in value):
            return "TENSORS"
        return "NUMBERS" if all(isinstance(v, int | float) for v in value) else "OTHER"
    return "OTHER"
