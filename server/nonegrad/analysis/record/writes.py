"""What was seen of in-place writes: refused, overwriting what backward needs, or harmless."""

from __future__ import annotations

from dataclasses import dataclass

from nonegrad.text import Site


@dataclass(frozen=True, slots=True)
class Creation:
    """Where a tensor was made, and how the call reads."""

    site: Site
    text: str


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
    shared: bool = True
    """Whether anything but the written name may reach the tensor's data."""
    base: str = ""
    """`container` where the target is an entry of a list or dict."""
    layers: tuple[Site, ...] = ()
    """Where the layers are made that write, for a write by a layer."""


@dataclass(frozen=True, slots=True)
class HiddenWrite:
    """Something backward needs was written through `.data`: its gradients are wrong."""

    write: Site
    text: str
    kept_by: Site | None
    operator: str
    role: str
    backward: Site
    definite: bool


@dataclass(frozen=True, slots=True)
class RefusedWrite:
    """An in-place write that torch refuses where it stands. `reason`: `leaf`, `view-of-leaf`,
    `multi-view`, `nograd-view`, `inference`, `detach-view`."""

    site: Site
    text: str
    target: str
    reason: str
    created: Creation | None
    mode: Site | None = None
    """Where inference mode was switched on for what was made."""
    tracked: bool = False
    """What is written certainly requires grad."""


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
    shared: bool = True
    """Whether anything but the written name may reach the tensor's data."""
    base: str = ""
    """`container` where the target is an entry of a list or dict."""


@dataclass(frozen=True, slots=True)
class WriteNote:
    """What was true of an in-place write when it happened."""

    target: str
    retain: Site | None
    shared: bool
    base: str = ""
