"""Notes inserted into a program: what it binds, what its `.grad` reads give, which rows it runs."""

from __future__ import annotations

import ast
from collections.abc import Iterator

Key = tuple[int, int, str]
"""Where a name is bound: row and column of the target from 1, and the name."""


class Notes(ast.NodeTransformer):
    """Inserts the notes."""

    def __init__(self) -> None:
        self.bindings: list[Key] = []
        self.reads: list[tuple[int, int]] = []
        self.tests: set[tuple[int, int]] = set()

    def visit(self, node: ast.AST) -> ast.AST | list[ast.stmt]:
        before: list[ast.stmt] = []
        if isinstance(node, ast.stmt) and not quiet(node):
            before = [written(f"__hit__({node.lineno})", node)]
        changed = super().visit(node)
        if not before or changed is None:
            return changed
        return [*before, *(changed if isinstance(changed, list) else [changed])]

    def after(self, targets: list[ast.expr], node: ast.stmt) -> list[ast.stmt]:
        notes: list[ast.stmt] = []
        for target in targets:
            for name, place in names_of(target):
                self.bindings.append((place.lineno, place.col_offset + 1, name))
                notes.append(written(f"__note__({len(self.bindings) - 1}, {name})", node))
        return notes

    def visit_Assign(self, node: ast.Assign) -> list[ast.stmt]:
        notes = self.after(node.targets, node)
        self.generic_visit(node)
        return [node, *notes]

    def visit_AugAssign(self, node: ast.AugAssign) -> list[ast.stmt]:
        notes = self.after([node.target], node)
        self.generic_visit(node)
        return [node, *notes]

    def visit_AnnAssign(self, node: ast.AnnAssign) -> list[ast.stmt]:
        notes = self.after([node.target] if node.value else [], node)
        self.generic_visit(node)
        return [node, *notes]

    def visit_For(self, node: ast.For) -> ast.For:
        notes = self.after([node.target], node)
        self.generic_visit(node)
        node.body[:0] = notes
        return node

    def visit_With(self, node: ast.With) -> ast.With:
        targets = [item.optional_vars for item in node.items if item.optional_vars is not None]
        notes = self.after(targets, node)
        self.generic_visit(node)
        node.body[:0] = notes
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.Compare:
        for side in (node.left, *node.comparators):
            if isinstance(side, ast.Attribute):
                self.tests.add((side.lineno, side.col_offset + 1))
        self.generic_visit(node)
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        self.generic_visit(node)
        if node.attr != "grad" or not isinstance(node.ctx, ast.Load):
            return node
        self.reads.append((node.lineno, node.col_offset + 1))
        call = ast.parse(f"__read__({len(self.reads) - 1}, None)", mode="eval").body
        assert isinstance(call, ast.Call)
        call.args[1] = node.value
        return moved(call, node)


def quiet(node: ast.stmt) -> bool:
    """Statements before which nothing may stand."""
    if isinstance(node, ast.ImportFrom) and node.module == "__future__":
        return True
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def names_of(target: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """The names a target binds, plain and dotted, with their places."""
    match target:
        case ast.Name(id=name):
            yield name, target
        case ast.Attribute(value=owner, attr=attr):
            found = list(names_of(owner))
            if len(found) == 1 and isinstance(owner, ast.Name | ast.Attribute):
                yield f"{found[0][0]}.{attr}", target
        case ast.Tuple(elts=targets) | ast.List(elts=targets):
            for each in targets:
                yield from names_of(each)
        case ast.Starred(value=inner):
            yield from names_of(inner)
        case _:
            pass


def written(text: str, place: ast.stmt) -> ast.stmt:
    """A statement from its text, at the place of another."""
    statement = ast.parse(text).body[0]
    for node in ast.walk(statement):
        if isinstance(node, ast.expr | ast.stmt):
            ast.copy_location(node, place)
    return statement


def moved(call: ast.Call, place: ast.expr) -> ast.Call:
    """A call at the place of another expression; its second argument stays where it is."""
    for node in (call, call.func, call.args[0]):
        ast.copy_location(node, place)
    return call
