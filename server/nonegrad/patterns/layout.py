"""Lines and blocks: putting statements in, taking them out, and moving text sideways."""

from __future__ import annotations

import ast
import io
import re
import tokenize

from nonegrad.patterns.place import Run, blocks, compound, parse, start_of
from nonegrad.text import LINE_END, Edit, Site, Source

_STRING_START = {"FSTRING_START", "TSTRING_START"}
_STRING_END = {"FSTRING_END", "TSTRING_END"}
_TAIL = re.compile(r"[ \t]*(?:;[ \t]*)?(#[^\r\n]*)?(?=[\r\n]|\Z)")
_BLANK = re.compile(r"[ \t\f]*")


def newline_of(source: Source) -> str:
    """The line end the file uses."""
    found = LINE_END.search(source.text)
    return found.group() if found else "\n"


def edit(source: Source, start: int, end: int, content: str) -> Edit:
    """Replace a stretch of the text, given as indices."""
    row, column = source.position(start)
    end_row, end_column = source.position(end)
    return Edit(Site(source.filename, row, column, end_row, end_column), content)


def trimmed(source: Source, start: int, end: int, content: str) -> tuple[Edit, ...]:
    """Replace a stretch by `content`, touching only what differs."""
    old = source.text[start:end]
    if old == content:
        return ()
    shorter = min(len(old), len(content))
    head = 0
    while head < shorter and old[head] == content[head]:
        head += 1
    if head and old[head - 1] == "\r":
        head -= 1
    tail = 0
    while tail < shorter - head and old[-1 - tail] == content[-1 - tail]:
        tail += 1
    if tail and old[len(old) - tail] == "\n" and tail < len(old):
        tail -= 1
    replacement = content[head : len(content) - tail]
    return (edit(source, start + head, end - tail, replacement),)


def line_start(source: Source, offset: int) -> int:
    """Where the line that holds an index starts."""
    return source.starts[source.position(offset)[0] - 1]


def line_end(source: Source, offset: int) -> int:
    """Where the line that holds an index ends, before its line end."""
    row = source.position(offset)[0]
    return source.starts[row - 1] + len(source.line(row))


def next_line(source: Source, offset: int) -> int:
    """Where the line after the one that holds an index starts, or the end of the text."""
    row = source.position(offset)[0]
    return source.starts[row] if row < source.rows else len(source.text)


def leads(source: Source, offset: int) -> bool:
    """Whether only white space stands before an index, on a line that continues none."""
    row = source.position(offset)[0]
    before = source.text[source.starts[row - 1] : offset]
    return not before.strip() and not source.line(row - 1).endswith("\\")


def tail(source: Source, offset: int) -> re.Match[str] | None:
    """The rest of the line after a statement where no other statement stands there."""
    return _TAIL.match(source.text, offset)


def prefix(source: Source, offset: int) -> str:
    """The white space that the line of an index starts with."""
    found = _BLANK.match(source.line(source.position(offset)[0]))
    return found.group() if found else ""


def block_prefix(run: Run) -> str | None:
    """The indentation of the run's block; None where the block stands on its header's line."""
    first = start_of(run.source, run.statements[0])
    return prefix(run.source, first) if leads(run.source, first) else None


def unit_of(source: Source, tree: ast.AST) -> str:
    """One step of indentation, as the file first shows it; four spaces where it shows none."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.stmt):
            continue
        outer = prefix(source, start_of(source, node))
        for _, block in blocks(node):
            first = start_of(source, block[0])
            inner = prefix(source, first)
            if leads(source, first) and inner.startswith(outer) and len(inner) > len(outer):
                return inner[len(outer) :]
    return "    "


def is_chained(source: Source, run: Run) -> bool:
    """Whether the run shares its line with its block's header or another statement."""
    return not leads(source, run.start) or (
        not compound(run.final) and tail(source, run.end) is None
    )


def starts_elif(run: Run) -> bool:
    """Whether the statement is the `elif` of another one, so that nothing can stand before it."""
    return run.source.text.startswith("elif", run.start) and isinstance(run.statement, ast.If)


def on_one_line(text: str) -> bool:
    """Whether a text is simple statements that may follow a `;`."""
    tree = parse(text)
    single = tree is not None and bool(tree.body) and not any(map(compound, tree.body))
    return single and LINE_END.search(text.strip()) is None and "#" not in text


def indented(text: str, indent: str, newline: str) -> str:
    """The lines of a text behind `indent`, except blank ones and those inside a string."""
    lines = LINE_END.split(text)
    frozen = string_rows(text)
    return newline.join(
        indent + line if line.strip() and row not in frozen else line
        for row, line in enumerate(lines, start=1)
    )


def string_rows(text: str) -> frozenset[int]:
    """The rows of a text (from 1) whose start lies inside a string literal."""
    rows: set[int] = set()
    opened: list[int] = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(text, newline="").readline):
            kind = tokenize.tok_name[token.type]
            if kind == "STRING":
                rows.update(range(token.start[0] + 1, token.end[0] + 1))
            elif kind in _STRING_START:
                opened.append(token.start[0])
            elif kind in _STRING_END:
                rows.update(range(opened.pop() + 1, token.end[0] + 1))
    except (tokenize.TokenError, SyntaxError):
        # A text cut out of its file can end in the middle; what was read so far holds.
        return frozenset(rows)
    return frozenset(rows)


def insert_before(run: Run, text: str) -> tuple[Edit, ...] | None:
    """Put statements before a run, on lines of their own wherever its layout lets them."""
    source, start = run.source, run.start
    if starts_elif(run):
        return None
    if leads(source, start):
        newline = newline_of(source)
        content = indented(text, prefix(source, start), newline) + newline
        return (edit(source, line_start(source, start), line_start(source, start), content),)
    if not on_one_line(text) or compound(run.statement):
        return None
    return (edit(source, start, start, text.strip() + "; "),)


def insert_after(run: Run, text: str) -> tuple[Edit, ...] | None:
    """Put statements after a run, on lines of their own wherever its layout lets them."""
    source, end = run.source, run.end
    if compound(run.final) or not is_chained(
        source, Run(source, run.owner, run.statements, run.last, run.last)
    ):
        start = start_of(source, run.final)
        if not leads(source, start):
            return None
        newline = newline_of(source)
        place = line_end(source, end)
        return (
            edit(source, place, place, newline + indented(text, prefix(source, start), newline)),
        )
    if not on_one_line(text):
        return None
    return (edit(source, end, end, "; " + text.strip()),)


def delete(run: Run) -> tuple[Edit, ...] | None:
    """Take a run out, leaving `pass` where its block would be empty."""
    source, start, end = run.source, run.start, run.end
    if starts_elif(run):
        return None
    whole = run.first == 0 and run.last == len(run.statements) - 1
    if whole and not isinstance(run.owner, ast.Module):
        return (edit(source, start, end, "pass"),)
    alone = compound(run.final) or tail(source, end) is not None
    if leads(source, start) and alone:
        return (edit(source, line_start(source, start), next_line(source, end), ""),)
    text = source.text
    if run.last + 1 < len(run.statements) and not alone:
        return (edit(source, start, start_of(source, run.statements[run.last + 1]), ""),)
    back = re.search(r"[ \t]*;[ \t]*\Z", text[:start])
    return (edit(source, back.start(), end, ""),) if back else None


def shifted(source: Source, first_row: int, last_row: int, old: str, new: str) -> tuple[Edit, ...]:
    """Exchange the indentation `old` of rows by `new`; rows inside strings stay as they are."""
    start = source.starts[first_row - 1]
    frozen = string_rows(source.text[start : line_end(source, source.starts[last_row - 1])])
    edits: list[Edit] = []
    for row in range(first_row, last_row + 1):
        line = source.line(row)
        if not line.strip() or row - first_row + 1 in frozen:
            continue
        shared = old if line.startswith(old) else prefix(source, source.starts[row - 1])
        keep = new if line.startswith(old) else shifted_short(shared, old, new)
        at = source.starts[row - 1]
        edits.extend(trimmed(source, at, at + len(shared), keep))
    return tuple(edits)


def shifted_short(blank: str, old: str, new: str) -> str:
    """The indentation of a continuation line that stands further left than its statement."""
    if len(new) >= len(old):
        return new[: len(new) - len(old)] + blank
    return blank[len(old) - len(new) :]
