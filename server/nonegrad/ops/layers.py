"""The layers and losses of torch.nn, the optimizers of torch.optim, the attributes of a tensor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Literal

from nonegrad.ops.row import Kind, Op, View
from nonegrad.ops.signature import Signature, parse
from nonegrad.ops.store import store
from nonegrad.ops.table import find

Present = Literal["always", "default", "maybe"]


@dataclass(frozen=True, slots=True)
class Held:
    """A parameter or buffer of a layer."""

    name: str
    present: Present
    """`default`: there unless the constructor's `switch` says otherwise (`bias=True`)."""
    switch: str | None = None
    """The boolean argument of the constructor that decides, if one does."""
    switch_default: bool | None = None


@dataclass(frozen=True, slots=True)
class Layer:
    """One module class of torch.nn."""

    name: str
    init: tuple[str, ...]
    """The constructor's parameters in order, to find an `inplace` that is given by position."""
    flags: Mapping[str, bool]
    """The constructor's boolean parameters, with their defaults."""
    parameters: tuple[Held, ...]
    buffers: tuple[Held, ...]
    submodules: tuple[str, ...]
    functional: str | None
    """The function its forward returns, where it is one of torch.nn.functional."""
    returns: tuple[str, ...]
    """What calling it can give: `T`, `(TT)`, `(T(TT))`; empty where it was never called."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute of a tensor that is no method."""

    name: str
    tensor: bool
    requires_grad: bool = False
    """Whether it requires grad where the tensor does."""
    view: View | Literal["memory"] = "no"
    """`memory`: shares the memory, but neither the graph nor the version counter."""
    node: str | None = None


@cache
def layer(name: str) -> Layer | None:
    """The class `torch.nn.<name>`; None where torch has none."""
    entry = store("layers").get(name)
    if entry is None or name.startswith("optim."):
        return None
    signature = parse(entry["init"])
    flags = _flags(signature)
    return Layer(
        name=name,
        init=tuple(p.name for p in signature.params),
        flags=flags,
        parameters=_held(entry.get("parameters", {}), flags),
        buffers=_held(entry.get("buffers", {}), flags),
        submodules=tuple(entry.get("submodules", ())),
        functional=entry.get("functional"),
        returns=tuple(entry.get("returns", ())),
    )


def call_layer(
    name: str,
    args: Sequence[Kind],
    kwargs: Mapping[str, Kind] | None = None,
    *,
    training: bool | None = None,
    init: Mapping[str, bool | None] | None = None,
    ranks: Sequence[int | None] = (),
) -> Op | None:
    """The row of calling an instance; its own tensors are parameters of the row by their names.

    `init` gives the boolean arguments it was made with, None for one that is not known; those not
    given have their defaults. Parameters whose names have a dot, and those of a layer with many,
    are told together as `parameters`.
    """
    given, flags = tuple((kwargs or {}).items()), tuple((init or {}).items())
    return _called(name, tuple(args), given, training, flags, tuple(ranks))


_CELLS = frozenset({"GRUCell", "RNNCell"})


@lru_cache(maxsize=4096)
def _called(
    name: str,
    args: tuple[Kind, ...],
    kwargs: tuple[tuple[str, Kind], ...],
    training: bool | None,
    init: tuple[tuple[str, bool | None], ...],
    ranks: tuple[int | None, ...],
) -> Op | None:
    found = layer(name)
    if found is None:
        return None
    flags: dict[str, bool | None] = {**found.flags, **dict(init)}
    own = {
        held.name: Kind.TENSOR
        for held in (*found.parameters, *found.buffers)
        if held.switch is None or flags.get(held.switch) is not False
    }
    accepted = parameters_of(f"torch.nn.{name}")
    given = {n: k for n, k in own.items() if n in accepted}
    if len(given) < len(own) and "parameters" in accepted:
        given["parameters"] = Kind.TENSORS
    row = find(
        f"torch.nn.{name}",
        args,
        {**given, **dict(kwargs)},
        training=training,
        values={f"init:{flag}": value for flag, value in flags.items()},
        ranks=ranks,
    )
    # For a batch a cell ends in another node than for the one vector that was measured.
    return replace(row, nodes=(None,)) if row is not None and name in _CELLS else row


@cache
def parameters_of(spelling: str) -> frozenset[str]:
    """The names of the parameters of a function or layer that was measured."""
    rows = store("measured")
    for key in rows.keys():  # noqa: SIM118 - a store is not a mapping
        if key.partition(" ")[0] == spelling:
            return frozenset(p.name for p in parse(rows.get(key)["sig"]).params)
    return frozenset()


@cache
def optimizer(name: str) -> tuple[str, ...] | None:
    """The constructor's parameters of `torch.optim.<name>`; None where torch has none."""
    entry = store("layers").get(f"optim.{name}")
    return None if entry is None else tuple(p.name for p in parse(entry["init"]).params)


@cache
def attribute(name: str) -> Attribute | None:
    """The attribute `x.<name>`; None where a tensor has none, or it is a method."""
    entry = store("attributes").get(name)
    return None if entry is None else Attribute(name, **entry)


def _flags(signature: Signature) -> dict[str, bool]:
    return {p.name: p.default == "True" for p in signature.params if p.default in ("True", "False")}


def _held(entries: Mapping[str, str], flags: Mapping[str, bool]) -> tuple[Held, ...]:
    held: list[Held] = []
    for name, word in entries.items():
        if word in ("always", "maybe"):
            held.append(Held(name, "always" if word == "always" else "maybe"))
        else:
            default = flags.get(word)
            held.append(Held(name, "default" if default else "maybe", word, default))
    return tuple(held)
