"""Optimizers that never step, while others do with the gradients that theirs would use."""

from __future__ import annotations

import ast
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nonegrad.analysis.domain.heap import Tensor
from nonegrad.analysis.domain.objects import Optimizer
from nonegrad.analysis.domain.truth import YES
from nonegrad.analysis.domain.values import Addr, references
from nonegrad.analysis.record import surroundings
from nonegrad.text import Site

if TYPE_CHECKING:
    from nonegrad.analysis.machine import Machine


@dataclass(frozen=True, slots=True)
class Waiting:
    """What was seen of an optimizer at a step of another one."""

    params: frozenset[Addr]
    step: Site
    second: bool
    call: str


@dataclass
class Steps:
    """Collects which optimizers step, and which could have."""

    stepped: set[Site] = field(default_factory=set[Site])
    moved: set[Addr] = field(default_factory=set[Addr])
    """What the optimizers that step hold."""
    last: dict[Site, tuple[int, Site]] = field(default_factory=dict[Site, tuple[int, Site]])
    """For each optimizer: after how many backwards it stepped last, and where."""
    waiting: dict[Site, Waiting] = field(default_factory=dict[Site, Waiting])
    out_of_sight: set[Site] = field(default_factory=set[Site])
    """Optimizers that somebody else's code has been given."""
    blind: bool = False
    """Whether something steps that is not known."""

    def unknown(self, node: ast.Call) -> None:
        """A method of something that is not known: `env.step(action)` steps no optimizer."""
        match node.func:
            case ast.Attribute(value=owner, attr="step"):
                named = "opt" in ast.unparse(owner).lower()
                self.blind = self.blind or named or not node.args
            case _:
                pass

    def ran(
        self,
        m: Machine,
        node: ast.AST,
        thing: Optimizer,
        backwards: int,
        made: Collection[Site],
    ) -> None:
        """An optimizer steps: which others could, of those that were made anywhere."""
        site = m.site(node)
        before = self.last.get(thing.site) if thing.site is not None else None
        second = before is not None and before[0] == backwards and before[1] != site
        if thing.site is not None:
            self.stepped.add(thing.site)
            self.last[thing.site] = backwards, site
        self.moved.update(one for param in thing.params for one in references(param))
        if not backwards or m.uncalled or self.stepped.issuperset(made):
            return
        for addr, other in m.s.objects(Optimizer):
            if other.site is None or other.site in self.stepped:
                continue
            if other.open or addr.summary:
                self.out_of_sight.add(other.site)
            known = self.waiting.get(other.site)
            if m.uncertain or (known is not None and (known.second or not second)):
                continue
            params = frozenset(one for param in other.params for one in references(param))
            if any(has_gradient(one, m.tensor(one)) for one in params):
                name = surroundings.paths_here(m).get(addr, "")
                call = f"{name}.step()" if name else ""
                self.waiting[other.site] = Waiting(params, site, second, call)

    def idle(self, made: dict[Site, Optimizer]) -> dict[Site, Waiting]:
        """The optimizers that never step, by the places where they are made."""
        if self.blind:
            return {}
        return {
            site: one
            for site, one in self.waiting.items()
            if site in made
            and site not in self.stepped | self.out_of_sight
            and not one.params & self.moved
        }


def has_gradient(addr: Addr, tensor: Tensor | None) -> bool:
    """Whether an object is one tensor that certainly has a gradient."""
    if tensor is None or addr.summary or tensor.escaped:
        return False
    return tensor.requires_grad is YES and tensor.grad_state is YES
