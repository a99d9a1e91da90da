"""CPython's parser behind one door: statements with places in the file, or why there are none."""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass

SURROGATE = re.compile("[\ud800-\udfff]")
TOO_DEEP = "too deeply nested to analyse"
BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class Failure:
    """Where CPython gave up (rows and columns from 1, in characters, end exclusive), and why."""

    row: int
    column: int
    end_row: int
    end_column: int
    message: str

    @property
    def knows_place(self) -> bool:
        """False for a text that was refused as a whole."""
        return self.row > 0


def statements(text: str, row: int) -> list[ast.stmt] | Failure:
    """Parse a text whose first line is line `row` of its file; never raises, never warns."""
    bom = text.startswith(BOM)
    whole = "\n" * (row - 1) + SURROGATE.sub("\ufffd", text[1:] if bom else text)
    if "\0" in whole:
        return _null_byte(text, row)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            body = ast.parse(whole).body
    except SyntaxError as error:
        return _failure(error, row, 1 if bom else 0)
    except (RecursionError, MemoryError):
        return Failure(0, 0, 0, 0, TOO_DEEP)
    if bom:
        _shift(body, row)
    return body


def _null_byte(text: str, row: int) -> Failure:
    before = re.split(r"\r\n|\n|\r", text[: text.index("\0")])
    at, column = row + len(before) - 1, len(before[-1]) + 1
    return Failure(at, column, at, column + 1, "a null byte in the source")


def _failure(error: SyntaxError, first: int, shift: int) -> Failure:
    row = max(error.lineno or first, first)
    shift = shift if row == first else 0
    column = max(error.offset or 1, 1) + shift
    end_row, end_column = error.end_lineno or row, (error.end_offset or 0) + shift
    if (end_row, end_column) <= (row, column):
        end_row, end_column = row, column + 1
    message = TOO_DEEP if "too many nested" in error.msg else error.msg
    return Failure(row, column, end_row, end_column, message)


def _shift(body: list[ast.stmt], row: int) -> None:
    """CPython drops a byte order mark; the columns of our files count it (3 bytes)."""
    for statement in body:
        if statement.lineno > row:
            return
        for node in ast.walk(statement):
            if not isinstance(node, ast.stmt | ast.expr | ast.keyword | ast.arg | ast.alias):
                continue
            if node.lineno == row:
                node.col_offset += len(BOM.encode())
            if node.end_lineno == row and node.end_col_offset is not None:
                node.end_col_offset += len(BOM.encode())
