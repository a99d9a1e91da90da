"""`nonegrad/graph`: the drawing of the function under the cursor, and where its boxes are."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

from .conftest import Client, Start

URI = "file:///home/user/train.py"
PROGRAM = """\
import torch

def first(w):
    (w * 2).sum().backward()

def second(w):
    w.exp().mean().backward()

w = torch.ones(3, requires_grad=True)
first(w)
second(w)
"""


async def ask(client: Client, line: int, uri: str = URI) -> Any:
    position = {"line": line, "character": 0}
    return await client.ask("nonegrad/graph", {"textDocument": {"uri": uri}, "position": position})


async def drawn(start: Start, text: str, line: int) -> Any:
    client = await start()
    await client.initialize()
    client.open(URI, text)
    return await ask(client, line)


async def test_the_function_under_the_cursor_is_drawn(start: Start) -> None:
    answer = await drawn(start, PROGRAM, 6)
    assert answer["title"] == "second"
    assert "ExpBackward0" in answer["svg"]
    assert "MulBackward0" not in answer["svg"]


async def test_outside_of_functions_the_whole_program_is(start: Start) -> None:
    answer = await drawn(start, PROGRAM, 8)
    assert answer["title"] == "train.py"
    assert "ExpBackward0" in answer["svg"]
    assert "MulBackward0" in answer["svg"]


async def test_each_box_has_its_place(start: Start) -> None:
    answer = await drawn(start, PROGRAM, 6)
    ids = {one.get("id") for one in ET.fromstring(answer["svg"]).iter() if one.get("class")}
    assert answer["places"].keys() <= ids
    starts = {(one["uri"], one["range"]["start"]["line"]) for one in answer["places"].values()}
    assert starts == {(URI, 6), (URI, 8)}


async def test_where_there_is_no_graph_there_is_no_answer(start: Start) -> None:
    assert await drawn(start, "x = 1\n", 0) is None


async def test_a_document_that_is_not_open_has_none(client: Client) -> None:
    assert await ask(client, 0, "file:///elsewhere.py") is None
