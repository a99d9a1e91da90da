"""A language client in a few lines: it speaks the protocol as written, over a socket with a server
in this process, or over stdin and stdout with one of its own."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from nonegrad.lsp.log import log_to_client
from nonegrad.lsp.server import make_server
from nonegrad.lsp.session import Analyze
from nonegrad.lsp.wire import Frames, converse, receive

from . import fake_server

HERE = Path(__file__).parent
PACKAGE = HERE.parent.parent / "server"
FAKE = [sys.executable, str(HERE / "fake_server.py")]
REAL = [
    sys.executable,
    "-c",
    "import sys; from nonegrad.lsp import main; raise SystemExit(main(sys.argv[1:]))",
]

PULL = {
    "general": {"positionEncodings": ["utf-16"]},
    "textDocument": {
        "diagnostic": {},
        "publishDiagnostics": {"relatedInformation": True, "versionSupport": True},
        "hover": {"contentFormat": ["markdown", "plaintext"]},
        "codeAction": {
            "codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix"]}},
            "resolveSupport": {"properties": ["edit"]},
        },
    },
    "workspace": {
        "workspaceEdit": {"documentChanges": True},
        "diagnostics": {"refreshSupport": True},
    },
}
PUSH = {
    "textDocument": {
        "publishDiagnostics": {"relatedInformation": True},
        "hover": {"contentFormat": ["plaintext"]},
    }
}


class ServerError(Exception):
    """An error that the server answered."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(error["message"])
        self.code = error["code"]
        self.data = error.get("data")


class Client:
    """One connection. `seen` has every notification and request of the server, in order."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.seen: list[dict[str, Any]] = []
        self.settings: object = None
        self.capabilities: dict[str, Any] = {}
        self.process: asyncio.subprocess.Process | None = None
        self.server: asyncio.Future[int] | None = None
        """The conversation as the server has it, where it runs in this process."""
        self._reader, self._writer = reader, writer
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._news = asyncio.Condition()
        self._reading = asyncio.ensure_future(self._read())

    async def initialize(self, capabilities: dict[str, Any] = PULL, **extra: object) -> Any:
        """Shake hands."""
        params = {"processId": os.getpid(), "rootUri": None, "capabilities": capabilities, **extra}
        answer = await self.ask("initialize", params)
        self.capabilities = answer["capabilities"]
        self.tell("initialized", {})
        return answer

    def send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._writer.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)

    def tell(self, method: str, params: object) -> None:
        """Send a notification."""
        self.send({"method": method, "params": params})

    def begin(self, method: str, params: object) -> tuple[int, asyncio.Future[Any]]:
        """Send a request; its number and the answer to come."""
        number = len(self._waiting) + 1
        self._waiting[number] = asyncio.get_running_loop().create_future()
        self.send({"id": number, "method": method, "params": params})
        return number, self._waiting[number]

    async def ask(self, method: str, params: object) -> Any:
        """Send a request and wait for its answer. Raises ServerError."""
        return await asyncio.wait_for(self.begin(method, params)[1], 20)

    async def until(self, method: str, where: Callable[[Any], bool] = lambda params: True) -> Any:
        """Wait for a message of the server; its params."""

        def found() -> list[Any]:
            messages = (m.get("params") for m in self.seen if m["method"] == method)
            return [params for params in messages if where(params)]

        async with self._news:
            await asyncio.wait_for(self._news.wait_for(found), 20)
        return found()[-1]

    def open(self, uri: str, text: str, version: int = 1) -> None:
        item = {"uri": uri, "languageId": "python", "version": version, "text": text}
        self.tell("textDocument/didOpen", {"textDocument": item})

    def change(self, uri: str, version: int, *changes: dict[str, Any]) -> None:
        identifier = {"uri": uri, "version": version}
        self.tell(
            "textDocument/didChange", {"textDocument": identifier, "contentChanges": list(changes)}
        )

    async def pull(self, uri: str, previous: str | None = None) -> Any:
        params = {"textDocument": {"uri": uri}, "previousResultId": previous}
        return await self.ask("textDocument/diagnostic", params)

    async def hover(self, uri: str, line: int, character: int) -> Any:
        position = {"line": line, "character": character}
        return await self.ask(
            "textDocument/hover", {"textDocument": {"uri": uri}, "position": position}
        )

    async def actions(self, uri: str, stretch: dict[str, Any], **context: object) -> Any:
        params = {
            "textDocument": {"uri": uri},
            "range": stretch,
            "context": {"diagnostics": [], **context},
        }
        return await self.ask("textDocument/codeAction", params)

    async def goodbye(self) -> int:
        """Leave in the right order; the exit status of the server."""
        await self.ask("shutdown", None)
        self.tell("exit", None)
        return await self.ended()

    async def ended(self) -> int:
        """Wait for the server to end; its exit status."""
        if self.server is not None:
            return await asyncio.wait_for(self.server, 10)
        assert self.process is not None
        return await asyncio.wait_for(self.process.wait(), 10)

    async def close(self) -> None:
        self._writer.close()
        self._reading.cancel()
        if self.process is not None:
            if self.process.returncode is None:
                self.process.kill()
            await self.process.wait()
        if self.server is not None:
            await self.server

    async def _read(self) -> None:
        while True:
            try:
                header = await self._reader.readuntil(b"\r\n\r\n")
            except asyncio.IncompleteReadError:
                return self._end()
            length = int(header.split(b":")[1].split(b"\r\n")[0])
            message = json.loads(await self._reader.readexactly(length))
            if "method" not in message:
                self._settle(message)
                continue
            async with self._news:
                self.seen.append(message)
                self._news.notify_all()
            if "id" in message:
                asked = message["method"] == "workspace/configuration"
                self.send({"id": message["id"], "result": [self.settings] if asked else None})

    def _end(self) -> None:
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(ConnectionError("the server is gone"))

    def _settle(self, message: dict[str, Any]) -> None:
        future = self._waiting[message["id"]]
        if future.done():
            return
        if "error" in message:
            future.set_exception(ServerError(message["error"]))
        else:
            future.set_result(message["result"])


def between(line: int, start: int, end: int) -> dict[str, Any]:
    """A range on one line."""
    return {
        "start": {"line": line, "character": start},
        "end": {"line": line, "character": end},
    }


def replace(line: int, start: int, end: int, text: str) -> dict[str, Any]:
    """An incremental change on one line."""
    return {"range": between(line, start, end), "text": text}


Start = Callable[..., Awaitable[Client]]


@pytest.fixture
async def start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AsyncIterator[Start]:
    """Starts servers in this process, and ends them after the test."""
    clients: list[Client] = []
    package = logging.getLogger("nonegrad")
    monkeypatch.setattr(package, "handlers", [])
    monkeypatch.setattr(package, "propagate", True)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    async def starting(analyze: Analyze = fake_server.analyze) -> Client:
        near, far = socket.socketpair()
        reader, writer = await asyncio.open_connection(sock=far, limit=1 << 26)
        client = Client(*await asyncio.open_connection(sock=near, limit=1 << 26))
        client.server = asyncio.ensure_future(serve(analyze, reader, writer))
        clients.append(client)
        return client

    yield starting
    for client in clients:
        await client.close()


async def serve(
    analyze: Analyze, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> int:
    """One conversation as a server process has it."""
    server = make_server(analyze)
    log_to_client(server)
    server.protocol.set_writer(writer)
    frames = Frames()
    receiving = asyncio.ensure_future(receive(reader, frames))
    status = await converse(server, frames)
    receiving.cancel()
    writer.close()
    return status


@pytest.fixture
async def spawn(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AsyncIterator[Start]:
    """Starts server processes, and ends them after the test."""
    clients: list[Client] = []
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    async def starting(command: list[str] = FAKE, **environment: str) -> Client:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(PACKAGE), **environment},
            limit=1 << 26,
        )
        assert process.stdin and process.stdout
        client = Client(process.stdout, process.stdin)
        client.process = process
        clients.append(client)
        return client

    yield starting
    for client in clients:
        await client.close()


@pytest.fixture
async def client(start: Start) -> Client:
    """A client that pulls, connected to the server with the fake analysis."""
    client = await start()
    await client.initialize()
    return client
