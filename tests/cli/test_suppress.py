"""`# nonegrad: ignore`: which findings it silences, and what is said of one that silences none."""

from __future__ import annotations

import io
import sysconfig
import tokenize
from pathlib import Path
from textwrap import dedent

import pytest
from nonegrad.analysis.syntax.scan import TOKEN
from nonegrad.options import DEFAULT, Options
from nonegrad.rules.base import Finding
from nonegrad.suppress import UNUSED, settle
from nonegrad.text import Site, Source


def told(text: str, *rows: int, options: Options = DEFAULT, rule: str = "a") -> list[str]:
    """What is left of findings of one rule on these rows: its name and row each."""
    source = Source("/p/file.py", dedent(text))
    findings = [
        Finding(rule, "error", "definite", Site("/p/file.py", row, 1, row, 2), "m") for row in rows
    ]
    return [f"{each.rule} {each.site.row}" for each in settle(source, findings, options)]


@pytest.mark.parametrize(
    "comment",
    [
        "# nonegrad: ignore",
        "#nonegrad:ignore",
        "# nonegrad: ignore[a]",
        "# nonegrad: ignore[b, a]  the optimiser does this on purpose",
        "# nonegrad: ignore -- reason",
        "# type: ignore  # nonegrad: ignore[a]",
        "# noqa: X1 # nonegrad: ignore[a] # more",
    ],
)
def test_a_comment_silences_its_line(comment: str) -> None:
    text = f"x = 1  {comment}\ny = 2\n"
    assert [each for each in told(text, 1, 2) if each[0] == "a"] == ["a 2"]


def test_only_the_rules_it_names() -> None:
    assert told("x  # nonegrad: ignore[b]\n", 1) == ["a 1", "unused-suppression 1"]


@pytest.mark.parametrize("row", [1, 2, 3])
def test_a_statement_of_several_lines_is_one_line(row: int) -> None:
    text = "x = f(\n    1,\n)  # nonegrad: ignore[a]\n"
    assert told(text, row) == []


def test_a_header_does_not_speak_for_its_block() -> None:
    assert "a 2" in told("if x:  # nonegrad: ignore[a]\n    y\n", 1, 2)


def test_a_whole_file_can_be_left_out() -> None:
    assert told("x\n# nonegrad: ignore-file\ny\n", 1, 3) == []
    assert told("x\n# nonegrad: ignore-file[a] generated\ny\n", 1, 3) == []


@pytest.mark.parametrize(
    "text",
    [
        'x = "# nonegrad: ignore"\n',
        '"""\n# nonegrad: ignore-file\n"""\nx\n',
        "x = '''# nonegrad: ignore'''\n",
    ],
)
def test_a_string_is_no_comment(text: str) -> None:
    assert told(text, 1) == ["a 1"]


def test_a_comment_that_silences_nothing_is_a_finding_of_its_own() -> None:
    source = Source("f.py", "x = 1  # nonegrad: ignore[a] why\n")
    (finding,) = settle(source, [], DEFAULT)
    assert (finding.rule, finding.severity) == (UNUSED, "information")
    assert source.cut(finding.site) == "# nonegrad: ignore[a]"


def test_a_list_that_is_not_closed_silences_nothing() -> None:
    assert told("x  # nonegrad: ignore[a\n", 1) == ["a 1", "unused-suppression 1"]


@pytest.mark.parametrize(
    "options",
    [
        Options(ignore=frozenset({"a"})),
        Options(select=frozenset({"b"})),
        Options(ignore=frozenset({UNUSED})),
        Options(per_file_ignores=(("/p/**", frozenset({"a"})),)),
    ],
    ids=["ignored", "not selected", "not wanted", "ignored here"],
)
def test_what_was_not_looked_for_is_not_missed(options: Options) -> None:
    assert told("x  # nonegrad: ignore[a]\n", options=options) == []


def test_in_a_file_that_does_not_parse_nobody_knows_what_is_unused() -> None:
    assert told("x = (\ny  # nonegrad: ignore[a]\n", 1, rule="syntax-error") == ["syntax-error 1"]


def test_an_unused_comment_can_be_meant() -> None:
    assert told("x  # nonegrad: ignore[a, unused-suppression] only on some versions\n") == []


def test_other_words_are_left_alone() -> None:
    assert told("x  # nonegrad: ignored by us\n", 1) == ["a 1"]


def test_options_choose_rules() -> None:
    assert told("x\n", 1, options=Options(select=frozenset({"b"}))) == []
    assert told("x\n", 1, options=Options(ignore=frozenset({"a"}))) == []
    assert told("x\n", 1, options=Options(per_file_ignores=(("file.py", frozenset({"a"})),))) == []


def test_comments_are_those_that_pythons_tokenizer_finds() -> None:
    for path in sorted(Path(sysconfig.get_path("stdlib")).glob("*.py"))[::12]:
        text = path.read_text("utf-8")
        tokens = tokenize.generate_tokens(io.StringIO(text).readline)
        theirs = [token.string for token in tokens if token.type == tokenize.COMMENT]
        ours = [token[0] for token in TOKEN.finditer(text) if token.lastgroup == "comment"]
        assert ours == theirs, path
