"""The server as a process: how it starts, and that it ends when its client does."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys

import pytest
from nonegrad.lsp.parent import alive

from .conftest import FAKE, HERE, PACKAGE, REAL, Client, Start

URI = "file:///home/user/train.py"


@pytest.fixture
async def client(spawn: Start) -> Client:
    """A client that pulls, connected to a server process with the fake analysis."""
    client = await spawn()
    await client.initialize()
    return client


@pytest.mark.parametrize("command", [FAKE, REAL], ids=["fake", "real"])
async def test_goodbye_in_the_right_order_is_a_success(spawn: Start, command: list[str]) -> None:
    client = await spawn(command)
    await client.initialize()
    assert await client.goodbye() == 0


async def test_exit_without_shutdown_is_none(client: Client) -> None:
    assert client.process
    client.tell("exit", None)
    assert await asyncio.wait_for(client.process.wait(), 5) == 1


async def test_the_server_ends_with_its_stdin_also_in_the_middle_of_work(client: Client) -> None:
    assert client.process and client.process.stdin
    client.open(URI, "slow " * 10)
    client.begin("textDocument/diagnostic", {"textDocument": {"uri": URI}})
    await asyncio.sleep(0.1)
    client.process.stdin.close()
    assert await asyncio.wait_for(client.process.wait(), 5) == 1


async def test_the_server_ends_with_the_process_that_it_was_told_of(spawn: Start) -> None:
    editor = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    client = await spawn()
    await client.initialize(processId=editor.pid)
    editor.communicate()
    assert client.process
    assert await asyncio.wait_for(client.process.wait(), 6) == 1


async def test_a_process_number_of_another_machine_is_passed_over(spawn: Start) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert not alive(ended.pid) and alive(os.getpid())
    client = await spawn()
    await client.initialize(processId=ended.pid)
    client.open(URI, "bad\n")
    assert len((await client.pull(URI))["items"]) == 1


async def test_over_a_socket_it_serves_one_client_and_ends(spawn: Start) -> None:
    command = [*REAL, "--tcp", "127.0.0.1:0"]
    server = await asyncio.create_subprocess_exec(
        *command, stderr=asyncio.subprocess.PIPE, env=os.environ | {"PYTHONPATH": str(PACKAGE)}
    )
    assert server.stderr
    said = (await server.stderr.readline()).decode()
    assert said.startswith("nonegrad: listening on 127.0.0.1:")
    client = Client(*await asyncio.open_connection("127.0.0.1", int(said.rpartition(":")[2])))
    await client.initialize()
    client.open(URI, "")
    assert (await client.pull(URI))["kind"] == "full"
    await client.ask("shutdown", None)
    client.tell("exit", None)
    assert await asyncio.wait_for(server.wait(), 5) == 0
    await client.close()


@pytest.mark.parametrize("address", ["nowhere", "localhost:many", "localhost:99999"])
def test_an_address_that_is_none_is_one_line_and_status_2(address: str) -> None:
    env = os.environ | {"PYTHONPATH": str(PACKAGE)}
    done = subprocess.run([*REAL, "--tcp", address], capture_output=True, text=True, env=env)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].endswith(f"expected HOST:PORT, not '{address}'")


async def test_a_frame_that_cannot_be_read_does_not_end_the_conversation(client: Client) -> None:
    assert client.process and client.process.stdin
    client.process.stdin.write(b"Content-Length: 5\r\n\r\n{nope")
    client.process.stdin.write(b"Content-Type: text\r\n\r\n")
    client.open(URI, "bad\n")
    assert len((await client.pull(URI))["items"]) == 1


async def test_what_the_analysis_prints_does_not_tear_the_stream(spawn: Start) -> None:
    noisy = "import fake_server as f, asyncio, os; a = f.analyze\n"
    noisy += "def analyze(*x): print('noise', flush=True); os.system('echo noise'); return a(*x)\n"
    noisy += "asyncio.run(f.run(None, analyze))"
    folder = os.pathsep.join([str(HERE), str(PACKAGE)])
    client = await spawn([sys.executable, "-c", noisy], PYTHONPATH=folder)
    await client.initialize()
    client.open(URI, "bad\n")
    assert len((await client.pull(URI))["items"]) == 1
