"""Names of other files by jedi: asked here, answered by the worker process, remembered."""

from __future__ import annotations

import hashlib
import logging
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from nonegrad.names import bindings
from nonegrad.names.answers import Answer, Answers, Key, definition_of, stamps_of
from nonegrad.names.asking import Asked, Asker
from nonegrad.names.files import read_text
from nonegrad.names.paths import (
    interpreter_folders,
    isfolder,
    project_folders,
    running_folders,
    unique,
)
from nonegrad.names.protocol import Definition
from nonegrad.names.stamps import look

KNOWN_ELSEWHERE = sys.stdlib_module_names | {"torch", "numpy", "builtins"}
EDITOR_BOUND = 30.0
MOST_EXPRESSIONS = 256
NEWS_PAUSE = 0.1
LARGEST_TEXT = 500_000


class JediNames:
    """Answers the protocol `Names`; safe to use from several threads."""

    def __init__(
        self,
        wait: float | None,
        cache_dir: Path | None,
        buffers: Callable[[str], str | None] | None = None,
        on_news: Callable[[], None] | None = None,
        python: str | None = None,
        in_all: float = 120.0,
    ) -> None:
        """`wait` None never waits: what is not known yet is None, and `on_news` is called, from
        another thread and at most ten times a second, when answers have come. Else a question is
        waited for, at most `wait` seconds each and `in_all` seconds together; what takes longer
        is None and named in `complaints`.

        `cache_dir` None keeps nothing on disk. `buffers` gives the text of an open file.
        `python` is the interpreter whose packages count, by default the running one; its folders
        are read from disk, it is never started.
        """
        self._wait = wait
        self._buffers = buffers
        self._on_news = on_news
        self._python = python
        self._lock = threading.Lock()
        self._folders: list[str] | None = None
        self._search: dict[str, tuple[list[str], list[str]]] = {}
        self._changing: dict[str, tuple[tuple[int, int], str]] = {}
        environment = (str(sys.version_info[:2]), python or sys.executable, *self._interpreter())
        self._answers = Answers(cache_dir, "|".join(environment))
        self._expressions: OrderedDict[tuple[str, str, int, int], Answer] = OrderedDict()
        self._news: threading.Timer | None = None
        self._asker = Asker(
            wait or EDITOR_BOUND, None if wait is None else in_all, cache_dir, self._answers.save
        )

    @property
    def complaints(self) -> tuple[str, ...]:
        """What the user should know about questions left unanswered, one line each."""
        return self._asker.complaints

    @property
    def process_id(self) -> int | None:
        """The worker's process id while one runs; it starts with the first question."""
        return self._asker.process_id

    def start(self) -> None:
        """Be ready to ask; also again after a stop, or after the worker was given up."""
        self._asker.start()

    def stop(self) -> None:
        """End the worker and save what was learnt. Questions still waiting are answered None."""
        self._asker.stop()
        with self._lock:
            news, self._news = self._news, None
        if news is not None:
            news.cancel()
        self._answers.save()

    def changed(self) -> None:
        """Somebody says that files on disk changed: the next answers look at all of them again."""
        self._answers.forget_looks()
        with self._lock:
            self._search.clear()

    def read(self, path: str) -> str | None:
        """The text of a file: of its open buffer, else from disk; None where it is unreadable."""
        text = None if self._buffers is None else self._buffers(path)
        return read_text(path) if text is None else text

    def infer(self, importer: str, module: str, name: str | None) -> Definition | None:
        """What `from MODULE import NAME` binds in the file `importer`; see `Names`."""
        if not is_question(module, name):
            return None
        folder = str(Path(importer).absolute().parent)
        text = self._path_changes(importer)
        key = Key(folder, module, name, digest(text) if text else "")
        answer = self._answers.get(key)
        if answer is None:
            asked = self._asker.ask(key, lambda: self._question(key, text), self._keep)
            if self._wait is None:
                return None
            asked.wait()
            answer = asked.answer
        return None if answer is None else self._in_buffer(answer.definition)

    def infer_expression(self, path: str, text: str, row: int, column: int) -> Definition | None:
        """What the name at a place (from 1) of an open buffer is, by the same rules.

        It is jedi's inference, a good guess for telling people, not a claim that holds on every
        run; unlike `infer` it looks into torch.
        """
        at = (str(Path(path).absolute()), digest(text), row, column)
        with self._lock:
            answer = self._expressions.get(at)
        if answer is None and len(text) <= LARGEST_TEXT:
            asked = self._asker.ask(at, lambda: self._place(at, text), self._keep_expression)
            if self._wait is None:
                return None
            asked.wait()
            answer = asked.answer
        return None if answer is None else self._in_buffer(answer.definition)

    def _path_changes(self, importer: str) -> str:
        """The importer's text where it changes the search path itself, else nothing."""
        text = None if self._buffers is None else self._buffers(importer)
        if text is None:
            seen = look(importer)
            if seen is None:
                return ""
            state = (seen.st_mtime_ns, seen.st_size)
            with self._lock:
                known = self._changing.get(importer)
            if known is None or known[0] != state:
                known = state, path_changing(read_text(importer))
                with self._lock:
                    self._changing[importer] = known
            return known[1]
        return path_changing(text)

    def _interpreter(self) -> list[str]:
        if self._folders is None:
            given = self._python
            self._folders = running_folders() if given is None else interpreter_folders(given)
        return self._folders

    def _own(self, folder: str) -> tuple[list[str], list[str]]:
        """The project's folders for a file in `folder`, before and after the interpreter's."""
        with self._lock:
            known = self._search.get(folder)
        if known is None:
            known = project_folders(Path(folder))
            with self._lock:
                self._search[folder] = known
        return known

    def _question(self, key: Key, text: str) -> dict[str, Any]:
        before, after = self._own(key.folder)
        # A relative import needs no more, and a package's own folder among the places would give
        # its modules a second, shorter name.
        further = [] if key.module.startswith(".") else after
        search = unique([*before, *self._interpreter(), *further])
        watch = {*search, *import_folders(key, [*before, *further])}
        return {
            "ask": "import",
            "folder": key.folder,
            "module": key.module,
            "name": key.name,
            "text": text,
            "search": search,
            "watch": sorted(watch),
        }

    def _place(self, at: tuple[str, str, int, int], text: str) -> dict[str, Any]:
        path, _, row, column = at
        folder = str(Path(path).parent)
        before, after = self._own(folder)
        search = unique([*before, *self._interpreter(), *after])
        return {
            "ask": "expression",
            "folder": folder,
            "path": path,
            "text": text,
            "search": search,
            "row": row,
            "column": column,
        }

    def _keep(self, asked: Asked[Any], answered: dict[str, Any] | None) -> None:
        """Take an answer over, on the asking thread; None where the worker failed on it."""
        answer = read_answer(answered)
        if answer is None:
            answer = Answer(None, (), lasting=False)
        self._answers.put(asked.key, answer)
        self._arrived(asked, answer)

    def _keep_expression(self, asked: Asked[Any], answered: dict[str, Any] | None) -> None:
        answer = read_answer(answered) or Answer(None, (), lasting=False)
        with self._lock:
            self._expressions[asked.key] = answer
            while len(self._expressions) > MOST_EXPRESSIONS:
                self._expressions.popitem(last=False)
        self._arrived(asked, answer)

    def _arrived(self, asked: Asked[Any], answer: Answer) -> None:
        asked.settle(answer)
        if self._on_news is None or answer.definition is None:
            return
        with self._lock:
            if self._news is None:
                self._news = threading.Timer(NEWS_PAUSE, self._tell)
                self._news.daemon = True
                self._news.start()

    def _tell(self) -> None:
        with self._lock:
            self._news = None
        if self._on_news is not None:
            self._on_news()

    def _in_buffer(self, definition: Definition | None) -> Definition | None:
        """The definition with its row in the open buffer, where that differs from the disk."""
        if definition is None or definition.path is None or self._buffers is None:
            return definition
        text = self._buffers(definition.path)
        if text is None or definition.kind == "module" or text == read_text(definition.path):
            return definition
        row = bindings.moved(read_text(definition.path) or "", definition.row, text)
        return None if row is None else replace(definition, row=row)


def path_changing(text: str | None) -> str:
    """A text that may change the search path itself; empty for any other."""
    return text if text and "sys.path" in text and len(text) <= LARGEST_TEXT else ""


def is_question(module: str, name: str | None) -> bool:
    """Whether an import is one that jedi is asked about: well-formed, and not known elsewhere."""
    parts = module.lstrip(".").split(".")
    relative = module.startswith(".")
    if name is not None and not name.isidentifier():
        return False
    if parts == [""]:
        return relative and name is not None
    return all(map(str.isidentifier, parts)) and (relative or parts[0] not in KNOWN_ELSEWHERE)


def import_folders(key: Key, own: list[str]) -> list[str]:
    """The folders of the project along an import's dotted way, where a file may yet appear."""
    dots = len(key.module) - len(key.module.lstrip("."))
    bases = own
    if dots:
        base = Path(key.folder)
        bases = [str(base.parents[dots - 2] if 1 < dots <= len(base.parents) + 1 else base)]
    parts = [part for part in (*key.module.split("."), key.name) if part]
    found = list(bases)
    for base in bases:
        folder = Path(base)
        for part in parts:
            folder /= part
            if not isfolder(folder):
                break
            found.append(str(folder))
    return found


def read_answer(answered: dict[str, Any] | None) -> Answer | None:
    """The worker's answer; None where it is none."""
    stamps = None if answered is None else stamps_of(answered.get("stamps"))
    if answered is None or stamps is None:
        return None
    if answered.get("error"):
        logging.getLogger(__name__).debug("jedi failed: %s", answered["error"])
    definition = definition_of(answered.get("answer"))
    return Answer(definition, stamps, lasting=not answered.get("error"))


def digest(text: str) -> str:
    """A short name for a text."""
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:24]
