"""The name of a function where it is defined."""

from __future__ import annotations

import re

from nonegrad.patterns.base import Draft, Form, Task
from nonegrad.patterns.layout import edit
from nonegrad.patterns.place import Definition, single, span


def rename_function(task: Task) -> Draft | None:
    """`rename-function`: the name at the site, in its `def`, becomes `to`.

    For what nobody calls by that name: only the definition is renamed.
    """
    run = single(task.source, task.tree, task.site)
    to = task.request.argument("to")
    if run is None or not isinstance(run.statement, Definition) or not to.isidentifier():
        return None
    start, end = span(task.source, task.site)
    if task.source.text[start:end] != run.statement.name:
        return None
    if _named(task, run.statement.name) > 1:
        return None
    return Draft((edit(task.source, start, end, to),))


def _named(task: Task, name: str) -> int:
    """How often a name stands in the text, whatever it means there."""
    return len(re.findall(rf"(?<!\w){re.escape(name)}(?!\w)", task.source.text))


FORMS = (Form("rename-function", rename_function),)
