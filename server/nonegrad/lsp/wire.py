"""The connection to the client: frames in, frames out, and when it is over.

The protocol's own stdout is a private copy; whatever else prints in this process or in a child of
it goes to stderr, where it cannot tear a frame.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
import threading
from collections.abc import Iterator
from typing import Any

from pygls.exceptions import JsonRpcException, JsonRpcInvalidParams

from nonegrad.analyze import analyze
from nonegrad.lsp.log import log_to_client
from nonegrad.lsp.server import make_server
from nonegrad.lsp.session import Analyze
from nonegrad.lsp.state import Server

log = logging.getLogger(__name__)

Frames = asyncio.Queue["bytes | None"]
"""Message bodies as they come; None when there will be no more."""


class Pipe:
    """Writes to a file descriptor, whole."""

    def __init__(self, descriptor: int, lost: Frames) -> None:
        self._descriptor = descriptor
        self._lost = lost

    def write(self, data: bytes) -> None:
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]
        except OSError:
            self._lost.put_nowait(None)

    def close(self) -> None:
        """The descriptor ends with the process."""


async def run(address: tuple[str, int] | None, analyze: Analyze = analyze) -> int:
    """Serve one client, over stdin and stdout or at an address; the exit status of the process."""
    server = make_server(analyze)
    log_to_client(server)
    if address is not None:
        return await serve_tcp(server, *address)
    # Over a socket the client may be on another machine, and its process number mean nothing here.
    server.watches_parent = True
    return await serve_stdio(server)


async def serve_stdio(server: Server) -> int:
    """Speak over stdin and stdout until the client leaves; the exit status of the process."""
    loop, frames = asyncio.get_running_loop(), Frames()
    out = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    sys.stdout = sys.stderr

    def reading() -> None:
        for body in frames_of(sys.stdin.fileno()):
            if loop.is_closed():
                return
            loop.call_soon_threadsafe(frames.put_nowait, body)
        if not loop.is_closed():
            loop.call_soon_threadsafe(frames.put_nowait, None)

    server.protocol.set_writer(Pipe(out, frames))
    threading.Thread(target=reading, name="nonegrad-stdin", daemon=True).start()
    server.on_orphaned = lambda: frames.put_nowait(None)
    return await converse(server, frames)


async def serve_tcp(server: Server, host: str, port: int) -> int:
    """Listen, speak with the first client that connects, and end with it."""
    done: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if server.protocol.writer is not None:
            writer.close()
            return
        server.protocol.set_writer(writer)  # pyright: ignore[reportArgumentType]
        frames = Frames()
        receiving = asyncio.ensure_future(receive(reader, frames))
        status = await converse(server, frames)
        receiving.cancel()
        writer.close()
        done.set_result(status)

    listener = await asyncio.start_server(connected, host, port)
    for socket in listener.sockets:
        address = socket.getsockname()
        print(f"nonegrad: listening on {address[0]}:{address[1]}", file=sys.stderr, flush=True)
    status = await done
    listener.close()
    return status


async def converse(server: Server, frames: Frames) -> int:
    """Handle one message after the other; 0 if the client said goodbye in the right order."""
    try:
        while (body := await frames.get()) is not None:
            handle(server, body)
            # A request takes its snapshot in the turn that follows, before the next edit.
            await asyncio.sleep(0)
    except SystemExit as end:
        return int(end.code or 0)
    finally:
        server.stop()
    return 1


def handle(server: Server, body: bytes) -> None:
    """Handle one message; a request that cannot be read is answered with an error."""
    try:
        message = json.loads(body, object_hook=server.protocol.structure_message)
    except (ValueError, JsonRpcException) as error:
        refuse(server, body, error)
    else:
        server.protocol.handle_message(message)


def refuse(server: Server, body: bytes, error: Exception) -> None:
    """Say that a message cannot be read."""
    log.warning("a message could not be read: %s", error or type(error).__name__)
    try:
        message: dict[str, Any] = {**json.loads(body)}
    except (ValueError, TypeError):
        return
    if "id" in message and "method" in message:
        server.refuse(message["id"], JsonRpcInvalidParams(f"Invalid params: {message['method']}"))


def frames_of(descriptor: int) -> Iterator[bytes]:
    """Message bodies from a file descriptor, to its end.

    Not through `sys.stdin.buffer`: a thread that waits in it holds its lock when the process ends.
    """
    buffer = bytearray()
    while chunk := os.read(descriptor, 1 << 16):
        buffer += chunk
        while (frame := take(buffer)) is not None:
            yield frame


def take(buffer: bytearray) -> bytes | None:
    """The first whole frame, taken out of the buffer; None where none is complete."""
    while (end := buffer.find(b"\r\n\r\n")) >= 0:
        length = length_of(bytes(buffer[:end]))
        start = end + 4
        if length is not None and len(buffer) < start + length:
            return None
        body = bytes(buffer[start : start + (length or 0)])
        del buffer[: start + (length or 0)]
        if length is not None:
            return body
    return None


def length_of(header: bytes) -> int | None:
    """The content length that a header states."""
    for line in header.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length" and value.strip().isdigit():
            return int(value)
    return None


async def receive(reader: asyncio.StreamReader, frames: Frames) -> None:
    """Put the frames of a socket in the queue, to its end."""
    buffer = bytearray()
    try:
        while chunk := await reader.read(1 << 16):
            buffer += chunk
            while (frame := take(buffer)) is not None:
                frames.put_nowait(frame)
    except ConnectionError as error:
        log.info("the connection is lost: %s", error)
    frames.put_nowait(None)
