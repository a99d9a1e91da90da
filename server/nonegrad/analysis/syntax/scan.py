"""Where statements begin, read from the lines alone: for text that does not parse."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import accumulate

from nonegrad.text import LINE_END

TOKEN = re.compile(
    r"""
    (?P<comment>\#[^\r\n]*)
  | (?P<string>\"\"\"(?:[^"\\]|\\.|"(?!""))*\"\"\"|'''(?:[^'\\]|\\.|'(?!''))*''')
  | (?P<open_string>\"\"\"|''')
  | "(?:[^"\\\r\n]|\\(?:\r\n|.))*"? | '(?:[^'\\\r\n]|\\(?:\r\n|.))*'?
  | (?P<opening>[(\[{])
  | (?P<closing>[)\]}])
  | (?P<joined>\\(?:\r\n|\n|\r))
  | (?P<line_end>\r\n|\n|\r)
    """,
    re.VERBOSE | re.DOTALL,
)
STARTS = re.compile(r"\f*(?!(?:else|elif|except|finally)\b)[^\s#)\]}]")
"""What a top-level statement can begin with; clauses and closing brackets continue one."""
NEVER_INSIDE = re.compile(r"(?:def|class|import|from|async def|with|while|try)\b|@")
"""What no bracket contains at the start of a line: there an open bracket was forgotten."""


@dataclass(frozen=True, slots=True)
class Span:
    """A top-level statement as the lines suggest; not `clean` where a string or bracket is open."""

    start: int
    end: int
    clean: bool


def spans(text: str) -> list[Span]:
    """Cut a text into top-level statements; leading blank and comment lines go with the first."""
    found: list[Span] = []
    start = 0
    while start < len(text):
        end = _end(text, start)
        clean = end is not None
        if end is None:
            end = _next_line_that_starts(text, start)
        found.append(Span(start, end, clean))
        start = end
    return found


def _end(text: str, start: int) -> int | None:
    """Where the statement that begins at `start` ends, or None where it never closes."""
    depth = 0
    decorated = text.startswith("@", start)
    empty = STARTS.match(text, start) is None
    for token in TOKEN.finditer(text, start):
        kind = token.lastgroup
        if kind == "opening":
            depth += 1
        elif kind == "closing":
            depth = max(depth - 1, 0)
        elif kind == "open_string":
            return None
        elif kind == "line_end" and STARTS.match(text, token.end()):
            if depth:
                if NEVER_INSIDE.match(text, token.end()):
                    return None
                continue
            was_decorated, decorated = decorated, text.startswith("@", token.end())
            if empty:
                empty = False
            elif not was_decorated:
                return token.end()
    return None if depth else len(text)


def _next_line_that_starts(text: str, start: int) -> int:
    """The next line that could begin a statement, whatever is open."""
    decorated = text.startswith("@", start)
    empty = STARTS.match(text, start) is None
    for line_end in LINE_END.finditer(text, start):
        if not STARTS.match(text, line_end.end()):
            continue
        was_decorated, decorated = decorated, text.startswith("@", line_end.end())
        if empty:
            empty = False
        elif not was_decorated:
            return line_end.end()
    return len(text)


def logical_line(lines: list[str], index: int) -> tuple[int, int]:
    """The logical line that covers a physical one: from its first to past its last index.

    An open bracket or string reaches as far as the lines are indented deeper than its own.
    """
    text = "".join(lines)
    starts = {0: 0}
    for place, end in enumerate(accumulate(map(len, lines)), start=1):
        starts[end] = place
    first = depth = 0
    for token in TOKEN.finditer(text):
        kind = token.lastgroup
        depth += (kind == "opening") - (kind == "closing" and depth > 0)
        if kind == "open_string":
            depth += 1
        if kind == "line_end" and not depth:
            past = starts[token.end()]
            if past > index:
                return first, past
            first = past
    own = indent(lines[first]) if first < len(lines) else 0
    past = first + 1
    while past < len(lines) and (not lines[past].strip() or indent(lines[past]) > own):
        past += 1
    return (first, past) if past > index else (index, index + 1)


def indent(line: str) -> int:
    """How far a line is indented, tabs to the next multiple of 8 as CPython has it."""
    stripped = line.lstrip(" \t\f")
    return len(line[: len(line) - len(stripped)].replace("\f", "").expandtabs(8))


def code(line: str) -> str:
    """A line without its comment and line end."""
    for token in TOKEN.finditer(line):
        if token.lastgroup in ("comment", "line_end"):
            return line[: token.start()]
    return line
