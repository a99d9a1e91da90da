"""Many files, one after the other or in several processes: the same outcomes in the same order."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from nonegrad import config, fixing, reading
from nonegrad.analysis.record.states import StateRow
from nonegrad.analyze import Report, analyze
from nonegrad.garbage import collect_rarely
from nonegrad.names.protocol import Names
from nonegrad.options import OptionError, Options, Severity
from nonegrad.output.outcome import Outcome, Told, loud
from nonegrad.reading import Document
from nonegrad.text import Source

if TYPE_CHECKING:
    from nonegrad.analysis.record.drawing import Drawing
    from nonegrad.names.jedi_names import JediNames

IMPORTED = re.compile(r"^[ \t]*(?:from|import)[ \t]+(\.|[^\W\d]\w*)", re.MULTILINE)
KNOWN_ELSEWHERE = sys.stdlib_module_names | {"torch", "numpy"}
WAIT = 20.0
WORTH_A_PROCESS = 16


@dataclass(frozen=True, slots=True)
class Call:
    """What the command line asks for; None leaves it to the settings of the file's project."""

    select: frozenset[str] | None = None
    ignore: frozenset[str] | None = None
    severity: Severity | None = None
    fix: bool = False
    unsafe: bool = False
    states: bool = False
    quiet_fixes: bool = False
    """Whether the fixes of what is not severe enough to be told in text are wanted as well."""


@dataclass(frozen=True, slots=True)
class Checked:
    """One file: its outcome, or why there is none; and what was done to it."""

    outcome: Outcome | None
    states: tuple[StateRow, ...] = ()
    fixed: tuple[tuple[int, str], ...] = ()
    complaints: tuple[str, ...] = ()
    """Lines for standard error; with one the call has failed."""
    notes: tuple[str, ...] = ()
    """Lines for standard error that a user should know, though nothing failed."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Some files and what is asked of them, as one process gets it."""

    files: tuple[str, ...]
    call: Call


class Checker:
    """Checks files one by one; jedi is asked only where a file imports what only it may know."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._names: JediNames | None = None
        self._options: dict[Path, Options] = {}

    def check(self, name: str) -> Checked:
        """Everything about one file; never raises."""
        try:
            return self._check(name)
        except (reading.UnreadableError, OptionError) as error:
            return Checked(None, complaints=(str(error),))
        except Exception as error:
            what = " ".join(f"{type(error).__name__}: {error}".split())
            line = f"internal error in {name}: {what}; please report it, with the file if you can"
            return Checked(None, complaints=(line,))

    def draw(self, name: str) -> tuple[Document, Report, Drawing]:
        """One file with its autograd graphs; raises what cannot be read."""
        from nonegrad.analysis.record.drawing import Drawing

        document, recorder = reading.read(name), Drawing()
        options = self._options_for(document.source.filename)
        names = self._names_for(document.source)
        return document, analyze(document.source, options, names, recorder=recorder), recorder

    def stop(self) -> tuple[str, ...]:
        """End what was started for the names of other files; what it had to complain of."""
        if self._names is None:
            return ()
        self._names.stop()
        return self._names.complaints

    def _check(self, name: str) -> Checked:
        document = reading.read(name)
        options = self._options_for(document.source.filename)

        def analyse(source: Source) -> Report:
            return analyze(source, options, self._names_for(source))

        fixed: tuple[tuple[int, str], ...] = ()
        if self._call.fix and not document.cells:
            result = fixing.fix(document.source, analyse, options.severity, self._call.unsafe)
            if result.done:
                reading.write(document, result.text)
                document = replace(document, source=Source(document.source.filename, result.text))
                fixed = result.done
        report = analyse(document.source)
        if self._call.states:
            return Checked(Outcome(document, (), options.severity), report.states)
        told = tuple(
            Told(
                finding,
                report.fixes(finding)
                if self._call.quiet_fixes or loud(finding, options.severity)
                else (),
            )
            for finding in report.findings
        )
        return Checked(Outcome(document, told, options.severity), fixed=fixed)

    def _options_for(self, filename: str) -> Options:
        folder = Path(filename).parent
        if folder not in self._options:
            options = config.options_for(folder)
            if self._call.select is not None:
                options = replace(options, select=self._call.select)
            if self._call.ignore is not None:
                options = replace(options, ignore=options.ignore | self._call.ignore)
            if self._call.severity is not None:
                options = replace(options, severity=self._call.severity)
            self._options[folder] = options
        return self._options[folder]

    def _names_for(self, source: Source) -> Names | None:
        if all(found in KNOWN_ELSEWHERE for found in IMPORTED.findall(source.text)):
            return None
        if self._names is None:
            from nonegrad.names.jedi_names import JediNames
            from nonegrad.names.paths import cache_home

            try:
                cache = cache_home()
            except RuntimeError:  # no home folder: nothing is kept
                cache = None
            self._names = JediNames(wait=WAIT, cache_dir=cache)
            self._names.start()
        return self._names


def check(files: list[str], call: Call, jobs: int | None) -> Iterator[Checked]:
    """Check files, in `jobs` processes; None takes as many as are worth it."""
    if jobs is None:
        jobs = min(os.cpu_count() or 1, len(files) // WORTH_A_PROCESS)
    jobs = min(jobs, len(files))
    if jobs <= 1 or reading.STDIN in files:
        yield from check_batch(Batch(tuple(files), call))
        return
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    size = max(len(files) // (jobs * 2), 1)
    batches = [Batch(tuple(files[at : at + size]), call) for at in range(0, len(files), size)]
    # Forked processes would share the locks of threads they do not have.
    context = get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=collect_rarely) as pool:
        for checked in pool.map(check_batch, batches):
            yield from checked


def check_batch(batch: Batch) -> list[Checked]:
    """Check the files of one batch in this process."""
    checker = Checker(batch.call)
    notes: tuple[str, ...] = ()
    try:
        checked = [checker.check(name) for name in batch.files]
    finally:
        notes = checker.stop()
    return [*checked, Checked(None, notes=notes)] if notes else checked
