"""Which rule of `nonegrad.ops.dtypes` tells the dtype of a result: every one is tried."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch
from nonegrad.ops import dtypes
from nonegrad.ops.row import Kind
from nonegrad.ops.signature import Signature

from opfacts.conclude import parameters, spread
from opfacts.observe import FAILURES, Call, Path, can_require_grad, leaves, replaced, tensors_of

_SWEEP = ("float64", "float32", "int64", "int32", "uint8", "bool", "float16", "complex64")
_WHOLE = ("int64", "int32", "uint8", "bool")
_MIXED = (("float32", "float64"), ("int64", "float32"), ("float32", "int64"), ("bool", "int64"))
_RULES = ("self", "promote", "sum", "float", "real", "number", "default")
_FIXED = ("bool", "int64", "int32", "uint8", "float32", "float64", "float16", "complex64")


@dataclass(frozen=True)
class Seen:
    """The dtypes of one run."""

    tensors: tuple[tuple[str, str], ...]
    numbers: tuple[Kind, ...]
    default: str
    result: str
    given: str | None


def rule(seen: Sequence[Seen]) -> str | None:
    """The simplest rule that holds in every run; None where none does, or too little was run."""
    if seen and all(s.given is not None and s.given == s.result for s in seen):
        return "arg"
    free = [s for s in seen if s.given is None]
    if any(s.given not in (None, s.result) for s in seen) or not free:
        return None
    several = len({s.tensors for s in free}) > 1 or not any(s.tensors for s in free)
    if not several:
        return None
    named = [f"of:{name}" for name in sorted({n for s in free for n, _ in s.tensors})]
    bare = ("number", "default")  # what is made of tensors does not depend on the default
    rules = [r for r in _RULES if r not in bare or not any(s.tensors for s in free)]
    for candidate in (*rules, *_FIXED, *named):
        if all(_agrees(candidate, s) for s in free):
            return candidate
    return None


def _agrees(candidate: str, seen: Seen) -> bool:
    told = dtypes.result(
        candidate, dict(seen.tensors), seen.numbers, ranks_known=True, default=seen.default
    )
    return told == seen.result


def observe(call: Call, signature: Signature) -> Iterator[Seen]:
    """Run the call with its floating tensors cast to every dtype, and to different ones."""
    tensors = tensors_of(call)
    floats = [p for p, t in tensors.items() if can_require_grad(t)]
    if not floats:
        plain = {p: str(t.dtype)[6:] for p, t in tensors.items()}
        for default in ("float32", "float64"):
            yield from _run(call, signature, plain, default)
        for dtype in _WHOLE if plain else ():
            yield from _run(call, signature, dict.fromkeys(plain, dtype), "float32")
        return
    for dtype in _SWEEP:
        yield from _run(call, signature, dict.fromkeys(floats, dtype), "float32")
    if len(floats) > 1:
        for first, rest in _MIXED:
            wish = dict.fromkeys(floats, rest) | {floats[0]: first}
            yield from _run(call, signature, wish, "float32")


def _run(
    call: Call, signature: Signature, wish: Mapping[Path, str], default: str
) -> Iterator[Seen]:
    tensors = tensors_of(call)
    cast = {
        p: (t * 3 if "int" in wish[p] and can_require_grad(t) else t).to(
            getattr(torch, wish[p]), copy=True
        )
        if p in wish
        else t.clone()
        for p, t in tensors.items()
    }
    ranks = {t.dim() == 0 for t in cast.values()}
    kinds = {t.dtype for t in cast.values()}
    if len(ranks) > 1 and len(kinds) > 1:
        return
    before = torch.get_default_dtype()
    torch.set_default_dtype(getattr(torch, default))
    try:
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")
            output = call.function(
                *replaced(list(call.args), cast), **replaced(dict(call.kwargs), cast)
            )
    except FAILURES:
        return
    finally:
        torch.set_default_dtype(before)
    results = [t for _, t in leaves(output)]
    if not results:
        return
    params = parameters(signature, tensors)
    order = {p.name: i for i, p in enumerate(signature.params)}
    paths = sorted(cast, key=lambda path: order.get(params[path], len(order)))
    seen: dict[str, str] = {}
    for path in paths:
        dtype = str(cast[path].dtype)[6:]
        joint = dtypes.promote(seen.get(params[path], dtype), dtype)  # a list counts as one
        if joint is None:
            return
        seen[params[path]] = joint
    given = [v for v in (*call.args, *call.kwargs.values()) if isinstance(v, torch.dtype)]
    yield Seen(
        tensors=tuple(seen.items()),
        numbers=tuple(_numbers(call, signature)),
        default=default,
        result=str(results[0].dtype)[6:],
        given=str(given[0])[6:] if given else None,
    )


def _numbers(call: Call, signature: Signature) -> Iterator[Kind]:
    """The plain numbers where a tensor could stand, or that fill one."""
    for position, value in enumerate(call.args):
        if position < len(signature.params):
            param = signature.params[position]
            yield from _number(param.type, param.name, value)
    by_name = {p.name: p for p in signature.params}
    for name, value in call.kwargs.items():
        if name in by_name:
            yield from _number(by_name[name].type, name, value)


def _number(declared: str, name: str, value: object) -> Iterator[Kind]:
    if name == "alpha" or name == "beta":
        return
    if (declared.startswith(("Scalar", "Tensor")) and not declared.startswith("ScalarType")) or (
        not declared and name in ("self", "other", "data")
    ):
        kind = Kind[spread(value)]
        if kind in (Kind.INT, Kind.FLOAT, Kind.BOOL, Kind.COMPLEX):
            yield kind
