"""Training scripts as people write them: every claim true, nothing loud, most of it known.

Scripts from elsewhere are examined with `python -m tests.soundness.real FILE ...`.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from nonegrad.analyze import analyze
from nonegrad.text import Source

from .tracer import run
from .verdict import compare

PROGRAMS = sorted((Path(__file__).parent / "programs").glob("*.py"))
KNOWN: dict[str, str] = {}
"""Scripts about which something false is said, and why."""
KNOWN_SHARE = 0.8
"""Of the names that hold tensors, how many have requires_grad known over all scripts."""


def marked(path: Path) -> object:
    reason = KNOWN.get(path.stem)
    marks = [pytest.mark.xfail(reason=reason, strict=True)] if reason else []
    return pytest.param(path, id=path.stem, marks=marks)


@pytest.mark.parametrize("path", [marked(path) for path in PROGRAMS])
def test_a_healthy_script_draws_only_true_claims_and_no_alarm(path: Path) -> None:
    text = path.read_text("utf-8")
    seen = run(text)
    assert seen.error is None
    report = analyze(Source("<program>", text))
    assert compare(text, report, [seen]).wrong == []
    loud = [found for found in report.findings if found.severity in ("error", "warning")]
    assert loud == []


def test_most_of_the_tensors_in_them_are_known() -> None:
    known = bound = 0
    for path in PROGRAMS:
        text = path.read_text("utf-8")
        verdict = compare(text, analyze(Source("<program>", text)), [run(text)])
        known, bound = known + verdict.known, bound + verdict.bound
    assert known >= KNOWN_SHARE * bound
