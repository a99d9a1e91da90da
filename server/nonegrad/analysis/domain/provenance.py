"""Why a tensor is what it is: the chain of sites that made it so.

Provenance is never compared, so that it cannot keep a fixpoint from settling; where two paths
join, the longer story stays: that of a turn of a loop holds what was before it.
"""

from __future__ import annotations

from collections.abc import Callable

from nonegrad.analysis.domain.value_class import identity_class
from nonegrad.text import Site


@identity_class
class Why:
    """One step of the story: what happened (`kind`), to what (`text`), where, out of what.

    Kinds: `created`, `op`, `detached`, `no_grad`, `not_differentiable`, `left_torch`, `frozen`,
    `retensored`, `poured`, `loaded`, `argument`, `view`, `inplace`, `grad`, `buffer`,
    `batch` (items put together), `no_gradient` (a custom Function gives None for it), `told` (the
    same, for a reason that is a finding of its own). `mode` is
    where the grad mode was switched, for a step taken under it; `cut` says that the step took a
    tensor out of a graph it was in.
    """

    kind: str
    site: Site
    text: str
    parents: tuple[Why, ...] = ()
    mode: Site | None = None
    cut: bool = False
    depth: int = 0
    via: Site | None = None
    """The call that led from where `mode` was switched to the function of the step."""
    moment: int = 0
    """For a clearing: how many backwards had run before it."""
    held: str = ""
    """For a list that was copied what it holds (`nesting.layout`); for a draw `rsample`, where the
    distribution has one; for another operation its name."""


@identity_class
class Beside:
    """A term without a graph, next to one with a graph: its story. `taken`: it is subtracted;
    `single`: it is one number, where that is known."""

    why: Why
    taken: bool = False
    single: bool | None = True


LONGEST = 200
DRAWN = "rsample"
"""What a draw from a distribution holds that could carry a gradient to its parameters. Their
gradient comes by log_prob as well, so that it is to blame only where nothing else is."""

MASKS = frozenset(
    """> < >= <= == != gt lt ge le eq ne greater less greater_equal less_equal not_equal isclose
    logical_and logical_or logical_not logical_xor isnan isinf isfinite bool""".split()
)
"""Operators that give masks. A mask is mostly multiplied with what carries the gradient: another
cut is to blame first."""

GRAPH = "graph"
"""What a gradient holds that may have a graph of its own."""


def step(
    kind: str,
    site: Site,
    text: str,
    parents: tuple[Why | None, ...] = (),
    mode: Site | None = None,
    *,
    cut: bool = False,
    held: str = "",
) -> Why:
    """A new step after others; a story that grows too long drops its oldest part."""
    kept = tuple(p for p in parents if p is not None)[:4]
    depth = 1 + max((p.depth for p in kept), default=0)
    return Why(kind, site, text, kept if depth < LONGEST else (), mode, cut, depth, held=held)


def told(first: Why | None, second: Why | None) -> Why | None:
    """The story of what has two."""
    if first is None or second is None:
        return first or second
    return second if second.depth > first.depth else first


def walk(why: Why | None) -> list[Why]:
    """Every step once, the newest first."""
    seen: set[int] = set()
    order: list[Why] = []
    queue = [why] if why else []
    while queue:
        current = queue.pop(0)
        if id(current) in seen:
            continue
        seen.add(id(current))
        order.append(current)
        queue.extend(current.parents)
    return order


def nearest(why: Why, ends: Callable[[Why], bool]) -> list[Why]:
    """On each way back through a story the first step of such a kind."""
    seen: set[int] = set()
    found: list[Why] = []
    queue = [why]
    while queue:
        current = queue.pop(0)
        if id(current) in seen:
            continue
        seen.add(id(current))
        if ends(current):
            found.append(current)
        else:
            queue.extend(current.parents)
    return found


def cuts(why: Why | None) -> list[Why]:
    """The steps that took something out of its graph, the newest first.

    A leaf that was frozen comes last: that is mostly meant, and something else could have trained.
    """
    found = [step for step in walk(why) if step.cut]
    return sorted(found, key=lambda step: step.kind == "frozen")
