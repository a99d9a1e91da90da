"""A rewrite that binds a name does so only where the name is bound already."""

from __future__ import annotations

import pytest
from marked import rewritten


@pytest.mark.parametrize(
    ("function", "binds"),
    [
        ("def f(): {}", False),
        ("def f(y): {}", True),
        ("def f(*y): {}", True),
        ("def f(*, y=1): {}", True),
        ("def f():\n    y = g()\n    {}", True),
        ("def f():\n    global y\n    {}", True),
        ("def f():\n    for a, (y, b) in c:\n        {}", True),
        ("def f():\n    with a as y:\n        {}", True),
        ("def f():\n    g(y := 1)\n    {}", True),
        ("def f():\n    match a:\n        case [y]:\n            {}", True),
        ("def f():\n    a = [y for y in b]\n    {}", False),
        ("def f():\n    def g():\n        y = 1\n    {}", False),
        ("def f(y):\n    def g():\n        {}", False),
        ("class A:\n    def f(self):\n        {}", False),
        ("y = 1\n{}", True),
    ],
)
@pytest.mark.parametrize(
    ("name", "write"),
    [("rebind", "y.add_(1)"), ("rebind", "y[1:] += 1"), ("clone-first", "y[0] = 1")],
)
def test_only_where_the_name_is_local(function: str, binds: bool, name: str, write: str) -> None:
    after = rewritten(name, function.format(f"‹{write}›") + "\n", name="y")
    assert (after is not None) == binds


def test_attributes_bind_nothing() -> None:
    before = "def f():\n    ‹self.h.add_(1)›\n"
    assert rewritten("rebind", before) == "def f():\n    self.h = self.h.add(1)\n"
