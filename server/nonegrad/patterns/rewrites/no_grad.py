"""Statements put under `torch.no_grad()`, and taken out of it."""

from __future__ import annotations

import ast
from dataclasses import replace

import libcst as cst

from nonegrad.patterns.base import Draft, Form, Task
from nonegrad.patterns.layout import (
    block_prefix,
    edit,
    leads,
    newline_of,
    prefix,
    shifted,
    starts_elif,
    tail,
    trimmed,
    unit_of,
)
from nonegrad.patterns.place import Run, compound, end_of, run_at, single, start_of
from nonegrad.patterns.rewrites.headers import colon_after, without_header
from nonegrad.patterns.rewrites.statements import drafted
from nonegrad.patterns.rewrites.writes import last_write
from nonegrad.patterns.syntax import dotted, shallow, show
from nonegrad.text import LINE_END, Edit

_OFF = frozenset({"no_grad", "inference_mode", "set_grad_enabled"})


def wrap_no_grad(task: Task) -> Draft | None:
    """`wrap-no-grad`: the statements of the site, siblings, go under `with torch.no_grad():`.

    `mode` names another switch (`enable_grad`). With `alike`, `writes`, the statements after them
    that write into the same tensor or into others that are parameters go there, too.
    `torch`: the module's name here.
    """
    run = run_at(task.source, task.tree, task.site)
    if run is None or starts_elif(run):
        return None
    if task.request.argument("alike"):
        run = replace(run, last=last_write(run))
    source, newline = task.source, newline_of(task.source)
    unit = unit_of(source, task.tree)
    header = f"with {task.torch}.{task.request.argument('mode') or 'no_grad'}():"
    indent = block_prefix(run)
    if indent is None:
        return _wrap_suite(run, header, unit)
    first, last = source.position(run.start)[0], source.position(run.end)[0]
    edits: list[Edit] = []
    if leads(source, run.start):
        at = source.starts[first - 1]
        edits.append(edit(source, at, at, f"{indent}{header}{newline}"))
        rows = shifted(source, first, last, indent, indent + unit)
    else:
        joint = end_of(source, run.statements[run.first - 1])
        edits.append(
            edit(source, joint, run.start, f"{newline}{indent}{header}{newline}{indent}{unit}")
        )
        rows = shifted(source, first, last, indent, indent + unit)[1:] if first != last else ()
    parted = not compound(run.final) and tail(source, run.end) is None
    if parted and run.last + 1 < len(run.statements):
        following = start_of(source, run.statements[run.last + 1])
        edits.append(edit(source, run.end, following, newline + indent))
    return drafted(tuple(edits), rows)


def _wrap_suite(run: Run, header: str, unit: str) -> Draft | None:
    """A block on its header's line, all of it wrapped: it moves to lines of its own."""
    source = run.source
    whole = run.first == 0 and run.last == len(run.statements) - 1
    row = source.position(run.start)[0]
    if not whole or source.position(run.end)[0] != row:
        return None
    colon = len(source.text[: run.start].rstrip(" \t"))
    if source.text[colon - 1 : colon] != ":":
        return None
    newline, indent = newline_of(source), prefix(source, run.start)
    content = f"{newline}{indent}{unit}{header}{newline}{indent}{unit}{unit}"
    return drafted((edit(source, colon, run.start, content),))


def unwrap_with(task: Task) -> Draft | None:
    """`unwrap-with`: the grad-mode context of the `with` at the site goes, its body stays.

    `item` names another context to remove (`autocast`); other items keep their `with`.
    """
    run = single(task.source, task.tree, task.site)
    if run is None or not isinstance(run.statement, ast.With | ast.AsyncWith):
        return None
    statement = run.statement
    names = frozenset({task.request.argument("item")} - {""}) or _OFF
    gone = [item for item in statement.items if _names(item.context_expr) in names]
    if not gone:
        return None
    last = statement.items[-1]
    colon = colon_after(task.source, end_of(task.source, last.optional_vars or last.context_expr))
    if colon is None:
        return None
    if len(gone) < len(statement.items):
        return _without_items(run, names, colon.end())
    return drafted(without_header(run, statement.body, colon.end()))


def _names(node: ast.expr) -> str:
    function = node.func if isinstance(node, ast.Call) else node
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _without_items(run: Run, names: frozenset[str], end: int) -> Draft | None:
    source, newline = run.source, newline_of(run.source)
    header = LINE_END.sub("\n", source.text[run.start : end])
    if not shallow(f"{header} pass"):
        return None
    try:
        parsed = cst.parse_statement(f"{header} pass")
    except cst.ParserSyntaxError:
        return None
    if not isinstance(parsed, cst.With):
        return None
    kept = [item for item in parsed.items if _called(item.item) not in names]
    if kept[-1] is not parsed.items[-1]:
        kept[-1] = kept[-1].with_changes(comma=parsed.items[-1].comma)
    text = show(parsed.with_changes(items=kept)).rstrip().removesuffix(" pass")
    return drafted(trimmed(source, run.start, end, text.replace("\n", newline)))


def _called(node: cst.BaseExpression) -> str:
    name = dotted(node.func if isinstance(node, cst.Call) else node)
    return (name or "").rpartition(".")[2]


FORMS = (Form("wrap-no-grad", wrap_no_grad), Form("unwrap-with", unwrap_with))
