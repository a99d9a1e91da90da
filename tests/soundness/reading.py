"""Healthy code, read and never run: `python -m tests.soundness.reading FOLDER ...`.

Prints every error, warning and information as it is found, every file that took too long or broke
the analysis, and the figures. Whether a finding is true is for a person, and PyTorch, to say.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
import traceback
from collections import Counter
from dataclasses import dataclass
from multiprocessing import Pool
from pathlib import Path

from nonegrad.analyze import analyze
from nonegrad.text import Source

LONGEST = 60.0
"""Seconds of computing that a file may take."""
SLOW = 10.0


@dataclass(frozen=True, slots=True)
class Read:
    """One file: its findings as lines of text, and what went wrong with it."""

    path: str
    lines: int
    seconds: float
    findings: tuple[tuple[str, str], ...]
    broken: str = ""


class TooLongError(Exception):
    """A file took more than its time."""


def stop(*_: object) -> None:
    raise TooLongError


def read(path: str) -> Read | None:
    """One file, without the names of others; None where torch is not spoken of."""
    try:
        text = Path(path).read_text("utf-8")
    except (UnicodeDecodeError, OSError):
        return None
    if "torch" not in text:
        return None
    count = text.count("\n")
    start = time.process_time()
    signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, LONGEST)
    try:
        report = analyze(Source(path, text))
    except Exception:  # the report of the run names it, with the file
        return Read(path, count, time.process_time() - start, (), traceback.format_exc())
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    findings = tuple(
        (
            found.severity,
            f"{path}:{found.site.row}: {found.severity}[{found.rule}]: {found.message}",
        )
        for found in report.findings
        if found.severity != "hint"
    )
    return Read(path, count, time.process_time() - start, findings)


def main() -> int:
    """Print what is found; the status is 1 where the analysis broke or took too long."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="+")
    parser.add_argument("--jobs", type=int, default=2)
    given = parser.parse_args()
    paths = [
        str(path)
        for root in map(Path, given.paths)
        for path in (sorted(root.rglob("*.py")) if root.is_dir() else [root])
    ]
    counts: Counter[str] = Counter()
    broken = False
    with Pool(given.jobs, maxtasksperchild=200) as pool:
        for one in pool.imap_unordered(read, paths, chunksize=8):
            if one is None:
                continue
            counts["files"] += 1
            counts["lines"] += one.lines
            for severity, line in one.findings:
                counts[severity] += 1
                print(line, flush=True)
            if one.broken:
                broken = True
                print(f"{one.path}: broke\n{one.broken}", file=sys.stderr, flush=True)
            elif one.seconds > SLOW:
                print(f"{one.path}: took {one.seconds:.1f} s", file=sys.stderr, flush=True)
    print(
        ", ".join(
            f"{counts[what]} {what}"
            for what in ("files", "lines", "error", "warning", "information")
        )
    )
    return int(broken)


if __name__ == "__main__":
    sys.exit(main())
