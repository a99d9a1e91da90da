"""requires_grad switched on: when, and what had been computed before."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nonegrad.analysis.domain.provenance import Why, walk
from nonegrad.analysis.domain.values import Addr
from nonegrad.analysis.record.missed import LateSwitch
from nonegrad.text import Site

if TYPE_CHECKING:
    from nonegrad.analysis.machine import Machine


@dataclass(frozen=True, slots=True)
class Switch:
    """A leaf that requires grad only from here on."""

    site: Site
    text: str
    before: Why
    """Its story until then: what was computed from it has it among its own."""


@dataclass
class Switches:
    """Collects the switches."""

    switched: dict[Addr, Switch] = field(default_factory=dict[Addr, Switch])

    def switched_on(self, m: Machine, node: ast.AST, addr: Addr, before: Why | None) -> None:
        """A leaf begins to require grad."""
        if before is not None and not addr.summary:
            self.switched[addr] = Switch(m.site(node), m.text(node), before)

    def too_late(
        self, loss: Why | None, addr: Addr | None, shown: Site, how: str, owner: str = ""
    ) -> LateSwitch | None:
        """The switch of a leaf, or of any, that came after a loss was computed from it."""
        story = walk(loss)
        told = {id(one) for one in story}
        for one, switch in self.switched.items():
            # A story that has the switch itself in it goes on from there: it came in time.
            in_time = any(step.site == switch.site for step in story)
            if addr in (None, one) and id(switch.before) in told and not in_time:
                uses = [step for step in story if switch.before in step.parents]
                first = min((step.site for step in uses), default=None)
                return LateSwitch(switch.site, switch.text, shown, how, owner, first)
        return None
