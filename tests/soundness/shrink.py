"""The smallest program that still draws the same wrong claim.

Statements are dropped, blocks are replaced by what is in them, expressions by their parts, as
long as the judge still finds the same mistake.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator

Still = Callable[[str], bool]
"""Whether a program still shows the mistake."""


def shrink(text: str, still: Still, tries: int = 1500) -> str:
    """Shrink a program; the result shows the mistake whenever `text` does."""
    best, left = text, tries
    moved = True
    while moved and left > 0:
        moved = False
        for candidate in smaller(best):
            left -= 1
            if left <= 0:
                break
            if valid(candidate) and still(candidate):
                best, moved = candidate, True
                break
    return best


def valid(text: str) -> bool:
    """Whether the text compiles."""
    try:
        compile(text, "<candidate>", "exec")
    except (SyntaxError, ValueError):
        return False
    return True


def smaller(text: str) -> Iterator[str]:
    """Programs a step smaller, the boldest steps first."""
    tree = ast.parse(text)
    size = len(ast.unparse(tree))
    for edit in (*chunks(tree), *unwrapped(tree), *parts(tree)):
        found = ast.unparse(edit())
        if len(found) < size:
            yield found + "\n"


def blocks(tree: ast.AST) -> Iterator[tuple[int, str, list[ast.stmt]]]:
    """Every list of statements: the number of its owner in walking order, its field, itself."""
    for number, node in enumerate(ast.walk(tree)):
        for name in ("body", "orelse", "finalbody", "handlers", "cases"):
            found = getattr(node, name, None)
            if isinstance(found, list) and found:
                yield number, name, found


def at(tree: ast.AST, number: int) -> ast.AST:
    """The node of a number in walking order."""
    for found, node in enumerate(ast.walk(tree)):
        if found == number:
            return node
    raise LookupError(number)


def chunks(tree: ast.Module) -> Iterator[Callable[[], ast.Module]]:
    """Without a stretch of statements: halves first, then quarters, then one by one."""
    every = list(blocks(tree))
    longest = max((len(found) for _, _, found in every), default=0)
    width = longest
    while width >= 1:
        for number, name, found in every:
            if width > len(found):
                continue
            for start in range(len(found) - width, -1, -max(width, 1)):

                def edit(
                    number: int = number, name: str = name, start: int = start, width: int = width
                ) -> ast.Module:
                    changed = copy.deepcopy(tree)
                    block = getattr(at(changed, number), name)
                    del block[start : start + width]
                    if not block and name == "body" and number:
                        block.append(ast.Pass())
                    return changed

                yield edit
        width //= 2


def unwrapped(tree: ast.Module) -> Iterator[Callable[[], ast.Module]]:
    """With the body of a with, if, for, try instead of it."""
    for number, name, found in blocks(tree):
        for place, statement in enumerate(found):
            if not isinstance(statement, ast.With | ast.If | ast.For | ast.While | ast.Try):
                continue

            def edit(number: int = number, name: str = name, place: int = place) -> ast.Module:
                changed = copy.deepcopy(tree)
                block = getattr(at(changed, number), name)
                block[place : place + 1] = block[place].body
                return changed

            yield edit


def parts(tree: ast.Module) -> Iterator[Callable[[], ast.Module]]:
    """With an expression replaced by one of its own parts, or a list of targets, bases,
    decorators, arguments made shorter."""
    for number, node in enumerate(ast.walk(tree)):
        for name, value in ast.iter_fields(node):
            if isinstance(value, ast.expr):
                for choice, part in enumerate(inner(value)):
                    yield replaced(tree, number, name, None, choice, part)
            elif isinstance(value, list):
                for place, item in enumerate(value):
                    if isinstance(item, ast.expr | ast.keyword | ast.withitem | ast.arg):
                        yield dropped(tree, number, name, place)
                    if isinstance(item, ast.expr):
                        for choice, part in enumerate(inner(item)):
                            yield replaced(tree, number, name, place, choice, part)


def inner(value: ast.expr) -> list[ast.expr]:
    """The expressions directly in one."""
    return [node for node in ast.iter_child_nodes(value) if isinstance(node, ast.expr)]


def replaced(
    tree: ast.Module, number: int, name: str, place: int | None, choice: int, part: ast.expr
) -> Callable[[], ast.Module]:
    """The edit that puts a part in the place of the whole."""

    def edit() -> ast.Module:
        changed = copy.deepcopy(tree)
        owner = at(changed, number)
        if place is None:
            setattr(owner, name, copy.deepcopy(part))
        else:
            getattr(owner, name)[place] = copy.deepcopy(part)
        return changed

    return edit


def dropped(tree: ast.Module, number: int, name: str, place: int) -> Callable[[], ast.Module]:
    """The edit that drops one item of a list."""

    def edit() -> ast.Module:
        changed = copy.deepcopy(tree)
        del getattr(at(changed, number), name)[place]
        return changed

    return edit
