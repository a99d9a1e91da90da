"""Whole statements put in, taken out and moved."""

from __future__ import annotations

import ast
from collections.abc import Callable

from nonegrad.patterns.base import Draft, Form, Task
from nonegrad.patterns.layout import (
    delete,
    indented,
    insert_after,
    insert_before,
    leads,
    line_end,
    newline_of,
    on_one_line,
    prefix,
    string_rows,
    tail,
    trimmed,
)
from nonegrad.patterns.names import may_bind
from nonegrad.patterns.place import (
    Run,
    blocks,
    compound,
    parse,
    run_at,
    single,
    start_of,
)
from nonegrad.text import LINE_END, Edit, Site


def drafted(edits: tuple[Edit, ...] | None, *more: tuple[Edit, ...] | None) -> Draft | None:
    """All the edits together, or None where one part has none to give."""
    together: list[Edit] = []
    for part in (edits, *more):
        if part is None:
            return None
        together.extend(part)
    return Draft(tuple(together))


def place_of(task: Task, text: str) -> Site | None:
    """The empty site that an argument `row:col` names."""
    row, _, column = text.partition(":")
    if not (row.isdecimal() and column.isdecimal()):
        return None
    return Site(task.source.filename, int(row), int(column), int(row), int(column))


def statement_at(task: Task, text: str) -> Run | None:
    """The statement that an argument `row:col` points into."""
    site = place_of(task, text)
    return None if site is None else single(task.source, task.tree, site)


def insert_before_statement(task: Task) -> Draft | None:
    """`insert-before`: `text`, one or more statements, before the statement of the site."""
    return _insert(task, before=True)


def insert_after_statement(task: Task) -> Draft | None:
    """`insert-after`: `text`, one or more statements, after the statement of the site."""
    return _insert(task, before=False)


def _insert(task: Task, *, before: bool) -> Draft | None:
    text = task.request.argument("text").strip("\r\n")
    run = run_at(task.source, task.tree, task.site)
    parsed = parse(text)
    if run is None or parsed is None or not parsed.body:
        return None
    return drafted(insert_before(run, text) if before else insert_after(run, text))


def insert_retain_grad(task: Task) -> Draft | None:
    """`insert-retain-grad`: `NAME.retain_grad()` after the statement; `name` may be dotted.

    `where`=`body`: a `for` or `with` that binds the name gets it as the first of its body.
    """
    run = single(task.source, task.tree, task.site)
    name = task.request.argument("name")
    if run is None or not _is_target(name):
        return None
    block = next(blocks(run.statement), None)
    if block is not None and task.request.argument("where") == "body":
        return drafted(insert_before(Run(task.source, *block, 0, 0), f"{name}.retain_grad()"))
    return drafted(insert_after(run, f"{name}.retain_grad()"))


def clone_first(task: Task) -> Draft | None:
    """`clone-first`: `NAME = NAME.clone()` before the statement; `name` may be dotted.

    With `read`, `no`: only where nothing reads `NAME.grad`, which the clone has none of, and
    where the write is not into an argument, for the caller alone to see.
    """
    run = single(task.source, task.tree, task.site)
    name = task.request.argument("name")
    if run is None or not _is_target(name) or not may_bind(run, name):
        return None
    if task.request.argument("read") == "no" and (
        _reads_grad(run.function or task.tree, name) or _for_the_caller(run, name)
    ):
        return None
    return drafted(insert_before(run, f"{name} = {name}.clone()"))


def _reads_grad(node: ast.AST, name: str) -> bool:
    return any(
        isinstance(part, ast.Attribute) and part.attr == "grad" and ast.unparse(part.value) == name
        for part in ast.walk(node)
    )


def _for_the_caller(run: Run, name: str) -> bool:
    """Whether a function is given the tensor and does not give it back."""
    if run.function is None:
        return False
    handed = [
        part.value
        for part in ast.walk(run.function)
        if isinstance(part, ast.Return | ast.Yield) and part.value is not None
    ]
    back = {part.id for value in handed for part in ast.walk(value) if isinstance(part, ast.Name)}
    given = run.function.args
    return name not in back and any(
        arg.arg == name for arg in (*given.posonlyargs, *given.args, *given.kwonlyargs)
    )


def _is_target(name: str) -> bool:
    return bool(name) and parse(f"{name} = {name}.x") is not None and "\n" not in name


def delete_statement(task: Task) -> Draft | None:
    """`delete-statement`: the statements of the site go, `pass` stays in an emptied block."""
    run = run_at(task.source, task.tree, task.site)
    return None if run is None else drafted(delete(run))


def without(task: Task, run: Run) -> tuple[Edit, ...] | None:
    """A run taken out; an `if` or a loop that is for nothing else goes with it."""
    whole = run.first == 0 and run.last == len(run.statements) - 1
    match run.owner:
        case ast.If(test=header, orelse=[]) | ast.For(iter=header, orelse=[]) if whole:
            pass
        case _:
            return delete(run)
    start, end = start_of(task.source, run.owner), line_end(task.source, run.end)
    row, column = task.source.position(start)
    around = single(task.source, task.tree, Site(task.source.filename, row, column, row, column))
    plain = all(_looks_only(part) for part in ast.walk(header))
    if around is None or around.statement is not run.owner or not plain:
        return delete(run)
    return delete(run) if "#" in task.source.text[start:end] else without(task, around)


def _looks_only(node: ast.AST) -> bool:
    """Whether a part of a header changes nothing."""
    if not isinstance(node, ast.Call):
        return not isinstance(node, ast.NamedExpr | ast.Await | ast.Yield | ast.YieldFrom)
    name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
    return (node.func.id if isinstance(node.func, ast.Name) else name) in _LOOKS


_LOOKS = frozenset(
    """parameters named_parameters modules named_modules children named_children buffers items
    values keys zip enumerate range isinstance hasattr getattr len is_tensor startswith endswith
    any all""".split()
)
"""Functions that only look at things."""


def replace_statement(task: Task) -> Draft | None:
    """`replace-statement`: `text`, one or more statements, in the place of the statement."""
    run = single(task.source, task.tree, task.site)
    text = task.request.argument("text").strip("\r\n")
    parsed = parse(text)
    if run is None or parsed is None or not parsed.body:
        return None
    source = run.source
    if on_one_line(text):
        return drafted(trimmed(source, run.start, run.end, text))
    if not leads(source, run.start) or tail(source, run.end) is None:
        return None
    lines = indented(text, prefix(source, run.start), newline_of(source))
    return drafted(trimmed(source, run.start, run.end, lines.lstrip()))


def move_statement(task: Task) -> Draft | None:
    """`move-statement`: to before or after (`where`) the statement at `to`, as `row:col`.

    `block`=`same`: only where both stand in the same block.
    """
    run = single(task.source, task.tree, task.site)
    target = statement_at(task, task.request.argument("to"))
    where = task.request.argument("where", "after")
    if run is None or target is None or where not in ("before", "after"):
        return None
    if run.start <= target.start < run.end:
        return None
    if task.request.argument("block") == "same" and run.statements is not target.statements:
        return None
    insert = insert_before if where == "before" else insert_after
    return drafted(delete(run), carried(run, lambda text: insert(target, text)))


def carried(run: Run, insert: Callable[[str], tuple[Edit, ...] | None]) -> tuple[Edit, ...] | None:
    """A statement put elsewhere, with the comment behind it wherever there is a line for it."""
    text = unindented(run)
    if text is None:
        return None
    alone = leads(run.source, run.start) and not compound(run.final)
    rest = tail(run.source, run.end) if alone else None
    comment = rest.group(1) if rest is not None else None
    noted = insert(f"{text}  {comment}") if comment else None
    return noted if noted is not None else insert(text)


def unindented(run: Run) -> str | None:
    """The text of a statement as it would stand at the left margin, its line ends as LF."""
    source = run.source
    text = LINE_END.sub("\n", source.text[run.start : run.end])
    if "\n" not in text or not leads(source, run.start):
        return text if "\n" not in text else None
    indent = prefix(source, run.start)
    frozen = string_rows(text)
    return "\n".join(
        line if row in frozen else line.removeprefix(indent)
        for row, line in enumerate(text.split("\n"), start=1)
    )


FORMS = (
    Form("insert-before", insert_before_statement),
    Form("insert-after", insert_after_statement),
    Form("insert-retain-grad", insert_retain_grad),
    Form("clone-first", clone_first),
    Form("delete-statement", delete_statement),
    Form("replace-statement", replace_statement),
    Form("move-statement", move_statement),
)
