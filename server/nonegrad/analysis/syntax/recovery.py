"""What a broken statement most likely means: as little of it as possible is left out.

A line that does not parse takes the meaning it had when it last did. A new one becomes a *hole*:
a call of the unbound name `HOLE` with the names the line mentions, bound to the names it seems to
bind, so whatever the line will say, nothing certain is concluded from its absence.
"""

from __future__ import annotations

import ast
import keyword
import re
from collections.abc import Iterator
from dataclasses import dataclass

from nonegrad.analysis.syntax.parsing import Failure, statements
from nonegrad.analysis.syntax.scan import code, indent, logical_line

HOLE = "__unfinished__"
ROUNDS = 8
LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+\Z")
NAME = re.compile(r"(?<![\w.])[^\W\d]\w*")
TARGET = re.compile(r"\s*([^=()#\"']+?)\s*(?:[-+*/@%&|^]|//|\*\*|<<|>>)?=(?!=)")
BLOCK = re.compile(
    r"\s*(async|def|class|if|elif|else|for|while|with|try|except|finally|case|match)\b(?!\s*[=.,])"
)
HEADER = re.compile(r"\s*(async\s+def|def|class|elif|else|except|finally|case|match)\b")


@dataclass(frozen=True, slots=True)
class Recovered:
    """The statements that could be saved, and the rows whose meaning is a guess."""

    body: list[ast.stmt]
    guessed: frozenset[int]


@dataclass(frozen=True, slots=True)
class Attempt:
    """A text with some lines replaced; `replaced` maps an index to whether it is a hole."""

    lines: list[str]
    replaced: dict[int, bool]


def recover(text: str, row: int, failure: Failure, good: str | None) -> Recovered:
    """Save what parses of a statement whose first line is `row`; `good` is when it last parsed."""
    original = LINE.findall(text)
    attempt, result = Attempt(original, {}), failure
    for _ in range(ROUNDS):
        index = _index(attempt.lines, result, row)
        best: tuple[int, Attempt, Failure] | None = None
        for candidate in _candidates(attempt, index, result, good, original):
            outcome = statements("".join(candidate.lines), row)
            if not isinstance(outcome, Failure):
                return _placed(outcome, candidate, original, row)
            reached = _index(candidate.lines, outcome, row)
            if best is None or reached > best[0]:
                best = (reached, candidate, outcome)
        if best is None:
            break
        _, attempt, result = best
    index = _index(original, failure, row)
    cut = _cut(Attempt(original, {}), index, len(original))
    outcome = statements("".join(cut.lines), row)
    if isinstance(outcome, Failure):
        return Recovered([], frozenset(range(row, row + len(original))))
    return _placed(outcome, cut, original, row)


def _index(lines: list[str], failure: Failure, row: int) -> int:
    """The line to blame; for a text refused as a whole the longest."""
    if failure.knows_place:
        return min(max(failure.row - row, 0), len(lines) - 1)
    return max(range(len(lines)), key=lambda index: len(lines[index]))


def _candidates(
    attempt: Attempt, index: int, failure: Failure, good: str | None, original: list[str]
) -> Iterator[Attempt]:
    """Ways to mend the line at `index`, the most faithful first."""
    lines = attempt.lines
    if "expected an indented block" in failure.message:
        yield _with_body(attempt, index)
    if "expected 'except' or 'finally'" in failure.message:
        yield from _without_try(attempt, index)
    if good is not None and index not in attempt.replaced:
        yield from _as_it_was(attempt, index, good, original)
    first, past = logical_line(lines, index)
    holes = [(index, index + 1), (first, past)] if past - first > 1 else [(index, index + 1)]
    for begin, end in holes if BLOCK.match(lines[index]) else reversed(holes):
        yield _hole(attempt, begin, end)
    block = index + 1
    while block < len(lines) and (not code(lines[block]).strip() or _deeper(lines, block, index)):
        block += 1
    if block > index + 1:
        yield _hole(attempt, index, block)
    yield _cut(attempt, index, index + 1)


def _deeper(lines: list[str], index: int, than: int) -> bool:
    return indent(lines[index]) > indent(lines[than])


def _end_of(line: str) -> str:
    return line[len(line.rstrip("\r\n")) :]


def _with_body(attempt: Attempt, index: int) -> Attempt:
    """Give the header before `index` a body; the message names the line after it."""
    lines = list(attempt.lines)
    header = index
    while header > 0 and not code(lines[header]).rstrip().endswith(":"):
        header -= 1
    lines[header] = code(lines[header]).rstrip() + " pass" + _end_of(lines[header])
    return Attempt(lines, attempt.replaced)


def _without_try(attempt: Attempt, index: int) -> Iterator[Attempt]:
    """Take the nearest `try:` before the line for a block that may run or not."""
    for header in range(index, -1, -1):
        if code(attempt.lines[header]).split() == ["try:"]:
            yield _hole(attempt, header, header + 1)


def _as_it_was(attempt: Attempt, index: int, good: str, original: list[str]) -> Iterator[Attempt]:
    """The lines between what is common to the old and the new text, as they were."""
    old = LINE.findall(good)
    head = 0
    while head < min(len(old), len(original)) and old[head] == original[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(original)) - head and old[-1 - tail] == original[-1 - tail]:
        tail += 1
    if len(old) == len(original) and head <= index < len(old) - tail:
        lines = list(attempt.lines)
        changed = range(head, len(old) - tail)
        for place in changed:
            lines[place] = old[place]
        yield Attempt(lines, attempt.replaced | dict.fromkeys(changed, False))


def _hole(attempt: Attempt, first: int, past: int) -> Attempt:
    """Put a hole, or a header that opens the same block, in place of some lines."""
    lines = list(attempt.lines)
    line = lines[first]
    margin = line[: len(line) - len(line.lstrip(" \t\f"))]
    following = next((at for at in range(past, len(lines)) if code(lines[at]).strip()), None)
    opens = following is not None and _deeper(lines, following, first)
    for place in range(first, past):
        lines[place] = _end_of(lines[place])
    word = _header(line) if opens or HEADER.match(line) else "pass"
    if word != "pass" and not opens:
        word += " pass"
    lines[first] = margin + word + lines[first]
    return Attempt(lines, attempt.replaced | dict.fromkeys(range(first, past), word == "pass"))


def _header(line: str) -> str:
    found = HEADER.match(line)
    word = " ".join(found[1].split()) if found else ""
    if word in ("def", "async def", "class"):
        name = re.match(r"\s*(?:async\s+)?(?:def|class)\s+([^\W\d]\w*)", line)
        name = name[1] if name and not keyword.iskeyword(name[1]) else HOLE
        return f"class {name}:" if word == "class" else f"{word} {name}(*_, **__):"
    if word == "case":
        return "case _ if " + HOLE + ":"
    if word in ("else", "except", "finally"):
        return word + ":"
    return ("elif " if word == "elif" else "if ") + HOLE + ":"


def _cut(attempt: Attempt, first: int, past: int) -> Attempt:
    """Leave lines out altogether."""
    lines = list(attempt.lines)
    for place in range(first, past):
        lines[place] = _end_of(lines[place])
    return Attempt(lines, attempt.replaced | dict.fromkeys(range(first, past), False))


def _placed(body: list[ast.stmt], attempt: Attempt, original: list[str], row: int) -> Recovered:
    """Fill the holes, and move what stands on a replaced line to the whole of that line."""
    guessed = {row + index for index in attempt.replaced}
    holes = {row + index for index, hole in attempt.replaced.items() if hole}
    _fill(body, holes, original, row)
    for statement in body:
        for node in ast.walk(statement):
            if not isinstance(node, ast.stmt | ast.expr | ast.keyword | ast.arg | ast.alias):
                continue
            if node.lineno in guessed:
                line = original[node.lineno - row]
                node.col_offset = len(line) - len(line.lstrip(" \t\f"))
            if node.end_lineno in guessed:
                line = original[node.end_lineno - row].rstrip("\r\n")
                node.end_col_offset = len(line.encode(errors="surrogatepass"))
    return Recovered(body, frozenset(guessed))


def _fill(body: list[ast.stmt], holes: set[int], original: list[str], row: int) -> None:
    """Replace each `pass` that stands for a line by the hole that stands for its names."""
    for place, statement in enumerate(body):
        if isinstance(statement, ast.Pass) and statement.lineno in holes:
            last = statement.lineno
            while last + 1 in holes:
                last += 1
            text = "".join(original[statement.lineno - row : last + 1 - row])
            body[place] = _stands_for(text, statement)
        for name in ("body", "orelse", "finalbody", "handlers", "cases"):
            inner = getattr(statement, name, None)
            if isinstance(inner, list):
                _fill(inner, holes, original, row)  # pyright: ignore[reportUnknownArgumentType]


def _stands_for(line: str, at: ast.stmt) -> ast.stmt:
    said = " ".join(code(each) for each in LINE.findall(line))
    names = dict.fromkeys(name for name in NAME.findall(said) if not keyword.iskeyword(name))
    arguments: list[ast.expr] = [ast.Name(name, ast.Load()) for name in names]
    call = ast.Call(ast.Name(HOLE, ast.Load()), arguments, [])
    target = TARGET.match(line)
    statement: ast.stmt = ast.Expr(call)
    if target:
        parsed = statements(f"{target[1]} = 0", 1)
        if not isinstance(parsed, Failure) and isinstance(parsed[0], ast.Assign):
            statement = ast.Assign(parsed[0].targets, call)
    for node in ast.walk(statement):
        ast.copy_location(node, at)
    return statement
