"""Files as the command line meets them: found, decoded, and written back as they were."""

from __future__ import annotations

import codecs
import io
import os
import sys
import tokenize
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nonegrad.analysis.syntax.magics import without_magics
from nonegrad.globs import covers
from nonegrad.text import Source

STDIN = "-"
SUFFIXES = (".py", ".pyw", ".ipynb")
SKIPPED = frozenset({"build", "dist", "node_modules", "site-packages", "__pycache__"})


class UnreadableError(Exception):
    """A file that cannot be read or written; its text is the one line a user reads."""


@dataclass(frozen=True, slots=True)
class Document:
    """One file as read: its name as the user gave it, its text, and how it was encoded."""

    name: str
    source: Source
    encoding: str = "utf-8"
    bom: bool = False
    cells: tuple[int, ...] = ()
    """The row at which each code cell starts; empty for a plain file."""

    def place(self, row: int) -> tuple[int | None, int]:
        """The code cell a row lies in, from 1, and the row in that cell; None in a plain file."""
        if not self.cells:
            return None, row
        cell = max(bisect_right(self.cells, row), 1)
        return cell, row - self.cells[cell - 1] + 1


def find(paths: Iterable[str], exclude: Callable[[str], tuple[str, ...]]) -> Iterator[str]:
    """The files to check: those given, and of each folder its Python files and notebooks.

    `exclude` says for a given folder what to leave out. What is given by name is checked in any
    case. A path that does not exist is passed on, for the reader to complain.
    """
    seen: set[str] = set()
    for path in paths:
        folder = path != STDIN and Path(path).is_dir()
        for name in _walk(path, exclude(path)) if folder else (path,):
            if (full := os.path.realpath(name)) not in seen:
                seen.add(full)
                yield name


def _walk(folder: str, exclude: tuple[str, ...]) -> Iterator[str]:
    def wanted(name: str) -> bool:
        full = os.path.abspath(name)  # noqa: PTH100  resolve() would follow links
        return not any(covers(pattern, full) for pattern in exclude)

    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".")
            and name not in SKIPPED
            and not Path(parent, name, "pyvenv.cfg").exists()
            and wanted(os.path.join(parent, name))  # noqa: PTH118
        )
        for name in sorted(files):
            path = os.path.normpath(os.path.join(parent, name))  # noqa: PTH118
            if name.endswith(SUFFIXES) and not name.startswith(".") and wanted(path):
                yield path


def read(name: str) -> Document:
    """Read one file, or standard input for `-`; raises UnreadableError."""
    if name == STDIN:
        content = sys.stdin.buffer.read()
    else:
        try:
            content = Path(name).read_bytes()
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise UnreadableError(f"{name}: cannot be read: {reason}") from error
    full = os.path.abspath(name)  # noqa: PTH100
    if name.endswith(".ipynb"):
        return _notebook(name, full, content)
    encoding, bom = _encoding(name, content)
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnreadableError(
            f"{name}: is not {encoding.upper()} (byte {error.start}: {error.reason})"
        ) from error
    return Document(name, Source(full, text.removeprefix("\ufeff")), encoding, bom)


def _encoding(name: str, content: bytes) -> tuple[str, bool]:
    """What the file says of itself, in a byte order mark or a coding comment."""
    bom = content.startswith(codecs.BOM_UTF8)
    head = content[:2000].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    lines = [line for line in head.splitlines(keepends=True)[:2] if b"coding" in line]
    if not lines:
        return "utf-8", bom
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(head).readline)
    except SyntaxError as error:
        raise UnreadableError(f"{name}: {error}") from error
    except UnicodeDecodeError:  # pragma: no cover - an odd first line; decoding will say where
        encoding = "utf-8"
    return "utf-8" if encoding == "utf-8-sig" else encoding, bom


def write(document: Document, text: str) -> None:
    """Put a text in the place of the file's, encoded as the file was; raises UnreadableError."""
    try:
        content = text.encode(document.encoding)
        Path(document.name).write_bytes((codecs.BOM_UTF8 if document.bom else b"") + content)
    except UnicodeEncodeError as error:
        raise UnreadableError(
            f"{document.name}: the fix cannot be written in {document.encoding}"
        ) from error
    except OSError as error:
        raise UnreadableError(f"{document.name}: cannot be written: {error.strerror}") from error


def _notebook(name: str, full: str, content: bytes) -> Document:
    """The code cells of a notebook, one after the other as they run."""
    import json

    try:
        book: Any = json.loads(content.decode())
        language = book.get("metadata", {}).get("language_info", {}).get("name", "python")
        cells: list[Any] = book["cells"] if language == "python" else []
        codes = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UnreadableError(f"{name}: is not a notebook of nbformat 4") from error
    text, row = "", 1
    starts: list[int] = []
    for code in codes:
        starts.append(row)
        plain = without_magics(code).rstrip("\r\n") + "\n"
        text += plain
        row += Source(full, plain).rows - 1
    return Document(name, Source(full, text), cells=tuple(starts) or (1,))
