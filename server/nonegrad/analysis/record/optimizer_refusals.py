"""Calls by which an optimizer refuses what it is given."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nonegrad.analysis.autograd import reaching
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.heap import Tensor
from nonegrad.analysis.domain.values import Addr, Ref, Value
from nonegrad.analysis.record import emptied, misspelling
from nonegrad.analysis.record.facts import Fact, OptimizerRefusal
from nonegrad.analysis.record.flags import Flags
from nonegrad.analysis.record.lost import Lost
from nonegrad.analysis.record.refusals import Refusals
from nonegrad.analysis.record.zeros import Zeros

if TYPE_CHECKING:
    from nonegrad.analysis.machine import Machine


@dataclass
class OptimizerRefusals(Refusals):
    """Collects them."""

    lost: Lost = field(default_factory=Lost)
    flags: Flags = field(default_factory=Flags)
    zeros: Zeros = field(default_factory=Zeros)

    def trained(self) -> list[Fact]:
        """What does not train, and what was to change leaves and does not."""
        found = [*super().trained(), *self.lost.found.values(), *self.flags.facts()]
        return [*found, *self.zeros.facts(self.name_of)]

    def ran_backward(
        self, m: Machine, node: ast.AST, tensor: Tensor, found: reaching.Reach
    ) -> None:
        super().ran_backward(m, node, tensor, found)
        self.flags.at_backward(m)
        self.zeros.ran(m, node, tensor, found)

    def no_graph(self, m: Machine, node: ast.AST, addr: Addr, tensor: Tensor) -> None:
        self.flags.at_backward(m)
        super().no_graph(m, node, addr, tensor)

    def optimizer_non_leaf(self, m: Machine, node: ast.AST, addr: Addr, tensor: Tensor) -> None:
        """An optimizer over a tensor that is no leaf."""
        fact = OptimizerRefusal(m.site(node), "non-leaf", tensor.why)
        self.refuse(m, "optimizer", node, fact)

    def optimizer_empty(self, m: Machine, node: ast.AST, source: Value) -> None:
        """An optimizer over no parameter at all."""
        atom = values.only(source)
        addr = atom.addr if isinstance(atom, Ref) else None
        used_up = self.used_up.get(addr) if addr is not None else None
        if used_up == m.site(node):  # by this very optimizer, which found nothing in it
            used_up = None
        generator = addr.site if addr is not None and used_up is not None else None
        unmade = misspelling.constructor(m, node)
        frozen = self.all_frozen(m) if used_up is None and unmade is None else None
        known = used_up or unmade or frozen
        unlisted = None if known else emptied.unregistered(m, node, self.plain.values())
        fact = OptimizerRefusal(
            m.site(node), "empty", None, generator, used_up, unmade, frozen, unlisted
        )
        self.refuse(m, "optimizer", node, fact)

    def group_empty(self, m: Machine, node: ast.AST, source: Value) -> None:
        """A group over a generator that was used up before."""
        for addr in values.references(source):
            used_up = self.used_up.get(addr)
            if used_up is not None and used_up != m.site(node) and len(source) == 1:
                fact = OptimizerRefusal(m.site(node), "empty-group", None, addr.site, used_up)
                self.refuse(m, "group", node, fact)
