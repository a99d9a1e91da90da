"""Where log records go: the package's own to the client's log, pygls' to stderr."""

from __future__ import annotations

import asyncio
import logging
import sys

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from nonegrad.lsp.state import EXPECTED, Server


class ClientLog(logging.Handler):
    """Sends records, tracebacks and all, as window/logMessage."""

    def __init__(self, server: Server) -> None:
        super().__init__()
        self._server = server
        self._loop = asyncio.get_running_loop()

    def emit(self, record: logging.LogRecord) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._send, record.levelno, self.format(record))

    def _send(self, level: int, text: str) -> None:
        kind = types.MessageType.Info
        if level >= logging.WARNING:
            kind = types.MessageType.Warning
        if level >= logging.ERROR:
            kind = types.MessageType.Error
        self._server.window_log_message(types.LogMessageParams(kind, text))


def log_to_client(server: Server) -> None:
    """From now on the package's records go to this client."""
    package = logging.getLogger("nonegrad")
    package.setLevel(logging.INFO)
    package.propagate = False
    package.handlers = [ClientLog(server)]


def log_to_stderr() -> None:
    """pygls' own trouble; what the client was answered on purpose is none."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(lambda record: not _expected(record))
    logging.getLogger().addHandler(handler)
    logging.getLogger("pygls").setLevel(logging.WARNING)


def _expected(record: logging.LogRecord) -> bool:
    error = record.exc_info[1] if record.exc_info else None
    return isinstance(error, JsonRpcException) and error.code in EXPECTED
