"""From a request to a checked fix."""

from __future__ import annotations

import ast

from nonegrad.patterns.base import Draft, Task
from nonegrad.patterns.fitting import fitted
from nonegrad.patterns.place import parse, start_of, tree_of
from nonegrad.patterns.rewrites import form
from nonegrad.text import Fix, Rewrite, Source, apply


def write(source: Source, request: Rewrite, tree: ast.Module | None) -> Fix | None:
    """The fix of a request; None where there is no form of that name, or none that is faithful."""
    if request.site.filename != source.filename or (wanted := form(request.name)) is None:
        return None
    whole = tree or tree_of(source, request.site.row)
    if whole is None:
        return None
    try:
        draft = wanted.write(Task(source, whole, request))
    except RecursionError:
        # An expression too deep to walk is one that no fix is asked for by hand.
        return None
    if draft is None or not draft.edits or not _holds(source, whole, draft):
        return None
    edits = fitted(source, whole, draft.edits)
    title = draft.title or request.title
    if draft.remark:
        open_end = title.endswith(")") and " (" in title
        title = f"{title[:-1]}; {draft.remark})" if open_end else f"{title} ({draft.remark})"
    return Fix(title, edits, request.kind, request.safe and not draft.remark)


def _holds(source: Source, tree: ast.Module, draft: Draft) -> bool:
    """Whether the top-level statements that the edits touch still parse afterwards."""
    rows = [edit.site.row for edit in draft.edits] + [edit.site.end_row for edit in draft.edits]
    first, last = min(rows), max(rows)
    touched = [
        statement
        for statement in tree.body
        if _first_row(source, statement) <= last and first <= (statement.end_lineno or 0) + 1
    ]
    if touched:
        first = min(first, _first_row(source, touched[0]))
        last = max(last, touched[-1].end_lineno or 0)
    start = source.offset(first, 1)
    end = source.starts[last] if last < source.rows else len(source.text)
    try:
        text = apply(source, draft.edits)
    except ValueError:
        return False
    return parse(text[start : end + len(text) - len(source.text)]) is not None


def _first_row(source: Source, statement: ast.stmt) -> int:
    return source.position(start_of(source, statement))[0]
