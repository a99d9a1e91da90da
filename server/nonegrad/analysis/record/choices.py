"""What each of several alternatives meets: it holds whichever of them the run takes.

A call runs once for every object that its callee may be. What one of them meets is no promise by
itself; what all of them meet at the same place is.
"""

from __future__ import annotations

import ast
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nonegrad.analysis.record.facts import Fact, HiddenWrite, Overwritten
from nonegrad.analysis.record.visits import Place

if TYPE_CHECKING:
    from nonegrad.analysis.machine import Machine


@dataclass(frozen=True, slots=True)
class Held:
    """A fact that is held back, and the statement at which it was met."""

    fact: Fact
    statement: ast.stmt | None
    blamed: bool
    """Whether a later visit of the statement that goes through speaks against it."""


@dataclass(slots=True)
class Choice:
    """The facts of the alternative being run, and those that all the ones before have met."""

    uncertain: int
    found: dict[Place, Held] = field(default_factory=dict[Place, Held])
    agreed: dict[Place, Held] | None = None

    def ended(self) -> None:
        """One alternative is over; the next one starts with nothing met."""
        before, found = self.agreed, self.found
        self.agreed = found if before is None else {k: v for k, v in before.items() if k in found}
        self.found = {}


@dataclass(slots=True)
class Choices:
    """The alternatives being run, the innermost last."""

    running: list[Choice] = field(default_factory=list[Choice])

    @contextmanager
    def between(self, m: Machine) -> Generator[Choice]:
        """While alternatives run; afterwards what all of them have met is told."""
        m.uncertain += 1
        choice = Choice(m.uncertain)
        self.running.append(choice)
        try:
            yield choice
        finally:
            self.running.pop()
            m.uncertain -= 1
        for key, held in (choice.agreed or {}).items():
            if not m.uncertain:
                tell(m, key, held)
            elif self.running and self.running[-1].uncertain == m.uncertain:
                self.running[-1].found.setdefault(key, held)

    def holds_back(self, m: Machine, key: Place, fact: Fact) -> bool:
        """Whether a fact is not certain yet; it is kept where it is so in its alternative."""
        if self.running and self.running[-1].uncertain == m.uncertain:
            visits = m.recorder.visits
            statement = visits.path[-1] if visits.path else None
            self.running[-1].found.setdefault(key, Held(fact, statement, visits.counts(m.ctx)))
            if statement is not None:
                visits.note(m, key, statement)
            # Where this call is made again, it is to meet the fact again.
            m.recorder.effects += 1
        return m.uncertain > 0

    def went_by(self, statement: ast.stmt) -> None:
        """A statement went through: what was met there is not met on every run."""
        for choice in self.running:
            for key in [key for key, held in choice.found.items() if held.statement is statement]:
                if choice.found[key].blamed:
                    del choice.found[key]


def tell(m: Machine, key: Place, held: Held) -> None:
    """All alternatives have met it: it is certain."""
    before = m.recorder.raised.get(key)
    perhaps = isinstance(before, (Overwritten, HiddenWrite)) and not before.definite
    if before is None or perhaps:
        m.recorder.raised[key] = held.fact
        if held.blamed and held.statement is not None:
            m.recorder.visits.blamed.setdefault(id(held.statement), []).append(key)
