"""What a pattern rule hands over, and what a rewrite is."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass

from nonegrad.text import Edit, Rewrite, Site, Source

_RENAMED = re.compile(r"^[ \t]*import[ \t]+torch[ \t]+as[ \t]+(\w+)", re.M)


@dataclass(frozen=True, slots=True)
class PatternMatch:
    """One statement whose shape alone is wrong; the rule record of that name adds the severity."""

    rule: str
    site: Site
    message: str
    rewrites: tuple[Rewrite, ...] = ()
    raises: bool = False
    """Whether PyTorch raises at the statement."""


@dataclass(frozen=True, slots=True)
class Draft:
    """The edits of a rewrite before they are checked; `title` replaces the one asked for.

    `remark` is put behind the title, and makes the fix unsafe: what else it may change.
    """

    edits: tuple[Edit, ...]
    title: str | None = None
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Task:
    """A rewrite to be written: the text, the tree that holds the site, and the request."""

    source: Source
    tree: ast.Module
    request: Rewrite

    @property
    def site(self) -> Site:
        """The stretch the request is about."""
        return self.request.site

    @property
    def torch(self) -> str:
        """How the file spells the torch module: by argument `torch`, or as it imports it."""
        found = _RENAMED.search(self.source.text)
        return self.request.argument("torch") or (found[1] if found else "torch")


@dataclass(frozen=True, slots=True)
class Form:
    """A rewrite by name; `write` answers None where the text has no faithful form."""

    name: str
    write: Callable[[Task], Draft | None]
