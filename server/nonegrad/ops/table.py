"""What torch does at a call, by the callable's name and the kinds of its arguments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from nonegrad.ops import decode
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

Flags = Mapping[str, "bool | None"]

_NUMBER = frozenset({Kind.INT, Kind.FLOAT, Kind.BOOL, Kind.COMPLEX})


def exists(spelling: str) -> bool:
    """Whether torch has a callable of that name, known or not."""
    return spelling in store("surface") or bool(_measured(spelling))


def find(
    spelling: str,
    args: Sequence[Kind],
    kwargs: Mapping[str, Kind] | None = None,
    *,
    inplace: bool = False,
    training: bool | None = True,
    values: Mapping[str, bool] | None = None,
) -> Op | None:
    """The row of a call; None where torch has no such callable or nothing is known of it.

    `spelling` is the full name: `torch.exp`, `Tensor.exp_` (the receiver is the first argument),
    `torch.nn.functional.relu`, `operator.iadd`, and `operator.getitem` with one argument for each
    element of the index. Where unknown arguments leave several overloads possible, the row says
    what holds for all of them.

    `inplace=True` means the argument of that name is True, given or not. `training=False` means
    that `training` or `train` is False, None that it is not known; True leaves the default to the
    function where the call does not say. `values` tells other boolean arguments by their names.
    """
    kwargs = dict(kwargs or {})
    if kwargs.pop("out", Kind.NONE) is not Kind.NONE:
        return None
    flags: dict[str, bool | None] = dict(values or {})
    if inplace:
        flags["inplace"] = True
    for name in ("training", "train"):
        if training is not True or name in kwargs or spelling == "torch.dropout":
            flags[name] = training
    target = _target(spelling)
    if target.startswith("swap "):
        target, args = target.removeprefix("swap "), (*args[1:2], *args[:1])
    if target.startswith("aten "):
        rows = _aten(target, args, kwargs, flags)
    else:
        rows = _python(target, args, kwargs, flags)
    return merge(rows) if rows else None


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


def _aten(
    target: str, args: Sequence[Kind], kwargs: Mapping[str, Kind], flags: Flags
) -> list[Op]:
    rows: list[Op] = []
    for key, bound in _reached(target, args, kwargs):
        found = list(_facts(key, bound, flags))
        if not found:
            return []
        rows += found
    return rows


def _reached(
    target: str, args: Sequence[Kind], kwargs: Mapping[str, Kind]
) -> list[tuple[str, dict[str, Kind]]]:
    """The overloads that the call may reach, as the argument parser tries them."""
    _, space, base = target.split(" ")
    loose: list[tuple[str, dict[str, Kind]]] = []
    found: list[tuple[str, dict[str, Kind]]] = []
    for key in _overloads(base, space):
        entry = store("aten").get(key)
        signature = parse(entry["sig"])
        ours = kwargs
        if entry.get("requires_grad"):
            ours = {n: k for n, k in kwargs.items() if n != "requires_grad"}
        bound = signature.bind(args, ours, space == "Tensor")
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


def _facts(key: str, bound: Mapping[str, Kind], flags: Flags) -> Iterator[Op]:
    entry = store("aten").get(key)
    if entry.get("measured"):
        declared = {k: v for k, v in entry.items() if k not in ("view", "measured")}
        for measured in _matching(key, parse(entry["sig"]), bound, flags):
            yield decode.at_call(decode.op(key, declared | measured), bound)
        return
    dtype = store("dtypes").get(key)
    yield decode.at_call(decode.op(key, {**entry, "dtype": dtype}), bound)


def _fit(signature: Signature, bound: Mapping[str, Kind], base: str) -> Fit:
    """The worst fit of any argument."""
    worst: Fit = "yes"
    order: tuple[Fit, ...] = ("no", "loose", "maybe", "yes")
    for param in signature.params:
        if param.name not in bound:
            continue
        kind = bound[param.name]
        fit = param.takes(kind)
        if fit == "no" and kind in _NUMBER and param.type == "Tensor":
            fit = "yes" if base in _NUMBERS_AS_TENSORS else "no"
        worst = min(worst, fit, key=order.index)
    return worst


def _python(
    spelling: str,
    args: Sequence[Kind],
    kwargs: Mapping[str, Kind],
    flags: Flags,
) -> list[Op]:
    """The rows of a function written in Python, or of syntax."""
    keys = _measured(spelling)
    if not keys:
        return []
    head = store("measured").get(keys[0])
    bound = parse(head["sig"]).bind(args, kwargs, spelling.startswith("Tensor."))
    if bound is None:
        return []
    rows = _matching(spelling, parse(head["sig"]), bound, flags)
    return [decode.at_call(decode.op(spelling, {**head, **row}), bound) for row in rows]


def _matching(
    name: str, signature: Signature, bound: Mapping[str, Kind], flags: Flags
) -> list[Mapping[str, Any]]:
    """The measured rows whose condition may hold; all of them, weakened, where none was met."""
    keys = _measured(name)
    defaults = {p.name: p.default for p in signature.params if p.default}
    rows: list[Mapping[str, Any]] = []
    for key in keys:
        verdict = _holds(key.partition(" ")[2], bound, flags, defaults)
        if verdict:
            rows.append(store("measured").get(key))
    if rows or not keys:
        return rows
    return [store("measured").get(key) for key in keys] + [_NOTHING]


_NOTHING: Mapping[str, Any] = {"returns": "?", "differentiable?": [0], "view": "maybe"}


def _holds(
    condition: str,
    bound: Mapping[str, Kind],
    flags: Flags,
    defaults: Mapping[str, str],
) -> bool:
    for clause in filter(None, condition.split(" ")):
        name, _, allowed = clause.partition("=")
        if {"True", "False"} & set(allowed.split("|")):
            if not _flag_holds(name, allowed, bound, flags, defaults):
                return False
            continue
        kind = bound.get(name)
        word = "ABSENT" if kind is None else kind.name
        if kind is not Kind.UNKNOWN and word not in allowed.split("|"):
            return False
    return True


def _flag_holds(
    name: str,
    allowed: str,
    bound: Mapping[str, Kind],
    flags: Flags,
    defaults: Mapping[str, str],
) -> bool:
    words = allowed.split("|")
    if name in flags:
        return flags[name] is None or str(flags[name]) in words
    if name not in bound:
        return defaults.get(name, "ABSENT") in words
    return bound[name] in (Kind.BOOL, Kind.UNKNOWN) or bound[name].name in words


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


def _measured(name: str) -> list[str]:
    return _conditioned().get(name, [])


@cache
def _overloads(base: str, space: str) -> tuple[str, ...]:
    rows = store("aten")
    keys = [k for k in _bases().get(base, ()) if space in rows.get(k)["on"].split(" ")]
    return tuple(sorted(keys, key=lambda k: rows.get(k).get("turn", 0)))
