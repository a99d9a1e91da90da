"""What torch does at a call, by the callable's name and the kinds of its arguments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from nonegrad.ops import decode
from nonegrad.ops.conditions import Met
from nonegrad.ops.indexing import INDEXING
from nonegrad.ops.row import Kind, Op, merge
from nonegrad.ops.signature import Fit, Signature, parse
from nonegrad.ops.store import store

_NUMBERS_AS_TENSORS = frozenset(
    name + suffix
    for name in (
        "add", "sub", "subtract", "mul", "multiply", "div", "divide", "true_divide", "floor_divide",
    )
    for suffix in ("", "_")
)  # fmt: skip
"""Where torch wraps a plain number into a tensor (`should_allow_numbers_as_tensors`)."""

_FITS: tuple[Fit, ...] = ("no", "loose", "maybe", "yes")
_NUMBER = frozenset({Kind.INT, Kind.FLOAT, Kind.BOOL, Kind.COMPLEX})


def exists(spelling: str) -> bool:
    """Whether torch has a callable of that name, known or not."""
    return spelling in store("surface") or spelling in INDEXING or bool(conditions(spelling))


@dataclass(frozen=True, slots=True)
class _Told:
    """What is known of a call besides the kinds of its arguments."""

    flags: Mapping[str, bool | None]
    ranks: Sequence[int | None]


def find(
    spelling: str,
    args: Sequence[Kind],
    kwargs: Mapping[str, Kind] | None = None,
    *,
    inplace: bool = False,
    training: bool | None = True,
    values: Mapping[str, bool | None] | None = None,
    ranks: Sequence[int | None] = (),
) -> Op | None:
    """The row of a call; None where torch has no such callable or nothing is known of it.

    `spelling` is the full name: `torch.exp`, `Tensor.exp_` (the receiver is the first argument),
    `torch.nn.functional.relu`, `operator.iadd`; `operator.getitem` takes one argument for each
    element of the index, `operator.setitem` the value after them. Where unknown arguments leave
    several overloads possible, the row says what holds for all of them.

    `inplace=True` means the argument of that name is True, given or not. `training=False` means
    that `training` or `train` is False, None that it is not known; True leaves the default to the
    function where the call does not say. `values` tells other boolean arguments by their names,
    `ranks` the number of dimensions of each positional argument; a few products depend on it.
    """
    kwargs = dict(kwargs or {})
    if kwargs.pop("out", Kind.NONE) is not Kind.NONE:
        return None
    if spelling in INDEXING:
        return INDEXING[spelling](args) if not kwargs else None
    flags: dict[str, bool | None] = dict(values or {})
    if inplace:
        flags["inplace"] = True
    for name in ("training", "train"):
        if training is not True or name in kwargs or spelling == "torch.dropout":
            flags[name] = training
    target = _target(spelling)
    if target.startswith("swap "):
        target, args = target.removeprefix("swap "), (*args[1:2], *args[:1])
    told = _Told(flags, ranks)
    if target.startswith("aten "):
        rows = _aten(target, args, kwargs, told)
    else:
        rows = _python(target, args, kwargs, told)
    return merge(rows) if rows else None


@cache
def asks_for_ranks(spelling: str) -> bool:
    """Whether some row of a callable holds for tensors of certain ranks only."""
    target = _target(spelling).removeprefix("swap ")
    _, space, base = target.split(" ") if target.startswith("aten ") else ("", "", "")
    keys = _overloads(base, space) if base else (target,)
    return any(".rank=" in one for key in keys for one in conditions(key))


def knows(spelling: str) -> bool:
    """Whether there is a row for at least one way to call it."""
    target = _target(spelling)
    if not target.startswith("aten "):
        return spelling in INDEXING or bool(conditions(target.removeprefix("swap ")))
    _, space, base = target.split(" ")
    rows = store("aten")
    return any(
        not rows.get(key).get("measured") or conditions(key) for key in _overloads(base, space)
    )


def overloads(spelling: str, args: Sequence[Kind], kwargs: Mapping[str, Kind]) -> list[str]:
    """The ATen overloads that a call may reach."""
    target = _target(spelling)
    if not target.startswith("aten "):
        return []
    return [key for key, _ in _reached(target, args, kwargs)]


def _target(spelling: str) -> str:
    target = store("surface").get(spelling) or spelling
    if target.startswith("same "):
        return target.removeprefix("same ")
    return target if target.startswith(("aten ", "swap ")) else spelling


def _aten(target: str, args: Sequence[Kind], kwargs: Mapping[str, Kind], told: _Told) -> list[Op]:
    method = target.split(" ")[1] == "Tensor"
    rows: list[Op] = []
    for key, bound in _reached(target, args, kwargs):
        found = list(_facts(key, bound, told, method))
        if not found:
            return []
        rows += found
    return rows


def _reached(
    target: str, args: Sequence[Kind], kwargs: Mapping[str, Kind]
) -> list[tuple[str, dict[str, Kind]]]:
    """The overloads that the call may reach, as the argument parser tries them."""
    _, space, base = target.split(" ")
    method = space == "Tensor"
    loose: list[tuple[str, dict[str, Kind]]] = []
    found: list[tuple[str, dict[str, Kind]]] = []
    for key in _overloads(base, space):
        entry = store("aten").get(key)
        signature = parse(entry["sig"], method)
        ours = kwargs
        if entry.get("requires_grad"):
            ours = {n: k for n, k in kwargs.items() if n != "requires_grad"}
        bound = signature.bind(args, ours, method)
        fit = "no" if bound is None else _fit(signature, bound, base)
        if bound is None or fit == "no":
            continue
        if fit == "loose":
            loose = loose or [(key, bound)]
            continue
        found.append((key, bound))
        if fit == "yes":
            return found
    return found + loose


def _facts(key: str, bound: Mapping[str, Kind], told: _Told, method: bool) -> Iterator[Op]:
    entry = store("aten").get(key)
    if entry.get("measured"):
        declared = {k: v for k, v in entry.items() if k not in ("view", "measured")}
        for measured in _matching(key, parse(entry["sig"], method), bound, told):
            row = decode.op(key, {**declared, **measured}, method)
            yield decode.at_call(row, bound)
        return
    dtype = store("dtypes").get(key)
    yield decode.at_call(decode.op(key, {**entry, "dtype": dtype}, method), bound)


def _fit(signature: Signature, bound: Mapping[str, Kind], base: str) -> Fit:
    """The worst fit of any argument."""
    worst: Fit = "yes"
    for param in signature.params:
        if param.name not in bound:
            continue
        kind = bound[param.name]
        fit = param.takes(kind)
        if fit == "no" and kind in _NUMBER and param.type == "Tensor":
            fit = "yes" if base in _NUMBERS_AS_TENSORS else "no"
        if _FITS.index(fit) < _FITS.index(worst):
            worst = fit
    return worst


def _python(
    spelling: str, args: Sequence[Kind], kwargs: Mapping[str, Kind], told: _Told
) -> list[Op]:
    """The rows of a function written in Python, or of syntax."""
    keys = conditions(spelling)
    if not keys:
        return []
    method = spelling.startswith("Tensor.")
    head = store("measured").get(keys[0])
    signature = parse(head["sig"], method)
    bound = signature.bind(args, kwargs, method)
    if bound is None:
        return []
    rows = _matching(spelling, signature, bound, told)
    return [
        decode.at_call(decode.op(spelling, {"sig": head["sig"], **row}, method), bound)
        for row in rows
    ]


def _matching(
    name: str, signature: Signature, bound: Mapping[str, Kind], told: _Told
) -> list[Mapping[str, Any]]:
    """The measured rows whose condition may hold; all of them, weakened, where none was met."""
    keys = conditions(name)
    positional = [p.name for p in signature.params if not p.keyword_only]
    ranks = dict(zip(positional, told.ranks, strict=False))
    defaults = {p.name: p.default for p in signature.params if p.default}
    finer = Met.as_fine_as(keys, bound)
    for call in (Met(finer, told.flags, ranks, defaults), Met.plainer(bound, told.flags, defaults)):
        rows = [store("measured").get(k) for k in keys if call.may(k.partition(" ")[2])]
        if rows:
            return rows
    return [*(store("measured").get(key) for key in keys), _NOTHING] if keys else []


_NOTHING: Mapping[str, Any] = {"returns": "?", "differentiable?": [0], "view": "maybe"}


@cache
def _bases() -> dict[str, list[str]]:
    return _grouped(store("aten").keys(), ".")


@cache
def _conditioned() -> dict[str, list[str]]:
    return _grouped(store("measured").keys(), " ")


def _grouped(keys: Iterable[str], separator: str) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for key in keys:
        groups.setdefault(key.partition(separator)[0], []).append(key)
    return groups


def conditions(name: str) -> list[str]:
    """The keys of the measured rows of one overload or function."""
    return _conditioned().get(name, [])


@cache
def _overloads(base: str, space: str) -> tuple[str, ...]:
    rows = store("aten")
    keys = [k for k in _bases().get(base, ()) if space in rows.get(k)["on"].split(" ")]
    return tuple(sorted(keys, key=lambda k: rows.get(k).get("turn", 0)))
