"""Shapes of statements and their rewrites: the one door to libcst, which loads on first use."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache

from nonegrad.patterns.base import PatternMatch
from nonegrad.patterns.triggers import TRIGGERS, triggered
from nonegrad.text import Fix, Rewrite, Source

__all__ = ["TRIGGERS", "PatternMatch", "matches", "rewrite", "triggered"]


@cache
def available() -> bool:
    """Whether libcst loads here: its compiled part is made for some Pythons and platforms only,
    and without it everything but fixes and pattern rules still works."""
    try:
        import libcst
    except ImportError:
        return False
    return libcst is not None


def rewrite(source: Source, request: Rewrite, tree: ast.Module | None = None) -> Fix | None:
    """Write the rewrite as edits of this text; None where no faithful form exists here.

    `tree` is the parse of exactly this text, where the caller has it. A file that does not
    parse is served as well, from the part around the site that does.
    """
    if not available():
        return None
    from nonegrad.patterns.writing import write

    return write(source, request, tree)


def matches(source: Source, tree: ast.Module) -> Iterator[PatternMatch]:
    """What the shape of a statement alone decides, in the order of the text."""
    if not triggered(source.text) or not available():
        return
    from nonegrad.patterns.shapes import find

    yield from find(source, tree)
