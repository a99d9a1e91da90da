"""How a program gives its optimizers what they hold: twice, or in groups that none of them gets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from nonegrad.analysis.domain.heap import Mapping, Sequence
from nonegrad.analysis.domain.objects import Optimizer
from nonegrad.analysis.domain.values import Addr, references
from nonegrad.analysis.record import surroundings
from nonegrad.text import Site

if TYPE_CHECKING:
    from nonegrad.analysis.machine import Machine

Optimizers = dict[Site, Optimizer]


def twice(optimizers: Optimizers, stepped: set[Site]) -> Site | None:
    """An optimizer that was given just the parameters of another one."""
    seen: set[frozenset[Addr]] = set()
    for site, made in sorted(optimizers.items()):
        params = frozenset(one for param in made.params for one in references(param))
        if params in seen and site in stepped:
            return site
        seen.add(params)
    return None


def doubled(optimizers: Optimizers, stepped: set[Site]) -> Site | None:
    """An optimizer most of whose parameters it was given twice: a few may be tied weights."""
    for site, made in sorted(optimizers.items()):
        params = [one for param in made.params for one in references(param)]
        once = set(params)
        several = len(params) > len(once) + 1 and 2 * len(params) >= 3 * len(once)
        if several and site in stepped:
            return site
    return None


def grouped(m: Machine) -> Iterator[Addr]:
    """What lies in a dict under `params` in a list, as a group for an optimizer does."""
    for _, thing in m.s.objects(Mapping):
        held = surroundings.one_object(m, dict(thing.entries).get("params"))
        if isinstance(held, Sequence) and held.kind in ("list", "tuple"):
            for one in held.items:
                if len(one) == 1:
                    yield from references(one)
