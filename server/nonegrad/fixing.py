"""Fixes applied to a file, again and again until none is left that may be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from nonegrad.analysis.syntax.parsing import Failure, statements
from nonegrad.analyze import Report
from nonegrad.options import SEVERITIES, Severity
from nonegrad.text import Edit, Fix, Source, apply

ROUNDS = 10


@dataclass(frozen=True, slots=True)
class Fixed:
    """The text after the fixes, and what was done, in order."""

    text: str
    done: tuple[tuple[int, str], ...]
    """The row of each finding that was fixed, as it was then, and the title of the fix."""


def fix(
    source: Source, analyse: Callable[[Source], Report], severity: Severity, unsafe: bool
) -> Fixed:
    """Apply the preferred quick fixes of what is severe enough, to a fixpoint.

    A fix is passed over where it reaches into another file, or where the text would not parse
    after it; a text that does not parse before is left as it is.
    """
    done: list[tuple[int, str]] = []
    if not _parses(source.text):
        return Fixed(source.text, ())
    seen = {source.text}
    for _ in range(ROUNDS):
        chosen = _choose(analyse(source), severity, unsafe)
        text, applied = _apply(source, chosen)
        if not applied or text in seen:
            break
        seen.add(text)
        done += applied
        source = Source(source.filename, text)
    return Fixed(source.text, tuple(done))


def _choose(report: Report, severity: Severity, unsafe: bool) -> list[tuple[int, Fix]]:
    """The fixes of one round: of each finding its first that may be applied, none twice."""
    allowed = SEVERITIES[: SEVERITIES.index(severity) + 1]
    chosen: dict[tuple[Edit, ...], tuple[int, Fix]] = {}
    for finding in report.findings:
        if finding.severity not in allowed:
            continue
        fixes = [each for each in report.fixes(finding) if each.kind == "quickfix"]
        if fixes and (fixes[0].safe or unsafe):
            chosen.setdefault(fixes[0].edits, (finding.site.row, fixes[0]))
    return list(chosen.values())


def _apply(source: Source, chosen: list[tuple[int, Fix]]) -> tuple[str, list[tuple[int, str]]]:
    """Those fixes that can stand together; the others get their turn in the next round."""
    edits: tuple[Edit, ...] = ()
    text = source.text
    applied: list[tuple[int, str]] = []
    for row, each in chosen:
        if not each.edits or any(edit.site.filename != source.filename for edit in each.edits):
            continue
        if any(_meet(source, one, other) for one in edits for other in each.edits):
            continue
        try:
            candidate = apply(source, (*edits, *each.edits))
        except ValueError:
            continue
        if _parses(candidate):
            edits, text = (*edits, *each.edits), candidate
            applied.append((row, each.title))
    return text, applied


def _meet(source: Source, one: Edit, other: Edit) -> bool:
    """Whether two edits touch: even side by side they may not have been meant together."""
    start, end = _span(source, one)
    other_start, other_end = _span(source, other)
    return start <= other_end and other_start <= end


def _span(source: Source, edit: Edit) -> tuple[int, int]:
    site = edit.site
    return source.offset(site.row, site.column), source.offset(site.end_row, site.end_column)


def _parses(text: str) -> bool:
    return not isinstance(statements(text, 1), Failure)
