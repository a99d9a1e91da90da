"""Notebooks: the code cells are analysed as the one program they are, and shown cell by cell."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from lsprotocol import types

from nonegrad.analysis.syntax.magics import without_magics
from nonegrad.analyze import Hover, Report
from nonegrad.lsp.session import Snapshot
from nonegrad.rules.base import Finding
from nonegrad.text import Edit, Fix, Related, Rewrite, Site, Source

NOTEBOOKS = types.NotebookDocumentSyncOptions(
    [
        types.NotebookDocumentFilterWithCells(
            cells=[types.NotebookCellLanguage("python")], notebook="*"
        )
    ]
)
"""Which notebooks the client is to send: any, and of it the cells in Python."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the cells lie in the text of a whole notebook: the file name and first row of each."""

    filename: str
    cells: tuple[str, ...]
    starts: tuple[int, ...]

    def outward(self, site: Site) -> Site:
        """A place of the whole as a place of its cell; places of other files stay."""
        if site.filename != self.filename or not self.cells:
            return site
        cell = max(bisect_right(self.starts, site.row) - 1, 0)
        above = self.starts[cell] - 1
        row, end_row = site.row - above, site.end_row - above
        return Site(self.cells[cell], row, site.column, end_row, site.end_column)

    def inward(self, filename: str, row: int) -> int:
        """The row of the whole at which a row of a cell lies."""
        return self.starts[self.cells.index(filename)] + row - 1


@dataclass(frozen=True, slots=True)
class CellReport:
    """The report on a notebook, as one of its cells sees it."""

    source: Source
    findings: tuple[Finding, ...]
    layout: Layout
    whole: Report
    inner: dict[Finding, Finding]
    """From a finding in the cell to the same one in the whole."""

    @classmethod
    def of(cls, whole: Report, source: Source, layout: Layout) -> CellReport:
        """What a report says about the cell whose text is `source`."""
        pairs = {outward(finding, layout): finding for finding in whole.findings}
        here = {each: pairs[each] for each in pairs if each.site.filename == source.filename}
        return cls(source, tuple(here), layout, whole, here)

    @property
    def others(self) -> tuple[Source, ...]:
        """As `Report.others`."""
        return self.whole.others

    def fixes(self, finding: Finding) -> tuple[Fix, ...]:
        """As `Report.fixes`; the edits lie in this cell and others."""
        site = self.layout.outward
        return tuple(
            replace(fix, edits=tuple(Edit(site(e.site), e.content) for e in fix.edits))
            for fix in self.whole.fixes(self.inner[finding])
        )

    def hover(self, row: int, column: int) -> Hover | None:
        """As `Report.hover`, in rows of the cell."""
        found = self.whole.hover(self.layout.inward(self.source.filename, row), column)
        return replace(found, site=self.layout.outward(found.site)) if found else None


def outward(finding: Finding, layout: Layout) -> Finding:
    """A finding with its places as places of cells."""

    def rewrite(each: Rewrite) -> Rewrite:
        return replace(each, site=layout.outward(each.site))

    return replace(
        finding,
        site=layout.outward(finding.site),
        related=tuple(Related(layout.outward(r.site), r.message) for r in finding.related),
        rewrites=tuple(map(rewrite, finding.rewrites)),
    )


class Notebook:
    """One open notebook: which cells it has, in order. Touched on the event loop only."""

    def __init__(self, uri: str, filename: str, cells: Iterable[str]) -> None:
        self.uri = uri
        self.filename = filename
        self.cells = list(cells)
        self._changes = 0
        self._whole: tuple[Snapshot, Layout] | None = None

    def changed(self) -> None:
        """A cell came, went, moved or changed."""
        self._changes += 1
        self._whole = None

    def whole(self, source_of: Callable[[str], Source]) -> tuple[Snapshot, Layout]:
        """The program that the cells are; the same object until something changes."""
        if self._whole is None:
            sources = [source_of(uri) for uri in self.cells]
            texts = [without_magics(each.text).rstrip("\r\n") + "\n" for each in sources]
            starts = [1]
            for text in texts:
                starts.append(starts[-1] + Source("", text).rows - 1)
            whole = Source(self.filename, "".join(texts))
            names = tuple(each.filename for each in sources)
            layout = Layout(self.filename, names, tuple(starts[:-1]))
            self._whole = Snapshot(self.uri, self._changes, whole), layout
        return self._whole
