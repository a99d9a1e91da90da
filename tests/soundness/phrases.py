"""The words programs are written with, as `phrases.txt` lists them, and how often each kind of
statement is written."""

from __future__ import annotations

from pathlib import Path


def read() -> dict[str, list[str]]:
    """The phrases under their headings."""
    found: dict[str, list[str]] = {}
    heading = ""
    for line in (Path(__file__).parent / "phrases.txt").read_text("utf-8").splitlines():
        if line.startswith("[") and line.endswith("]") and line[1:-1].replace("_", "").isupper():
            heading = line[1:-1]
            found[heading] = []
        elif line and not line.startswith("#"):
            found[heading].append(line.replace("\\n", "\n"))
    return found


WORDS = read()
INPLACE = [*WORDS["INPLACE_ANY"], *WORDS["INPLACE"]]
LAST = "({x} + {y}).sum().backward()"
FLAT = {
    "assign": 36,
    "unpack": 5,
    "inplace": 12,
    "view": 6,
    "state": 8,
    "backward": 5,
    "read": 6,
    "grads": 2,
    "container": 8,
    "flag": 2,
    "leave": 6,
}
STATEMENTS = {
    **FLAT,
    "leave": 3,
    "branch": 8,
    "loop": 7,
    "while": 3,
    "attempt": 3,
    "with": 7,
    "match": 2,
    "function": 8,
    "closure": 3,
    "object": 4,
    "net": 5,
    "train": 3,
    "custom": 1,
    "generator": 1,
}
