"""Layers that no optimizer was given, between layers that train: leaving out what comes before is
everyday code, as under a head that is trained alone, and so is what comes after, as behind a
prompt; what stands in the middle of all that trains is seldom meant to stay as it was made."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nonegrad.analysis.domain.truth import YES
from nonegrad.analysis.domain.values import Addr, Value, age, references
from nonegrad.analysis.record.missed import Missed
from nonegrad.analysis.record.missing import Missing

if TYPE_CHECKING:
    from nonegrad.analysis.autograd.reaching import Reach
    from nonegrad.analysis.machine import Machine
    from nonegrad.analysis.nn.registry import Holdings

PASSES = 60
SHARE = 2
"""Of a model so many times as much must train as is left out."""


@dataclass
class Between(Missing):
    """Collects what lies between leaves that optimizers hold."""

    listings: dict[Addr, frozenset[Addr]] = field(default_factory=dict[Addr, frozenset[Addr]])
    """Modules whose parameters the program lists, with those."""
    looked_at: set[Addr] = field(default_factory=set[Addr])
    between: set[Addr] = field(default_factory=set[Addr])
    clipped: set[Addr] = field(default_factory=set[Addr])
    """Leaves whose gradients the program clips, as before a step."""

    def listed_as(self, m: Machine, found: Holdings) -> None:
        super().listed_as(m, found)
        for root in references(found.modules[0][1]) if found.modules else ():
            self.listings[root] = frozenset(
                leaf for _, value in found.parameters for leaf in references(value)
            )

    def clips(self, m: Machine, tensors: list[Value]) -> None:
        """The gradients of some tensors are clipped."""
        if m.recording:
            self.clipped.update(leaf for value in tensors for leaf in references(value))

    def reaches(self, m: Machine, found: Reach) -> None:
        """A backward: what lies between what optimizers hold?"""
        super().reaches(m, found)
        left = {one for one, sure in found.leaves.items() if sure} - self.held - self.looked_at
        parameters = {one for one in left if (t := m.tensor(one)) and t.is_parameter is YES}
        if self.optimizers and parameters and not self.held.isdisjoint(found.leaves):
            self.looked_at |= left
            self.between |= in_between(m, found, parameters, self.held)

    def missed(self) -> list[Missed]:
        """Those that are told anyway, and what is left out in the middle of a model."""
        found = super().missed()
        if self.may_hold_others:
            return found
        groups: dict[object, list[Addr]] = {}
        for leaf in sorted(self.candidates.keys() & self.between, key=age):
            if self.forgotten(leaf) and not self.meant(leaf):
                groups.setdefault(self.candidates[leaf].covered.optimizer, []).append(leaf)
        return [*found, *(self.between_fact(leaves) for leaves in groups.values())]

    def forgotten(self, leaf: Addr) -> bool:
        """Whether a leaf seems to be left out by mistake: its model trains else, given whole module
        by whole module, so that no condition on single parameters has left it out."""
        found = self.candidates[leaf]
        left, held = found.around - self.held, found.around & self.held
        if found.reason != "apart" or found.root is None or leaf not in left:
            return False
        if SHARE * len(left) > len(held):
            return False
        seen = self.candidates.keys() & self.between
        odd = self.rewritten | self.read_grads | self.doubted | self.hidden.keys()
        whole = frozenset[Addr]().union(
            *(one for one in self.listings.values() if one <= self.held)
        )
        return left <= seen - odd and held <= whole and found.around.isdisjoint(self.rewritten)

    def between_fact(self, leaves: list[Addr]) -> Missed:
        """What there is to say of leaves that one optimizer could have been given."""
        first = self.candidates[leaves[0]]
        reason = "clipped" if self.clipped.issuperset(leaves) else "between"
        names = tuple(self.candidates[one].name or self.name_of(one) for one in leaves)
        made, optimizer = first.root_site or first.made, first.covered.optimizer
        alone = first.root is not None and all(
            self.candidates[o].root is first.root for o in leaves
        )
        path = self.paths.get(optimizer, {}).get(first.root, "") if alone and first.root else ""
        given = f"*{path}.parameters()" if path else ""
        return Missed(names, reason, first.step, made, optimizer, given)


def in_between(m: Machine, found: Reach, left: set[Addr], held: set[Addr]) -> set[Addr]:
    """The leaves that are used on what held ones lead to, and lead to where others are used."""
    bits = {addr: 1 << place for place, addr in enumerate(sorted(left, key=age))}
    trains: set[Addr] = {addr for addr in found.leaves if addr in held}
    behind: dict[Addr, int] = {}
    order = list(reversed(found.nodes))
    for _ in range(PASSES):
        changed = False
        for addr in order:
            record = m.node(addr)
            targets = [one for edge in record.edges for one in edge] if record is not None else []
            now = 0
            for one in targets:
                now |= bits.get(one, 0) | behind.get(one, 0)
                if one in trains and addr not in trains:
                    trains.add(addr)
                    changed = True
            if now != behind.get(addr, 0):
                behind[addr], changed = now, True
        if not changed:
            break
    before = after = 0
    for addr in order:
        record = m.node(addr)
        edges = record.edges if record is not None else ()
        own = [edge for edge in edges if any(one in bits for one in edge)]
        taught = [edge for edge in edges if any(one in held for one in edge)]
        others = [edge for edge in edges if edge not in own and any(one in trains for one in edge)]
        if own and others:
            before |= sum({bits[one] for edge in own for one in edge if one in bits})
        for edge in edges if taught else ():
            if edge not in taught:
                for one in edge:
                    after |= behind.get(one, 0) | bits.get(one, 0)
    return {addr for addr, bit in bits.items() if before & after & bit}
