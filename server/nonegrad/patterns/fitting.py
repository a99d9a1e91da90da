"""Lines that a rewrite made too long, broken as a formatter breaks them."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterator
from itertools import pairwise

from nonegrad.patterns.layout import edit, unit_of
from nonegrad.patterns.place import parse
from nonegrad.text import Edit, Source, apply

_WIDTHS = (88, 100, 110, 120)
"""Widths that formatters are set to, the usual one first."""
_OPENING, _CLOSING = "([{", ")]}"


def fitted(source: Source, tree: ast.Module, edits: tuple[Edit, ...]) -> tuple[Edit, ...]:
    """The edits, with lines that they make longer than the file is wide broken."""
    width = width_of(source)
    if all(_short(source, one, width) for one in edits):
        return edits
    old, unit = source.text.split("\n"), unit_of(source, tree)
    new = apply(source, edits).split("\n")
    if "\r" in source.text:
        return edits
    broken: list[str] = []
    for line in new:
        parts = _broken(line, width, unit) if len(line) > width and line not in old else None
        broken += parts or [line]
    if broken == new:
        return edits
    return tuple(_changes(source, old, broken))


def width_of(source: Source) -> int:
    """How wide the lines of a file may be, as far as its longest line tells."""
    longest = max(map(len, source.text.split("\n")))
    return next((width for width in _WIDTHS if longest <= width), longest)


def _short(source: Source, one: Edit, width: int) -> bool:
    """Whether an edit, alone, makes no line too long."""
    added = max(map(len, one.content.split("\n")))
    return len(source.line(one.site.row)) + added <= width


def _changes(source: Source, old: list[str], new: list[str]) -> Iterator[Edit]:
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for tag, start, end, new_start, new_end in matcher.get_opcodes():
        if tag == "equal":
            continue
        first = source.offset(start + 1, 1)
        last = source.offset(end + 1, 1) if end < len(old) else len(source.text)
        lines = "".join(f"{line}\n" for line in new[new_start:new_end])
        yield edit(source, first, last, lines if end < len(old) else lines[:-1])


def _broken(line: str, width: int, unit: str) -> list[str] | None:
    """A line that is a whole simple statement, or one argument, as several; None where it is
    neither, or fits no better."""
    text = line.strip()
    indent = line[: len(line) - len(line.lstrip())]
    bare = text.removesuffix(",")
    tree = parse(bare)
    if "#" in text or tree is None or len(tree.body) != 1:
        return None
    match tree.body[0]:
        case ast.Assign(value=value) | ast.Return(value=ast.expr() as value):
            pass
        case ast.AugAssign(value=value) | ast.Expr(value=value):
            pass
        case _:
            return None
    if value.end_col_offset != len(bare.encode()) or not text.isascii():
        return None
    end = "," if text.endswith(",") else ""
    lines = _chained(bare, value, indent, unit)
    lines = lines or _split(bare, indent, unit, width - len(end))
    if lines is None or any(len(one) > width for one in lines):
        return None
    return [*lines[:-1], lines[-1] + end]


def _chained(text: str, value: ast.expr, indent: str, unit: str) -> list[str] | None:
    """Calls behind calls, two at least behind the first: each on its line."""
    ends: list[int] = []
    node = value
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        inner = node.func.value
        if not isinstance(inner, ast.Call | ast.Subscript | ast.BinOp):
            break
        after = text.index(".", inner.end_col_offset or 0)
        ends.insert(0, after)
        node = inner
    if len(ends) < 2:
        return None
    start = value.col_offset
    bounds = [start, *ends, len(text)]
    parts = [text[a:b] for a, b in pairwise(bounds)]
    return [f"{indent}{text[:start]}(", *(f"{indent}{unit}{part}" for part in parts), f"{indent})"]


def _split(text: str, indent: str, unit: str, width: int) -> list[str] | None:
    """The content of the last brackets that hold something on a line of its own, or each part of
    it on one."""
    found = _last_brackets(text)
    if found is None:
        return None
    opened, closed = found
    head, body, rest = text[: opened + 1], text[opened + 1 : closed], text[closed:]
    if len(indent) + len(unit) + len(body) <= width:
        return [indent + head, f"{indent}{unit}{body}", indent + rest]
    parts = _parts(body)
    if len(parts) < 2:
        inner = _split(body, indent + unit, unit, width) if body[-1:] in _CLOSING else None
        return [indent + head, *inner, indent + rest] if inner else None
    return [indent + head, *(f"{indent}{unit}{part}," for part in parts), indent + rest]


def _last_brackets(text: str) -> tuple[int, int] | None:
    """The last pair of brackets outside of others that holds something."""
    pairs: list[tuple[int, int]] = []
    depth, start, quote = 0, 0, ""
    for index, character in enumerate(text):
        if quote:
            quote = "" if character == quote and text[index - 1] != "\\" else quote
        elif character in "\"'":
            quote = character
        elif character in _OPENING:
            start = index if depth == 0 else start
            depth += 1
        elif character in _CLOSING:
            depth -= 1
            if depth == 0 and text[start + 1 : index].strip():
                pairs.append((start, index))
    return pairs[-1] if pairs else None


def _parts(body: str) -> list[str]:
    """What commas outside of brackets part."""
    tree = parse(f"f({body})")
    match tree.body[0] if tree is not None and tree.body else None:
        case ast.Expr(value=ast.Call(args=args, keywords=keywords)):
            pass
        case _:
            return []
    places = sorted([one.col_offset for one in args] + [one.col_offset for one in keywords])
    ends = [*places[1:], len(body) + 3]
    return [
        f"f({body}"[start:end].strip().removesuffix(",")
        for start, end in zip(places, ends, strict=True)
    ]
