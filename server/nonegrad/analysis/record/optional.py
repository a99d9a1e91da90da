"""Parts of a program that an option of its command line leaves out: they wait for another value of
it, and that nothing uses them on this run is no mistake."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nonegrad.analysis.domain.objects import Instance
from nonegrad.analysis.domain.values import UNKNOWN, Ref, only
from nonegrad.analysis.syntax import walking

if TYPE_CHECKING:
    from nonegrad.analysis.domain.values import Value
    from nonegrad.analysis.machine import Machine


@dataclass(slots=True)
class Optional:
    """The attributes named in branches that an option leaves out."""

    names: set[str] = field(default_factory=set[str])
    asked: set[tuple[int, bool]] = field(default_factory=set[tuple[int, bool]])

    def decided(self, m: Machine, statement: ast.If, taken: bool) -> None:
        """A test went one way for certain."""
        if (id(statement), taken) in self.asked:
            return
        self.asked.add((id(statement), taken))
        left_out = statement.orelse if taken else statement.body
        if left_out and asks_option(m, statement.test):
            for part in left_out:
                for one in walking.walk(part):
                    if isinstance(one, ast.Attribute):
                        self.names.add(one.attr)

    def holds(self, name: str) -> bool:
        """Whether a parameter is in something that was named in such a branch."""
        return not self.names.isdisjoint(name.split("."))


def asks_option(m: Machine, test: ast.expr) -> bool:
    """Whether a test reads an attribute of a namespace."""
    return any(
        isinstance(part, ast.Attribute) and is_namespace(m, path_value(m, part.value))
        for part in walking.walk(test)
    )


def path_value(m: Machine, node: ast.expr) -> Value | None:
    """What a name, or an attribute of one, is bound to."""
    if isinstance(node, ast.Name):
        return m.lookup(node.id)
    if isinstance(node, ast.Attribute):
        thing = instance(m, path_value(m, node.value))
        return None if thing is None else thing.get(node.attr)
    return None


def instance(m: Machine, value: Value | None) -> Instance | None:
    """The object with attributes that a value certainly is."""
    atom = only(value) if value is not None else None
    return m.at(atom.addr, Instance) if isinstance(atom, Ref) else None


def is_namespace(m: Machine, value: Value | None) -> bool:
    """Whether a value is an object that is nothing but its attributes."""
    thing = instance(m, value)
    return thing is not None and thing.cls is UNKNOWN and not thing.is_module
