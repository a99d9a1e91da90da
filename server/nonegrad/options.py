"""Settings, validated once and frozen: what to say, how loudly, and where not at all."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["error", "warning", "information", "hint"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "information", "hint")


class OptionError(ValueError):
    """A setting that does not hold: its text is the one line a user reads."""


@dataclass(frozen=True, slots=True)
class Options:
    """`select` empty means every rule; `ignore` wins over it."""

    select: frozenset[str] = frozenset()
    ignore: frozenset[str] = frozenset()
    severity: Severity = "warning"
    per_file_ignores: tuple[tuple[str, frozenset[str]], ...] = field(default=())
    exclude: tuple[str, ...] = ()
    explain_suppression: bool = False
    """Whether a rewrite adds a reasoned `# noqa: PLR6104`, for users of that ruff rule."""


DEFAULT = Options()
