"""A statement that takes too long to follow: what was seen of it so far is no claim."""

from __future__ import annotations

import pytest
from nonegrad.analysis import program
from nonegrad.analyze import analyze
from nonegrad.text import Source

PROGRAM = """\
import torch
before = torch.ones(3, requires_grad=True)
def walk(steps):
    for i in range(steps):
        for j in range(steps):
            w = torch.ones(3, requires_grad=True)
            print(w.grad)
walk(100)
after = before * 2
"""


def claims(budget: int, monkeypatch: pytest.MonkeyPatch) -> dict[str, bool | None]:
    monkeypatch.setattr(program, "BUDGET_A_STATEMENT", budget)
    report = analyze(Source("walk.py", PROGRAM))
    return {row.name: row.requires_grad for row in report.states}


def test_enough_budget_claims_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    found = claims(20_000, monkeypatch)
    assert (found["before"], found["w"], found["after"]) == (True, True, True)


def test_a_statement_cut_short_claims_nothing_and_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = claims(40, monkeypatch)
    assert (found["before"], found["w"], found["after"]) == (True, None, True)


def test_a_read_of_a_statement_cut_short_draws_no_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "BUDGET_A_STATEMENT", 40)
    assert not [f for f in analyze(Source("walk.py", PROGRAM)).findings if f.severity == "warning"]
