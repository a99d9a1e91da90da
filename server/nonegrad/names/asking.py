"""The thread that puts questions to the worker one by one, and outlives the worker's failures."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from nonegrad.names.answers import Answer

if TYPE_CHECKING:
    from nonegrad.names.process import WorkerProcess

RESTARTS = 3
IDLE = 0.5

K = TypeVar("K", bound=Hashable)
Keep = Callable[["Asked[Any]", "dict[str, Any] | None"], None]


@dataclass(slots=True)
class Asked(Generic[K]):
    """A question under way; whoever asks the same meanwhile waits for the same answer."""

    key: K
    build: Callable[[], dict[str, Any]]
    keep: Keep
    answer: Answer | None = None
    _settled: threading.Event = field(default_factory=threading.Event)

    def settle(self, answer: Answer | None) -> None:
        """Set the answer and let go who waits; the first answer stays."""
        if not self._settled.is_set():
            self.answer = answer
            self._settled.set()

    def wait(self) -> None:
        """Until it is answered or given up; the asking thread sees to the bounds."""
        self._settled.wait()


class Asker:
    """Questions in, answers out, one worker at a time; its thread and its worker start late."""

    def __init__(
        self, each: float, in_all: float | None, cache_dir: Path | None, on_idle: Callable[[], None]
    ) -> None:
        """At most `each` seconds a question and `in_all` seconds together (None: no such end)."""
        self._each, self._in_all = each, in_all
        self._cache_dir = cache_dir
        self._on_idle = on_idle
        self._lock = threading.Lock()
        self._complaints: list[str] = []
        self._over = True
        self._thread: threading.Thread | None = None
        self.start()

    def start(self) -> None:
        """Be ready, with a fresh count of failures and of time; nothing where it is ready."""
        with self._lock:
            if not self._over:
                return
            ending = self._thread
        if ending is not None:
            ending.join()
        with self._lock:
            self._asked: dict[Hashable, Asked[Any]] = {}
            self._queue: queue.SimpleQueue[Asked[Any] | None] = queue.SimpleQueue()
            self._thread = None
            self._worker: WorkerProcess | None = None
            self._failures, self._spent = 0, 0.0
            self._over = False

    @property
    def complaints(self) -> tuple[str, ...]:
        """One line for each thing that went wrong."""
        with self._lock:
            return tuple(self._complaints)

    @property
    def process_id(self) -> int | None:
        """The worker's process id while one runs."""
        worker = self._worker
        return None if worker is None else worker.pid

    def ask(self, key: Hashable, build: Callable[[], dict[str, Any]], keep: Keep) -> Asked[Any]:
        """Queue a question unless it is under way; once given up, it is answered None at once."""
        with self._lock:
            asked = self._asked.get(key)
            if asked is not None:
                return asked
            asked = Asked(key, build, keep)
            if self._over:
                asked.settle(None)
                return asked
            self._asked[key] = asked
            self._queue.put(asked)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, daemon=True, name="nonegrad asks")
                self._thread.start()
            return asked

    def stop(self) -> None:
        """End the worker; nothing further is asked until the next start."""
        with self._lock:
            self._over = True
            thread, worker = self._thread, self._worker
        self._queue.put(None)
        if worker is not None:
            worker.kill()
        if thread is not None:
            thread.join()
        self._drop()

    def _run(self) -> None:
        pause: float | None = None
        while not self._over:
            try:
                asked = self._queue.get(timeout=pause)
            except queue.Empty:
                self._on_idle()
                pause = None
                continue
            pause = IDLE
            if asked is not None and not self._over:
                self._answer(asked)
        if self._worker is not None:
            self._worker.end()
            self._worker = None
        self._drop()

    def _answer(self, asked: Asked[Any]) -> None:
        answered = self._put(asked)
        if self._over and answered is None:
            return
        asked.keep(asked, answered)
        with self._lock:
            self._asked.pop(asked.key, None)

    def _put(self, asked: Asked[Any]) -> dict[str, Any] | None:
        from nonegrad.names.process import WorkerError, WorkerProcess, WorkerTimeoutError

        question = asked.build()
        for last in (False, True):
            began = time.monotonic()
            bound = self._each
            if self._in_all is not None:
                bound = min(bound, self._in_all - self._spent)
            if bound <= 0:
                self._give_up(f"it took {self._in_all:g} s in all")
            if self._over:
                return None
            try:
                if self._worker is None:
                    self._worker = WorkerProcess(self._cache_dir)
                return self._worker.ask(question, bound)
            except WorkerError as failure:
                self._failed(failure)
                # A crash may have had another cause; a question that hangs will hang again.
                if last or isinstance(failure, WorkerTimeoutError):
                    self._complain(asked, failure)
                    return None
            finally:
                self._spent += time.monotonic() - began
        return None

    def _failed(self, failure: Exception) -> None:
        if self._worker is not None:
            self._worker.end()
            self._worker = None
        self._failures += 1
        if self._failures > RESTARTS:
            self._give_up(f"it failed {self._failures} times, the last time: {failure}")

    def _complain(self, asked: Asked[Any], failure: Exception) -> None:
        module = getattr(asked.key, "module", None)
        about = f" about the import of '{module}'" if module else ""
        with self._lock:
            if not self._over:
                self._complaints.append(f"jedi gave no answer{about}: {failure}")

    def _give_up(self, why: str) -> None:
        """Ask no more; the one complaint that is left says so."""
        with self._lock:
            if not self._over:
                self._over = True
                self._complaints[:] = [
                    f"jedi is not asked any more, names from other files stay unknown: {why}"
                ]

    def _drop(self) -> None:
        """Let go whoever still waits."""
        with self._lock:
            left, self._asked = list(self._asked.values()), {}
        for asked in left:
            asked.settle(None)
