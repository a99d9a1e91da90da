"""`[tool.nonegrad]` of the nearest pyproject.toml, as options."""

from __future__ import annotations

import difflib
import importlib
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from nonegrad.globs import rooted
from nonegrad.options import DEFAULT, SEVERITIES, OptionError, Options
from nonegrad.rules import RULES

FILE = "pyproject.toml"
KEYS = ("select", "ignore", "severity", "per-file-ignores", "exclude")
BUILT_IN = ("syntax-error", "unused-suppression")
"""Codes of findings that no rule makes."""


def codes() -> frozenset[str]:
    """Every code a finding can carry."""
    return frozenset(BUILT_IN) | {rule.name for rule in RULES}


def options_for(folder: Path) -> Options:
    """The options of the nearest pyproject.toml with a `[tool.nonegrad]` table, else the defaults.

    `folder` must be absolute. Raises OptionError, with one line that names the file.
    """
    for parent in (folder, *folder.parents):
        file = parent / FILE
        if file.is_file() and (table := _table(file)) is not None:
            return read(table, file)
    return DEFAULT


def read(table: Mapping[str, Any], file: Path) -> Options:
    """Options from the table `[tool.nonegrad]` of a file; raises OptionError."""
    where = f"{file}: [tool.nonegrad]"
    for key in table:
        if key not in KEYS:
            raise OptionError(f"{where}: unknown key {key!r}{_meant(key, KEYS)}")
    severity = table.get("severity", DEFAULT.severity)
    if severity not in SEVERITIES:
        raise OptionError(
            f"{where}: severity must be one of {', '.join(SEVERITIES)}, not {severity!r}"
        )
    root = str(file.parent)
    per_file = table.get("per-file-ignores", {})
    if not isinstance(per_file, dict):
        raise OptionError(f"{where}: per-file-ignores must be a table of pattern = [rule, ...]")
    patterns = cast("dict[str, object]", per_file)
    return Options(
        select=rule_names(table.get("select", []), f"{where}: select"),
        ignore=rule_names(table.get("ignore", []), f"{where}: ignore"),
        severity=severity,
        per_file_ignores=tuple(
            (rooted(pattern, root), rule_names(names, f"{where}: per-file-ignores: {pattern}"))
            for pattern, names in patterns.items()
        ),
        exclude=tuple(
            rooted(pattern, root)
            for pattern in _strings(table.get("exclude", []), f"{where}: exclude")
        ),
    )


def rule_names(value: object, where: str) -> frozenset[str]:
    """Names of rules that exist; raises OptionError for any other."""
    names = _strings(value, where)
    known = codes()
    for name in names:
        if name not in known:
            raise OptionError(f"{where}: no rule is called {name!r}{_meant(name, known)}")
    return frozenset(names)


def _strings(value: object, where: str) -> list[str]:
    if isinstance(value, list):
        found = cast("list[object]", value)
        strings = [each for each in found if isinstance(each, str) and each]
        if len(strings) == len(found):
            return strings
    raise OptionError(f"{where} must be a list of strings, not {value!r}")


def _meant(word: str, known: tuple[str, ...] | frozenset[str]) -> str:
    close = difflib.get_close_matches(word, sorted(known), n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""


def _table(file: Path) -> dict[str, Any] | None:
    """`[tool.nonegrad]` of one file, or None where it has none."""
    # tomllib came with Python 3.11; before, the package tomli is the same.
    toml = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    try:
        content: dict[str, Any] = toml.loads(file.read_bytes().decode())
    except (OSError, ValueError) as error:
        raise OptionError(f"{file}: cannot be read: {' '.join(str(error).split())}") from error
    tool: object = content.get("tool")
    table: object = cast("dict[str, Any]", tool).get("nonegrad") if isinstance(tool, dict) else None
    if table is None:
        return None
    if not isinstance(table, dict):
        raise OptionError(f"{file}: tool.nonegrad must be a table")
    return cast("dict[str, Any]", table)
