"""Positions of the protocol and ours: lines from 0 and code units there, rows and characters from 1
here.

The unit was negotiated with the client (utf-8, utf-16 or utf-32). A position outside the text is
held inside it; one in the middle of a character stands before that character.
"""

from __future__ import annotations

from lsprotocol import types

from nonegrad.text import Site, Source

UTF8 = types.PositionEncodingKind.Utf8.value
UTF16 = types.PositionEncodingKind.Utf16.value
UTF32 = types.PositionEncodingKind.Utf32.value


def width(character: str, encoding: str) -> int:
    """How many code units one character takes."""
    point = ord(character)
    if encoding == UTF32:
        return 1
    if encoding == UTF8:
        return 1 + (point >= 0x80) + (point >= 0x800) + (point >= 0x10000)
    return 1 + (point >= 0x10000)


def units(text: str, encoding: str) -> int:
    """How many code units a text takes."""
    if text.isascii():
        return len(text)
    return sum(width(character, encoding) for character in text)


def characters(line: str, character: int, encoding: str) -> int:
    """How many characters of a line stand before a protocol column."""
    if line.isascii():
        return min(max(character, 0), len(line))
    taken = 0
    for index, each in enumerate(line):
        taken += width(each, encoding)
        if taken > character:
            return index
    return len(line)


def to_position(source: Source, row: int, column: int, encoding: str) -> types.Position:
    """Where the client finds one of our places."""
    row = min(max(row, 1), source.rows)
    before = source.line(row)[: max(column - 1, 0)]
    return types.Position(row - 1, units(before, encoding))


def to_range(source: Source, site: Site, encoding: str) -> types.Range:
    """Where the client finds a stretch of this text."""
    return types.Range(
        to_position(source, site.row, site.column, encoding),
        to_position(source, site.end_row, site.end_column, encoding),
    )


def from_position(source: Source, position: types.Position, encoding: str) -> tuple[int, int]:
    """The (row, column) that a client means."""
    if position.line >= source.rows:
        return source.rows, len(source.line(source.rows)) + 1
    row = max(position.line, 0) + 1
    return row, characters(source.line(row), position.character, encoding) + 1


def from_range(source: Source, stretch: types.Range, encoding: str) -> Site:
    """The stretch that a client means; one that is the wrong way round is turned."""
    start = from_position(source, stretch.start, encoding)
    end = from_position(source, stretch.end, encoding)
    (row, column), (end_row, end_column) = sorted((start, end))
    return Site(source.filename, row, column, end_row, end_column)
