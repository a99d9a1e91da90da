"""What trains and what does not: at every optimizer step, which parameters have a gradient, and
for those that have none, where the last thread from them to a loss was cut."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nonegrad.analysis import backward
from nonegrad.analysis.facts import Fact, Unlisted, Untrained
from nonegrad.analysis.heap import Tensor
from nonegrad.analysis.objects import Instance, Optimizer
from nonegrad.analysis.provenance import Why
from nonegrad.analysis.truth import NO, YES
from nonegrad.analysis.values import Addr, Value
from nonegrad.text import Site

if TYPE_CHECKING:
    from nonegrad.analysis.machine import Machine


@dataclass(slots=True)
class Stepped:
    """One parameter over all visits of the steps that hold it."""

    tensor: Tensor
    step: Site
    never: bool
    frozen: bool
    optimizer: Site | None


@dataclass
class Training:
    """Collects cuts and steps."""

    last_backward: Site | None = None
    blurred: bool = False
    """Whether some backward went through a graph of which a part is not known."""
    cut_at: dict[Addr, list[Why]] = field(default_factory=dict[Addr, list[Why]])
    stepped_on: dict[Addr, Stepped] = field(default_factory=dict[Addr, Stepped])
    gradient_reached: set[Addr] = field(default_factory=set[Addr])
    parameter_names: dict[Addr, str] = field(default_factory=dict[Addr, str])
    optimizers: dict[Site, Optimizer] = field(default_factory=dict[Site, Optimizer])
    unlisted: dict[Addr, Unlisted] = field(default_factory=dict[Addr, Unlisted])

    def cut_off(self, m: Machine, why: Why, operands: list[tuple[Addr, Tensor]]) -> None:
        """A step took tensors out of their graph: remember it for the leaves behind them."""
        if not (m.recording and m.frame.module.asked):
            return
        for addr, tensor in operands:
            if tensor.requires_grad is NO:
                continue
            leaves = {addr} if tensor.is_leaf is YES else set(backward.reach(m, tensor.fn).leaves)
            for leaf in leaves:
                known = self.cut_at.setdefault(leaf, [])
                if all(one.site != why.site for one in known) and len(known) < 12:
                    known.append(why)

    def optimizer_made(self, m: Machine, node: ast.AST, made: Optimizer) -> None:
        """An optimizer was made."""
        if m.recording and made.site is not None:
            self.optimizers[made.site] = made

    def attribute_set(
        self,
        m: Machine,
        node: ast.AST,
        addr: Addr,
        thing: Instance,
        name: str,
        value: Value,
        role: str,
    ) -> None:
        """An attribute of a module was set: its tensors have a name."""
        if role == "parameter":
            for one, _ in m.tensors(value):
                self.parameter_names.setdefault(one, name)

    def stepped(self, m: Machine, node: ast.AST, addr: Addr, thing: Optimizer) -> None:
        """optimizer.step(): which of its parameters have a gradient."""
        if not m.recording or self.last_backward is None or thing.open:
            return
        blurred = self.blurred
        site = m.site(node)
        for param in thing.params:
            for one, tensor in m.tensors(param):
                never = tensor.grad_state is NO and not one.summary and not m.uncertain and not blurred
                before = self.stepped_on.get(one)
                if before is None:
                    frozen = tensor.requires_grad is NO
                    self.stepped_on[one] = Stepped(tensor, site, never, frozen, thing.site)
                else:
                    before.never = before.never and never
                    before.frozen = before.frozen and tensor.requires_grad is NO

    def trained(self) -> list[Fact]:
        """Parameters that an optimizer holds and that never have a gradient at its step."""
        found: list[Fact] = []
        groups: dict[object, list[Addr]] = {}
        for addr, stepped in self.stepped_on.items():
            if not stepped.never or stepped.frozen:
                continue
            causes = tuple(why.site for why in self.cut_at.get(addr, []))
            groups.setdefault((causes, stepped.step), []).append(addr)
        for addrs in groups.values():
            stepped = self.stepped_on[addrs[0]]
            causes = self.cut_at.get(addrs[0], [])
            names = tuple(self.parameter_names.get(addr, "parameter") for addr in addrs)
            made = stepped.tensor.why.site if stepped.tensor.why else None
            found.append(
                Untrained(
                    names,
                    "cut" if causes else "unused",
                    stepped.step,
                    made,
                    causes[0] if causes else None,
                    self.last_backward,
                )
            )
        return [*found, *self.unlisted.values()]

