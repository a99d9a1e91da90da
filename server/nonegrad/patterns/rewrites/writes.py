"""Statements that write into tensors, one after the other."""

from __future__ import annotations

import ast

from nonegrad.patterns.place import Run

_NAMED = frozenset({"weight", "bias"})


def last_write(run: Run) -> int:
    """The last of the statements from a write on that certainly write into leaves as it does.

    Those are writes into the same tensor, steps along the tensor's own gradient, and writes into
    `weight` and `bias` of layers after a write into one.
    """
    first = written(run.statement)
    last = run.last
    layer = isinstance(first, ast.Attribute) and first.attr in _NAMED
    if first is None:
        return last
    for index in range(run.last + 1, len(run.statements)):
        statement = run.statements[index]
        root = written(statement)
        if root is None:
            break
        if _of_gradient(root):
            continue
        spelled = ast.unparse(root)
        layers = layer and isinstance(root, ast.Attribute) and root.attr in _NAMED
        if spelled != ast.unparse(first) and not layers and not _steps(statement, spelled):
            break
        last = index
    return last


def written(statement: ast.stmt) -> ast.expr | None:
    """What a statement writes into, without the subscripts behind it."""
    match statement:
        case ast.AugAssign(target=target):
            node: ast.expr = target
        case ast.Assign(targets=[ast.Subscript() as target]):
            node = target
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=value, attr=attr))) if attr.endswith(
            "_"
        ) and not attr.startswith("_"):
            node = value
        case _:
            return None
    while isinstance(node, ast.Subscript):
        node = node.value
    return node


def _of_gradient(root: ast.expr) -> bool:
    return isinstance(root, ast.Attribute) and "grad" in ast.unparse(root).split(".")


def _steps(statement: ast.stmt, root: str) -> bool:
    """Whether a statement writes what it computes from the gradient of the tensor itself."""
    return isinstance(statement, ast.AugAssign) and f"{root}.grad" in ast.unparse(statement.value)
