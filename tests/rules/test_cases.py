"""Every rule on its cases: what it says, where, and what it leaves alone; torch says the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mdtest
import pytest
from nonegrad.analysis.record.states import StateRow
from nonegrad.analyze import analyze
from nonegrad.text import Source
from torch_runs import run

FILES = sorted(Path(__file__).parent.glob("*.md"))
CASES = [(path.stem, case) for path in FILES for case in mdtest.cases(path)]
IDS = [f"{stem}: {case.title}" for stem, case in CASES]


@pytest.mark.parametrize(("stem", "case"), CASES, ids=IDS)
def test_what_is_found(stem: str, case: mdtest.Case) -> None:
    report = analyze(Source("case.py", case.analysed()))
    expected = case.expected()
    found = sorted((f.site.row, f.severity, f.rule) for f in report.findings)
    assert found == sorted((e.row, e.severity, e.rule) for e in expected)
    for each in expected:
        messages = [
            f.message for f in report.findings if (f.site.row, f.rule) == (each.row, each.rule)
        ]
        assert any(each.text in message for message in messages), messages
    known = {row.name: described(row) for row in report.states}
    for name, wanted in case.reveals().items():
        assert wanted == known[name] if wanted == {"unknown"} else wanted <= known[name], known[
            name
        ]


@pytest.mark.parametrize(
    ("stem", "case"),
    [pair for pair in CASES if pair[1].runs],
    ids=[name for name, pair in zip(IDS, CASES, strict=True) if pair[1].runs],
)
def test_torch_says_so_too(stem: str, case: mdtest.Case) -> None:
    revealed: list[frozenset[str]] = []
    ran = run(case.code, reveal_grad=lambda value: revealed.append(seen(value)))
    expected = case.expected()
    if case.wrong:
        healthy = case.wrong == "False alarm"
        assert healthy == (not ran.raises and not ran.shows_none), ran.error
        return
    errors = [each.row for each in expected if each.severity == "error"]
    warned = any(each.severity == "warning" for each in expected)
    if errors:
        assert ran.raises, "an error is announced, and torch runs the program"
    elif warned:
        assert ran.raises or ran.shows_none or ran.misses_a_gradient
    else:
        assert not ran.raises and not ran.shows_none, ran.error
    for wanted, really in zip(case.reveals().values(), revealed, strict=False):
        assert wanted <= really or wanted == {"unknown"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_speaks_of_its_rule_and_also_of_silence(path: Path) -> None:
    all_cases = list(mdtest.cases(path))
    assert len(all_cases) >= 6
    assert any(path.stem in {each.rule for each in case.expected()} for case in all_cases)
    assert any(not case.expected() for case in all_cases)


def described(row: StateRow) -> frozenset[str]:
    """What is known of a name, in the words of `revealed`."""
    words = {
        "requires_grad": row.requires_grad,
        "leaf": row.is_leaf,
        "retains_grad": row.retains_grad,
    }
    known = {word if yes else f"not {word}" for word, yes in words.items() if yes is not None}
    known |= {row.grad_fn} if row.grad_fn not in (None, "none") else set()
    known |= {row.dtype} if row.dtype else set()
    known |= {f"grad {row.grad}"} if row.grad else set()
    return frozenset(known) or frozenset({"unknown"})


def seen(value: Any) -> frozenset[str]:
    """The same of a real tensor."""
    words = {
        "requires_grad": value.requires_grad,
        "leaf": value.is_leaf,
        "retains_grad": value.retains_grad,
    }
    known = {word if yes else f"not {word}" for word, yes in words.items()}
    known.add(str(value.dtype).removeprefix("torch."))
    known.add("grad none" if value.grad is None else "grad set")
    if value.grad_fn is not None:
        known.add(type(value.grad_fn).__name__)
    return frozenset(known)
