"""Ways out of a function that leave grad mode off, where another way out switches it on again."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from nonegrad.analysis.domain.heap import Tensor
from nonegrad.analysis.domain.truth import MAYBE, NO, YES
from nonegrad.analysis.machine import GRAD_MODE, GRAD_SITE
from nonegrad.analysis.record.visits import Path
from nonegrad.text import Site

if TYPE_CHECKING:
    from nonegrad.analysis.domain.frames import Frame
    from nonegrad.analysis.machine import Machine


@dataclass(frozen=True, slots=True)
class LeftOff:
    """A return that leaves grad mode off, as it was switched at `off`.

    `backward`: one that comes after it, on a loss that then has no graph.
    """

    site: Site
    text: str
    off: Site
    off_text: str
    backward: Site


@dataclass(frozen=True, slots=True)
class Way:
    """A return, and the statements around it."""

    text: str
    path: Path


@dataclass
class Exits:
    """Collects returns under a grad mode that their function switched off."""

    returning: dict[int, list[tuple[Site, Way]]] = field(
        default_factory=dict[int, "list[tuple[Site, Way]]"]
    )
    """By the frame: the returns that are reached while grad mode is off, visit by visit."""
    left: dict[Site, tuple[str, dict[Site, Way]]] = field(
        default_factory=dict[Site, "tuple[str, dict[Site, Way]]"]
    )
    """By the switch: its text, and the returns that leave it so."""
    left_off: dict[Site, LeftOff] = field(default_factory=dict[Site, LeftOff])

    def returned_off(self, m: Machine, node: ast.Return) -> None:
        """A function returns: is grad mode off there?"""
        if m.recording and m.calls and m.grad_mode is NO:
            way = Way(m.text(node), tuple(m.recorder.visits.path[:-1]))
            self.returning.setdefault(id(m.frame), []).append((m.site(node), way))

    def leaving(self, m: Machine, node: ast.AST, frame: Frame) -> None:
        """All ways out of a function are known: some leave grad mode off, and others do not, though
        it has been switched off on each."""
        returns = self.returning.pop(id(frame), [])
        if not returns or m.uncertain or not isinstance(node, ast.FunctionDef):
            return
        off = [state for state, _ in frame.returns if state.get(GRAD_MODE) is NO]
        on = [state for state, _ in frame.returns if state.get(GRAD_MODE) is YES]
        if len(off) != len(returns) or not on or m.grad_mode is not YES:
            return
        sites = {found for state in off if (found := switched_in(state.get(GRAD_SITE), frame))}
        statement = first_switch(m, node, sites)
        if len(sites) == 1 and statement is not None:
            self.left[sites.pop()] = (m.text(statement), dict(returns))

    def under(self, m: Machine, node: ast.AST, tensor: Tensor) -> None:
        """A backward of a loss that has a graph on some runs, since grad mode is on on some."""
        found = m.s.get(GRAD_SITE)
        unsure = m.grad_mode is MAYBE and tensor.requires_grad is MAYBE
        if not m.recording or not unsure or not isinstance(found, tuple):
            return
        off, _ = cast("tuple[Site, int]", found)
        off_text, returns = self.left.get(off, ("", {}))
        for site, way in returns.items():
            if m.recorder.visits.certain_after(way.path):
                fact = LeftOff(site, way.text, off, off_text, m.site(node))
                self.left_off.setdefault(site, fact)


def switched_in(found: object, frame: Frame) -> Site | None:
    """Where this call of a function has switched grad mode off."""
    if not isinstance(found, tuple):
        return None
    site, holder = cast("tuple[Site, int]", found)
    return site if holder == id(frame) else None


def first_switch(m: Machine, function: ast.FunctionDef, sites: set[Site]) -> ast.stmt | None:
    """The statement that switches, if every way out that comes after it has passed it: it stands
    under no condition, and nothing returns before."""
    for statement in function.body:
        if isinstance(statement, ast.Expr) and m.site(statement.value) in sites:
            return statement
        if any(isinstance(part, ast.Return) for part in ast.walk(statement)):
            return None
    return None
