"""Mistakes that were made once, each as the small program that showed it.

A program whose second line begins with `# known:` is still wrong, for the reason given there.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from .tracer import run
from .verdict import judge

FOUND = sorted((Path(__file__).parent / "found").glob("*.py"))


def known(path: Path) -> str | None:
    """Why the program is still wrong, if it is."""
    second = path.read_text("utf-8").split("\n")[1]
    return second.removeprefix("# known: ") if second.startswith("# known: ") else None


def marked(path: Path) -> object:
    reason = known(path)
    marks = [pytest.mark.xfail(reason=reason, strict=True)] if reason else []
    return pytest.param(path, id=path.stem, marks=marks)


@pytest.mark.parametrize("path", [marked(path) for path in FOUND])
def test_a_mistake_once_made_is_not_made_again(path: Path) -> None:
    text = path.read_text("utf-8")
    runs = [run(text, seed=seed) for seed in range(8 if "random" in text else 1)]
    assert judge(text, runs=runs).wrong == []


@pytest.mark.parametrize("path", [path for path in FOUND if not known(path)], ids=lambda p: p.stem)
def test_each_says_what_it_is_about(path: Path) -> None:
    assert path.read_text("utf-8").startswith("# ")
