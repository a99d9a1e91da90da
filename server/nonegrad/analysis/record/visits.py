"""Which visits of a statement went through: what one visit raises, another may not.

An error says that every run which gets to a place raises there. A visit that does raise shows
that only where no run may come by in another way: from another call, or around the raise.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from itertools import takewhile

Path = tuple[ast.stmt, ...]
"""The statements around a visit, from the module down, through the calls."""


@dataclass(slots=True)
class Visits:
    """The way to the statement being run, and the visits of each block so far."""

    path: list[ast.stmt] = field(default_factory=list[ast.stmt])
    passed: dict[int, dict[Path, None]] = field(default_factory=dict[int, dict[Path, None]])
    """By the statement: the ways on which it went through; kept for the bodies of functions."""
    blamed: dict[int, list[object]] = field(default_factory=dict[int, list[object]])
    """By the statement: the facts of its visits that raised."""
    recent: list[object] = field(default_factory=list[object])
    """The facts of the statement being run."""

    def went_through(self, statement: ast.stmt, around: Path) -> None:
        """A statement of a function's body went through."""
        self.passed.setdefault(id(statement), {})[around] = None

    def lonely(self) -> bool:
        """Whether no run can have got to this statement but on the way that raises now."""
        if not self.path:
            return True
        here = tuple(self.path[:-1])
        return all(follows(here, way) for way in self.passed.get(id(self.path[-1]), ()))


def follows(here: Path, before: Path) -> bool:
    """Whether a run that came by on the way before certainly comes by on this one later: from
    where they part, this one is under no condition, and the other does not return."""
    pairs = zip(here, before, strict=False)
    shared = sum(1 for _ in takewhile(lambda pair: pair[0] is pair[1], pairs))
    if here == before:
        return True
    if any(isinstance(statement, ast.Return) for statement in before[shared:]):
        return False
    return not any(isinstance(statement, CONDITIONAL) for statement in here[shared:])


CONDITIONAL = (ast.If, ast.For, ast.While, ast.Try, ast.Match)
