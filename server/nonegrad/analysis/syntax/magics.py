"""Notebook cells: lines that only IPython understands, made harmless before Python is parsed."""

from __future__ import annotations

import re

from nonegrad.analysis.syntax.scan import TOKEN
from nonegrad.text import LINE_END

MAGIC = re.compile(r"([ \t\f]*)(?:[%!?][^\r\n]*|[^\W\d][\w.*]*\?{1,2}[ \t]*(?=[\r\n]|\Z))")
BOUND = re.compile(r"([ \t\f]*[^\W\d][\w.]*[ \t]*=[ \t]*)[%!](?!=)[^\r\n]*")
CELL = re.compile(r"\s*%%(\w+)[^\r\n]*")
PYTHON_CELLS = frozenset(
    {"time", "timeit", "capture", "prun", "memit", "mprun", "python", "python3"}
)


def without_magics(text: str) -> str:
    """The text with the same lines, in which each magic is `pass`, or `...` where it is bound."""
    cell = CELL.match(text)
    if cell and cell[1] not in PYTHON_CELLS:
        return "".join(LINE_END.findall(text))
    pieces: list[str] = []
    done = place = 0
    while place < len(text):
        if found := MAGIC.match(text, place):
            pieces += [text[done:place], found[1], "pass"]
        elif found := BOUND.match(text, place):
            pieces += [text[done:place], found[1], "..."]
        if found:
            done = place = found.end()
        place = _line_after(text, place)
    return "".join((*pieces, text[done:]))


def _line_after(text: str, place: int) -> int:
    """Where the next logical line starts."""
    depth = 0
    for token in TOKEN.finditer(text, place):
        kind = token.lastgroup
        depth += (kind == "opening") - (kind == "closing" and depth > 0)
        if kind == "line_end" and not depth:
            return token.end()
    return len(text)
