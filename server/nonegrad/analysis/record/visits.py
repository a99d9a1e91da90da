"""Which visits of a statement went through: what one visit raises, another may not.

An error says that every run which gets to a place raises there. A visit that does raise shows
that only where no run may come by in another way: from another call, or around the raise.
"""

from __future__ import annotations

import ast
from collections.abc import Generator
from collections.abc import Sequence as Items
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import takewhile
from typing import TYPE_CHECKING

from nonegrad.analysis.domain.frames import Context
from nonegrad.text import Site

if TYPE_CHECKING:
    from nonegrad.analysis.machine import Machine

Place = tuple[str, Site]
"""What goes wrong, and where."""
Path = tuple[ast.stmt, ...]
"""The statements around a visit, from the module down, through the calls."""


@dataclass(slots=True)
class Visits:
    """The way to the statement being run, and the visits of each block so far."""

    path: list[ast.stmt] = field(default_factory=list[ast.stmt])
    passed: dict[int, dict[Path, None]] = field(default_factory=dict[int, dict[Path, None]])
    """By the statement: the ways on which it went through; kept for the bodies of functions."""
    blamed: dict[int, list[Place]] = field(default_factory=dict[int, list[Place]])
    """By the statement: the facts of its visits that raised."""
    recent: list[Place] = field(default_factory=list[Place])
    """The facts of the statement being run."""
    asked: list[int] = field(default_factory=list[int])
    """How deep on the way the conditions stand that may as well have gone the other way."""
    skipped: list[int] = field(default_factory=list[int])
    """The same of those under which the rest of a turn, or of a function, is left out."""

    outside: dict[Site, Site] = field(default_factory=dict[Site, Site])
    """For facts in other files than the one asked for: the place there that leads to them."""

    def went_wrong(self, m: Machine, statement: ast.stmt) -> None:
        """A statement raises, with the recent facts."""
        if self.recent and self.counts(m.ctx):
            self.blamed.setdefault(id(statement), []).extend(self.recent)
        for place in self.recent:
            self.note(m, place, statement)
        self.recent.clear()

    def note(self, m: Machine, place: Place, statement: ast.stmt) -> None:
        """Keep what in the file asked for leads to a fact of another file."""
        frame, site = m.frame, m.site(statement)
        while not frame.module.asked and frame.caller is not None and site is not None:
            frame, site = frame.caller, frame.called_at
        if frame.module.asked and site is not None and site.filename != place[1].filename:
            self.outside.setdefault(place[1], site)

    def went_through(self, statement: ast.stmt, around: Path) -> None:
        """A statement of a function's body went through."""
        self.passed.setdefault(id(statement), {})[around] = None

    @contextmanager
    def asking(self, undecided: bool, *, each_turn: bool = False) -> Generator[None]:
        """While the branches of a condition run that is decided, or not; `each_turn`: it is that of
        a loop, and asked before each of its turns."""
        if not undecided:
            yield
            return
        self.asked.append(len(self.path) - 1 + each_turn)
        try:
            yield
        finally:
            self.asked.pop()

    def leaves_out(self) -> None:
        """An undecided condition leaves out the rest of this turn, or of this function."""
        self.skipped.append(len(self.path) - 1)

    def certain_after(self, before: Path) -> bool:
        """Whether a run that came by on a way certainly gets here later: since they part, no
        condition that is not decided has come between, and nothing has returned."""
        shared = together(self.path, before)
        if parted(self.path, before, shared):
            return False
        left_out = any(isinstance(statement, ast.Return) for statement in before[shared:])
        return not left_out and all(at < shared for at in (*self.asked, *self.skipped))

    def lonely(self, context: Context) -> bool:
        """Whether no run can have got to this statement but on the way that raises now."""
        if not self.path:
            return True
        here = tuple(self.path[:-1])
        ways = self.passed.get(id(self.path[-1]), ())
        if here in ways and self.by_chance(context):
            return False
        return all(follows(here, way) for way in ways)

    def counts(self, context: Context) -> bool:
        """Whether a visit that raises stands against others that go through. That a loop of unknown
        length turns twice is taken for granted."""
        return not goes_on(context) or self.by_chance(context)

    def by_chance(self, context: Context) -> bool:
        """Whether a condition inside a loop has let this turn get here, and not the first: it may
        be one that holds in other turns only, as `step == 0` does."""
        if not self.asked and not self.skipped:
            return False
        turned = later_turns(context)
        loop = next((n for n, one in enumerate(self.path) if id(one) in turned), None)
        return loop is not None and any(at > loop for at in (*self.asked, *self.skipped))


def later_turns(context: Context | None) -> set[int]:
    """The loops that are in another turn than their first."""
    found: set[int] = set()
    while context is not None:
        match context.key:
            case (int(loop), "second" | "more"):
                found.add(loop)
            case (int(loop), int(turn)) if turn > 0:
                found.add(loop)
            case _:
                pass
        context = context.parent
    return found


def goes_on(context: Context) -> bool:
    """Whether this is a later turn of a loop of unknown length, folded or kept apart."""
    one: Context | None = context
    while one is not None and not context.turned:
        match one.key:
            case (int(), "second"):
                return True
            case _:
                one = one.parent
    return context.turned


def follows(here: Path, before: Path) -> bool:
    """Whether a run that came by on the way before certainly comes by on this one later: from
    where they part, this one is under no condition, and the other does not return."""
    if here == before:
        return True
    shared = together(here, before)
    if parted(here, before, shared):
        return False
    if any(isinstance(statement, ast.Return) for statement in before[shared:]):
        return False
    return not any(isinstance(statement, CONDITIONAL) for statement in here[shared:])


def together(here: Items[ast.stmt], before: Items[ast.stmt]) -> int:
    """How many statements two ways have in common."""
    pairs = zip(here, before, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] is pair[1], pairs))


def parted(here: Items[ast.stmt], before: Items[ast.stmt], shared: int) -> bool:
    """Whether two ways go into different branches of the last statement they have in common."""
    if not 0 < shared < min(len(here), len(before)):
        return False
    match here[shared - 1]:
        case ast.If(body=body, orelse=orelse):
            branches = [body, orelse]
        case ast.Try(body=body, handlers=handlers, orelse=orelse):
            branches = [body, *(one.body for one in handlers), orelse]
        case ast.Match(cases=cases):
            branches = [one.body for one in cases]
        case _:
            return False
    one, other = here[shared], before[shared]
    inside = [branch for branch in branches if one in branch or other in branch]
    return len(inside) > 1


CONDITIONAL = (ast.If, ast.For, ast.While, ast.Try, ast.Match)
