"""Where graphs are cut: the steps that took what was computed from a leaf out of its graph."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nonegrad.analysis.autograd import reaching
from nonegrad.analysis.domain.heap import Tensor
from nonegrad.analysis.domain.provenance import DRAWN, Why
from nonegrad.analysis.domain.truth import NO
from nonegrad.analysis.domain.values import Addr, age
from nonegrad.analysis.record.facts import Fact, Untrained
from nonegrad.analysis.record.idle import Idling
from nonegrad.analysis.record.optional import Optional
from nonegrad.analysis.record.terms import IdleTerm, Terms, copy_used

if TYPE_CHECKING:
    from nonegrad.analysis.machine import Machine

MOST = 12
"""How many cuts of one leaf are kept."""


@dataclass
class Cutting(Idling):
    """Collects cuts."""

    within_function: int = 0
    """In forward of a custom Function that is recorded as a whole: nothing there is a cut."""
    wrapped: int = 0
    """In a function that torch runs on tensors it has wrapped: nothing there is as it looks."""
    cut_at: dict[Addr, list[Why]] = field(default_factory=dict[Addr, list[Why]])
    terms: Terms = field(default_factory=Terms)
    optional: Optional = field(default_factory=Optional)

    def cut_off(self, m: Machine, why: Why, operands: list[tuple[Addr, Tensor]]) -> None:
        """A step took tensors out of their graph: remember it for the leaves behind them."""
        if not m.recording or self.within_function:
            return
        every: set[Addr] = set()
        for addr, tensor in operands:
            if tensor.requires_grad is NO:
                continue
            leaves = reaching.leaves_behind(m, addr, tensor)
            every |= leaves
            for leaf in leaves:
                known = self.cut_at.setdefault(leaf, [])
                if all(one.site != why.site for one in known) and len(known) < MOST:
                    known.append(why)
        self.terms.cut_off(m, why, every, [tensor.why for _, tensor in operands])

    def cuts_of(self, addr: Addr) -> list[Why]:
        """The steps that took what was computed from a leaf out of the graph, draws left out."""
        return [why for why in self.cut_at.get(addr, []) if why.held != DRAWN]

    def idle_terms(self, told: list[Fact]) -> list[IdleTerm]:
        """Terms of losses that nothing trains through, though other terms of them do train."""
        causes = {one.cause.site for one in told if isinstance(one, Untrained) and one.cause}
        found: list[IdleTerm] = []
        for seen, cut, reason in self.terms.idle(self.held, self.cut_at):
            trained = self.terms.behind[cut.site] & seen.reached
            leaves = sorted(trained & self.held or trained, key=age)
            names = tuple(self.name_of(one) for one in leaves)
            used = copy_used(seen.term.why, cut) if reason == "weights" else None
            if cut.site not in causes:
                found.append(IdleTerm(names, reason, cut, seen.added, seen.backward, used))
        return found
