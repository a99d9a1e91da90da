"""Notebooks: one program in many cells."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from .conftest import PULL, PUSH, Client, Start, between, replace

BOOK = "file:///home/user/train.ipynb"


def cell(number: int) -> str:
    return f"vscode-notebook-cell:/home/user/train.ipynb#{number}"


def document(number: int, text: str) -> dict[str, Any]:
    return {"uri": cell(number), "languageId": "python", "version": 1, "text": text}


def open_book(client: Client, *texts: str) -> None:
    cells = [{"kind": 2, "document": cell(number)} for number in range(len(texts))]
    book = {"uri": BOOK, "notebookType": "jupyter-notebook", "version": 1, "cells": cells}
    documents = [document(number, text) for number, text in enumerate(texts)]
    params = {"notebookDocument": book, "cellTextDocuments": documents}
    client.tell("notebookDocument/didOpen", params)


def change_book(client: Client, version: int, **cells: Any) -> None:
    identifier = {"uri": BOOK, "version": version}
    params = {"notebookDocument": identifier, "change": {"cells": cells}}
    client.tell("notebookDocument/didChange", params)


@pytest.fixture
async def client(start: Start) -> Client:
    client = await start()
    capabilities = {**copy.deepcopy(PULL), "notebookDocument": {"synchronization": {}}}
    await client.initialize(capabilities)
    assert client.capabilities["notebookDocumentSync"]
    return client


async def test_each_cell_has_its_own_findings_in_its_own_rows(client: Client) -> None:
    open_book(client, "x = 1", "%matplotlib inline\ny = bad\n", "bad")
    assert (await client.pull(cell(0)))["items"] == []
    [second] = (await client.pull(cell(1)))["items"]
    assert second["range"] == between(1, 4, 7)
    assert second["relatedInformation"][0]["location"]["uri"] == cell(0)
    [third] = (await client.pull(cell(2)))["items"]
    assert third["range"] == between(0, 0, 3)
    assert (await client.hover(cell(2), 0, 1))["range"] == between(0, 0, 3)
    assert await client.hover(cell(0), 0, 1) is None


async def test_an_edit_lies_in_its_cell(client: Client) -> None:
    open_book(client, "x = 1", "y = bad")
    [cure, *_] = await client.actions(cell(1), between(0, 5, 5))
    assert cure["edit"]["documentChanges"] == [
        {
            "textDocument": {"uri": cell(1), "version": 1},
            "edits": [{"range": between(0, 4, 7), "newText": "good"}],
        }
    ]


async def test_cells_change_come_and_go(client: Client) -> None:
    open_book(client, "bad", "x")
    edited = {"document": {"uri": cell(0), "version": 2}, "changes": [replace(0, 0, 3, "1\n2")]}
    change_book(client, 2, textContent=[edited])
    assert (await client.pull(cell(0)))["items"] == []
    array = {"start": 1, "deleteCount": 1, "cells": [{"kind": 2, "document": cell(7)}]}
    change_book(
        client,
        3,
        structure={
            "array": array,
            "didOpen": [document(7, "bad")],
            "didClose": [{"uri": cell(1)}],
        },
    )
    assert (await client.pull(cell(7)))["items"][0]["range"] == between(0, 0, 3)
    assert (await client.pull(cell(1)))["items"] == []


async def test_a_client_that_cannot_ask_is_told_of_every_cell(start: Start) -> None:
    client = await start()
    await client.initialize({**PUSH, "notebookDocument": {"synchronization": {}}})
    open_book(client, "bad", "bad")
    for uri in (cell(0), cell(1)):
        told = await client.until(
            "textDocument/publishDiagnostics", lambda p, uri=uri: p["uri"] == uri
        )
        assert len(told["diagnostics"]) == 1
    closed = {
        "notebookDocument": {"uri": BOOK},
        "cellTextDocuments": [{"uri": cell(0)}, {"uri": cell(1)}],
    }
    client.tell("notebookDocument/didClose", closed)
    await client.until("textDocument/publishDiagnostics", lambda p: p["diagnostics"] == [])
