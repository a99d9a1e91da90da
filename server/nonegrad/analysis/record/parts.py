"""What some facts are put together from."""

from __future__ import annotations

from dataclasses import dataclass

from nonegrad.text import Site


@dataclass(frozen=True, slots=True)
class Method:
    """A method: the place of its name, and the names of its class and itself."""

    site: Site
    owner: str
    name: str


@dataclass(frozen=True, slots=True)
class Held:
    """What holds tensors: a name, perhaps dotted, and a kind: `tensor`, `tuple` or `list`."""

    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A variable, and the statement that bound it; `kind` is `tensor`, `list` or `tuple` where a
    statement behind that one can bind it anew, else empty."""

    name: str
    site: Site
    kind: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """A tensor that does not require grad: its name, the assignment that bound it, and the
    optimizer that was given it."""

    name: str
    bound: Site
    optimizer: Site
