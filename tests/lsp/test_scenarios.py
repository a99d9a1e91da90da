"""The three ways to lose a gradient, in the editor and with the real analysis: squiggle, hover,
quick fix, and the squiggle gone.

What PyTorch does with each of them, before and after the fix, is proved elsewhere.
"""

from __future__ import annotations

from typing import Any

import pytest
from nonegrad.analyze import analyze

from .conftest import Client, Start, between

URI = "file:///home/user/train.py"
HEAD = "import torch\n\n"
UNTRACKED = HEAD + "x = torch.tensor([1.0, 2.0, 3.0])\ny = x * 2\nz = y.sum()\nz.backward()\n"
SLICED = HEAD + (
    "x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)\n"
    "y = x[:2]\ny.sum().backward()\nprint(y.grad)\n"
)
SAVED = HEAD + (
    "x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)\n"
    "y = x.exp()\ny += 1\ny.sum().backward()\n"
)
HARMLESS = SAVED.replace("x.exp()", "x * 2")

SCENARIOS = {
    "missing requires_grad": (UNTRACKED, "backward-without-graph", 5, 1, "requires_grad=True)"),
    "slice": (SLICED, "grad-of-non-leaf", 5, 2, "y = x[:2]\ny.retain_grad()\n"),
    "in-place": (SAVED, "inplace-on-saved", 4, 1, "y = y + 1\n"),
}


@pytest.fixture
async def client(start: Start) -> Client:
    client = await start(analyze)
    await client.initialize()
    return client


def applied(text: str, action: dict[str, Any]) -> str:
    """The text after a code action; ASCII only, so columns are columns."""
    [change] = action["edit"]["documentChanges"]
    lines = text.splitlines(keepends=True)

    def offset(place: dict[str, int]) -> int:
        return sum(map(len, lines[: place["line"]])) + place["character"]

    for edit in sorted(change["edits"], key=lambda e: offset(e["range"]["start"]), reverse=True):
        start, end = offset(edit["range"]["start"]), offset(edit["range"]["end"])
        text = text[:start] + edit["newText"] + text[end:]
    return text


@pytest.mark.parametrize("name", SCENARIOS)
async def test_squiggle_hover_quick_fix_and_gone(client: Client, name: str) -> None:
    text, code, line, severity, cured = SCENARIOS[name]
    client.open(URI, text)
    items = [each for each in (await client.pull(URI))["items"] if each["severity"] < 4]
    assert [each["code"] for each in items] == [code]
    [squiggle] = items
    assert squiggle["range"]["start"]["line"] == line
    assert squiggle["severity"] == severity
    assert squiggle["relatedInformation"]

    start = squiggle["range"]["start"]
    shown = await client.hover(URI, start["line"], start["character"] + 1)
    assert shown["contents"]["value"]

    offered = await client.actions(URI, squiggle["range"], only=["quickfix"])
    fixed = applied(text, offered[0])
    assert cured in fixed
    client.change(URI, 2, {"text": fixed})
    assert [each for each in (await client.pull(URI))["items"] if each["severity"] < 4] == []


async def test_a_harmless_in_place_is_a_hint_and_its_rewrite_a_refactoring(client: Client) -> None:
    client.open(URI, HARMLESS)
    [hint] = (await client.pull(URI))["items"]
    assert (hint["code"], hint["severity"]) == ("inplace-safe", 4)
    [rewrite] = await client.actions(URI, hint["range"], only=["refactor.rewrite"])
    assert applied(HARMLESS, rewrite) == HARMLESS.replace("y += 1", "y = y + 1")


async def test_half_typed_code_keeps_the_squiggle(client: Client) -> None:
    client.open(URI, UNTRACKED)
    client.change(URI, 2, {"range": between(6, 0, 0), "text": "def f(:\n"})
    codes = {each["code"] for each in (await client.pull(URI))["items"]}
    assert codes == {"syntax-error", "backward-without-graph"}


async def test_hovering_a_tensor_tells_what_it_is(client: Client) -> None:
    client.open(URI, SLICED)
    shown = (await client.hover(URI, 3, 0))["contents"]["value"]
    assert "requires_grad" in shown and "leaf" in shown


async def test_all_safe_fixes_at_once(client: Client) -> None:
    client.open(URI, UNTRACKED)
    [entry] = await client.actions(URI, between(0, 0, 0), only=["source.fixAll"])
    resolved = await client.ask("codeAction/resolve", entry)
    assert "requires_grad=True" in applied(UNTRACKED, resolved)
