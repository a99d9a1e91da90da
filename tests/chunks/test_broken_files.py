"""Half-typed code: one problem where CPython names it, and everything around it stays alive."""

from __future__ import annotations

import ast
import warnings
from textwrap import dedent

import pytest
from nonegrad.analysis.syntax.chunks import MOST_PROBLEMS, Parsed, Syntax, parse
from nonegrad.text import Source


def syntax_of(*versions: str) -> Parsed:
    """The syntax after these versions of one file, typed one after the other."""
    syntax = Syntax()
    parsed = syntax.parse(Source("file.py", ""))
    for version in versions:
        parsed = syntax.parse(Source("file.py", dedent(version)))
    return parsed


def meaning(parsed: Parsed) -> str:
    return ast.unparse(ast.Module(parsed.body, [])).strip()


def problems(parsed: Parsed) -> list[tuple[int, int, str]]:
    return [(each.site.row, each.site.column, each.message) for each in parsed.problems]


def test_a_new_line_that_does_not_parse_becomes_a_call_of_nobody_knows_what() -> None:
    parsed = syntax_of("x = ones(3)\ny = x *\nz = y.sum()\n")
    assert meaning(parsed) == "x = ones(3)\ny = __unfinished__(y, x)\nz = y.sum()"
    assert problems(parsed) == [(2, 8, "invalid syntax")]
    assert parsed.guessed == {2}


def test_a_line_that_did_parse_keeps_its_meaning_while_it_is_typed_over() -> None:
    parsed = syntax_of(
        "x = ones(3)\ny = x * 2\nz = y.sum()\n",
        "x = ones(3)\ny = x * (\nz = y.sum()\n",
        "x = ones(3)\ny = x * (x.\nz = y.sum()\n",
    )
    assert meaning(parsed) == "x = ones(3)\ny = x * 2\nz = y.sum()"
    assert problems(parsed)[0][0] == 2


def test_a_line_inside_a_function_keeps_its_meaning_too() -> None:
    before = "def f(x):\n    a = x.exp()\n    b = a.sum()\n    return b\n"
    parsed = syntax_of(before, before.replace("a.sum()", "a.sum("))
    assert meaning(parsed) == before.strip()
    assert problems(parsed) == [(3, 14, "'(' was never closed")]


def test_what_stands_for_a_line_lies_on_that_line() -> None:
    parsed = syntax_of("if c:\n    yy = f(xx, \n    z = 1\n")
    branch = parsed.body[0]
    assert isinstance(branch, ast.If)
    hole = branch.body[0]
    assert (hole.lineno, hole.col_offset, hole.end_lineno, hole.end_col_offset) == (2, 4, 2, 15)


@pytest.mark.parametrize(
    ("broken", "alive"),
    [
        pytest.param(
            """
            def f(x):
                y = g(a,
                      b
                z = 1
                return z
            """,
            "def f(x):\n    y = __unfinished__(y, g, a, b)\n    z = 1\n    return z",
            id="a call that is not closed",
        ),
        pytest.param(
            """
            def f(x):
                if x
                    z = 1
                return z
            """,
            "def f(x):\n    if __unfinished__:\n        z = 1\n    return z",
            id="a header without its colon",
        ),
        pytest.param(
            """
            class A:
                def f(self, x
                    return 1

                def g(self):
                    return 2
            """,
            "class A:\n\n    def f(*_, **__):\n        return 1\n\n"
            "    def g(self):\n        return 2",
            id="a method whose arguments are open",
        ),
        pytest.param(
            """
            def f():
                for x in y:
            def g():
                return 1
            """,
            "def f():\n    for x in y:\n        pass\n\ndef g():\n    return 1",
            id="a loop without a body yet",
        ),
        pytest.param(
            """
            try:
                x = 1
            y = 2
            """,
            "if __unfinished__:\n    x = 1\ny = 2",
            id="a try without except yet",
        ),
        pytest.param(
            '''
            def f():
                """begun
                x = 1
            def g():
                """done"""
            ''',
            'def f():\n    __unfinished__(begun)\n    x = 1\n\ndef g():\n    """done"""',
            id="a docstring that is not closed",
        ),
        pytest.param(
            '''
            def f():
                """
            Title
                """
                x = = 1
                y = 2
            ''',
            'def f():\n    """\nTitle\n    """\n    x = __unfinished__(x)\n    y = 2',
            id="text at the margin inside a docstring",
        ),
        pytest.param(
            """
            @
            def f():
                return 1
            """,
            "__unfinished__()\n\ndef f():\n    return 1",
            id="a decorator without a name yet",
        ),
        pytest.param(
            "match x:\n    case [1, :\n        y = 1\n",
            "match x:\n    case _ if __unfinished__:\n        y = 1",
            id="a case",
        ),
        pytest.param("x.\n", "__unfinished__(x)", id="an attribute without a name yet"),
        pytest.param("self.w = f(\n", "self.w = __unfinished__(self, f)", id="a dotted target"),
        pytest.param("x = 1 \\\n", "x = __unfinished__(x)", id="a backslash at the end"),
        pytest.param("x = 1\n  y = 2\nz = 3\n", "x = 1\nz = 3", id="an indent out of nowhere"),
    ],
)
def test_the_rest_of_a_broken_statement_is_still_analysed(broken: str, alive: str) -> None:
    parsed = syntax_of(broken)
    assert meaning(parsed) == alive
    assert len(parsed.problems) == 1


def test_two_broken_statements_are_two_problems() -> None:
    parsed = syntax_of("x = (\ny = 1\nz = 'a\nw = 2\n")
    assert [row for row, _, _ in problems(parsed)] == [1, 3]
    assert {"y = 1", "w = 2"} < set(meaning(parsed).splitlines())


@pytest.mark.parametrize(
    "text",
    ["x = " + "(" * 500 + ")" * 500, "x = " + "-" * 20_000 + "1", "x = 1" + " + 1" * 20_000],
    ids=["brackets", "unary", "binary"],
)
def test_too_deep_nesting_costs_its_own_line_only(text: str) -> None:
    parsed = syntax_of(f"a = 1\n{text}\nb = 2\n")
    assert meaning(parsed) == "a = 1\nx = __unfinished__(x)\nb = 2"
    assert [(row, message) for row, _, message in problems(parsed)] == [
        (2, "too deeply nested to analyse")
    ]


def test_a_null_byte_costs_its_own_line_only() -> None:
    parsed = syntax_of("a = 1\nb = \0\nc = 3\n")
    assert meaning(parsed).splitlines()[::2] == ["a = 1", "c = 3"]
    assert problems(parsed) == [(2, 5, "a null byte in the source")]


def test_a_byte_order_mark_counts_as_a_character_of_its_line() -> None:
    parsed = syntax_of("\ufeffx = 1; y = 2\nz = 3\n")
    assert [node.col_offset for node in parsed.body] == [3, 10, 0]
    assert parsed.problems == ()


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment", "\x0c\n", "# coding: latin-1\n"])
def test_a_file_without_statements_has_none(text: str) -> None:
    assert syntax_of(text).body == []
    assert syntax_of(text).problems == ()


def test_a_lone_surrogate_is_a_character_like_any_other() -> None:
    assert len(syntax_of("x = '\ud800'\ny = 1\n").body) == 2


def test_an_invalid_escape_warns_nobody() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(syntax_of("x = '\\d'\n").body) == 1


def test_a_text_that_is_not_python_at_all_gets_a_bounded_answer() -> None:
    parsed = syntax_of("this is a letter\n" * 5_000)
    assert len(parsed.problems) == MOST_PROBLEMS + 1
    assert "too much does not parse" in parsed.problems[-1].message


def test_the_problem_goes_when_the_line_is_finished() -> None:
    parsed = syntax_of("x = f(\ny = 1\n", "x = f()\ny = 1\n")
    assert parsed.problems == ()
    assert meaning(parsed) == "x = f()\ny = 1"


def test_unchanged_statements_keep_their_chunk() -> None:
    syntax = Syntax()
    first = syntax.parse(Source("file.py", "a = 1\nb = 2\nc = 3\nd = 4\n"))
    second = syntax.parse(Source("file.py", "a = 1\nb = 2\nc = 30\nd = 4\n"))
    same = [new in first.chunks for new in second.chunks]
    assert same == [True, False, False, True]  # b stands before the change: an `else` could follow


def test_what_was_concluded_from_an_older_version_stays_true() -> None:
    syntax = Syntax()
    first = syntax.parse(Source("file.py", "a = 1\nb = 2\nc = 3\n"))
    syntax.parse(Source("file.py", "\n\na = 1\nb = 2\nc = 3\n"))
    assert [node.lineno for node in first.body] == [1, 2, 3]


@pytest.mark.parametrize(
    ("cell", "left"),
    [
        ("%matplotlib inline\nx = 1\n", "pass\nx = 1"),
        ("!pip install torch\n", "pass"),
        ("for x in y:\n    !ls {x}\n", "for x in y:\n    pass"),
        ("files = !ls\n", "files = ..."),
        ("%%time\nx = 1\n", "pass\nx = 1"),
        ("%%bash\nx=$(ls\n", ""),
        ("x.sum?\n", "pass"),
        ("x = '''\n%not magic\n'''\ny = 5 \\\n % 2\n", "x = '''\n%not magic\n'''\ny = 5 % 2"),
    ],
)
def test_lines_for_ipython_are_left_out_of_a_cell(cell: str, left: str) -> None:
    parsed = parse(Source("cell.ipynb", cell), notebook=True)
    assert (
        meaning(parsed).replace('"""', "'''").replace("'\\n%not magic\\n'", "'''\n%not magic\n'''")
        == left
    )
    assert parsed.problems == ()


def test_magics_are_no_python_in_a_plain_file() -> None:
    assert syntax_of("%matplotlib inline\n").problems != ()
