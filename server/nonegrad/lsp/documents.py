"""The open documents: their text, kept line by line, changed as the client says.

pygls has such a store too; it takes form feeds and U+2028 for line ends, copies the whole text for
every change, and shows a half-changed document to whoever looks in between.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import unquote

from lsprotocol import types
from pygls.uris import to_fs_path

from nonegrad.lsp.notebooks import Layout, Notebook
from nonegrad.lsp.positions import characters
from nonegrad.lsp.session import Snapshot
from nonegrad.text import Source

LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+")

Change = types.TextDocumentContentChangeEvent


def filename_of(uri: str) -> str:
    """The path a URI names; where it names none (`untitled:`, a notebook cell), the URI."""
    return to_fs_path(uri) or uri


def split(text: str) -> list[str]:
    """The lines with their ends; the last has none, and may be empty."""
    lines: list[str] = LINE.findall(text)
    if not lines or lines[-1].endswith(("\n", "\r")):
        lines.append("")
    return lines


class Document:
    """One open document. Touched on the event loop only; what leaves it is a frozen snapshot."""

    def __init__(self, uri: str, version: int, text: str) -> None:
        self.uri = uri
        self.filename = filename_of(uri)
        self.version = version
        self._lines = split(text)
        self._snapshot: Snapshot | None = None

    def change(self, version: int, changes: Iterable[Change], encoding: str) -> None:
        """Apply the changes one after the other, each to the text that the last one left."""
        for change in changes:
            if isinstance(change, types.TextDocumentContentChangePartial):
                self._replace(change.range, change.text, encoding)
            else:
                self._lines = split(change.text)
        self.version = version
        self._snapshot = None

    def stir(self) -> None:
        """Something changed that its report rests on: from now on its snapshot is another one."""
        self._snapshot = None

    def snapshot(self) -> Snapshot:
        """The document as it is now; the same object until it changes."""
        if self._snapshot is None:
            source = Source(self.filename, "".join(self._lines))
            self._snapshot = Snapshot(self.uri, self.version, source)
        return self._snapshot

    def _replace(self, stretch: types.Range, text: str, encoding: str) -> None:
        start, end = sorted(
            (self._place(stretch.start, encoding), self._place(stretch.end, encoding))
        )
        (first, column), (last, end_column) = start, end
        merged = self._lines[first][:column] + text + self._lines[last][end_column:]
        if first and merged.startswith("\n") and self._lines[first - 1].endswith("\r"):
            # The two characters are one line end now.
            first -= 1
            merged = self._lines[first] + merged
        lines = split(merged)
        if last + 1 < len(self._lines):
            # What was merged keeps its line end, so there is an empty line too many after it.
            lines.pop()
        self._lines[first : last + 1] = lines

    def _place(self, position: types.Position, encoding: str) -> tuple[int, int]:
        if position.line >= len(self._lines):
            return len(self._lines) - 1, len(self._lines[-1])
        line = self._lines[position.line].rstrip("\r\n")
        return position.line, characters(line, position.character, encoding)


class Documents:
    """The open documents by URI, and their texts by file name."""

    def __init__(self) -> None:
        self._by_uri: dict[str, Document] = {}
        self._notebooks: dict[str, Notebook] = {}
        self.buffers: dict[str, str] = {}
        """The newest text of each open file; other threads may read it at any time."""

    def __iter__(self) -> Iterator[Document]:
        return iter(tuple(self._by_uri.values()))

    def get(self, uri: str) -> Document | None:
        """The open document of that URI, however its characters are escaped."""
        return self._by_uri.get(unquote(uri))

    def named(self, filename: str) -> Document | None:
        """The open document of that file."""
        return next((each for each in self if each.filename == filename), None)

    def open(self, uri: str, version: int, text: str) -> Document:
        """Take in a document; one that was open already is replaced."""
        document = Document(uri, version, text)
        self._by_uri[unquote(uri)] = document
        self.buffers[document.filename] = text
        return document

    def change(
        self, uri: str, version: int, changes: Iterable[Change], encoding: str
    ) -> Document | None:
        """Change a document; None where it is not open."""
        document = self.get(uri)
        if document is not None:
            document.change(version, changes, encoding)
            self.buffers[document.filename] = document.snapshot().source.text
        return document

    def close(self, uri: str) -> Document | None:
        """Let a document go; None where it was not open."""
        document = self._by_uri.pop(unquote(uri), None)
        if document is not None:
            self.buffers.pop(document.filename, None)
        return document

    def notebook(self, uri: str) -> Notebook | None:
        """The open notebook of that URI, or that has the cell of that URI."""
        found = self._notebooks.get(unquote(uri))
        if found is not None:
            return found
        return next((book for book in self._notebooks.values() if uri in book.cells), None)

    def open_notebook(self, uri: str, cells: Iterable[str]) -> Notebook:
        """Take in a notebook, of cells that are open or about to be."""
        notebook = self._notebooks[unquote(uri)] = Notebook(uri, filename_of(uri), cells)
        return notebook

    def close_notebook(self, uri: str) -> None:
        """Let a notebook go; its cells are closed one by one."""
        self._notebooks.pop(unquote(uri), None)

    def cells(self, notebook: Notebook) -> list[Document]:
        """The cells of a notebook that are open, in order."""
        found = (self.get(uri) for uri in notebook.cells)
        return [document for document in found if document is not None]

    def whole(self, notebook: Notebook) -> tuple[Snapshot, Layout]:
        """The program that a notebook's cells are."""
        sources = {each.uri: each.snapshot().source for each in self.cells(notebook)}
        return notebook.whole(lambda uri: sources.get(uri) or Source(uri, ""))
