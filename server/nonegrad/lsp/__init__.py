"""The language server: the only importer of pygls and lsprotocol."""

from __future__ import annotations

import argparse
import asyncio
import sys


def main(argv: list[str]) -> int:
    """Run the server with these arguments; the exit status."""
    parser = argparse.ArgumentParser(
        prog="nonegrad server", description="The language server (LSP 3.17)."
    )
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--stdio", action="store_true", help="speak over stdin and stdout (default)")
    way.add_argument("--tcp", type=_address, metavar="HOST:PORT", help="listen on a socket")
    arguments = parser.parse_args(argv)

    from nonegrad.lsp.log import log_to_stderr
    from nonegrad.lsp.wire import run

    # The analysis keeps the interpreter busy; messages that come in are not to wait 5 ms each.
    sys.setswitchinterval(0.0005)
    log_to_stderr()
    try:
        return asyncio.run(run(arguments.tcp))
    except OSError as error:
        print(f"nonegrad server: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _address(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdigit() or int(port) > 65535:
        raise argparse.ArgumentTypeError(f"expected HOST:PORT, not {text!r}")
    return host.strip("[]") or "127.0.0.1", int(port)
