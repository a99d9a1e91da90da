"""Patterns for paths, as `exclude` and `per-file-ignores` have them."""

from __future__ import annotations

import re
from functools import lru_cache

ABSOLUTE = re.compile(r"/|[A-Za-z]:")


def rooted(pattern: str, root: str) -> str:
    """A pattern of a settings file, meant from the folder that holds the file.

    Without a slash it names a file or folder at any depth below, with one a place from there.
    """
    pattern = pattern.replace("\\", "/").removesuffix("/")
    root = root.replace("\\", "/").rstrip("/")
    if ABSOLUTE.match(pattern):
        return pattern
    return f"{root}/{pattern.removeprefix('./')}" if "/" in pattern else f"{root}/**/{pattern}"


def covers(pattern: str, path: str) -> bool:
    """Whether the pattern names this path or a folder above it.

    `*` stays inside one name, `**` spans any number. What is not rooted may begin anywhere.
    """
    return _compiled(pattern).fullmatch(path.replace("\\", "/")) is not None


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    if not ABSOLUTE.match(pattern):
        pattern = f"**/{pattern}"
    translated = "".join(_piece(part) for part in re.split(r"(/?\*\*/|\*\*|\*|\?)", pattern))
    return re.compile(translated + r"(?:/.*)?", re.DOTALL)


def _piece(part: str) -> str:
    if part in ("/**/", "**/"):
        return r"(?:.*/)?" if part == "**/" else r"/(?:.*/)?"
    return {"**": ".*", "*": "[^/]*", "?": "[^/]"}.get(part) or re.escape(part)
