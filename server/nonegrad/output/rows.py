"""Findings and states as json: ruff's row, widened."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from nonegrad.analysis.record.states import StateRow
from nonegrad.output.outcome import Outcome, Told, full
from nonegrad.reading import Document
from nonegrad.rules import url
from nonegrad.text import Edit, Fix, Related, Site


def finding_rows(outcomes: Iterable[Outcome]) -> list[dict[str, Any]]:
    """One row for each finding, whatever its severity."""
    return [_finding(outcome.document, told) for outcome in outcomes for told in outcome.told]


def state_row(document: Document, row: StateRow) -> dict[str, Any]:
    """One name at one statement; null is not known."""
    return {
        **placed(document, row.site),
        "name": row.name,
        "scope": row.scope,
        "kind": row.kind,
        "requires_grad": row.requires_grad,
        "is_leaf": row.is_leaf,
        "grad_fn": row.grad_fn,
        "retains_grad": row.retains_grad,
        "dtype": row.dtype,
        "grad": row.grad,
    }


def _finding(document: Document, told: Told) -> dict[str, Any]:
    finding = told.finding
    place = placed(document, finding.site)
    return {
        "filename": place["filename"],
        "code": finding.rule,
        "severity": finding.severity,
        "certainty": finding.certainty,
        "message": finding.message,
        "url": url(finding.rule),
        "cell": document.place(finding.site.row)[0],
        "location": place["location"],
        "end_location": place["end_location"],
        "related": [_related(document, related) for related in finding.related],
        "fixes": [_fix(document, fix) for fix in told.fixes],
    }


def _related(document: Document, related: Related) -> dict[str, Any]:
    return {**placed(document, related.site), "message": related.message}


def _fix(document: Document, fix: Fix) -> dict[str, Any]:
    return {
        "title": fix.title,
        "kind": fix.kind,
        "applicability": "safe" if fix.safe else "unsafe",
        "edits": [_edit(document, edit) for edit in fix.edits],
    }


def _edit(document: Document, edit: Edit) -> dict[str, Any]:
    return {**placed(document, edit.site), "content": edit.content}


def placed(document: Document, site: Site) -> dict[str, Any]:
    """File, start and end; in a notebook rows count from the top of the cell that is named."""
    place: dict[str, Any] = {"filename": full(document, site.filename)}
    row, end_row = site.row, site.end_row
    if document.cells and site.filename == document.source.filename:
        place["cell"], row = document.place(site.row)
        end_row += row - site.row
    place["location"] = {"row": row, "column": site.column}
    place["end_location"] = {"row": end_row, "column": site.end_column}
    return place
