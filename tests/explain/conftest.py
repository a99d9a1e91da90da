"""Hovering in a text: the bar `¦` is the cursor, and stands before the character under it."""

from __future__ import annotations

from textwrap import dedent

from nonegrad.analyze import Hover, analyze
from nonegrad.text import Source


def hovered(marked: str) -> Hover | None:
    """What is said at the mark."""
    text = "import torch\n\n" + dedent(marked).lstrip("\n")
    assert text.count("¦") == 1
    source = Source("train.py", text.replace("¦", ""))
    return analyze(source).hover(*source.position(text.index("¦")))


def said(marked: str) -> str:
    """The markdown at the mark; empty where nothing is said."""
    found = hovered(marked)
    return found.markdown if found else ""
