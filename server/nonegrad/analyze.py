"""The one door: a source text and its options in, a report out."""

from __future__ import annotations

from dataclasses import dataclass

from nonegrad.analysis.states import StateRow
from nonegrad.names.protocol import Names
from nonegrad.options import DEFAULT, Options
from nonegrad.rules.base import Finding
from nonegrad.text import Fix, Site, Source


@dataclass(frozen=True, slots=True)
class Hover:
    """Markdown about the stretch under the cursor."""

    site: Site
    markdown: str


@dataclass(frozen=True, slots=True)
class Report:
    """Everything there is to say about one version of one file."""

    source: Source
    findings: tuple[Finding, ...]
    """Every finding the options select, of every severity, in the order of the text."""
    states: tuple[StateRow, ...]

    def fixes(self, finding: Finding) -> tuple[Fix, ...]:
        """The fixes that really apply to this text, the preferred one first; loads libcst."""
        return ()

    def hover(self, row: int, column: int) -> Hover | None:
        """What to say about the place under the cursor."""
        return None


def analyze(source: Source, options: Options = DEFAULT, names: Names | None = None) -> Report:
    """Analyse one file. Never raises on any text; what is not understood is unknown."""
    return Report(source, (), ())
