"""What the light bulb offers: fixes of the findings at hand, fix-all, and comments that silence."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterable

from lsprotocol import types

from nonegrad.lsp import to_proto
from nonegrad.lsp.client import Client
from nonegrad.lsp.documents import Documents
from nonegrad.lsp.to_proto import Places
from nonegrad.rules.base import Finding
from nonegrad.text import Edit, Fix, Site, Source

FIX_ALL = "source.fixAll.nonegrad"
KINDS = ("quickfix", "refactor.rewrite", FIX_ALL)

Cure = tuple[Finding, tuple[Fix, ...]]
"""A finding with its fixes, the preferred one first."""

IGNORE = re.compile(r"(#\s*nonegrad:\s*ignore\[)([^\]]*)\]")


def load() -> None:
    """Load what fixes are written with, which takes long the first time."""
    import nonegrad.patterns.writing  # noqa: F401  # pyright: ignore[reportUnusedImport]


def wants(only: Iterable[str] | None, kind: str) -> bool:
    """Whether a client that asks for these kinds (None: any) wants one; `source` has all below."""
    return only is None or any(not each or f"{kind}.".startswith(f"{each}.") for each in only)


def wants_all(context: types.CodeActionContext) -> bool:
    """Whether to offer fix-all: to who asks for it, or opens the menu; not for every lamp."""
    automatic = context.trigger_kind == types.CodeActionTriggerKind.Automatic
    return wants(context.only, FIX_ALL) and (context.only is not None or not automatic)


def touches(one: Site, other: Site) -> bool:
    """Whether two stretches of one file share a place; that they meet is enough, for a cursor."""
    return (
        one.filename == other.filename
        and (one.row, one.column) <= (other.end_row, other.end_column)
        and (other.row, other.column) <= (one.end_row, one.end_column)
    )


def at(findings: Iterable[Finding], stretch: Site) -> list[Finding]:
    """The findings that have something to do with a stretch: their own place, or a related one."""
    return [
        finding
        for finding in findings
        if touches(finding.site, stretch)
        or any(touches(each.site, stretch) for each in finding.related)
    ]


def offered(
    source: Source,
    cures: Iterable[Cure],
    only: Iterable[str] | None,
    places: Places,
    client: Client,
) -> list[types.CodeAction]:
    """The menu for these findings: cures first, the safe ones before the others; silence last."""
    ranked: list[tuple[tuple[bool, bool], types.CodeAction]] = []
    silences: list[types.CodeAction] = []
    for finding, fixes in cures:
        shown = to_proto.diagnostic(finding, places, client)
        for index, fix in enumerate(fixes):
            if wants(only, fix.kind):
                preferred = index == 0 and fix.safe and fix.kind == "quickfix"
                rank = (fix.kind != "quickfix", not fix.safe)
                ranked.append((rank, to_proto.action(fix, shown, preferred, places, client)))
        silence = suppression(source, finding)
        if silence is not None and wants(only, silence.kind):
            silences.append(to_proto.action(silence, shown, False, places, client))
    ranked.sort(key=lambda entry: entry[0])
    return merged([*(action for _, action in ranked), *silences])


def merged(actions: Iterable[types.CodeAction]) -> list[types.CodeAction]:
    """Two findings with one cure share one entry."""
    kept: list[types.CodeAction] = []
    for action in actions:
        same = next((k for k in kept if (k.title, k.edit) == (action.title, action.edit)), None)
        if same is None:
            kept.append(action)
        else:
            same.diagnostics = [*(same.diagnostics or ()), *(action.diagnostics or ())]
            same.is_preferred = same.is_preferred or action.is_preferred
    return kept


def current(cures: Iterable[Cure], others: Iterable[Source], documents: Documents) -> list[Cure]:
    """The cures without those fixes that edit another file that is no longer as it was read."""
    moved = {
        other.filename
        for other in others
        if (found := documents.named(other.filename)) is not None
        and found.snapshot().source.text != other.text
    }
    return [
        (
            finding,
            tuple(f for f in fixes if not any(e.site.filename in moved for e in f.edits)),
        )
        for finding, fixes in cures
    ]


def fixable(findings: Iterable[Finding]) -> bool:
    """Whether fix-all may have something to do; cheap, for it is asked with every light bulb."""
    return any(
        rewrite.safe and rewrite.kind == "quickfix"
        for finding in findings
        for rewrite in finding.rewrites
    )


def all_safe(cures: Iterable[Cure]) -> tuple[Edit, ...]:
    """The safe cure of each finding, but for those that get in the way of an earlier one."""
    taken: list[Edit] = []
    for _, fixes in cures:
        fix = next((fix for fix in fixes if fix.safe and fix.kind == "quickfix"), None)
        new = [edit for edit in fix.edits if edit not in taken] if fix else []
        if not any(clash(one, other) for one in new for other in taken):
            taken += new
    return tuple(taken)


def clash(one: Edit, other: Edit) -> bool:
    """Whether two edits of one file change the same text; insertions side by side do not."""
    a, b = one.site, other.site
    return (
        a.filename == b.filename
        and (a.row, a.column) < (b.end_row, b.end_column)
        and (b.row, b.column) < (a.end_row, a.end_column)
    )


def suppression(source: Source, finding: Finding) -> Fix | None:
    """The comment that silences a finding on its line; None where no comment can stand there."""
    row, rule = finding.site.row, finding.rule
    line = source.line(row)
    title = f"Ignore {rule} on this line"
    present = IGNORE.search(line)
    if present is not None:
        column = present.end(2) + 1
        content = f", {rule}" if present[2].strip() else rule
    elif _can_end_in_comment(line[finding.site.column - 1 :]):
        column, content = len(line) + 1, f"  # nonegrad: ignore[{rule}]"
    else:
        return None
    site = Site(source.filename, row, column, row, column)
    return Fix(title, (Edit(site, content),), safe=True)


def _can_end_in_comment(code: str) -> bool:
    """Whether a comment may follow code that ends a line: not in a string or after a backslash."""
    if code.endswith("\\"):
        return False
    try:
        for _ in tokenize.generate_tokens(io.StringIO(code).readline):
            pass
    except tokenize.TokenError as error:
        # An open bracket is no hindrance, an open string is.
        return "string" not in str(error)
    except IndentationError:
        pass
    return True
