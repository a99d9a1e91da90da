"""Programs with the stretch a rewrite is about between ‹ and ›."""

from __future__ import annotations

from nonegrad.patterns import rewrite
from nonegrad.text import Fix, Rewrite, Site, Source, apply


def unmarked(text: str) -> tuple[Source, Site]:
    """The program without its marks, and the stretch between them."""
    start = text.index("‹")
    end = text.index("›") - 1
    source = Source("program.py", text.replace("‹", "").replace("›", ""))
    return source, Site("program.py", *source.position(start), *source.position(end))


def fixed(name: str, text: str, /, **arguments: str) -> tuple[Source, Fix | None]:
    """The source and what the rewrite makes of its marked stretch."""
    source, site = unmarked(text)
    request = Rewrite(name, site, f"apply {name}", arguments=tuple(arguments.items()))
    return source, rewrite(source, request)


def rewritten(name: str, text: str, /, **arguments: str) -> str | None:
    """The program after the rewrite, None where there is none to give."""
    source, fix = fixed(name, text, **arguments)
    return None if fix is None else apply(source, fix.edits)
