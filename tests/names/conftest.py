"""One worker for all tests that only ask; small projects written from a table of files."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from nonegrad.names.jedi_names import JediNames

BOUND = 30.0


@pytest.fixture(scope="session")
def names() -> Iterator[JediNames]:
    """Waits for every answer, keeps nothing on disk."""
    asked = JediNames(BOUND, None)
    yield asked
    asked.stop()
    assert asked.complaints == ()


@pytest.fixture
def project(tmp_path: Path) -> Callable[..., Path]:
    """Writes files into a folder that is a project of its own, and returns it."""

    def write(files: dict[str, str]) -> Path:
        (tmp_path / "pyproject.toml").touch()
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(text), encoding="utf-8")
        return tmp_path

    return write
