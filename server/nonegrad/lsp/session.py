"""Reports of the newest text of each document: made once, by one worker, and kept.

Everything but the analysis itself happens on the event loop, so there are no locks. The worker is
one thread: the interpreter lock would let a second one only slow down the first.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Any, Protocol, TypeVar

from nonegrad.analysis.syntax.chunks import Syntax
from nonegrad.analyze import Report, analyze
from nonegrad.lsp.settings import excluded
from nonegrad.names.protocol import Definition, Names
from nonegrad.options import DEFAULT, Options
from nonegrad.text import Source

T = TypeVar("T")
N = TypeVar("N", bound=Names)

log = logging.getLogger(__name__)

# CPython's parser recurses in C; the small stacks that some systems give to threads are no match.
STACK = 64 * 1024 * 1024


class Analyze(Protocol):
    """The door of the analysis, as `nonegrad.analyze.analyze`."""

    def __call__(
        self, source: Source, options: Options, names: Names | None, syntax: Syntax
    ) -> Report: ...


class SupersededError(Exception):
    """The document moved on (or was closed) before its report was there."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One version of one document; `version` is the client's."""

    uri: str
    version: int
    source: Source


@dataclass(slots=True)
class Reading:
    """Names as asked by one analysis: remembers which files its report rests on."""

    names: Names
    paths: set[str] = field(default_factory=lambda: set[str]())

    def infer(self, importer: str, module: str, name: str | None) -> Definition | None:
        definition = self.names.infer(importer, module, name)
        if definition is not None and definition.path is not None:
            self.paths.add(definition.path)
        return definition

    def read(self, path: str) -> str | None:
        self.paths.add(path)
        return self.names.read(path)


@dataclass(slots=True, eq=False)
class Job:
    """A report that is wanted, on its way or there."""

    future: asyncio.Future[Any]
    call: Callable[[], Any]
    snapshot: Snapshot | None = None
    reading: Reading | None = None
    outdated: bool = False
    """Something it rests on changed while it was being made: good to show, not good to keep."""


class Session:
    """Who wants a report asks here. To be made and used on a running event loop."""

    def __init__(self, analyze: Analyze = analyze) -> None:
        self.options: Callable[[str], Options] = lambda filename: DEFAULT
        self.names: Names | None = None
        """Set and read by the worker, which thus needs nobody's word that names are there."""
        self.on_crash: Callable[[str, BaseException], None] = lambda filename, error: None
        self._analyze = analyze
        self._jobs: dict[str, Job] = {}
        self._syntaxes: dict[str, Syntax] = {}
        self._queue: SimpleQueue[Job | None] = SimpleQueue()
        self._loop = asyncio.get_running_loop()
        before = threading.stack_size(STACK)
        threading.Thread(target=self._work, name="nonegrad-analysis", daemon=True).start()
        threading.stack_size(before)

    def report(self, snapshot: Snapshot) -> asyncio.Future[Report]:
        """The report on a snapshot; asked for twice, it is made once.

        Raises SupersededError where a newer text comes first. An analysis that fails is logged, and
        its report is empty.
        """
        job = self._jobs.get(snapshot.uri)
        if job is None or job.snapshot != snapshot:
            self.supersede(snapshot.uri)
            job = self._begin(snapshot)
        return asyncio.shield(job.future)

    def supersede(self, uri: str) -> None:
        """The text moved on: whoever waits for an older report of it is told so at once."""
        job = self._jobs.pop(uri, None)
        if job is not None and not job.future.done():
            job.future.set_exception(SupersededError(uri))

    def forget(self, uri: str) -> None:
        """A document was closed."""
        self.supersede(uri)
        self._syntaxes.pop(uri, None)

    def renew(self) -> None:
        """Settings or names changed: no report is good any more; those on their way still count."""
        for uri in tuple(self._jobs):
            self._outdate(uri)

    def touch(self, filename: str) -> list[str]:
        """A file's text changed: which documents' reports rest on it, and are to be made anew."""
        uris = [
            uri
            for uri, job in self._jobs.items()
            if job.reading is not None and filename in job.reading.paths
        ]
        for uri in uris:
            self._outdate(uri)
        return uris

    def run(self, call: Callable[[], T]) -> asyncio.Future[T]:
        """Have the worker do something else with a report, such as writing its fixes."""
        job = Job(self._future(), call)
        self._queue.put(job)
        return asyncio.shield(job.future)

    def provide(self, make: Callable[[], N]) -> asyncio.Future[N]:
        """From now on ask these names; the worker makes them, before its next report."""

        def call() -> N:
            names = make()
            self.names = names
            return names

        return self.run(call)

    def stop(self) -> None:
        """Nothing more will be asked; the worker ends after what it is doing."""
        for uri in tuple(self._jobs):
            self.supersede(uri)
        self._queue.put(None)

    def _outdate(self, uri: str) -> None:
        job = self._jobs[uri]
        job.outdated = True
        if job.future.done():
            del self._jobs[uri]

    def _begin(self, snapshot: Snapshot) -> Job:
        options = self.options(snapshot.source.filename)
        job = Job(self._future(), lambda: None, snapshot)
        syntax = self._syntaxes.setdefault(snapshot.uri, Syntax())

        def call() -> Report:
            if excluded(snapshot.source.filename, options):
                return Report(snapshot.source, (), ())
            job.reading = Reading(self.names) if self.names else None
            try:
                return self._analyze(snapshot.source, options, job.reading, syntax)
            except Exception as error:
                filename = snapshot.source.filename
                log.exception("the analysis of %s failed", filename)
                self._loop.call_soon_threadsafe(self.on_crash, filename, error)
                return Report(snapshot.source, (), ())

        job.call = call
        self._jobs[snapshot.uri] = job
        self._queue.put(job)
        return job

    def _future(self) -> asyncio.Future[Any]:
        future: asyncio.Future[Any] = self._loop.create_future()
        # A job that everybody left may end in an exception that nobody fetches.
        future.add_done_callback(lambda done: done.cancelled() or done.exception())
        return future

    def _work(self) -> None:
        while (job := self._queue.get()) is not None:
            if job.future.done():
                continue
            try:
                outcome = job.call()
            except Exception as error:
                self._settle_soon(job, None, error)
            else:
                self._settle_soon(job, outcome, None)

    def _settle_soon(self, job: Job, outcome: object, error: Exception | None) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._settle, job, outcome, error)

    def _settle(self, job: Job, outcome: object, error: Exception | None) -> None:
        if job.future.done():
            return
        if error is not None:
            job.future.set_exception(error)
        else:
            job.future.set_result(outcome)
        if job.outdated and job.snapshot and self._jobs.get(job.snapshot.uri) is job:
            del self._jobs[job.snapshot.uri]
