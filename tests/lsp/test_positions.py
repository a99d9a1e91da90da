"""Positions in each encoding, and documents changed by them."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types
from nonegrad.lsp.documents import Document, Documents
from nonegrad.lsp.positions import from_position, to_position, units
from nonegrad.text import Source

from .conftest import PULL, Start, between, replace

URI = "file:///home/user/train.py"
LINE = "é = '😀' + bad\n"
COLUMNS = {"utf-8": 14, "utf-16": 11, "utf-32": 10}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
async def test_an_emoji_on_the_line_moves_nothing(start: Start, encoding: str) -> None:
    client = await start()
    capabilities = {**copy.deepcopy(PULL), "general": {"positionEncodings": [encoding]}}
    await client.initialize(capabilities)
    assert client.capabilities["positionEncoding"] == encoding
    client.open(URI, "\n" + LINE)
    place = between(1, COLUMNS[encoding], COLUMNS[encoding] + 3)
    assert (await client.pull(URI))["items"][0]["range"] == place
    assert (await client.hover(URI, 1, COLUMNS[encoding] + 1))["range"] == place
    assert await client.hover(URI, 1, COLUMNS[encoding] - 1) is None
    [cure, *_] = await client.actions(URI, place)
    [change] = cure["edit"]["documentChanges"]
    client.change(URI, 2, {"range": change["edits"][0]["range"], "text": "good😀 bad"})
    moved = units("good😀 ", encoding)
    assert (await client.pull(URI))["items"][0]["range"] == between(
        1, COLUMNS[encoding] + moved, COLUMNS[encoding] + moved + 3
    )


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n"])
async def test_every_line_end_counts(start: Start, end: str) -> None:
    client = await start()
    await client.initialize()
    client.open(URI, f"x = 1{end}y = '\f\u2028'{end}bad{end}")
    assert (await client.pull(URI))["items"][0]["range"] == between(2, 0, 3)
    client.change(URI, 2, replace(1, 0, 0, f"z{end}"), replace(3, 0, 1, "b"))
    assert (await client.pull(URI))["items"][0]["range"] == between(3, 0, 3)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
@given(line=st.text("aé€😀", max_size=8))
def test_there_and_back_is_the_same_place(encoding: str, line: str) -> None:
    source = Source("a.py", "x\n" + line)
    for column in range(1, len(line) + 2):
        position = to_position(source, 2, column, encoding)
        assert from_position(source, position, encoding) == (2, column)


def test_the_middle_of_a_character_is_before_it() -> None:
    source = Source("a.py", "a😀b")
    assert from_position(source, types.Position(0, 2), "utf-16") == (1, 2)
    assert from_position(source, types.Position(0, 3), "utf-8") == (1, 2)


def test_a_place_outside_is_held_inside() -> None:
    source = Source("a.py", "ab\r\ncde")
    assert from_position(source, types.Position(0, 99), "utf-16") == (1, 3)
    assert from_position(source, types.Position(99, 0), "utf-16") == (2, 4)
    assert to_position(source, 1, 99, "utf-16") == types.Position(0, 2)
    assert to_position(source, 99, 1, "utf-16") == types.Position(1, 0)


ENDS = st.sampled_from(["\n", "\r\n", "\r"])
TEXTS = st.lists(st.one_of(st.text("ab😀\f\u2028", max_size=4), ENDS), max_size=12).map("".join)
PLACES = st.builds(types.Position, st.integers(0, 9), st.integers(0, 6))


@given(TEXTS, st.lists(st.tuples(PLACES, PLACES, TEXTS), max_size=4))
def test_changes_line_by_line_are_changes_of_the_whole_text(
    text: str, changes: list[tuple[types.Position, types.Position, str]]
) -> None:
    document = Document(URI, 1, text)
    for start, end, new in changes:
        source = Source("a.py", text)
        first, last = sorted(
            source.offset(*from_position(source, place, "utf-16")) for place in (start, end)
        )
        text = text[:first] + new + text[last:]
        change = types.TextDocumentContentChangePartial(types.Range(start, end), new)
        document.change(2, [change], "utf-16")
        assert document.snapshot().source.text == text
        assert [line.rstrip("\r\n") for line in document._lines] == [
            Source("a.py", text).line(row + 1) for row in range(Source("a.py", text).rows)
        ]


def test_a_snapshot_stays_as_it_was() -> None:
    document = Document(URI, 1, "old")
    before = document.snapshot()
    assert document.snapshot() is before
    document.change(2, [types.TextDocumentContentChangeWholeDocument("new")], "utf-16")
    assert (before.version, before.source.text) == (1, "old")
    assert (document.snapshot().version, document.snapshot().source.text) == (2, "new")


def test_open_texts_are_there_by_file_name() -> None:
    documents = Documents()
    documents.open("file:///a%20b.py", 1, "x")
    assert documents.buffers == {"/a b.py": "x"}
    documents.change(
        "file:///a%20b.py", 2, [types.TextDocumentContentChangeWholeDocument("y")], "utf-16"
    )
    assert documents.buffers == {"/a b.py": "y"}
    documents.close("file:///a%20b.py")
    assert documents.buffers == {}
