"""What an analysis costs, and how that grows with the file: `python -m tests.speed.growth`.

The training scripts of tests/soundness/programs one after another, as often as it takes, either at
the top level of one long script or each in a function of its own that nobody calls. Prints for each
length the time of a cold analysis, in milliseconds and in units of what `ast.parse` takes for the
same text; each figure is measured in a process of its own, for both grow slower in a full one.
"""

from __future__ import annotations

import argparse
import ast
import statistics
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

from nonegrad.garbage import collect_rarely

PROGRAMS = sorted((Path(__file__).parents[1] / "soundness" / "programs").glob("*.py"))
LENGTHS = [1_000, 2_000, 5_000, 10_000, 50_000]
SHAPES = ("script", "functions")


def parts(shape: str) -> Iterator[str]:
    """Programs without end, each as a part of a longer text."""
    for number, path in enumerate(cycle(PROGRAMS)):
        text = path.read_text("utf-8").replace("from __future__ import annotations\n", "")
        if shape == "functions":
            text = f"def run_{number}():\n" + textwrap.indent(text, "    ")
        yield text + "\n\n"


def long_text(lines: int, shape: str) -> str:
    """A text of at least so many lines, which is valid Python."""
    text, count = "", 0
    for part in parts(shape):
        text += part
        count += part.count("\n")
        if count >= lines:
            break
    ast.parse(text)
    return text


def parsing(text: str) -> float:
    """Seconds of computing that `ast.parse` takes: the median of several times."""
    ast.parse(text)
    times: list[float] = []
    for _ in range(9):
        start = time.process_time()
        ast.parse(text)
        times.append(time.process_time() - start)
    return statistics.median(times)


def analysing(text: str) -> float:
    """Seconds of computing that one analysis takes in a process that has made none before."""
    from nonegrad.analyze import analyze
    from nonegrad.text import Source

    start = time.process_time()
    analyze(Source("script.py", text))
    return time.process_time() - start


def apart(what: str, lines: int, shape: str) -> float:
    """One figure, measured in a process of its own."""
    command = [sys.executable, "-m", "tests.speed.growth", "--only", what]
    done = subprocess.run(
        [*command, "--lines", str(lines), "--shape", shape], capture_output=True, check=True
    )
    return float(done.stdout)


def main() -> None:
    """Print the table, or one figure of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, nargs="*", default=LENGTHS)
    parser.add_argument("--shape", choices=SHAPES, nargs="*", default=SHAPES)
    parser.add_argument("--rounds", type=int, default=3, help="the median of so many is told")
    parser.add_argument("--only", choices=("parsing", "analysing"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.only:
        # As in the processes of the command line and the server; for both figures alike.
        collect_rarely()
        text = long_text(given.lines[0], given.shape[0])
        print(parsing(text) if given.only == "parsing" else analysing(text))
        return
    print("shape      lines   analysis      ast.parse   ratio")
    for shape in given.shape:
        for lines in given.lines:
            rounds = [
                (apart("analysing", lines, shape), apart("parsing", lines, shape))
                for _ in range(given.rounds)
            ]
            ratio = statistics.median(analysis / parse for analysis, parse in rounds)
            analysis = statistics.median(analysis for analysis, _ in rounds)
            parse = statistics.median(parse for _, parse in rounds)
            times = f"{analysis * 1000:7.0f} ms {parse * 1000:11.1f} ms"
            print(f"{shape:9} {lines:6} {times} {ratio:7.1f}", flush=True)


if __name__ == "__main__":
    main()
