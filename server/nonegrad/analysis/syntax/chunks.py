"""From text to syntax, tolerant and incremental: the document as its top-level statements.

Only statements whose text changed are parsed again; one that does not parse keeps its last good
meaning line by line, and the rest of the file stays live. Where the whole file parses, the result
equals `ast.parse` of it, positions included.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from itertools import chain

from nonegrad.analysis.syntax.magics import without_magics
from nonegrad.analysis.syntax.parsing import Failure, statements
from nonegrad.analysis.syntax.recovery import recover
from nonegrad.analysis.syntax.scan import Span, spans
from nonegrad.text import Site, Source

MOST_PROBLEMS = 40
"""After so many broken statements the text is hardly Python, and the rest is left out."""


@dataclass(frozen=True, slots=True)
class SyntaxProblem:
    """A place that does not parse, as CPython names it, and its words."""

    site: Site
    message: str


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    """The lines from one top-level statement to the next.

    The same object serves every version of the text in which these lines stand unchanged at the
    same row, and its syntax is never modified: what was concluded from it may be kept with it.
    """

    text: str
    row: int
    body: tuple[ast.stmt, ...]
    good: str | None
    """The text when it last parsed."""
    problem: SyntaxProblem | None = None
    guessed: frozenset[int] = frozenset()
    """Rows whose meaning is guessed or stale: no edit may be offered there."""


@dataclass(frozen=True, slots=True, eq=False)
class Parsed:
    """One version of a file as syntax."""

    source: Source
    """The text as parsed: of a notebook cell, without what is for IPython."""
    chunks: tuple[Chunk, ...]

    @property
    def body(self) -> list[ast.stmt]:
        """The top-level statements in order, positions those of the file."""
        return list(chain.from_iterable(chunk.body for chunk in self.chunks))

    @property
    def problems(self) -> tuple[SyntaxProblem, ...]:
        """What does not parse, in order; each broken statement is named once."""
        return tuple(chunk.problem for chunk in self.chunks if chunk.problem)

    @property
    def guessed(self) -> frozenset[int]:
        """Rows whose meaning is guessed or stale."""
        return frozenset(chain.from_iterable(chunk.guessed for chunk in self.chunks))


def parse(source: Source, *, notebook: bool = False) -> Parsed:
    """Parse one text without a past."""
    return Syntax(notebook=notebook).parse(source)


class Syntax:
    """One open document: remembers its chunks from version to version.

    In a `notebook` cell the lines for IPython are left out.
    """

    def __init__(self, *, notebook: bool = False) -> None:
        self._last: Parsed | None = None
        self._notebook = notebook

    def parse(self, source: Source) -> Parsed:
        """The syntax of this version of the text; never raises."""
        if self._notebook:
            source = Source(source.filename, without_magics(source.text))
        last = self._last
        if last is None or last.source.filename != source.filename:
            chunks = _fresh(source, 0, len(source.text), ())
        elif last.source.text == source.text:
            return last
        else:
            chunks = _again(source, last.chunks)
        self._last = Parsed(source, tuple(chunks))
        return self._last


def _again(source: Source, old: tuple[Chunk, ...]) -> list[Chunk]:
    """The chunks of a new version: kept, moved, or made anew where the text differs."""
    text = source.text
    kept, start = _kept_head(text, old)
    tail, stop = _kept_tail(text, old, kept, start)
    row = source.position(start)[0]
    middle = statements(text[start:stop], row)
    if isinstance(middle, Failure) and tail < len(old):
        further = statements(text[start:], row)
        if not isinstance(further, Failure):
            return [*old[:kept], *_split(source, start, len(text), further)]
    if isinstance(middle, Failure):
        fresh = _cover(source, start, stop, old[kept:tail])
    else:
        fresh = _split(source, start, stop, middle)
    return [*old[:kept], *fresh, *_moved(source, stop, old[tail:])]


def _kept_head(text: str, old: tuple[Chunk, ...]) -> tuple[int, int]:
    """How many chunks stand as they did, and the offset after them.

    The last that matches is not among them: what follows may continue it now (`else:`).
    """
    offset = previous = kept = 0
    for chunk in old:
        if chunk.problem or not text.startswith(chunk.text, offset):
            break
        previous, offset, kept = offset, offset + len(chunk.text), kept + 1
    return (kept - 1, previous) if kept else (0, 0)


def _kept_tail(text: str, old: tuple[Chunk, ...], kept: int, start: int) -> tuple[int, int]:
    """The first of the chunks at the end that only may have moved, and its offset."""
    tail, stop = len(old), len(text)
    while tail > max(kept, 1):
        chunk = old[tail - 1]
        if chunk.problem or stop - len(chunk.text) < start:
            break
        if not text.startswith(chunk.text, stop - len(chunk.text)):
            break
        tail, stop = tail - 1, stop - len(chunk.text)
    while tail < len(old) and not _begins_a_line(text, stop):
        tail, stop = tail + 1, stop + len(old[tail].text)
    return tail, stop


def _begins_a_line(text: str, offset: int) -> bool:
    """Whether a statement may begin here: after a line end that no backslash joins."""
    before = text[max(offset - 3, 0) : offset]
    return offset == 0 or (
        before.endswith(("\n", "\r")) and not before.rstrip("\r\n").endswith("\\")
    )


def _moved(source: Source, start: int, old: tuple[Chunk, ...]) -> list[Chunk]:
    """Chunks whose text is unchanged, at the rows where they stand now."""
    if not old or old[0].row == source.position(start)[0]:
        return list(old)
    return _fresh(source, start, len(source.text), old)


def _fresh(source: Source, start: int, stop: int, old: tuple[Chunk, ...]) -> list[Chunk]:
    """The chunks of a stretch of text, parsed as a whole where that goes."""
    body = statements(source.text[start:stop], source.position(start)[0])
    if isinstance(body, Failure):
        return _cover(source, start, stop, old)
    return _split(source, start, stop, body)


def _split(source: Source, start: int, stop: int, body: list[ast.stmt]) -> list[Chunk]:
    """Cut a stretch that parses at the lines where its statements begin."""
    first = source.position(start)[0]
    groups: list[tuple[int, list[ast.stmt]]] = [(start, [])]
    last_row = 0
    for statement in body:
        row = _first_row(source, statement)
        offset = source.offset(row, 1)
        if row > max(last_row, first) and groups[-1][1] and _begins_a_line(source.text, offset):
            groups.append((offset, []))
        groups[-1][1].append(statement)
        last_row = statement.end_lineno or row
    ends = [offset for offset, _ in groups[1:]] + [stop]
    chunks: list[Chunk] = []
    for (offset, group), end in zip(groups, ends, strict=True):
        text = source.text[offset:end]
        chunks.append(Chunk(text, source.position(offset)[0], tuple(group), text))
    return chunks


def _first_row(source: Source, statement: ast.stmt) -> int:
    """The row a statement begins on, its decorators included."""
    if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return statement.lineno
    if not statement.decorator_list:
        return statement.lineno
    row = statement.decorator_list[0].lineno
    while row > 1 and not source.line(row).lstrip(" \t\f\ufeff").startswith("@"):
        row -= 1
    return row


def _cover(source: Source, start: int, stop: int, old: tuple[Chunk, ...]) -> list[Chunk]:
    """The chunks of a stretch that does not parse: its good parts, and its broken statements."""
    text = source.text
    pieces = [
        Span(span.start + start, span.end + start, span.clean) for span in spans(text[start:stop])
    ]
    good = _last_good([text[piece.start : piece.end] for piece in pieces], old)
    chunks: list[Chunk] = []
    todo = [(0, len(pieces))]
    problems = 0
    while todo:
        low, high = todo.pop()
        if low >= high:
            continue
        begin, end = pieces[low].start, pieces[high - 1].end
        row = source.position(begin)[0]
        if problems >= MOST_PROBLEMS:
            site = Site(source.filename, row, 1, row, len(source.line(row)) + 1)
            problem = SyntaxProblem(
                site, "too much does not parse: from here on nothing is analysed"
            )
            return [*chunks, Chunk(text[begin:stop], row, (), None, problem)]
        body = statements(text[begin:end], row)
        if not isinstance(body, Failure):
            chunks.extend(_split(source, begin, end, body))
        elif low + 1 < high:
            at = _piece(source, pieces, low, high, body)
            todo += [(at + 1, high), (at, at + 1), (low, at)]
        else:
            problems += 1
            chunks.append(_broken(source, begin, end, body, good[low]))
    return chunks


def _piece(source: Source, pieces: list[Span], low: int, high: int, failure: Failure) -> int:
    """The statement to blame among some; where CPython names none, the middle one."""
    if not failure.knows_place:
        return (low + high) // 2
    offset = source.offset(failure.row, failure.column)
    for at in range(low, high):
        if offset < pieces[at].end:
            return at
    return high - 1


def _last_good(texts: list[str], old: tuple[Chunk, ...]) -> list[str | None]:
    """For each new piece the text its predecessor had when it last parsed."""
    before = [chunk.text for chunk in old]
    head = 0
    while head < min(len(texts), len(before)) and texts[head] == before[head]:
        head += 1
    tail = 0
    while tail < min(len(texts), len(before)) - head and texts[-1 - tail] == before[-1 - tail]:
        tail += 1
    good: list[str | None] = [None] * len(texts)
    for place in range(head):
        good[place] = old[place].good
    for place in range(1, tail + 1):
        good[-place] = old[-place].good
    if len(texts) == len(before):
        for place in range(head, len(texts) - tail):
            good[place] = old[place].good
    return good


def _broken(source: Source, start: int, stop: int, failure: Failure, good: str | None) -> Chunk:
    text, row = source.text[start:stop], source.position(start)[0]
    saved = recover(text, row, failure, good)
    problem = SyntaxProblem(_site(source, failure, start), failure.message)
    return Chunk(text, row, tuple(saved.body), good, problem, saved.guessed)


def _site(source: Source, failure: Failure, start: int) -> Site:
    """CPython's place, held inside the lines it names; the whole first line where it has none."""
    if not failure.knows_place:
        row = source.position(start)[0]
        return Site(source.filename, row, 1, row, len(source.line(row)) + 1)
    row = min(failure.row, source.rows)
    length = len(source.line(row)) + 1
    column = min(failure.column, length)
    end_row = min(failure.end_row, source.rows)
    end_column = min(failure.end_column, len(source.line(end_row)) + 1)
    if (end_row, end_column) <= (row, column):
        end_row, end_column = row, max(column, min(column + 1, length))
    return Site(source.filename, row, column, end_row, end_column)
