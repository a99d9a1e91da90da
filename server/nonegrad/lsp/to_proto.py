"""Findings, fixes and hovers as the protocol has them. Pure: everything comes in as an argument."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from lsprotocol import types
from pygls.uris import from_fs_path

from nonegrad.analyze import Hover
from nonegrad.lsp.client import Client
from nonegrad.lsp.positions import to_range
from nonegrad.options import SEVERITIES, Severity
from nonegrad.rules import url
from nonegrad.rules.base import Finding
from nonegrad.text import Edit, Fix, Related, Source

SEVERITY = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
    "information": types.DiagnosticSeverity.Information,
    "hint": types.DiagnosticSeverity.Hint,
}


@dataclass(frozen=True, slots=True)
class Place:
    """A file as the client knows it; `version` is None where it is not open."""

    uri: str
    source: Source
    version: int | None


Places = Callable[[str], Place]
"""From a file name to what the client knows of that file."""


def on_disk(filename: str) -> Place:
    """A file that is not open; one that cannot be read is taken for plain ASCII lines."""
    try:
        text = Path(filename).read_bytes().decode(errors="replace")
    except OSError:
        text = ""
    return Place(from_fs_path(filename) or filename, Source(filename, text), None)


def shown(findings: Iterable[Finding], least: Severity) -> tuple[Finding, ...]:
    """The findings at or above a severity."""
    loud = SEVERITIES[: SEVERITIES.index(least) + 1]
    return tuple(finding for finding in findings if finding.severity in loud)


def diagnostic(finding: Finding, places: Places, client: Client) -> types.Diagnostic:
    """A finding as a squiggle."""
    source = places(finding.site.filename).source
    return types.Diagnostic(
        range=to_range(source, finding.site, client.encoding),
        message=finding.message,
        severity=SEVERITY[finding.severity],
        code=finding.rule,
        code_description=types.CodeDescription(url(finding.rule)),
        source="nonegrad",
        related_information=[related(each, places, client) for each in finding.related]
        if client.related
        else None,
    )


def related(each: Related, places: Places, client: Client) -> types.DiagnosticRelatedInformation:
    """A second place of a finding."""
    place = places(each.site.filename)
    stretch = to_range(place.source, each.site, client.encoding)
    return types.DiagnosticRelatedInformation(types.Location(place.uri, stretch), each.message)


def result_id(items: Iterable[types.Diagnostic]) -> str:
    """A name for these diagnostics; the same ones have the same name."""
    return hashlib.blake2b(repr(list(items)).encode(errors="replace"), digest_size=12).hexdigest()


def hover(hover: Hover, source: Source, client: Client) -> types.Hover:
    """What to show under the pointer."""
    kind = types.MarkupKind.Markdown if client.markdown else types.MarkupKind.PlainText
    value = hover.markdown if client.markdown else plain(hover.markdown)
    stretch = to_range(source, hover.site, client.encoding)
    return types.Hover(types.MarkupContent(kind, value), stretch)


def plain(markdown: str) -> str:
    """Markdown for a client that shows text only: fences, emphasis and link targets go."""
    text = re.sub(r"^ *```.*\n?", "", markdown, flags=re.MULTILINE)
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"\*\*([^*\n]+)\*\*|`([^`\n]+)`", lambda m: m[1] or m[2], text)
    text = re.sub(r"^#+ +", "", text, flags=re.MULTILINE)
    return text.strip()


def workspace_edit(edits: Iterable[Edit], places: Places, client: Client) -> types.WorkspaceEdit:
    """Edits, grouped by file, stamped with the version of the text they were written for."""
    by_uri: dict[str, tuple[Place, list[types.TextEdit]]] = {}
    for edit in edits:
        place = places(edit.site.filename)
        stretch = to_range(place.source, edit.site, client.encoding)
        by_uri.setdefault(place.uri, (place, []))[1].append(types.TextEdit(stretch, edit.content))
    if not client.document_changes:
        return types.WorkspaceEdit(changes={uri: each for uri, (_, each) in by_uri.items()})
    return types.WorkspaceEdit(
        document_changes=[
            types.TextDocumentEdit(
                types.OptionalVersionedTextDocumentIdentifier(uri, place.version), each
            )
            for uri, (place, each) in by_uri.items()
        ]
    )


def action(
    fix: Fix, cures: types.Diagnostic, preferred: bool, places: Places, client: Client
) -> types.CodeAction:
    """A fix as an entry of the light bulb's menu."""
    return types.CodeAction(
        title=fix.title,
        kind=fix.kind,
        diagnostics=[cures],
        is_preferred=preferred or None,
        edit=workspace_edit(fix.edits, places, client),
    )
