"""Write a mistake down: `python -m tests.soundness.report FOLDER FILE ...` shrinks each wrong
claim of each program and leaves the small program, with its story, in the folder."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from .shrink import shrink
from .verdict import Wrong, judge


def same(text: str, wrong: Wrong) -> Wrong | None:
    """The mistake of the same sort in another program, if it is there."""
    return next((found for found in judge(text).wrong if found.sort == wrong.sort), None)


def smallest(text: str, wrong: Wrong, tries: int = 600) -> str:
    """The program shrunk while its mistake stays, its story on top."""
    small = shrink(text, lambda candidate: same(candidate, wrong) is not None, tries)
    found = same(small, wrong)
    story = f"row {found.row}: {found.detail}" if found else wrong.detail
    return f"# {' '.join(story.split())}\n{small}"


def keep(folder: Path, program: str, name: str) -> Path | None:
    """Write a program, unless the folder has one of the same shape already."""
    shape = re.sub(r"\b[a-z]+\d+\b", "v", program.partition("\n")[2])
    for path in sorted(folder.glob("*.py")):
        known = path.read_text("utf-8").partition("\n")[2]
        if re.sub(r"\b[a-z]+\d+\b", "v", known) == shape:
            return None
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.py"
    path.write_text(program, "utf-8")
    return path


def main() -> int:
    """Shrink and keep."""
    folder, *paths = map(Path, sys.argv[1:])
    for path in paths:
        text = path.read_text("utf-8")
        for sort, wrong in {found.sort: found for found in judge(text, "<program>").wrong}.items():
            label = re.sub(r"\W+", "-", f"{path.parent.name}-{path.stem}-{sort}")
            kept = keep(folder, smallest(text, wrong), label)
            print(f"{path}:{wrong.row}: {wrong.detail} -> {kept}", flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
