"""`module.requires_grad = ...`: a plain attribute of the module, which no parameter of it knows."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.objects import Instance
from nonegrad.analysis.domain.truth import NO, YES, Truth
from nonegrad.analysis.domain.values import Addr, Ref
from nonegrad.analysis.nn import registry
from nonegrad.analysis.record.missed import ModuleFlag
from nonegrad.text import Site

if TYPE_CHECKING:
    from nonegrad.analysis.domain.values import Value
    from nonegrad.analysis.machine import Machine

OWN = re.compile(r"""\b(self|cls)\.requires_grad\b|["']requires_grad["']|\bdef __setattr__\b""")
"""A flag that the program's own classes keep, or ask for by name."""


@dataclass(slots=True)
class Flags:
    """Collects those that were to switch parameters which are found as they were at a backward."""

    pending: dict[Site, tuple[ModuleFlag, Truth, set[Addr]]] = field(
        default_factory=dict["Site", "tuple[ModuleFlag, Truth, set[Addr]]"]
    )
    found: dict[Site, ModuleFlag] = field(default_factory=dict["Site", ModuleFlag])
    refuted: set[Site] = field(default_factory=set["Site"])
    """Where something else than a module was given the attribute, on some visit."""

    def put(self, m: Machine, owner: Value, value: Value, node: ast.AST) -> None:
        """`OWNER.requires_grad = VALUE`: is that a module?"""
        target = node.targets[0] if isinstance(node, ast.Assign) else None
        if not (m.recording and m.frame.module.asked) or not isinstance(target, ast.Attribute):
            return
        site, wanted = m.site(node), values.constant(value)
        leaves = leaves_of(m, owner)
        if leaves is None or wanted is None or not isinstance(wanted.value, bool):
            self.refuted.add(site)
            return
        source, text = m.frame.module.source.text, m.text(target.value)
        read = re.compile(rf"(?<![\w.]){re.escape(text)}\.requires_grad\b(?!\s*=[^=])")
        if m.uncertain or OWN.search(source) or read.search(source):
            return
        flag = ModuleFlag(site, text, wanted.value)
        known = self.pending.setdefault(site, (flag, NO if wanted.value else YES, set()))
        known[2].update(leaves)

    def at_backward(self, m: Machine) -> None:
        """A backward runs, or is refused: who has not been switched by now?"""
        for site, (flag, still, leaves) in self.pending.items():
            if m.recording and not m.uncertain and site not in self.found:
                tensors = [m.tensor(leaf) for leaf in leaves]
                if any(one is not None and one.requires_grad is still for one in tensors):
                    self.found[site] = flag

    def facts(self) -> list[ModuleFlag]:
        return [flag for site, flag in self.found.items() if site not in self.refuted]


def leaves_of(m: Machine, owner: Value) -> set[Addr] | None:
    """The parameters of the modules that a value stands for; None where it may be something
    else."""
    found: set[Addr] = set()
    for atom in owner:
        thing = m.at(atom.addr, Instance) if isinstance(atom, Ref) else None
        if thing is None or not isinstance(atom, Ref) or not thing.is_module or thing.open:
            return None
        if thing.get("requires_grad") is not None and thing.role("requires_grad") != "plain":
            return None
        held = registry.holdings(m, atom.addr).every_parameter()
        found |= {one for value in held for one in values.references(value)}
    return found
