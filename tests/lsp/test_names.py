"""Names of other files: never waited for, shown when they arrive, and followed as they change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .conftest import PULL, PUSH, Client, Start


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "model.py").write_text("def loss(): ...\n")
    return tmp_path


def messages(params: Any) -> list[str]:
    return [each["message"] for each in params["diagnostics"]]


async def test_a_client_that_asks_is_told_to_ask_again_when_names_arrive(
    start: Start, project: Path
) -> None:
    client = await start()
    await client.initialize(PULL)
    train, model = (project / "train.py").as_uri(), (project / "model.py").as_uri()
    client.open(train, "imported\n")
    assert (await client.pull(train))["items"] == []
    [squiggle] = await asked_again(client, train)
    assert squiggle["message"] == "def loss(): ..."

    client.open(model, "def loss(): ...\n")
    await asked_again(client, train)
    client.change(model, 2, {"text": "def loss(): return 1\n"})
    [squiggle] = await asked_again(client, train)
    assert squiggle["message"] == "def loss(): return 1"
    assert await client.goodbye() == 0


async def asked_again(client: Client, uri: str) -> Any:
    await client.until("workspace/diagnostic/refresh")
    client.seen.clear()
    return (await client.pull(uri))["items"]


async def test_a_client_that_cannot_ask_is_told_when_names_arrive(
    start: Start, project: Path
) -> None:
    client = await start()
    await client.initialize(PUSH)
    train, model = (project / "train.py").as_uri(), (project / "model.py").as_uri()
    client.open(train, "imported\n")
    method = "textDocument/publishDiagnostics"
    first = await client.until(method)
    assert first["uri"] == train and messages(first) == []
    await client.until(method, lambda p: messages(p) == ["def loss(): ..."])
    client.open(model, "def loss(): return 2\n")
    await client.until(method, lambda p: messages(p) == ["def loss(): return 2"])
