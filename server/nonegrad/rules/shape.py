"""What the shape of one statement says, for the rules that need to know no more than that."""

from __future__ import annotations

from dataclasses import dataclass

from nonegrad.text import Rewrite, Site


@dataclass(frozen=True, slots=True)
class Shape:
    """A statement that a pattern matched: the rule it is for, the words, and the edits."""

    rule: str
    site: Site
    message: str
    rewrites: tuple[Rewrite, ...] = ()
    raises: bool = False
    """Whether PyTorch raises at the statement."""
