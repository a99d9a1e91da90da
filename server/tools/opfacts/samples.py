"""Every call that is measured."""

from __future__ import annotations

from collections.abc import Iterator

from opfacts import calls
from opfacts.observe import Call


def all_calls() -> Iterator[Call]:
    """The calls written here, and torch's own samples of its operators."""
    yield from calls.syntax()
