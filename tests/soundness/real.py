"""Real programs under the tracer: `python -m tests.soundness.real FILE_OR_FOLDER ...`.

Each runs in a process of its own, in its own folder. Prints the wrong claims, the figures, and
with `--unknown` what the analysis knows least about.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
from collections import Counter
from pathlib import Path

from .tracer import run
from .verdict import Verdict, judge

LONGEST = 120.0
"""Seconds a program may take."""


def examine(path: Path) -> Verdict:
    """The verdict on one file, run where it lies."""
    import torch

    torch.set_num_threads(1)
    os.chdir(path.parent)
    sys.path.insert(0, str(path.parent))
    text = path.read_text("utf-8")
    return judge(text, str(path), [run(text, str(path))])


def examine_all(paths: list[Path], workers: int = 2) -> list[tuple[Path, Verdict | None]]:
    """The verdicts, None for what took too long or broke the tracer."""
    context = multiprocessing.get_context("fork")
    results: list[tuple[Path, Verdict | None]] = []
    with context.Pool(workers, maxtasksperchild=1) as pool:
        waiting = [(path, pool.apply_async(examine, (path,))) for path in paths]
        for path, job in waiting:
            try:
                results.append((path, job.get(LONGEST)))
            except multiprocessing.TimeoutError:
                print(f"{path}: took too long", file=sys.stderr)
                results.append((path, None))
    return results


def files(given: list[str]) -> list[Path]:
    """The Python files named, or found in the folders named."""
    found: list[Path] = []
    for each in map(Path, given):
        found += sorted(each.rglob("*.py")) if each.is_dir() else [each]
    return [path.resolve() for path in found]


def main() -> int:
    """Print the verdicts; the status is 1 where a claim is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="+")
    parser.add_argument("--unknown", action="store_true", help="list the names least is known of")
    parser.add_argument("--each", action="store_true", help="one line a program")
    given = parser.parse_args()
    total = Verdict()
    for path, verdict in examine_all(files(given.paths)):
        if verdict is None:
            continue
        total.add(verdict)
        if given.each:
            print(f"{path}: {verdict.line()}")
        for wrong in verdict.wrong:
            print(f"{path}:{wrong.row}: {wrong.detail}")
        if given.unknown:
            for name, count in Counter(verdict.unknown).most_common():
                print(f"  unknown {count} {path.name} {name}")
        for line in verdict.unpredicted:
            print(f"{path}: raises, not predicted: {line}")
        for line in verdict.untold:
            print(f"{path}: None, not told: {line}")
    print(total.line())
    return 1 if total.wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
