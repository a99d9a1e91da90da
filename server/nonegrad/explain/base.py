"""What a hover is, and the few words and marks that all of them use."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePath

from nonegrad.text import Site, Source

LONGEST = 60


@dataclass(frozen=True, slots=True)
class Hover:
    """Markdown about the stretch under the cursor."""

    site: Site
    markdown: str


def code(text: str) -> str:
    """Text as code on one line, not too long; text that has backticks of its own keeps them."""
    flat = " ".join(text.split())
    short = flat if len(flat) <= LONGEST else flat[: LONGEST - 1] + "…"
    return f"`` {short} ``" if "`" in short else f"`{short}`"


def line(site: Site, source: Source) -> str:
    """`line 4`, with the file where it is another one."""
    if site.filename == source.filename:
        return f"line {site.row}"
    return f"{PurePath(site.filename).name} line {site.row}"


def listed(names: Iterable[str], most: int = 8) -> str:
    """Names as code, with commas; of very many the first ones and how many more."""
    every = list(names)
    more = f" and {len(every) - most} more" if len(every) > most else ""
    return ", ".join(code(name) for name in every[:most]) + more


def paragraphs(parts: Iterable[str]) -> str:
    """Markdown out of its paragraphs; empty ones fall away."""
    return "\n\n".join(part for part in parts if part)
