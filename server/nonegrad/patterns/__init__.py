"""Shapes of statements and their rewrites: the one door to libcst, which loads on first use."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from nonegrad.patterns.base import PatternMatch
from nonegrad.patterns.triggers import TRIGGERS, triggered
from nonegrad.text import Fix, Rewrite, Source

__all__ = ["TRIGGERS", "PatternMatch", "matches", "rewrite", "triggered"]


def rewrite(source: Source, request: Rewrite, tree: ast.Module | None = None) -> Fix | None:
    """Write the rewrite as edits of this text; None where no faithful form exists here.

    `tree` is the parse of exactly this text, where the caller has it. A file that does not
    parse is served as well, from the part around the site that does.
    """
    from nonegrad.patterns.writing import write

    return write(source, request, tree)


def matches(source: Source, tree: ast.Module) -> Iterator[PatternMatch]:
    """What the shape of a statement alone decides, in the order of the text."""
    if not triggered(source.text):
        return
    from nonegrad.patterns.shapes import find

    yield from find(source, tree)
