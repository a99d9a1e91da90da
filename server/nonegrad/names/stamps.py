"""Whether files and folders are still as they were when an answer was found."""

from __future__ import annotations

import hashlib
import os
import stat
import time
from dataclasses import dataclass
from pathlib import Path

from nonegrad.names.files import read_bytes

SUFFIXES = (".py", ".pyi", ".pyd", ".so", ".zip", ".pth")
SETTLED_NS = 100_000_000


@dataclass(frozen=True, slots=True)
class Stamp:
    """A file's or a folder's state: when it changed, how large it is, what is in it.

    `changed` is 0 where the clock alone cannot tell (absent, or changed a moment ago, so that a
    second change may carry the same time); then only the digest counts.
    """

    changed: int
    size: int
    digest: str


ABSENT = Stamp(0, 0, "")


def take(path: str) -> Stamp:
    """The stamp of a path now."""
    seen = look(path)
    if seen is None:
        return ABSENT
    recent = time.time_ns() - seen.st_mtime_ns < SETTLED_NS
    return Stamp(0 if recent else seen.st_mtime_ns, seen.st_size, digest(path, seen))


def holds(path: str, stamp: Stamp) -> bool:
    """Whether a path is as the stamp says: by its times where they agree, else by its content."""
    seen = look(path)
    if seen is None:
        return stamp.digest == ""
    if stamp.changed and (seen.st_mtime_ns, seen.st_size) == (stamp.changed, stamp.size):
        return True
    return bool(stamp.digest) and digest(path, seen) == stamp.digest


def look(path: str) -> os.stat_result | None:
    """What the file system says of a path; None where it is not there for us."""
    try:
        return Path(path).stat()
    except (OSError, ValueError):
        return None


def digest(path: str, seen: os.stat_result) -> str:
    """A digest of a file's bytes, or of the names in a folder that an import could find."""
    if stat.S_ISDIR(seen.st_mode):
        return hashlib.sha256("\0".join(importable(path)).encode(errors="replace")).hexdigest()[:24]
    raw = read_bytes(path)
    if raw is None:
        return f"unread {seen.st_mtime_ns} {seen.st_size}"
    return hashlib.sha256(raw).hexdigest()[:24]


def importable(folder: str) -> list[str]:
    """The names in a folder that an import could find: modules, and folders named like packages."""
    try:
        with os.scandir(folder) as entries:
            return sorted(
                entry.name
                for entry in entries
                if entry.name.endswith(SUFFIXES)
                or (entry.name.isidentifier() and entry.name != "__pycache__" and entry.is_dir())
            )
    except OSError:
        return ["unread"]
