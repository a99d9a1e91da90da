"""A rewrite against the advice of ruff's PLR6104 says why, for those who ask for it."""

from __future__ import annotations

import pytest
from nonegrad.analyze import analyze
from nonegrad.options import Options
from nonegrad.text import Source, apply

PROGRAM = """\
import torch
x = torch.ones(3, requires_grad=True)
y = x.exp()
y += 1
y.sum().backward()
"""


@pytest.mark.parametrize("asked", [True, False])
def test_the_comment_stands_where_it_was_asked_for(asked: bool) -> None:
    source = Source("program.py", PROGRAM)
    report = analyze(source, Options(explain_suppression=asked))
    (finding,) = report.findings
    line = apply(source, report.fixes(finding)[0].edits).splitlines()[3]
    assert line.startswith("y = y + 1")
    assert ("# noqa: PLR6104" in line) is asked
