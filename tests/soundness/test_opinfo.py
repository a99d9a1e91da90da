"""Operator by operator over torch's own samples: a sample of them here, all of them by
`python -m tests.soundness.opinfo`."""

from __future__ import annotations

import pytest

from .opinfo import Case, cases, examine, names

EVERY = names()
SAMPLE = EVERY[::12]
KNOWN: dict[str, str] = {}
"""Operators about which a claim is still wrong, and why."""


@pytest.mark.parametrize(
    "operator",
    [
        pytest.param(
            name,
            marks=[pytest.mark.xfail(reason=KNOWN[name], strict=True)] if name in KNOWN else [],
        )
        for name in sorted({*SAMPLE, *KNOWN})
    ],
)
def test_every_claim_about_an_operator_is_true(operator: str) -> None:
    _, _, bad = examine(operator, most=1)
    assert [f"{w.detail}\n{case.text}" for case, verdict in bad for w in verdict.wrong] == []


def test_an_operator_is_written_as_users_write_it() -> None:
    found: list[Case] = list(cases("exp", most=1))
    spellings = {(case.spelling, line) for case in found for line in case.text.split("\n")}
    assert ("function", "y = torch.exp(a0)") in spellings
    assert ("method", "y = a0.exp()") in spellings
    assert ("in place", "y = a0.exp_()") in spellings
    assert ("function", "y0.copy_(y0.detach() * 1)") in spellings
