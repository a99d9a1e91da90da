"""What an optimizer is given: one more element, a list around what there was, or a group."""

from __future__ import annotations

import pytest
from marked import rewritten


@pytest.mark.parametrize(
    ("before", "given", "after"),
    [
        (
            "o = ‹SGD(m.parameters(), lr=1)›\n",
            "*n.parameters()",
            "o = SGD([*m.parameters(), *n.parameters()], lr=1)\n",
        ),
        ("o = ‹SGD([w, b])›  # c\n", "s", "o = SGD([w, b, s])  # c\n"),
        ("o = ‹SGD(params=[w])›\n", "s", "o = SGD(params=[w, s])\n"),
        (
            "o = ‹SGD([{'params': w}])›\n",
            "*n.parameters()",
            "o = SGD([{'params': w}, {\"params\": n.parameters()}])\n",
        ),
        (
            "o = ‹SGD([\n    {'params': v},\n    {'params': w},  # c\n])›\n",
            "s",
            "o = SGD([\n    {'params': v},\n    {'params': w},\n    {\"params\": [s]},  # c\n])\n",
        ),
        (
            "o = ‹SGD(list(m.parameters()) + [w])›\n",
            "s",
            "o = SGD([*list(m.parameters()) + [w], s])\n",
        ),
        (
            "o = ‹SGD(params, lr=1)›\n",
            "*n.parameters()",
            'o = SGD(params, lr=1)\no.add_param_group({"params": n.parameters()})\n',
        ),
    ],
)
def test_more_is_given(before: str, given: str, after: str) -> None:
    assert rewritten("give-optimizer", before, given=given) == after


def test_something_else_is_given() -> None:
    before = "o = ‹SGD(m.parameters(), lr=1)›\n"
    after = "o = SGD(n.parameters(), lr=1)\n"
    assert rewritten("give-optimizer", before, given="n.parameters()", instead="yes") == after


def test_where_there_is_no_place_for_it_nothing_is_written() -> None:
    assert rewritten("give-optimizer", "f(‹SGD(params)›)\n", given="w") is None
    assert rewritten("give-optimizer", "o = ‹SGD(*params)›\n", given="w") is None
    assert rewritten("give-optimizer", "o = ‹params›\n", given="w") is None
