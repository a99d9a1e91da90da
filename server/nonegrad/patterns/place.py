"""Where a site lies in the syntax tree: the statements it covers, the expression it is."""

from __future__ import annotations

import ast
import re
import warnings
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from nonegrad.text import Site, Source

Located = ast.stmt | ast.expr | ast.keyword | ast.excepthandler
Definition = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_OPENER = re.compile(r"[^\s#)\]},]")
_CONTINUES = re.compile(r"(?:else|elif|except|finally)\b")
_REACH = 12


@dataclass(frozen=True, slots=True)
class Run:
    """Consecutive statements of one block: `statements[first : last + 1]` of `owner`."""

    source: Source
    owner: ast.AST
    statements: Sequence[ast.stmt]
    first: int
    last: int
    function: ast.FunctionDef | ast.AsyncFunctionDef | None = None
    """The innermost function that the run stands in."""

    @property
    def statement(self) -> ast.stmt:
        """The first statement of the run."""
        return self.statements[self.first]

    @property
    def final(self) -> ast.stmt:
        """The last statement of the run."""
        return self.statements[self.last]

    @property
    def start(self) -> int:
        """Where the run starts in the text, decorators included."""
        return start_of(self.source, self.statement)

    @property
    def end(self) -> int:
        """Where the run ends in the text."""
        return end_of(self.source, self.final)


def parse(text: str) -> ast.Module | None:
    """The tree of a text, None where it does not parse; what it warns about is not ours to say."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


@lru_cache(maxsize=4)
def _parsed(text: str) -> ast.Module | None:
    return parse(text)


def tree_of(source: Source, row: int) -> ast.Module | None:
    """The tree of the file or, while it does not parse, of the part around the row that does."""
    return _parsed(source.text) or _part(source, row)


def _part(source: Source, row: int) -> ast.Module | None:
    """The top-level statements around a row, widened until they parse; rows as in the file."""
    openers = [number for number in range(1, source.rows + 1) if _opens(source, number)]
    here = bisect_right(openers, row)
    firsts = openers[max(here - _REACH, 0) : here][::-1]
    lasts = [*openers[here : here + _REACH], source.rows + 1]
    for first, last in sorted(product(firsts, lasts), key=lambda span: span[1] - span[0]):
        start, end = source.offset(first, 1), source.offset(last, 1)
        if last > source.rows:
            end = len(source.text)
        tree = parse(source.text[start:end])
        if tree is not None and tree.body:
            ast.increment_lineno(tree, first - 1)
            return tree
    return None


def _opens(source: Source, row: int) -> bool:
    """Whether a row could start a top-level statement, as far as its first character tells."""
    line, before = source.line(row), source.line(row - 1)
    return (
        _OPENER.match(line) is not None
        and _CONTINUES.match(line) is None
        and not before.endswith("\\")
        and not before.startswith("@")
    )


def start_of(source: Source, node: Located) -> int:
    """Where a node starts in the text; a definition starts at its first decorator's `@`."""
    if isinstance(node, Definition) and node.decorator_list:
        row = node.decorator_list[0].lineno
        column = len(source.line(row)) - len(source.line(row).lstrip()) + 1
        return source.offset(row, column)
    return source.offset(node.lineno, source.column(node.lineno, node.col_offset))


def end_of(source: Source, node: Located) -> int:
    """Where a node ends in the text, exclusive."""
    row, column = node.end_lineno or node.lineno, node.end_col_offset or 0
    return source.offset(row, source.column(row, column))


def cut(source: Source, node: Located) -> str:
    """The text of a node."""
    return source.text[start_of(source, node) : end_of(source, node)]


def span(source: Source, site: Site) -> tuple[int, int]:
    """The stretch of a site as indices into the text, without white space at its ends."""
    start = source.offset(site.row, site.column)
    text = source.text[start : source.offset(site.end_row, site.end_column)]
    blank = len(text) - len(text.lstrip())
    return start + blank, start + max(len(text.rstrip()), blank)


def blocks(node: ast.AST) -> Iterator[tuple[ast.AST, list[ast.stmt]]]:
    """The blocks directly inside a node, each with the node whose block it is."""
    for field in ("body", "orelse", "finalbody"):
        found: object = getattr(node, field, None)
        if isinstance(found, list) and found:
            yield node, found
    for inner in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
        yield inner, inner.body


def run_at(source: Source, tree: ast.Module, site: Site) -> Run | None:
    """The fewest statements that cover a site; None where none stands there."""
    start, end = span(source, site)
    owner: ast.AST = tree
    function: ast.FunctionDef | ast.AsyncFunctionDef | None = None
    statements = tree.body
    while True:
        touched = [
            index
            for index, statement in enumerate(statements)
            if (statement.end_lineno or 0) >= site.row
            and start_of(source, statement) < max(end, start + 1)
            and start < max(end_of(source, statement), start_of(source, statement) + 1)
        ]
        if not touched:
            return None
        run = Run(source, owner, statements, touched[0], touched[-1], function)
        inner = next(
            (
                (holder, block)
                for holder, block in blocks(run.statement)
                if start_of(source, block[0]) <= start and end <= end_of(source, block[-1])
            ),
            None,
        )
        if len(touched) > 1 or inner is None:
            return run
        owner, statements = inner
        if isinstance(run.statement, ast.FunctionDef | ast.AsyncFunctionDef):
            function = run.statement


def single(source: Source, tree: ast.Module, site: Site) -> Run | None:
    """The one smallest statement around a site."""
    run = run_at(source, tree, site)
    return run if run is not None and run.first == run.last else None


def compound(statement: ast.stmt) -> bool:
    """Whether a statement holds blocks of statements."""
    return next(blocks(statement), None) is not None


def path_to(source: Source, run: Run, site: Site) -> tuple[ast.AST, ...] | None:
    """The nodes from the statement down to the expression that is exactly the site.

    Of several with one extent the outermost; nothing inside an f-string, whose places
    CPython did not tell truly before 3.12.
    """
    start, end = span(source, site)
    text = source.text
    while True:
        found = _path(source, run.statement, start, end)
        if found is not None:
            return found
        if not (text[start : start + 1] == "(" and text[max(start, end - 1) : end] == ")"):
            return None
        start, end = start + 1, end - 1
        while start < end and text[start].isspace():
            start += 1
        while start < end and text[end - 1].isspace():
            end -= 1


def _path(source: Source, node: ast.AST, start: int, end: int) -> tuple[ast.AST, ...] | None:
    if isinstance(node, ast.JoinedStr) or type(node).__name__ == "TemplateStr":
        return None
    if isinstance(node, ast.expr):
        extent = start_of(source, node), end_of(source, node)
        if extent == (start, end):
            return (node,)
        if not (extent[0] <= start and end <= extent[1]):
            return None
    for child in ast.iter_child_nodes(node):
        below = _path(source, child, start, end)
        if below is not None:
            return (node, *below)
    return None
