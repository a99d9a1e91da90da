"""Findings as SARIF 2.1.0, for code scanning services."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

from nonegrad import __version__
from nonegrad.options import Severity
from nonegrad.output.outcome import Outcome, Told, near
from nonegrad.rules import RULES, url
from nonegrad.text import Fix, Site

LEVELS: dict[Severity, str] = {
    "error": "error",
    "warning": "warning",
    "information": "note",
    "hint": "note",
}
SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def log(outcomes: list[Outcome]) -> dict[str, Any]:
    """The log of one run, of what is severe enough to be told."""
    told = [each for outcome in outcomes for each in outcome.loud()]
    names = sorted({rule.name for rule in RULES} | {each.finding.rule for each in told})
    driver = {
        "name": "nonegrad",
        "version": __version__,
        "informationUri": "https://github.com/nonegrad/nonegrad",
        "rules": [_rule(name) for name in names],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(each, names.index(each.finding.rule)) for each in told],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(name: str) -> dict[str, Any]:
    found: dict[str, Any] = {"id": name, "helpUri": url(name)}
    for rule in RULES:
        if rule.name == name:
            found["shortDescription"] = {"text": rule.summary}
            found["help"] = {"text": rule.doc, "markdown": rule.doc}
            found["defaultConfiguration"] = {"level": LEVELS[rule.severity]}
    return found


def _result(told: Told, index: int) -> dict[str, Any]:
    finding = told.finding
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": LEVELS[finding.severity],
        "message": {"text": finding.message},
        "locations": [_location(finding.site)],
        "properties": {"certainty": finding.certainty},
    }
    if finding.related:
        result["relatedLocations"] = [
            {"id": place, **_location(related.site), "message": {"text": related.message}}
            for place, related in enumerate(finding.related, start=1)
        ]
    if told.fixes:
        result["fixes"] = [_fix(fix) for fix in told.fixes]
    return result


def _location(site: Site) -> dict[str, Any]:
    artifact = {"uri": _uri(site.filename)}
    return {"physicalLocation": {"artifactLocation": artifact, "region": _region(site)}}


def _region(site: Site) -> dict[str, int]:
    return {
        "startLine": site.row,
        "startColumn": site.column,
        "endLine": site.end_row,
        "endColumn": site.end_column,
    }


def _fix(fix: Fix) -> dict[str, Any]:
    files = dict.fromkeys(edit.site.filename for edit in fix.edits)
    return {
        "description": {"text": fix.title},
        "artifactChanges": [
            {
                "artifactLocation": {"uri": _uri(filename)},
                "replacements": [
                    {"deletedRegion": _region(edit.site), "insertedContent": {"text": edit.content}}
                    for edit in fix.edits
                    if edit.site.filename == filename
                ],
            }
            for filename in files
        ],
    }


def _uri(filename: str) -> str:
    """Relative to the working directory, which services take for the root of the repository."""
    path = Path(near(filename))
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())
