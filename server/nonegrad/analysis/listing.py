"""Which parameters the optimizers of a program hold, under which names, and which they miss."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nonegrad.analysis.facts import Fact, Unlisted
from nonegrad.analysis.objects import Instance, Optimizer
from nonegrad.analysis.values import Addr, Value
from nonegrad.text import Site

if TYPE_CHECKING:
    from nonegrad.analysis.machine import Machine


@dataclass
class Listing:
    """Collects names and optimizers."""

    last_backward: Site | None = None
    filled_by: dict[Addr, list[Site]] = field(default_factory=dict[Addr, list[Site]])
    definitions: dict[Addr, tuple[str, Site]] = field(default_factory=dict[Addr, tuple[str, Site]])
    parameter_names: dict[Addr, str] = field(default_factory=dict[Addr, str])
    full_names: dict[Addr, str] = field(default_factory=dict[Addr, str])
    optimizers: dict[Site, Optimizer] = field(default_factory=dict[Site, Optimizer])
    unlisted: dict[Addr, Unlisted] = field(default_factory=dict[Addr, Unlisted])

    def name_of(self, addr: Addr) -> str:
        """What a program calls a leaf: as its module lists it, or by the name it was bound to."""
        if addr in self.full_names:
            return self.full_names[addr]
        if addr in self.definitions:
            return self.definitions[addr][0]
        return self.parameter_names.get(addr, "a parameter")

    def listed_as(self, m: Machine, found: list[tuple[str, Value]]) -> None:
        """A module listed its parameters: the longest name is the one of the whole model."""
        for name, value in found:
            for addr, _ in m.tensors(value):
                if len(name) > len(self.full_names.get(addr, "")):
                    self.full_names[addr] = name

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

    def step_of(self, m: Machine, step: Site, thing: Optimizer) -> None:
        """A step of an optimizer, after a backward."""

    def listed(self) -> list[Fact]:
        """Leaves with gradients that no optimizer holds."""
        return [*self.unlisted.values()]
