"""The real server with texts that are hard on it: an answer or a clear word, and it lives on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from nonegrad.analyze import Report, analyze
from nonegrad.text import Source

from .conftest import Client, Start, between
from .test_scenarios import SAVED, SLICED, UNTRACKED

URI = "file:///home/user/train.py"
LAST = "t = torch.ones(3)\nt.sum().backward()\n"


@pytest.fixture
async def client(start: Start) -> Client:
    client = await start(analyze)
    await client.initialize()
    return client


async def codes(client: Client) -> list[str]:
    return [each["code"] for each in (await client.pull(URI))["items"]]


def function(name: str, text: str) -> str:
    """A scenario as a function of its own."""
    body = text.removeprefix("import torch\n\n").splitlines(keepends=True)
    return f"def {name}():\n" + "".join("    " + row for row in body) + "\n\n"


THREE = (
    "import torch\n\n"
    + function("untracked", UNTRACKED)
    + function("sliced", SLICED)
    + function("saved", SAVED)
)
FOUND = ["backward-without-graph", "grad-of-non-leaf", "inplace-on-saved"]


async def test_a_bracket_that_goes_leaves_the_other_squiggles(client: Client) -> None:
    client.open(URI, THREE)
    assert await codes(client) == FOUND
    row = THREE.splitlines().index("    print(y.grad)")
    client.change(URI, 2, {"range": between(row, 16, 17), "text": ""})
    now = await codes(client)
    assert "syntax-error" in now
    assert {"backward-without-graph", "inplace-on-saved"} <= set(now)
    client.change(URI, 3, {"range": between(row, 16, 16), "text": ")"})
    assert await codes(client) == FOUND


async def test_no_cure_is_offered_where_a_line_does_not_parse(client: Client) -> None:
    client.open(URI, SLICED)
    [squiggle] = (await client.pull(URI))["items"]
    assert len(await client.actions(URI, squiggle["range"], only=["quickfix"])) > 1
    row = SLICED.splitlines().index("y = x[:2]")
    client.change(URI, 2, {"range": between(row, 8, 9), "text": ""})
    offered = await client.actions(URI, squiggle["range"], only=["quickfix"])
    assert [each["title"] for each in offered] == ["Ignore grad-of-non-leaf on this line"]


def test_a_fix_that_would_edit_a_guessed_row_is_none() -> None:
    report = analyze(Source("train.py", SLICED))
    [finding] = report.findings
    [fix] = report.fixes(finding)
    row = fix.edits[0].site.row
    assert replace(report, guessed=frozenset({row + 1})).fixes(finding) == (fix,)
    assert replace(report, guessed=frozenset({row})).fixes(finding) == ()


@pytest.mark.parametrize(
    "hard",
    [
        "x = " + "[" * 500 + "]" * 500 + "\n",
        "x = " + "(" * 500 + "1" + ")" * 500 + "\n",
        "x = " + "+".join(["1"] * 3000) + "\n",
        "x = a" + ".b" * 3000 + "\n",
        "x = '\ud800'\n",
        "x = ['\ud800'\n",
        "x = '\0'\n",
        "def f(:\n",
        "\f\r\v\u2028\n",
    ],
    ids=[
        "brackets",
        "parentheses",
        "sum",
        "path",
        "surrogate",
        "half surrogate",
        "null",
        "half",
        "ends",
    ],
)
async def test_a_hard_line_leaves_the_rest_alive(client: Client, hard: str) -> None:
    client.open(URI, "import torch\n" + hard + LAST)
    assert "backward-without-graph" in await codes(client)
    for line in range(4):
        await client.hover(URI, line, 2)


@pytest.mark.parametrize("text", ["", "\n", "\ufeff", " ", "\\", "'", "(", "\t\tx"])
async def test_hardly_any_text_is_fine(client: Client, text: str) -> None:
    client.open(URI, text)
    assert set(await codes(client)) <= {"syntax-error"}
    assert await client.hover(URI, 0, 0) is None


async def test_fifty_thousand_lines_have_their_last_squiggle(client: Client) -> None:
    client.open(URI, "import torch\n" + "x = 1\n" * 50_000 + LAST)
    assert await codes(client) == ["backward-without-graph"]


async def test_an_analysis_that_goes_too_deep_is_told_and_the_server_lives(start: Start) -> None:
    def deep(source: Source, *rest: Any) -> Report:
        return deep(source) if "deep" in source.text else analyze(source)

    client = await start(deep)
    await client.initialize()
    client.open(URI, "deep\n")
    assert await codes(client) == []
    shown = await client.until("window/showMessage")
    assert "RecursionError" in shown["message"] and "train.py" in shown["message"]
    client.change(URI, 2, {"text": UNTRACKED})
    assert await codes(client) == ["backward-without-graph"]
