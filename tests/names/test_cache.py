"""What is known across starts, and when it no longer holds."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from nonegrad.names import Definition
from nonegrad.names.answers import TRUST
from nonegrad.names.jedi_names import JediNames

FILES = {
    "h.py": "def f(): ...\n",
    "pkg/__init__.py": "from .make import g\n",
    "pkg/make.py": "def g(): ...\n",
}


@contextmanager
def asking(cache: Path | None, **options: object) -> Iterator[JediNames]:
    asked = JediNames(30.0, cache, **options)  # type: ignore[arg-type]
    try:
        yield asked
    finally:
        asked.stop()


def row(found: Definition | None) -> int | None:
    return None if found is None else found.row


def settle() -> None:
    """Past the time in which a file just looked at is not looked at again."""
    time.sleep(TRUST + 0.05)


@pytest.fixture
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


def test_a_second_start_needs_no_worker(project: Callable[..., Path], cache: Path) -> None:
    importer = str(project(FILES) / "train.py")
    questions = [("h", "f"), ("pkg", "g"), ("pkg", None), ("absent", "x")]
    with asking(cache) as first:
        answers = [first.infer(importer, *question) for question in questions]
    assert [row(answer) for answer in answers] == [1, 1, 1, None]
    with asking(cache) as second:
        assert [second.infer(importer, *question) for question in questions] == answers
        assert second.process_id is None
    editor = JediNames(None, cache)
    assert editor.infer(importer, "pkg", "g") == answers[1]
    assert editor.process_id is None


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"pkg/make.py": "\n\ndef g(): ...\n"}, 3),
        ({"pkg/__init__.py": "from .other import g\n", "pkg/other.py": "\ndef g(): ...\n"}, 2),
        ({"pkg/__init__.py": ""}, None),
    ],
    ids=["the file itself", "a file on the way", "gone"],
)
def test_an_edit_ends_what_was_known(
    project: Callable[..., Path], cache: Path, change: dict[str, str], expected: int | None
) -> None:
    root = project(FILES)
    importer = str(root / "train.py")
    with asking(cache) as asked:
        assert row(asked.infer(importer, "pkg", "g")) == 1
        settle()
        project(change)
        assert row(asked.infer(importer, "pkg", "g")) == expected
    project({**FILES, **{name: "" for name in change if name not in FILES}})
    with asking(cache) as later:
        assert row(later.infer(importer, "pkg", "g")) == 1


def test_a_file_that_appears_ends_what_was_known(project: Callable[..., Path], cache: Path) -> None:
    root = project(FILES)
    importer = str(root / "tools/train.py")
    (root / "tools").mkdir()
    with asking(cache) as asked:
        assert row(asked.infer(importer, "h", "f")) == 1
        assert asked.infer(importer, "pkg.late", "f") is None
        settle()
        project({"tools/h.py": "\n\n\n\ndef f(): ...\n", "pkg/late.py": "\ndef f(): ...\n"})
        assert row(asked.infer(importer, "h", "f")) == 5, "a neighbour comes first"
        assert row(asked.infer(importer, "pkg.late", "f")) == 2


def test_touching_a_file_ends_nothing(project: Callable[..., Path], cache: Path) -> None:
    root = project(FILES)
    importer = str(root / "train.py")
    with asking(cache) as first:
        assert first.infer(importer, "h", "f")
    (root / "h.py").touch()
    (root / "notes.txt").touch()
    (root / "__pycache__").mkdir()
    with asking(cache) as second:
        assert second.infer(importer, "h", "f")
        assert second.process_id is None


def test_a_changed_file_is_seen_at_once_when_somebody_tells(
    project: Callable[..., Path],
) -> None:
    root = project(FILES)
    importer = str(root / "train.py")
    with asking(None) as asked:
        assert row(asked.infer(importer, "h", "f")) == 1
        project({"h.py": "\n\ndef f(): ...\n"})
        asked.changed()
        assert row(asked.infer(importer, "h", "f")) == 3


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"\xff\x00",
        b"[]",
        b"[" * 100_000,
        b'{"format": 1, "folder": 3, "rows": 7}',
        b'{"format": 0}',
    ],
    ids=["empty", "bytes", "list", "nested", "types", "older"],
)
def test_a_damaged_cache_is_ignored_and_written_anew(
    project: Callable[..., Path], cache: Path, damage: bytes
) -> None:
    importer = str(project(FILES) / "train.py")
    (stored,) = store(importer, cache)
    whole = stored.read_bytes()
    stored.write_bytes(damage)
    assert store(importer, cache) == [stored]
    assert json.loads(stored.read_bytes()) == json.loads(whole)


def test_damaged_rows_are_left_out(project: Callable[..., Path], cache: Path) -> None:
    importer = str(project(FILES) / "train.py")
    (stored,) = store(importer, cache)
    whole = json.loads(stored.read_bytes())
    for field, value in [("module", 1), ("answer", {"kind": "dog"}), ("stamps", {"a": [1]})]:
        whole["rows"].append({**whole["rows"][0], field: value, "name": "f"})
    whole["rows"] = whole["rows"][1:]
    stored.write_text(json.dumps(whole))
    editor = JediNames(None, cache)
    assert editor.infer(importer, "h", "f") is None
    editor.stop()


def store(importer: str, cache: Path) -> list[Path]:
    with asking(cache) as asked:
        assert asked.infer(importer, "h", "f")
    return list((cache / "names").iterdir())


def test_a_cache_that_cannot_be_written_costs_nothing_else(
    project: Callable[..., Path], tmp_path: Path
) -> None:
    importer = str(project(FILES) / "train.py")
    (tmp_path / "file").touch()
    with asking(tmp_path / "file" / "cache") as asked:
        assert asked.infer(importer, "h", "f")
        assert asked.complaints == ()


def test_an_open_buffer_moves_the_row(project: Callable[..., Path]) -> None:
    root = project(FILES)
    path = str(root / "h.py")
    buffers: dict[str, str] = {}
    with asking(None, buffers=buffers.get) as asked:
        ask = (str(root / "train.py"), "h", "f")
        assert row(asked.infer(*ask)) == 1
        buffers[path] = "import x\n\n\ndef f(): ...\n"
        assert asked.read(path) == buffers[path]
        assert row(asked.infer(*ask)) == 4
        buffers[path] = "def g(): ...\n"
        assert asked.infer(*ask) is None
        buffers[path] = "def f(\n"
        assert asked.infer(*ask) is None
        del buffers[path]
        assert asked.read(path) == "def f(): ...\n"
        assert row(asked.infer(*ask)) == 1
