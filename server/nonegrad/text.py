"""Places in a source text and changes to it: the vocabulary every layer shares.

Rows and columns count from 1, columns in characters (code points), ends are exclusive.
A line ends at LF, CRLF or CR alone, as in CPython's tokenizer; form feeds and U+2028 end none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

LINE_END = re.compile(r"\r\n|\n|\r")
SURROGATE = re.compile("[\ud800-\udfff]")


class Site(NamedTuple):
    """A stretch of one file: from (row, column) to (end_row, end_column), the end exclusive."""

    filename: str
    row: int
    column: int
    end_row: int
    end_column: int

    def contains(self, row: int, column: int) -> bool:
        """Whether the position lies in the stretch; its end counts as inside, for a cursor."""
        return (self.row, self.column) <= (row, column) <= (self.end_row, self.end_column)

    def around(self, other: Site) -> bool:
        """Whether another stretch begins in one of the rows of this one."""
        return self.filename == other.filename and self.row <= other.row <= self.end_row


@dataclass(frozen=True, slots=True)
class Related:
    """A second place of a finding: the cause, or where it shows."""

    site: Site
    message: str


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the text of `site` by `content`; an empty site is an insertion."""

    site: Site
    content: str


@dataclass(frozen=True, slots=True)
class Fix:
    """Edits that belong together, all against the text as it was; the title is a verb phrase."""

    title: str
    edits: tuple[Edit, ...]
    kind: Literal["quickfix", "refactor.rewrite"] = "quickfix"
    safe: bool = False


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A fix asked for by name: `patterns` decides whether a faithful form exists, and writes it.

    `site` is the stretch the rewrite is about (a call, a statement); `arguments` are strings
    that the rewrite of that name documents.
    """

    name: str
    site: Site
    title: str
    safe: bool = False
    kind: Literal["quickfix", "refactor.rewrite"] = "quickfix"
    arguments: tuple[tuple[str, str], ...] = ()
    parts: tuple[Rewrite, ...] = ()
    """What else belongs to the fix, here or in other files; without one of them there is none."""

    def argument(self, key: str, default: str = "") -> str:
        """One argument by its key."""
        return dict(self.arguments).get(key, default)


@dataclass(frozen=True, slots=True)
class Source:
    """One file as read: its name, its text, and where its lines start."""

    filename: str
    text: str
    starts: tuple[int, ...] = field(init=False, repr=False, compare=False)
    ascii: bool = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        starts = (0, *(match.end() for match in LINE_END.finditer(self.text)))
        object.__setattr__(self, "starts", starts)
        object.__setattr__(self, "ascii", self.text.isascii())

    @property
    def rows(self) -> int:
        """How many lines there are; a text that ends in a line end has an empty last one."""
        return len(self.starts)

    def line(self, row: int) -> str:
        """The text of a row without its line end; empty where there is no such row."""
        if not 1 <= row <= len(self.starts):
            return ""
        end = self.starts[row] if row < len(self.starts) else len(self.text)
        return self.text[self.starts[row - 1] : end].rstrip("\r\n")

    def offset(self, row: int, column: int) -> int:
        """The index into `text` of a position, held inside the text."""
        if row > len(self.starts):
            return len(self.text)
        return min(self.starts[max(row, 1) - 1] + column - 1, len(self.text))

    def position(self, offset: int) -> tuple[int, int]:
        """The (row, column) of an index into `text`."""
        from bisect import bisect_right

        row = bisect_right(self.starts, offset)
        return row, offset - self.starts[row - 1] + 1

    def cut(self, site: Site) -> str:
        """The text a site covers."""
        start = self.offset(site.row, site.column)
        return self.text[start : self.offset(site.end_row, site.end_column)]

    def on_one_line(self, site: Site) -> str:
        """The same without line breaks and indents."""
        return " ".join(self.cut(site).split())

    def column(self, row: int, utf8_offset: int) -> int:
        """The column (from 1) of CPython's `col_offset`, which counts UTF-8 bytes from 0."""
        if self.ascii:
            return utf8_offset + 1
        # A lone surrogate has no UTF-8; it is parsed as U+FFFD, and that counts three bytes.
        line = SURROGATE.sub("\ufffd", self.line(row))
        return len(line.encode()[:utf8_offset].decode(errors="ignore")) + 1


def shortened(text: str, longest: int = 40) -> str:
    """A text that is cut off where it is too long."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


def apply(source: Source, edits: tuple[Edit, ...]) -> str:
    """The text after the edits that lie in this file.

    Raises ValueError where two edits overlap. Insertions at one point keep their order.
    """
    spans = [
        (
            source.offset(edit.site.row, edit.site.column),
            source.offset(edit.site.end_row, edit.site.end_column),
            order,
            edit.content,
        )
        for order, edit in enumerate(edits)
        if edit.site.filename == source.filename
    ]
    text, last = source.text, len(source.text)
    for start, end, _, content in sorted(spans, key=lambda span: (span[0], span[2]), reverse=True):
        if end > last:
            raise ValueError(f"edits of one fix overlap at offset {start} of {source.filename}")
        text, last = text[:start] + content + text[end:], start
    return text
