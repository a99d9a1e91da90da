"""Reading files that others wrote: of any encoding, of any size, perhaps gone."""

from __future__ import annotations

import codecs
import io
import tokenize
from pathlib import Path

LARGEST = 2_000_000


def read_bytes(path: str) -> bytes | None:
    """The bytes of a file; None where it cannot be read or is larger than `LARGEST`."""
    try:
        with Path(path).open("rb") as stream:
            raw = stream.read(LARGEST + 1)
    except (OSError, ValueError):
        return None
    return raw if len(raw) <= LARGEST else None


def decode(raw: bytes) -> str:
    """Python source as text: BOM, then the PEP 263 cookie, then UTF-8; stray bytes are replaced."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(raw).readline)
    except SyntaxError:
        # An unknown cookie, or no UTF-8 and no cookie: Latin-1 keeps every ASCII name in place.
        encoding = "utf-8-sig" if raw.startswith(codecs.BOM_UTF8) else "latin-1"
    try:
        return raw.decode(encoding, errors="replace")
    except (LookupError, UnicodeError):
        return raw.decode("latin-1")


def read_text(path: str) -> str | None:
    """The text of a Python file on disk; None where `read_bytes` has none, or it is no text."""
    raw = read_bytes(path)
    if raw is None or b"\0" in raw:
        return None
    return decode(raw)
