"""The parent's side of the worker process: start it, ask it, end it."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, Any

from nonegrad.names.paths import here

PACKAGE_HOME = str(Path(__file__).resolve().parents[2])
MODULE = "nonegrad.names.worker"
PIPE = 4_000
BOOT = (
    "import sys, runpy; standard = len(sys.path); sys.path += sys.argv[2:];"
    "sys.argv[2:] = [str(standard)];"
    f"runpy.run_module({MODULE!r}, run_name='__main__')"
)


class WorkerError(Exception):
    """The worker did not answer: it crashed, hung or could not start; its text says which."""


class WorkerTimeoutError(WorkerError):
    """It took too long: the same question would again."""


class WorkerProcess:
    """One running worker; for one asking thread."""

    def __init__(self, cache_dir: Path | None) -> None:
        """Start it; in `cache_dir` jedi may keep parsed files. Raises WorkerError where no process
        can be started."""
        # Isolated and without site, from a folder that holds no modules: no file of the user's
        # can take the place of a standard module, and no `.pth` line runs.
        left_out = ("", here(), PACKAGE_HOME)
        rest = [entry for entry in sys.path if entry not in left_out]
        cache = "" if cache_dir is None else str(cache_dir / "jedi")
        command = [sys.executable, "-I", "-S", "-c", BOOT, cache, PACKAGE_HOME, *rest]
        flags = subprocess.CREATE_NO_WINDOW if sys.platform == "win32" else 0
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=Path(__file__).parent,
                creationflags=flags,
            )
        except OSError as error:
            raise WorkerError(f"it could not be started: {error}") from error
        self._lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._count = 0
        self._reader = threading.Thread(target=self._read, name="nonegrad names", daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    def ask(self, question: dict[str, Any], seconds: float) -> dict[str, Any]:
        """The answer to one question. Raises WorkerError, after which this worker is of no use."""
        self._count += 1
        line = json.dumps({**question, "id": self._count}).encode() + b"\n"
        stdin = self._process.stdin
        assert stdin is not None
        try:
            self._write(stdin, line, seconds)
            answer = self._lines.get(timeout=seconds)
        except queue.Empty:
            raise WorkerTimeoutError(f"no answer within {seconds:g} s") from None
        except (OSError, ValueError) as error:
            raise WorkerError(f"it ended: {error}") from error
        if not answer:
            raise WorkerError("it ended without an answer")
        return json.loads(answer)

    def kill(self) -> None:
        """End the process at once; a question under way fails."""
        self._process.kill()

    def end(self) -> None:
        """End the process and wait until it is gone."""
        self._process.kill()
        self._process.wait()
        self._reader.join()
        for pipe in (self._process.stdin, self._process.stdout):
            try:
                if pipe is not None:
                    pipe.close()
            except OSError:
                # What was still to be written has nobody left to read it.
                continue

    def _write(self, stdin: IO[bytes], line: bytes, seconds: float) -> None:
        # A line larger than the pipe blocks until the worker reads; only its end lets go of that.
        watch = threading.Timer(seconds, self._process.kill)
        watch.daemon = True
        if len(line) > PIPE:
            watch.start()
        try:
            stdin.write(line)
            stdin.flush()
        finally:
            watch.cancel()

    def _read(self) -> None:
        stdout = self._process.stdout
        assert stdout is not None
        for line in iter(stdout.readline, b""):
            self._lines.put(line)
        self._lines.put(b"")
