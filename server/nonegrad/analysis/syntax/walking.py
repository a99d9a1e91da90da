"""Walking syntax trees: every node, without the contexts and operators that say nothing alone.

`ast.walk` looks at each field of each node, and half of what it gives are `Load()` and its kin.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import cast

BARE = frozenset(
    """id attr arg ctx op ops kind type_comment conversion level module asname name is_async simple
    rest kwd_attrs""".split()
)
"""Fields that never hold an expression, a statement, or what holds one."""
PARTS: dict[type[ast.AST], tuple[str, ...]] = {ast.Constant: (), ast.Global: (), ast.Nonlocal: ()}
"""For each class of nodes that was met, the fields to follow."""


def walk(*trees: ast.AST) -> Iterator[ast.AST]:
    """Every node of some trees, in no order."""
    pending: list[ast.AST] = list(trees)
    while pending:
        node = pending.pop()
        yield node
        pending += children(node)


def children(node: ast.AST) -> list[ast.AST]:
    """The nodes right below a node."""
    cls = type(node)
    fields = PARTS.get(cls)
    if fields is None:
        fields = PARTS[cls] = tuple(name for name in cls._fields if name not in BARE)
    found: list[ast.AST] = []
    for name in fields:
        part: object = getattr(node, name, None)
        if part.__class__ is list:
            found += [one for one in cast("list[object]", part) if isinstance(one, ast.AST)]
        elif isinstance(part, ast.AST):
            found.append(part)
    return found
