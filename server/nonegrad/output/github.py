"""Findings as workflow commands, which GitHub shows as annotations on the lines of a change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nonegrad.options import Severity
from nonegrad.output.outcome import Outcome, near

KINDS: dict[Severity, str] = {
    "error": "error",
    "warning": "warning",
    "information": "notice",
    "hint": "notice",
}


def lines(outcomes: Iterable[Outcome]) -> Iterator[str]:
    """One command a finding that is severe enough to be told."""
    for outcome in outcomes:
        for told in outcome.loud():
            finding, site = told.finding, told.finding.site
            cell, row = outcome.document.place(site.row)
            fields = {
                "title": f"nonegrad ({finding.rule})",
                "file": near(site.filename).replace("\\", "/"),
                "line": str(row),
                "endLine": str(site.end_row - site.row + row),
            }
            if site.row == site.end_row:  # GitHub takes columns of one line only
                fields |= {"col": str(site.column), "endColumn": str(site.end_column)}
            text = f"cell {cell}: {finding.message}" if cell else finding.message
            told_fields = ",".join(f"{key}={_field(value)}" for key, value in fields.items())
            yield f"::{KINDS[finding.severity]} {told_fields}::{_message(text)}"


def _message(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _field(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")
