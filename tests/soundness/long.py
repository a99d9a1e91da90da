"""Many generated programs: `python -m tests.soundness.long -n 20000 --seed 1`.

Prints the figures, and shrinks each new sort of mistake into a small program (`--keep FOLDER`).
"""

from __future__ import annotations

import argparse
import random
import re
import time
from collections import Counter
from pathlib import Path

import torch

from . import workers
from .report import keep, smallest
from .verdict import Verdict, judge
from .writer import Writer


def program(seed: int) -> str:
    """The program of a seed; its statements are tried as they are drawn, and may draw as well."""
    random.seed(seed)
    return Writer(random.Random(seed)).program()


def examine(seed: int) -> tuple[str, Verdict]:
    """Write, run, analyse, compare."""
    torch.set_num_threads(1)
    text = program(seed)
    return text, judge(text)


def main() -> int:
    """Print the figures; the status is 1 where a claim is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--skip", type=int, default=0, help="begin after so many programs")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--keep", type=Path, help="shrink each mistake into a file of this folder")
    parser.add_argument("--each", type=int, default=3, help="at most so many of one sort are kept")
    parser.add_argument("--unknown", type=int, default=0, help="list what least is known of")
    given = parser.parse_args()
    begun = time.perf_counter()
    total, sorts = Verdict(), Counter[str]()
    first = given.seed * 1_000_003 + given.skip
    crashed = 0
    for seed, result in workers.run(examine, range(first, first + given.n), given.workers):
        if result is None:
            crashed += 1
            continue
        text, verdict = result
        total.add(verdict)
        if total.programs % 1000 == 0:
            print(total.line(), flush=True)
        if verdict.wrong:
            wrong = verdict.wrong[0]
            sorts[wrong.sort] += 1
            print(f"seed {seed} row {wrong.row}: {wrong.detail}", flush=True)
            if given.keep and sorts[wrong.sort] <= given.each:
                label = re.sub(r"\W+", "-", f"{wrong.sort}-{seed}")
                keep(given.keep, smallest(text, wrong), label)
    print(total.line())
    if crashed:
        print(f"  torch itself came down in {crashed} programs more")
    for sort, count in sorts.most_common():
        print(f"  wrong in {count} programs: {sort}")
    for title, rows in (
        ("unknown", total.unknown),
        ("raises, not predicted", total.unpredicted),
        ("None, not told", total.untold),
    ):
        shapes = Counter(re.sub(r"\b([a-z]+)\d+\b", r"\1", row) for row in rows)
        for row, count in shapes.most_common(given.unknown):
            print(f"  {title} {count}: {row}")
    print(f"{time.perf_counter() - begun:.0f} s")
    return 1 if total.wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
