"""Findings as a good compiler prints them: the place underlined, the cause, and the cure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

from nonegrad.options import Severity
from nonegrad.output.outcome import Outcome, Told, shown
from nonegrad.reading import Document
from nonegrad.text import Site, Source

WIDEST = 160
COLOURS: dict[Severity, str] = {
    "error": "1;31",
    "warning": "1;33",
    "information": "1;34",
    "hint": "1;36",
}


class Paint:
    """Colours, or none."""

    def __init__(self, colour: bool) -> None:
        self._colour = colour

    def __call__(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self._colour and text else text


def render(outcomes: Iterable[Outcome], colour: bool = False) -> Iterator[str]:
    """The lines to print, the count at the end not among them."""
    paint = Paint(colour)
    for outcome in outcomes:
        for told in outcome.loud():
            yield from _one(outcome.document, told, paint)
            yield ""


def summary(outcomes: list[Outcome]) -> str:
    """How much was found, in one sentence."""
    loud = [told for outcome in outcomes for told in outcome.loud()]
    files = _count(len(outcomes), "file")
    if not loud:
        return f"No findings in {files}."
    bad = sum(1 for outcome in outcomes if any(True for _ in outcome.loud()))
    text = f"Found {_count(len(loud), 'finding')} in {bad} of {files}."
    safe = sum(1 for told in loud if told.fixes and told.fixes[0].safe)
    unsafe = sum(1 for told in loud if told.fixes and not told.fixes[0].safe)
    if safe:
        text += f" {safe} fixable with `--fix`."
    if unsafe:
        text += f" {unsafe} {'more ' if safe else ''}with `--fix --unsafe-fixes`."
    return text


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def where(document: Document, site: Site) -> str:
    """`file:row:column`, with the cell of a notebook between."""
    name = shown(document, site.filename)
    if site.filename != document.source.filename:
        return f"{name}:{site.row}:{site.column}"
    cell, row = document.place(site.row)
    return f"{name}:{f'cell {cell}:' if cell else ''}{row}:{site.column}"


def _one(document: Document, told: Told, paint: Paint) -> Iterator[str]:
    finding = told.finding
    colour = COLOURS[finding.severity]
    head = paint(f"{finding.severity}[{finding.rule}]", colour)
    yield f"{paint(where(document, finding.site), '1')}: {head}: {finding.message}"
    sites = [finding.site, *(related.site for related in finding.related)]
    margin = max(len(str(_row(document, site))) for site in sites) + 1
    bar = " " * margin + paint(" |", "34")
    yield bar
    yield from _excerpt(document, finding.site, "^", "", margin, paint, colour)
    for related in finding.related:
        if related.site.filename != document.source.filename:
            yield " " * margin + paint("::: ", "34") + where(document, related.site)
        else:
            yield bar
        yield from _excerpt(document, related.site, "-", related.message, margin, paint, "1;34")
    quick = [fix for fix in told.fixes if fix.kind == "quickfix"]
    other = [fix for fix in told.fixes if fix.kind != "quickfix"]
    for place, fix in enumerate(quick or other):
        safety = "" if fix.safe else " (unsafe fix)"
        lead = "or" if place else "help"
        yield " " * margin + paint(" = ", "34") + paint(f"{lead}: ", "1") + fix.title + safety


def _row(document: Document, site: Site) -> int:
    return document.place(site.row)[1] if site.filename == document.source.filename else site.row


def _excerpt(
    document: Document,
    site: Site,
    mark: str,
    message: str,
    margin: int,
    paint: Paint,
    colour: str,
) -> Iterator[str]:
    """The first line of a site, underlined, and what there is to say about it."""
    own = site.filename == document.source.filename
    line = document.source.line(site.row) if own else _line(site)
    start = min(site.column - 1, len(line))
    end = min(site.end_column - 1, len(line)) if site.end_row == site.row else len(line.rstrip())
    shift = max(start - WIDEST // 2, 0) if len(line) > WIDEST else 0
    lead = "..." if shift else ""
    cut = lead + line[shift + len(lead) : shift + WIDEST]
    number = paint(f"{_row(document, site):>{margin}} |", "34")
    yield f"{number} {_printable(cut)}".rstrip()
    before = lead + line[shift + len(lead) : start]
    covered = line[start : min(end, shift + WIDEST)]
    blank = "".join("\t" if char == "\t" else " " * _width(char) for char in before)
    under = paint(mark * max(sum(map(_width, covered)), 1), colour)
    note = f" {paint(message, colour)}" if message else ""
    yield f"{' ' * margin}{paint(' |', '34')} {blank}{under}{note}"


def _line(site: Site) -> str:
    """A line of another file, empty where it cannot be read any more."""
    try:
        text = Path(site.filename).read_text("utf-8", errors="replace")
    except OSError:
        return ""
    return Source(site.filename, text).line(site.row)


def _printable(text: str) -> str:
    """Control characters would move the cursor, and not under the code."""
    return "".join(char if char == "\t" or char.isprintable() else "\ufffd" for char in text)


def _width(char: str) -> int:
    if char.isascii():
        return 1
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
