"""What was seen from settled states, for the rules to read: frozen, and nothing of messages."""

from __future__ import annotations

from dataclasses import dataclass

from nonegrad.analysis.heap import Tensor
from nonegrad.analysis.provenance import Why
from nonegrad.text import Site


@dataclass(frozen=True, slots=True)
class Creation:
    """Where a tensor was made, and how the call reads."""

    site: Site
    text: str


@dataclass(frozen=True, slots=True)
class GradRead:
    """A read of `.grad` that gives None on every visit.

    `reason` is `untracked`, `non-leaf`, `rebound`, `before-backward`, `zeroed`, `not-reached`,
    `retained-too-late` or `unknown`.
    """

    site: Site
    owner: str
    tensor: Tensor
    reason: str
    why: Why | None
    definition: Site | None = None
    """The statement that bound the tensor the read is about."""
    name: str = ""
    backward: Site | None = None
    """The backward that came before the read, if one did."""
    retain_after: Site | None = None


@dataclass(frozen=True, slots=True)
class NoGraph:
    """A backward (or autograd.grad) on a tensor that has no graph: it raises."""

    site: Site
    owner: str
    call: str
    why: Why | None


@dataclass(frozen=True, slots=True)
class Overwritten:
    """Something backward needs was written in place; backward raises."""

    write: Site
    text: str
    target: str
    kept_by: Site | None
    operator: str
    role: str
    backward: Site | None
    definite: bool
    retain: Site | None = None


@dataclass(frozen=True, slots=True)
class RefusedWrite:
    """An in-place write that torch refuses where it stands. `reason`: `leaf`, `view-of-leaf`,
    `multi-view`, `nograd-view`, `inference`, `detach-view`."""

    site: Site
    text: str
    target: str
    reason: str
    created: Creation | None


@dataclass(frozen=True, slots=True)
class SafeWrite:
    """An in-place write to a tensor in a graph that no backward misses."""

    site: Site
    text: str
    target: str
    made_by: str
    retain: Site | None = None
    saved_by: Site | None = None
    """Set where something kept the tensor, so that a backward would raise."""


@dataclass(frozen=True, slots=True)
class IntegerLeaf:
    """requires_grad on integers: raises."""

    site: Site
    text: str
    dtype: str | None


Fact = GradRead | NoGraph | Overwritten | RefusedWrite | SafeWrite | IntegerLeaf
