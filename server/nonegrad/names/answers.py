"""The answers known so far: in memory, and across starts on disk, each held only while its files
are as they were."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeGuard, cast

from nonegrad.names.protocol import Definition
from nonegrad.names.stamps import Stamp, holds

FORMAT = 1
MOST_ENTRIES = 1000
MOST_FILES = 300
TRUST = 0.2
"""For how many seconds a file found unchanged is not looked at again."""

Kind = Literal["module", "class", "function", "instance"]


@dataclass(frozen=True, slots=True)
class Key:
    """An import as asked from one folder; `text` is a digest of what else bears on it."""

    folder: str
    module: str
    name: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A definition or the lack of one, and the stamps of the paths that say so."""

    definition: Definition | None
    stamps: tuple[tuple[str, Stamp], ...]
    lasting: bool = True
    """Whether it may be kept on disk: not so where the worker failed on the question."""


class Answers:
    """Known answers; safe to use from several threads."""

    def __init__(self, cache_dir: Path | None, environment: str) -> None:
        """`environment` is everything but the question that answers depend on."""
        self._folder = None if cache_dir is None else cache_dir / "names"
        self._environment = environment
        self._lock = threading.Lock()
        self._known: dict[Key, Answer] = {}
        self._loaded: set[str] = set()
        self._unsaved: set[str] = set()
        self._looked: dict[tuple[str, Stamp], float] = {}

    def get(self, key: Key) -> Answer | None:
        """The answer, where there is one whose files are as they were."""
        with self._lock:
            if key.folder not in self._loaded:
                self._loaded.add(key.folder)
                self._known = {**self._load(key.folder), **self._known}
            answer = self._known.get(key)
        if answer is None:
            return None
        if all(self._holds(path, stamp) for path, stamp in answer.stamps):
            return answer
        with self._lock:
            if self._known.get(key) is answer:
                del self._known[key]
        return None

    def put(self, key: Key, answer: Answer) -> None:
        """Keep an answer."""
        with self._lock:
            self._known[key] = answer
            if answer.lasting:
                self._unsaved.add(key.folder)

    def forget_looks(self) -> None:
        """Look at every file anew, as after a change that somebody told of."""
        with self._lock:
            self._looked.clear()

    def save(self) -> None:
        """Write what is new to disk, where that can be written."""
        with self._lock:
            folders, self._unsaved = self._unsaved, set()
            known = dict(self._known)
        if self._folder is None:
            return
        for folder in folders:
            mine = {k: a for k, a in known.items() if k.folder == folder and a.lasting}
            merged = {**self._load(folder), **mine}
            self._write(folder, dict(list(merged.items())[-MOST_ENTRIES:]))

    def _holds(self, path: str, stamp: Stamp) -> bool:
        now = time.monotonic()
        with self._lock:
            if now - self._looked.get((path, stamp), -TRUST) < TRUST:
                return True
        if not holds(path, stamp):
            return False
        with self._lock:
            if len(self._looked) > 20 * MOST_ENTRIES:
                self._looked.clear()
            self._looked[path, stamp] = now
        return True

    def _file(self, folder: str) -> Path:
        assert self._folder is not None
        name = hashlib.sha256(f"{self._environment}\0{folder}".encode(errors="replace"))
        return self._folder / f"{name.hexdigest()[:32]}.json"

    def _load(self, folder: str) -> dict[Key, Answer]:
        if self._folder is None:
            return {}
        try:
            stored: Any = json.loads(self._file(folder).read_bytes())
        except (OSError, ValueError, RecursionError):
            # Not there yet, or not ours to read, or damaged: the answers are found again.
            return {}
        if not is_object(stored) or stored.get("format") != FORMAT:
            return {}
        rows = stored.get("rows")
        if stored.get("folder") != folder or not isinstance(rows, list):
            return {}
        read = [entry(folder, row) for row in cast("list[object]", rows)]
        return dict(pair for pair in read if pair is not None)

    def _write(self, folder: str, known: Mapping[Key, Answer]) -> None:
        assert self._folder is not None
        rows = [
            {
                "module": key.module,
                "name": key.name,
                "text": key.text,
                "answer": None if answer.definition is None else fields(answer.definition),
                "stamps": {p: [s.changed, s.size, s.digest] for p, s in answer.stamps},
            }
            for key, answer in known.items()
        ]
        stored = json.dumps({"format": FORMAT, "folder": folder, "rows": rows})
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            new = not self._file(folder).exists()
            handle, name = tempfile.mkstemp(dir=self._folder, suffix=".new")
            with os.fdopen(handle, "w", encoding="ascii") as stream:
                stream.write(stored)
            Path(name).replace(self._file(folder))
            if new:
                prune(self._folder)
        except OSError:
            # A cache that cannot be written costs time at the next start, and nothing else.
            return


def prune(folder: Path) -> None:
    """Keep the newest files of the cache."""
    aged = sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in aged[MOST_FILES:]:
        path.unlink(missing_ok=True)


def fields(definition: Definition) -> dict[str, Any]:
    """A definition as json holds it."""
    return {
        "kind": definition.kind,
        "full_name": definition.full_name,
        "path": definition.path,
        "row": definition.row,
    }


def entry(folder: str, row: object) -> tuple[Key, Answer] | None:
    """One stored answer; None where it is not in our form."""
    if not is_object(row):
        return None
    module, name, text = row.get("module"), row.get("name"), row.get("text")
    stamps = stamps_of(row.get("stamps"))
    if not isinstance(module, str) or not isinstance(text, str) or stamps is None:
        return None
    if not (name is None or isinstance(name, str)):
        return None
    definition = definition_of(row.get("answer"))
    if definition is None and row.get("answer") is not None:
        return None
    return Key(folder, module, name, text), Answer(definition, stamps)


def definition_of(answer: object) -> Definition | None:
    """A definition from its json form; None where it is none."""
    if not is_object(answer):
        return None
    kind, full_name = answer.get("kind"), answer.get("full_name")
    path, row = answer.get("path"), answer.get("row")
    if kind not in ("module", "class", "function", "instance") or not isinstance(full_name, str):
        return None
    if not (path is None or isinstance(path, str)) or not isinstance(row, int):
        return None
    return Definition(kind, full_name, path, row)


def stamps_of(stored: object) -> tuple[tuple[str, Stamp], ...] | None:
    """Stamps from their json form; None where they are none."""
    if not is_object(stored):
        return None
    stamps: list[tuple[str, Stamp]] = []
    for path, value in stored.items():
        match value:
            case [int(changed), int(size), str(digest)]:
                stamps.append((path, Stamp(changed, size, digest)))
            case _:
                return None
    return tuple(stamps)


def is_object(value: object) -> TypeGuard[dict[str, object]]:
    """Whether a json value is an object."""
    return isinstance(value, dict)
