"""Where a file binds a name at its top level, and whether that is the same on every run."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, cast


@dataclass(frozen=True, slots=True)
class Binding:
    """One statement that binds a name.

    `certain`: it stands unconditionally in the module's body. `alias`: an assignment of a plain or
    dotted name. `origin`: what an absolute import binds, dotted.
    """

    kind: Literal["function", "class", "import", "other"]
    row: int
    column: int
    certain: bool
    alias: bool = False
    origin: str = ""


Parsed = ast.Module | None


def parse(text: str) -> Parsed:
    """The tree of a text; None where it does not parse."""
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def settled(tree: ast.Module, name: str) -> Binding | None:
    """The one binding that holds once the module has run; None where runs may differ.

    That is the only one, or the last where all stand unconditionally; a function that declares
    the name global may rebind it at any time.
    """
    found = list(bindings(tree, name))
    if not found or rebound(tree, name, found[-1]):
        return None
    if len(found) == 1 or all(binding.certain for binding in found):
        return found[-1]
    return None


def rebound(tree: ast.Module, name: str, last: Binding) -> bool:
    """Whether something that is no binding of its own may change the name after the last one."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Global) and name in node.names:
            return True
        if isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
            if node.lineno > last.row:
                return True
        elif isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)):
            if node.name == name:
                return True
        elif isinstance(node, ast.MatchMapping) and node.rest == name:
            return True
    return False


def bindings(tree: ast.Module, name: str) -> Iterator[Binding]:
    """Every statement of the module's own scope that binds the name, in the order of the text."""
    for statement, certain in statements(tree.body, True):
        match statement:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                if statement.name == name:
                    yield Binding("function", statement.lineno, statement.col_offset, certain)
            case ast.ClassDef():
                if statement.name == name:
                    yield Binding("class", statement.lineno, statement.col_offset, certain)
            case ast.Import():
                for item in statement.names:
                    first = item.name.partition(".")[0]
                    if (item.asname or first) == name:
                        origin = item.name if item.asname else first
                        yield imported(statement, certain, origin)
            case ast.ImportFrom():
                for item in statement.names:
                    if (item.asname or item.name) == name:
                        origin = "" if statement.level else f"{statement.module}.{item.name}"
                        yield imported(statement, certain, origin)
            case _:
                yield from stores(statement, name, certain)


def imported(statement: ast.stmt, certain: bool, origin: str) -> Binding:
    """The binding of an import."""
    return Binding("import", statement.lineno, statement.col_offset, certain, origin=origin)


def stores(statement: ast.stmt, name: str, certain: bool) -> Iterator[Binding]:
    """The places of one statement, its nested blocks left out, that store to the name."""
    stack: list[ast.AST] = [statement]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load):
            value = statement.value if isinstance(statement, ast.Assign) else None
            whole = isinstance(statement, ast.Assign) and node in statement.targets
            alias = whole and is_dotted(value)
            yield Binding("other", node.lineno, node.col_offset, certain, alias)
        stack += [
            child
            for child in ast.iter_child_nodes(node)
            if not isinstance(child, (ast.stmt, ast.ExceptHandler, ast.match_case, ast.Lambda))
        ]


def is_dotted(node: ast.expr | None) -> bool:
    """Whether an expression is a plain or dotted name."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name)


def statements(body: list[ast.stmt], certain: bool) -> Iterator[tuple[ast.stmt, bool]]:
    """The statements of a scope with those in its blocks, and whether each surely runs."""
    for statement in body:
        yield statement, certain
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            continue
        inner = certain and isinstance(statement, (ast.With, ast.AsyncWith))
        for block in blocks(statement):
            yield from statements(block, inner)


def blocks(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    """The statement lists that a compound statement holds."""
    for _, value in ast.iter_fields(statement):
        for part in cast("list[object]", value) if isinstance(value, list) else []:
            if isinstance(part, (ast.ExceptHandler, ast.match_case)):
                yield part.body
            elif isinstance(part, ast.stmt):
                yield [part]


def source_of(tree: ast.Module, binding: Binding) -> tuple[int, int]:
    """The row, and column from 0, of the last name on the right side of an alias."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and any(
            (target.lineno, target.col_offset) == (binding.row, binding.column)
            for target in node.targets
        ):
            return node.value.end_lineno or 1, (node.value.end_col_offset or 1) - 1
    raise ValueError(f"no assignment at row {binding.row}")


def moved(old: str, row: int, new: str) -> int | None:
    """The row in a changed text of what stood on a row of the old; None where that is unsure."""
    before, after = parse(old), parse(new)
    if before is None or after is None:
        return None
    for statement, _ in statements(before.body, True):
        name = bound_at(statement, row)
        if name is not None:
            was, now = settled(before, name), settled(after, name)
            same = was is not None and now is not None and was.kind == now.kind
            return now.row if now is not None and same else None
    return None


def bound_at(statement: ast.stmt, row: int) -> str | None:
    """The name that a statement on that row defines or assigns, if it does just that."""
    match statement:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return name if statement.lineno == row else None
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name if statement.lineno == row else None
        case _:
            return None
