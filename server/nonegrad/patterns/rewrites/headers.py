"""The header of a block, taken off its body."""

from __future__ import annotations

import ast
import re

from nonegrad.patterns.layout import edit, leads, newline_of, prefix, shifted
from nonegrad.patterns.place import Run, start_of
from nonegrad.text import Edit, Source

_COLON = re.compile(r"(?:[\s),\\]|#[^\r\n]*)*:")
_COMMENT = re.compile(r"[ \t]*(#[^\r\n]*)")


def colon_after(source: Source, offset: int) -> re.Match[str] | None:
    """What closes a header after its last expression."""
    return _COLON.match(source.text, offset)


def without_header(run: Run, body: list[ast.stmt], colon: int) -> tuple[Edit, ...] | None:
    """The edits that leave of a block its body, indented less; `colon` is where its header ends."""
    source = run.source
    first = start_of(source, body[0])
    if not leads(source, first):
        return (edit(source, run.start, first, ""),)
    if not leads(source, run.start):
        return None
    outer, inner = prefix(source, run.start), prefix(source, first)
    below = source.position(colon)[0] + 1
    header = edit(
        source, source.starts[source.position(run.start)[0] - 1], source.starts[below - 1], ""
    )
    comment = _COMMENT.match(source.text, colon)
    if comment is not None:
        kept = f"{outer}{comment.group(1)}{newline_of(source)}"
        header = Edit(header.site, kept)
    rows = shifted(source, below, source.position(run.end)[0], inner, outer)
    return (header, *rows)
