"""The generated files: one row a line, parsed only when it is asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

Row = Mapping[str, Any]

_HERE = Path(__file__).parent


class Store:
    """A generated JSON object that holds one entry a line, sorted by key; the head has key ''.

    A cold start must not pay for the thousands of rows it never asks for, so the text is only
    cut into lines, and a line is parsed when its key is looked up.
    """

    def __init__(self, text: str) -> None:
        self._lines = {
            line[1:end]: line for line in text.splitlines() if (end := line.find('": ')) > 0
        }
        self._parsed: dict[str, Any] = {}

    def get(self, key: str) -> Any:
        """The entry of that key, or None."""
        if key not in self._parsed:
            line = self._lines.get(key)
            self._parsed[key] = None if line is None else self._value(line)
        return self._parsed[key]

    def __contains__(self, key: str) -> bool:
        return key in self._lines

    def keys(self) -> Iterator[str]:
        """All keys but the head's, in the order of the file."""
        return (key for key in self._lines if key)

    @staticmethod
    def _value(line: str) -> Any:
        return json.loads(line[line.index('": ') + 3 :].rstrip(","))


@cache
def store(name: str) -> Store:
    """The generated file of that name, read once."""
    return Store((_HERE / f"{name}.json").read_text(encoding="utf-8"))


def torch_version() -> str:
    """The version of torch that the table was made from."""
    return str(store("aten").get("")["torch"])
