"""The largest modules of which nothing is used: they are what there is to tell of, not each layer
inside of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nonegrad.analysis.domain.objects import Instance
from nonegrad.analysis.domain.values import UNKNOWN, Addr, references
from nonegrad.text import Site

if TYPE_CHECKING:
    from nonegrad.analysis.machine import Machine
    from nonegrad.analysis.nn.registry import Holdings
    from nonegrad.analysis.record.stepped import Stepped


@dataclass(slots=True)
class Part:
    """A module with what it registers itself, as it was when it was listed last."""

    thing: Instance
    name: str
    leaves: frozenset[Addr]
    children: frozenset[Addr]
    whole: bool


@dataclass(frozen=True, slots=True)
class Whole:
    """A module, and all the parameters in it."""

    module: Addr
    name: str
    site: Site
    leaves: frozenset[Addr]


@dataclass(slots=True)
class Gathered:
    """Leaves to tell of at one place, with the modules that they are all of, by their names."""

    site: Site | None
    leaves: list[Addr] = field(default_factory=list[Addr])
    modules: dict[Addr, str] = field(default_factory=dict[Addr, str])


@dataclass(slots=True)
class Outermost:
    """Collects the modules of which a program lists the parameters."""

    parts: dict[Addr, Part] = field(default_factory=dict[Addr, Part])

    def listed(self, m: Machine, found: Holdings) -> None:
        """A module listed its parameters: the longest name is the one of the whole model."""
        for name, value in found.modules:
            for addr in references(value):
                thing = m.at(addr, Instance)
                known = self.parts.get(addr)
                if thing is None or len(value) != 1:
                    continue
                if known is None or known.thing is not thing:
                    self.parts[addr] = part_of(thing, known.name if known else "")
                self.parts[addr].name = max(self.parts[addr].name, name, key=len)

    def gathered(self, unused: dict[Addr, Stepped]) -> list[Gathered]:
        """Leaves without a use, by the places where they, or the largest modules that hold nothing
        else, are made."""
        around = self.around(unused)
        groups: dict[tuple[Site | None, Site], Gathered] = {}
        for addr, stepped in unused.items():
            whole, why = around.get(addr), stepped.tensor.why
            place = whole.site if whole is not None else why.site if why is not None else None
            group = groups.setdefault((place, stepped.step), Gathered(place))
            group.leaves.append(addr)
            if whole is not None:
                group.modules[whole.module] = whole.name
        return list(groups.values())

    def around(self, unused: Iterable[Addr]) -> dict[Addr, Whole]:
        """For each of some leaves the largest module in which there are no others."""
        wanted = frozenset(unused)
        inside: dict[Addr, frozenset[Addr] | None] = {}
        found: dict[Addr, Whole] = {}
        for addr in self.parts if wanted else ():
            leaves, part = self.within(addr, wanted, inside), self.parts[addr]
            if not leaves or part.thing.site is None:
                continue
            for leaf in leaves:
                before = found.get(leaf)
                larger = before is None or len(leaves) > len(before.leaves)
                outer = before is not None and leaves == before.leaves
                if larger or (outer and before is not None and len(part.name) < len(before.name)):
                    found[leaf] = Whole(addr, part.name, part.thing.site, leaves)
        return found

    def within(
        self, addr: Addr, wanted: frozenset[Addr], known: dict[Addr, frozenset[Addr] | None]
    ) -> frozenset[Addr] | None:
        """The parameters in a module; None where not all of them are wanted, or known."""
        if addr in known:
            return known[addr]
        known[addr] = None
        part = self.parts.get(addr)
        if part is None or not part.whole:
            return None
        leaves = part.leaves
        for child in part.children:
            inner = self.within(child, wanted, known)
            if inner is None:
                return None
            leaves |= inner
        known[addr] = leaves if leaves <= wanted else None
        return known[addr]


def part_of(thing: Instance, name: str) -> Part:
    """What a module registers itself."""
    by_role: dict[str, set[Addr]] = {"parameter": set(), "module": set()}
    whole = not thing.open and thing.rest is None
    for key, value in thing.attributes:
        role = thing.role(key)
        if role in by_role:
            by_role[role].update(references(value))
            whole = whole and UNKNOWN not in value
    return Part(thing, name, frozenset(by_role["parameter"]), frozenset(by_role["module"]), whole)
