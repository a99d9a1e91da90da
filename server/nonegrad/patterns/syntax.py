"""libcst on single expressions and statements: read, print, and put back where it fits."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

import libcst as cst

from nonegrad.patterns.layout import newline_of, trimmed
from nonegrad.patterns.place import (
    Run,
    compound,
    cut,
    end_of,
    parse,
    start_of,
)
from nonegrad.text import LINE_END, Edit, Source

_PAGE = cst.Module([])
_BRACKETS = 40
_LEVELS = 120


def shallow(text: str) -> bool:
    """Whether libcst may see a text.

    Its parser recurses on the machine's stack and takes the process down where that ends: in a
    thread of 512 KiB after some 60 brackets inside one another, or 300 operators in a row.
    """
    depth = deepest = 0
    for character in text:
        if character in "([{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in ")]}":
            depth -= 1
    tree = parse(text) if deepest <= _BRACKETS else None
    if tree is None:
        return False
    levels, row = 0, list(ast.iter_child_nodes(tree))
    while row and levels <= _LEVELS:
        levels, row = levels + 1, [child for node in row for child in ast.iter_child_nodes(node)]
    return levels <= _LEVELS


def read(text: str) -> cst.BaseExpression | None:
    """The expression a text is, its line ends as LF; None where it is not one."""
    inner = LINE_END.sub("\n", text)
    if not shallow(f"({inner}\n)"):
        return None
    try:
        node = cst.parse_expression(f"({inner}\n)")
    except (cst.ParserSyntaxError, cst.CSTValidationError):
        return None
    if not node.lpar:
        return None
    bare = node.with_changes(lpar=node.lpar[1:], rpar=node.rpar[:-1])
    return bare if show(bare) == inner else None


def read_statement(text: str) -> cst.BaseSmallStatement | None:
    """The one simple statement a text is, its line ends as LF."""
    inner = LINE_END.sub("\n", text)
    if not shallow(inner):
        return None
    try:
        line = cst.parse_statement(inner)
    except (cst.ParserSyntaxError, cst.CSTValidationError):
        return None
    if not isinstance(line, cst.SimpleStatementLine) or len(line.body) != 1:
        return None
    return line.body[0] if show(line.body[0]) == inner else None


def show(node: cst.CSTNode) -> str:
    """The text of a node, its line ends as LF."""
    return _PAGE.code_for_node(node)


def inside(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """A node and all that is in it."""
    yield node
    for child in node.children:
        yield from inside(child)


def is_name(node: cst.CSTNode, *names: str) -> bool:
    """Whether a node is one of these names, as it stands."""
    return isinstance(node, cst.Name) and node.value in names


def dotted(node: cst.CSTNode) -> str | None:
    """`a.b.c` for a name or a chain of attributes of one, None for anything else."""
    if isinstance(node, cst.Name):
        return node.value
    if isinstance(node, cst.Attribute):
        before = dotted(node.value)
        return None if before is None else f"{before}.{node.attr.value}"
    return None


def exchange(source: Source, node: ast.expr | ast.stmt, text: str) -> tuple[Edit, ...] | None:
    """Edits that turn a node into a text (line ends LF); None where the file mixes line ends."""
    newline = newline_of(source)
    if LINE_END.sub(newline, cut(source, node)) != cut(source, node):
        return None
    return trimmed(
        source, start_of(source, node), end_of(source, node), text.replace("\n", newline)
    )


def fit(run: Run, path: Sequence[ast.AST], text: str) -> tuple[Edit, ...] | None:
    """Put an expression in the place of the last node of a path, in parentheses where needed."""
    node = path[-1]
    if not isinstance(node, ast.expr):
        return None
    fitted = _fitted(run, path, node, text)
    return None if fitted is None else exchange(run.source, node, fitted)


def _fitted(run: Run, path: Sequence[ast.AST], node: ast.expr, text: str) -> str | None:
    """The text or the text in parentheses: the first that means the same as the second."""
    source = run.source
    frame, opening, closing = _frame(run, path)
    start, end = start_of(source, frame), end_of(source, frame)
    before = opening + source.text[start : start_of(source, node)]
    after = source.text[end_of(source, node) : end] + closing
    wrapped = parse(f"{before}({text}){after}")
    if wrapped is None:
        return None
    bare = parse(f"{before}{text}{after}")
    alone = frame is node and "\n" in text and parse(text) is None
    if bare is not None and not alone and ast.dump(bare) == ast.dump(wrapped):
        return text
    return f"({text})"


def _frame(run: Run, path: Sequence[ast.AST]) -> tuple[ast.stmt | ast.expr, str, str]:
    """The statement or, in the header of a compound one, its outermost expression."""
    if not compound(run.statement):
        return run.statement, "", ""
    for node in path:
        if isinstance(node, ast.expr):
            return node, "(", "\n)"
    return run.statement, "", ""


def postfixed(node: cst.BaseExpression, suffix: str) -> str:
    """The text of an expression with `.name()` or the like behind it."""
    primary = (
        cst.Name
        | cst.Attribute
        | cst.Call
        | cst.Subscript
        | cst.List
        | cst.Dict
        | cst.Set
        | cst.ListComp
        | cst.DictComp
        | cst.SetComp
        | cst.SimpleString
        | cst.FormattedString
    )
    text = show(node)
    return text + suffix if node.lpar or isinstance(node, primary) else f"({text}){suffix}"


def same(text: str, other: str) -> bool:
    """Whether two texts are the same program."""
    left, right = parse(text), parse(other)
    return left is not None and right is not None and ast.dump(left) == ast.dump(right)
