"""The tracer sees what torch does, and the verdict catches a lie."""

from __future__ import annotations

from dataclasses import replace

from nonegrad.analysis.record.states import StateRow
from nonegrad.analyze import Report, analyze
from nonegrad.rules.base import Finding
from nonegrad.text import Site, Source

from .shrink import shrink
from .tracer import Seen, raised, run, run_all
from .verdict import compare, judge

PROGRAM = """\
import torch

class Box:
    def fill(self, x):
        self.w = x * 2
        return self.w

x = torch.ones(3, requires_grad=True)
for i in range(2):
    y = Box().fill(x)
with torch.no_grad():
    z = y + 1
y.retain_grad()
y.sum().backward()
g = y.grad
"""


def test_bindings_are_seen_in_methods_and_loops_and_dotted() -> None:
    seen = run(PROGRAM).seen
    product = Seen("tensor", True, False, "MulBackward0", False, "float32", "none")
    assert seen[5, 9, "self.w"] == {product}
    assert seen[10, 5, "y"] == {product}
    assert seen[9, 5, "i"] == {Seen("number")}
    assert seen[12, 5, "z"] == {Seen("tensor", False, True, "none", False, "float32", "none")}


def test_reads_of_grad_are_seen_where_they_stand() -> None:
    assert run(PROGRAM).reads == {(15, 5): {False}}


def test_an_error_is_seen_with_the_rows_that_led_to_it() -> None:
    seen = run("import torch\ndef f(x):\n    x.sum().backward()\nf(torch.ones(3))\n")
    assert seen.rows == (4, 3)
    assert seen.autograd_error


def test_a_raise_is_seen_where_the_program_catches_it() -> None:
    text = "try:\n    1 / 0\nexcept ArithmeticError:\n    pass\nx = 1\n"
    assert run(text).error is None
    assert raised(text) == {2}


def test_a_program_that_draws_lots_takes_both_branches() -> None:
    text = "import random\nif random.random() < 0.5:\n    a = 1\nelse:\n    a = 'b'\n"
    kinds = {
        seen.kind for one in run_all(text, seeds=8) for each in one.seen.values() for seen in each
    }
    assert kinds == {"number", "string"}


def test_an_endless_program_is_ended() -> None:
    assert run("while True:\n    a = 1\n").error is None


def test_torch_is_left_as_it_was_found() -> None:
    run("import torch\ntorch.set_grad_enabled(False)\n")
    assert run("import torch\nx = torch.ones(1, requires_grad=True)\ny = x * 2\n").seen[
        3, 1, "y"
    ] == {Seen("tensor", True, False, "MulBackward0", False, "float32", "none")}


def report(text: str) -> Report:
    return analyze(Source("<program>", text))


def test_what_is_said_of_a_program_is_right() -> None:
    verdict = judge(PROGRAM)
    assert verdict.wrong == []
    assert verdict.known == verdict.bound


def test_a_wrong_claim_is_caught() -> None:
    honest = report(PROGRAM)
    for name, lie in {"requires_grad": False, "is_leaf": True, "grad_fn": "AddBackward0"}.items():
        rows = tuple(lied(row, name, lie) if row.name == "y" else row for row in honest.states)
        wrong = compare(PROGRAM, replace(honest, states=rows), [run(PROGRAM)]).wrong
        assert [found.what for found in wrong] == [name]


def lied(row: StateRow, name: str, lie: object) -> StateRow:
    return replace(row, **{name: lie})  # type: ignore[arg-type]


def finding(severity: str, row: int, column: int) -> Finding:
    site = Site("<program>", row, column, row, column + 1)
    return Finding("some-rule", severity, "definite", site, "said")  # type: ignore[arg-type]


def test_a_false_error_and_a_false_none_are_caught() -> None:
    honest = report(PROGRAM)
    for said in (finding("error", 14, 1), finding("warning", 15, 5)):
        wrong = compare(PROGRAM, replace(honest, findings=(said,)), [run(PROGRAM)]).wrong
        assert [found.what for found in wrong] == [f"{said.severity} some-rule"]


def test_a_raise_and_a_none_nobody_foretold_are_counted() -> None:
    text = "import torch\nx = torch.ones(3)\nx.grad\nx.sum().backward()\n"
    silent = compare(text, replace(report(text), findings=()), [run(text)])
    assert (silent.raising, silent.predicted, silent.nones, silent.told) == (1, 0, 1, 0)
    spoken = judge(text)
    assert (spoken.raising, spoken.predicted, spoken.nones, spoken.told) == (1, 1, 1, 1)


def test_a_program_shrinks_to_what_matters() -> None:
    text = "a = 1\nif a:\n    b = a + 2\n    c = print(b)\nfor i in range(3):\n    d = i\n"
    assert shrink(text, lambda found: "print(" in found) == "print()\n"
