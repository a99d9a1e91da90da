"""Leaves that backward gets to through steps alone whose derivative is zero everywhere."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from nonegrad.analysis.autograd import reaching
from nonegrad.analysis.domain.heap import NOWHERE, Node, Targets, Tensor
from nonegrad.analysis.domain.values import Addr, age
from nonegrad.analysis.record.missed import Flattened
from nonegrad.text import Site

if TYPE_CHECKING:
    from nonegrad.analysis.machine import Machine


@dataclass(slots=True)
class Zeros:
    """Collects them, and the leaves to which some backward brings more."""

    alive: set[Addr] = field(default_factory=set[Addr])
    dead: dict[Addr, Flattened] = field(default_factory=dict[Addr, Flattened])

    def ran(self, m: Machine, node: ast.AST, tensor: Tensor, found: reaching.Reach) -> None:
        """A backward went through."""
        if not m.recording:
            return
        flat = [
            (one.site, one)
            for addr in found.nodes
            if (one := m.node(addr)) is not None and one.flat and one.site is not None
        ]
        if not flat or found.anywhere or m.uncertain:
            self.alive.update(found.leaves)
            return
        alive = past(m, tensor.fn)
        self.alive |= alive
        for site, step in sorted(flat, key=lambda pair: pair[0]):
            told = Flattened((), site, step.operator, m.site(node))
            for leaf in behind(m, step) - alive:
                one = m.tensor(leaf)
                if one is not None and not one.escaped:
                    self.dead.setdefault(leaf, told)

    def facts(self, name_of: Callable[[Addr], str]) -> list[Flattened]:
        """What gets zeros from each backward that gets to it, once for each step to blame."""
        groups: dict[Site, list[str]] = {}
        told: dict[Site, Flattened] = {}
        for leaf in sorted(self.dead.keys() - self.alive, key=age):
            fact = self.dead[leaf]
            told.setdefault(fact.site, fact)
            groups.setdefault(fact.site, []).append(name_of(leaf))
        return [replace(fact, names=tuple(groups[site])) for site, fact in told.items()]


def past(m: Machine, roots: Targets) -> set[Addr]:
    """The leaves that some way leads to without such a step."""
    found: set[Addr] = set()
    seen: set[Addr] = {NOWHERE}
    pending = list(roots)
    while pending:
        addr = pending.pop()
        if addr in seen:
            continue
        seen.add(addr)
        record = m.s.get(addr)
        if isinstance(record, Tensor):
            found.add(addr)
        elif isinstance(record, Node) and not record.flat:
            pending.extend(target for edge in record.edges for target in edge)
    return found


def behind(m: Machine, step: Node) -> set[Addr]:
    """The leaves that a step alone stands before."""
    return past(m, frozenset(target for edge in step.edges for target in edge))
