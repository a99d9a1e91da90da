"""What a rule is, and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from nonegrad.options import Severity
from nonegrad.text import Related, Rewrite, Site

F = TypeVar("F")

Certainty = Literal["definite", "possible"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to tell the user: what happens, to what, because of what, and where."""

    rule: str
    severity: Severity
    certainty: Certainty
    site: Site
    message: str
    related: tuple[Related, ...] = ()
    rewrites: tuple[Rewrite, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule(Generic[F]):
    """A check as a value: its name, its page, the kind of fact it reads, and a pure function.

    `doc` holds the sections *What it does, Why it matters, Example, Use instead, Limits*.
    """

    name: str
    summary: str
    severity: Severity
    on: type[F]
    check: Callable[[F], Iterator[Finding]]
    doc: str


AnyRule = Rule[Any]
