"""Which variables a turn of a loop hands on to the next."""

from __future__ import annotations

import ast

import pytest
from nonegrad.analysis.domain.frames import Frame, Module, names_of
from nonegrad.analysis.python.liveness import dead
from nonegrad.analyze import analyze
from nonegrad.text import Source


def forgotten(text: str) -> set[str]:
    """The variables that the first loop of a program forgets at the end of a turn."""
    tree = ast.parse(text)
    frame = Frame(
        Module(Source("program.py", text), "__main__", asked=True), "module", names_of(tree)
    )
    loop = next(n for n in ast.walk(tree) if isinstance(n, (ast.For, ast.While)))
    return set(dead(frame, loop))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("for x in xs:\n    y = f(x)\n    z = y + 1\n    g(z)\n", {"x", "y", "z"}),
        ("for x in xs:\n    y = f(x)\nprint(y)\n", {"x"}),
        ("y = 0\nfor x in xs:\n    y = y + x\n", {"x"}),
        ("for x in xs:\n    y += x\n", {"x"}),
        ("for x in xs:\n    if x:\n        y = 1\n    print(y)\n", {"x"}),
        (
            "for x in xs:\n    if x:\n        y = 1\n    else:\n        y = 2\n    print(y)\n",
            {"x", "y"},
        ),
        ("for x in xs:\n    for z in x:\n        y = z\n    print(y)\n", {"x", "z"}),
        ("for x in xs:\n    with no_grad():\n        y = x\n    print(y)\n", {"x", "y"}),
        ("for x in xs:\n    with suppress(E):\n        y = x()\n    print(y)\n", {"x"}),
        (
            "for x in xs:\n    try:\n        y = x()\n    except E:\n        pass\n    print(y)\n",
            {"x"},
        ),
        ("for x in xs:\n    y = x\n    fs.append(lambda: y)\n", {"x"}),
        ("for x in xs:\n    y = x\ndef f():\n    return y\n", {"x"}),
        ("for x in xs:\n    y = x\n    del y\n", {"x", "y"}),
        ("for x in xs:\n    y = x\n    print(locals())\n", set()),
        ("while (x := f()):\n    y = x\n    print(y)\n", {"y"}),
        ("while y:\n    y = f()\n", set()),
        ("for i, (x, *rest) in xs:\n    self.last = x\n    print(rest)\n", {"i", "x", "rest"}),
    ],
)
def test_what_every_turn_binds_before_it_reads_is_forgotten(text: str, expected: set[str]) -> None:
    assert forgotten(text) == expected


def test_a_variable_of_a_function_is_not_looked_for_outside_of_it() -> None:
    text = "def f(xs):\n    for x in xs:\n        y = x\n        print(y)\n\ny = 3\nprint(y)\n"
    function = ast.parse(text).body[0]
    assert isinstance(function, ast.FunctionDef)
    frame = Frame(
        Module(Source("program.py", text), "__main__", asked=True), "f", names_of(function)
    )
    assert dead(frame, function.body[0]) == {"x", "y"}  # type: ignore[arg-type]


def test_a_global_is_read_elsewhere() -> None:
    text = "def f(xs):\n    global y\n    for x in xs:\n        y = x\n        print(y)\n"
    function = ast.parse(text).body[0]
    assert isinstance(function, ast.FunctionDef)
    frame = Frame(
        Module(Source("program.py", text), "__main__", asked=True), "f", names_of(function)
    )
    assert dead(frame, function.body[1]) == {"x"}  # type: ignore[arg-type]


def test_the_value_of_the_turn_before_is_kept_where_it_is_read() -> None:
    """The second turn runs backward through the graph of the first."""
    text = (
        "import torch\n"
        "w = torch.ones(2, requires_grad=True)\n"
        "h = torch.zeros(2)\n"
        "for step in range(int(input())):\n"
        "    new = torch.tanh(h + w)\n"
        "    new.sum().backward()\n"
        "    h = new\n"
    )
    (finding,) = analyze(Source("program.py", text)).findings
    assert finding.rule == "backward-twice"
