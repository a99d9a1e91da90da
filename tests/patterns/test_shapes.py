"""The pattern rules: what they say, where, and the fix that follows from it."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest
from nonegrad.patterns import matches, rewrite, triggered
from nonegrad.text import Source, apply

SPEAKS = [
    ("x = torch.ones(1, ‹require_grad›=True)", "x = torch.ones(1, requires_grad=True)"),
    ("x = torch.ones(1, ‹requires_gradient›=True)", "x = torch.ones(1, requires_grad=True)"),
    ("x = torch.ones(1, ‹requiresGrad›=True)", "x = torch.ones(1, requires_grad=True)"),
    ("w = nn.Parameter(t, ‹required_grad›=False)", "w = nn.Parameter(t, requires_grad=False)"),
    ("f(Variable(x, ‹requires_grads›=True))", "f(Variable(x, requires_grad=True))"),
    ("x.‹require_grad› = True", "x.requires_grad = True"),
    ("self.w.‹requires_grads› = True", "self.w.requires_grad = True"),
    ("x.‹requires_gard› = a", "x.requires_grad = a"),
    ("x.‹requires_grad_› = False", "x.requires_grad = False"),
    ("‹x.requires_grad_›", "x.requires_grad_()"),
    ("‹p.requires_grad == False›", "p.requires_grad = False"),
    ("‹loss.backward›", "loss.backward()"),
    ("‹loss.sum().backward›  # go", "loss.sum().backward()  # go"),
    ("‹optimizer.step›; ‹optimizer.zero_grad›", "optimizer.step(); optimizer.zero_grad()"),
]

SILENT = [
    "x = torch.ones(1, requires_grad=True)",
    "x.requires_grad = True",
    "x.requires_grad_()",
    "x.requires_grad_ (False)",
    "if p.requires_grad == False: pass",
    "ok = p.requires_grad == False",
    "loss.backward()",
    "hook = loss.backward",
    "run(loss.backward)",
    "f(require_grad=True)",
    "def f(require_grad=False): pass",
    "self.require_grad = require_grad",
    "cfg.require_grad = True\nprint(cfg.require_grad)",
    "# loss.backward\n'''\nloss.backward\n'''",
    "torch.ones(1, generator=None)",
    "env.required_groups = 3",
    "f(\n    loss.backward\n)",
    "config.require_grad = True",
    "x.requires_grad_list = []",
    "self.step",
    "required_groups = requested_images",
]


def found(text: str) -> tuple[Source, list[tuple[int, int]]]:
    source = Source("program.py", text)
    places = matches(source, ast.parse(text))
    return source, [
        (
            source.offset(one.site.row, one.site.column),
            source.offset(one.site.end_row, one.site.end_column),
        )
        for one in places
    ]


@pytest.mark.parametrize(("marked", "after"), SPEAKS)
def test_speaks_there_and_heals(marked: str, after: str) -> None:
    head = "import torch\n"
    plain = head + marked.replace("‹", "").replace("›", "") + "\n"
    source, places = found(plain)
    cuts = [source.text[start:end] for start, end in places]
    assert cuts == [part.partition("›")[0] for part in marked.split("‹")[1:]]
    edits = []
    for match in matches(source, ast.parse(plain)):
        fix = rewrite(source, match.rewrites[0])
        assert fix is not None
        edits.extend(fix.edits)
    assert apply(source, tuple(edits)) == head + after + "\n"


@pytest.mark.parametrize("text", SILENT)
def test_silent_on_healthy_code(text: str) -> None:
    assert found(f"import torch\n{text}\n")[1] == []


def test_silent_where_torch_is_not_imported() -> None:
    assert found("loss.backward\n")[1] == []


def test_torch_under_another_name() -> None:
    assert len(found("import torch as th\nth.ones(1, require_grad=True)\n")[1]) == 1


def test_a_healthy_training_loop_does_not_even_load_libcst() -> None:
    program = (
        "import torch\nx = torch.ones(1, requires_grad=True)\n"
        "optimizer.zero_grad()\nloss.backward()\noptimizer.step()\n"
    )
    assert not triggered(program)
    assert not triggered("required_groups = requested_images")
    code = (
        "import ast, sys; from nonegrad.patterns import matches; from nonegrad.text import Source;"
        f"text = {program!r}; list(matches(Source('p.py', text), ast.parse(text)));"
        "sys.exit('libcst' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, env=_path()).returncode == 0


def _path() -> dict[str, str]:
    import os

    return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}


def test_a_last_line_that_is_not_called() -> None:
    assert len(found("import torch\nloss.backward")[1]) == 1
