"""Where a file parses, its chunks say exactly what `ast.parse` says, whatever was typed before."""

from __future__ import annotations

import ast
import random
import sysconfig
import warnings
from pathlib import Path

import pytest
from nonegrad.analysis.syntax.chunks import Parsed, Syntax, parse
from nonegrad.text import Source

STDLIB = sorted(Path(sysconfig.get_path("stdlib")).glob("*.py"))
TYPED = [
    "(",
    ")",
    '"""',
    "'",
    "\n",
    "\n\n",
    "    ",
    ":",
    "\\\n",
    "@x\n",
    "else:\n",
    "# ",
    "é",
    "x = 1\n",
]


def text_of(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "replace")


def whole(text: str) -> list[str] | None:
    """CPython's own syntax of a text, or None where it has none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return dumped(ast.parse(text).body)
        except SyntaxError:
            return None


def dumped(body: list[ast.stmt]) -> list[str]:
    return [ast.dump(statement, include_attributes=True) for statement in body]


def covers(parsed: Parsed, text: str) -> bool:
    """Chunks are the text, cut: nothing lost, each at its own row."""
    offset = 0
    for chunk in parsed.chunks:
        if parsed.source.position(offset)[0] != chunk.row:
            return False
        offset += len(chunk.text)
    return "".join(chunk.text for chunk in parsed.chunks) == text


@pytest.mark.parametrize("path", STDLIB[::10], ids=lambda path: path.name)
def test_a_file_of_the_standard_library_is_what_cpython_says(path: Path) -> None:
    text = text_of(path)
    parsed = parse(Source("file.py", text))
    assert dumped(parsed.body) == whole(text)
    assert parsed.problems == ()
    assert covers(parsed, text)


@pytest.mark.parametrize("ending", ["\r\n", "\r"], ids=["CRLF", "CR"])
def test_other_line_ends_give_the_same_syntax(ending: str) -> None:
    text = text_of(STDLIB[3])
    other = text.replace("\n", ending)
    assert dumped(parse(Source("file.py", other)).body) == whole(text)


@pytest.mark.parametrize("seed", range(6))
def test_edits_one_after_the_other_end_where_a_fresh_look_does(seed: int) -> None:
    chance = random.Random(seed)
    text = text_of(chance.choice(STDLIB))[:20_000]
    text = text[: text.rindex("\n") + 1]
    syntax = Syntax()
    syntax.parse(Source("file.py", text))
    for _ in range(40):
        at = chance.randrange(len(text) + 1)
        gone = chance.choice([0, 0, 0, 1, 5, 300])
        typed = chance.choice([*TYPED, "", text[at : at + 200]])
        for version in (text[:at] + typed + text[at + gone :], text):
            if chance.random() < 0.3 and version is text:
                text = text[:at] + typed + text[at + gone :]
                break
            parsed = syntax.parse(Source("file.py", version))
            expected = whole(version)
            assert covers(parsed, version)
            if expected is not None:
                assert dumped(parsed.body) == expected
                assert parsed.problems == ()
            else:
                assert parsed.problems
        if whole(text) is None and chance.random() < 0.5:
            text = text_of(chance.choice(STDLIB))[:20_000]
