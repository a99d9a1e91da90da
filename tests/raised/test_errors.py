"""Every known error is raised by torch, and its text leads to the line that caused it."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import dedent

import pytest
from nonegrad.analyze import analyze
from nonegrad.output.outcome import Outcome, Told
from nonegrad.raised.errors import KNOWN, known
from nonegrad.raised.explaining import explain
from nonegrad.raised.pasted import Pasted
from nonegrad.reading import Document
from nonegrad.rules import RULES
from nonegrad.text import Source
from torch_runs import run

LEAF = "w = torch.ones(3, requires_grad=True)\n"
PROGRAMS = {
    "y = w.exp()\ny += 1  # cause\ny.sum().backward()": "inplace-on-saved",
    "y = w.detach()  # cause\nloss = y.sum()\nloss.backward()": "backward-without-graph",
    "y = w.exp()\ny.sum().backward()  # cause\ny.sum().backward()": "backward-twice",
    "w += 1  # cause": "inplace-on-leaf",
    "w[0] = 1  # cause": "inplace-on-leaf",
    "a, b, c = (w * 1).unbind()\na += 1  # cause": "inplace-on-view",
    "y = w * 1\nwith torch.no_grad():\n    v = y[:1]\nv += 1  # cause": "inplace-on-view",
    "(w * 2).backward()  # cause": "backward-non-scalar",
    "y = w.sum()\nw = w.clone()  # cause\ntorch.autograd.grad(y, w)": "autograd-grad-unused",
    "x = torch.ones(3)  # cause\ntorch.autograd.grad((w * x).sum(), x)": "autograd-grad-untracked",
    "torch.tensor([1, 2], requires_grad=True)  # cause": "requires-grad-on-integer",
    "torch.arange(3).requires_grad_()  # cause": "requires-grad-on-integer",
    "y = w * 2\ny.requires_grad = False  # cause": "requires-grad-on-non-leaf",
    "y = w * 2\ntorch.optim.SGD([y], lr=0.1)  # cause": "optimizer-on-non-leaf",
    "torch.optim.SGD([], lr=0.1)  # cause": "optimizer-without-parameters",
    "m = torch.nn.Linear(1, 1)\nm.weight = torch.ones(1, 1)  # cause": "parameter-replaced",
    "import copy\ny = w * 2\ncopy.deepcopy(y)  # cause": "deepcopy-of-non-leaf",
    "w.grad.zero_()  # cause": "grad-before-backward",
    "w.sum().backward()\nfor _ in range(2):\n    w = w - 0.1 * w.grad  # cause": "leaf-rebound",
    "y = w * 2\ny.sum().backward()\ny = y - 0.1 * y.grad  # cause": "grad-of-non-leaf",
    "x = torch.ones(3)\nx.register_hook(print)  # cause": "hook-on-untracked",
    "(w * 2).register_post_accumulate_grad_hook(print)  # cause": "",
    "w.numpy()  # cause": "numpy-of-tracked",
    "with torch.inference_mode():\n    x = torch.ones(3)\nx += 1  # cause": (
        "inference-tensor-changed"
    ),
    "w = torch.ones(3, require_grad=True)  # cause": "requires-grad-misspelled",
    "loss = w.sum().item()  # cause\nloss.backward()": "backward-without-graph",
    "torch.optim.LBFGS([w]).step()  # cause": "step-without-backward",
    (
        "class Twice(torch.autograd.Function):\n"
        "    @staticmethod\n"
        "    def forward(ctx, a, b):\n"
        "        return a * b\n"
        "    @staticmethod\n"
        "    def backward(ctx, g):\n"
        "        return g * 2  # cause\n"
        "Twice.apply(w, 2.0).sum().backward()"
    ): "function-gradient-missing",
}
"""Programs that raise, and the rule that tells why; empty where none does yet."""
NOT_RAISED = {
    "The .grad attribute of a Tensor that is not a leaf Tensor is being accessed.",
    "None of the inputs have requires_grad=True. Gradients will be None",
    "Expected to have finished reduction in the prior iteration before starting a new one.",
    "Detected call of `lr_scheduler.step()` before `optimizer.step()`. You called `step` before",
}
"""Warnings, and what takes several processes."""


def outcome(code: str) -> Outcome:
    source = Source(str(Path("train.py").absolute()), code)
    report = analyze(source)
    told = tuple(Told(each, report.fixes(each)) for each in report.findings)
    return Outcome(Document("train.py", source), told, "information")


@pytest.mark.parametrize("body", PROGRAMS)
def test_the_error_of_torch_leads_to_its_cause(body: str) -> None:
    code = f"import torch\n{LEAF}{body}\n"
    ran = run(code)
    assert ran.error is not None and ran.row is not None, "torch does not raise"
    assert known(ran.error) is not None, ran.error
    here = f'  File "train.py", line {ran.row}, in <module>\n'
    found = explain(f"Traceback (most recent call last):\n{here}{ran.error}", [outcome(code)])
    rule = PROGRAMS[body]
    assert [told.finding.rule for _, told in found.told[:1]] == ([rule] if rule else [])
    if rule:
        row = next(n for n, line in enumerate(code.splitlines(), 1) if line.endswith("# cause"))
        finding = found.told[0][1].finding
        rows = {finding.site.row, *(each.site.row for each in finding.related)}
        assert row in rows or rule == "function-gradient-missing"
        assert found.located


def test_every_known_error_is_one_that_was_raised() -> None:
    texts = {run(f"import torch\n{LEAF}{body}\n").error or "" for body in PROGRAMS} | NOT_RAISED
    met = {id(found) for text in texts if (found := known(text))}
    assert [each.text.pattern for each in KNOWN if id(each) not in met] == []


def test_every_rule_that_is_named_exists() -> None:
    names = {rule.name for rule in RULES}
    assert {name for each in KNOWN for name in each.rules} <= names


JUPYTER = """
RuntimeError                              Traceback (most recent call last)
Cell In[3], line 2
      1 y = f(x)
----> 2 y.backward()

RuntimeError: element 0 of tensors does not require grad and does not have a grad_fn
"""


def test_what_was_pasted_is_read() -> None:
    assert Pasted(JUPYTER).message.startswith("RuntimeError: element 0")
    assert Pasted(JUPYTER).rows("anything.py") == (2,)
    assert Pasted("  grad can be\n implicitly").message == "grad can be implicitly"
    ranked = Pasted("[rank0]: RuntimeError: Expected to have finished reduction\n[rank0]: more")
    assert ranked.message == "[rank0]: RuntimeError: Expected to have finished reduction"
    windows = Pasted('  File "C:\\work\\train.py", line 7, in main\nValueError: x')
    assert windows.rows("/home/me/train.py") == (7,)
    assert windows.rows("/home/me/other.py") == ()


TWO = dedent("""
    import torch

    w = torch.ones(3, requires_grad=True)

    def first(w):
        y = w.exp()
        y += 1
        y.sum().backward()

    def second(w):
        y = w.tanh()
        y += 1
        y.sum().backward()

    if input():
        first(w)
    else:
        second(w)
""")
SAVED = "variables needed for gradient computation has been modified by an inplace operation"


@pytest.mark.parametrize(("row", "cause"), [(9, 8), (14, 13)])
def test_of_two_causes_the_one_on_the_line_that_raised(row: int, cause: int) -> None:
    text = f'  File "train.py", line {row}, in x\n{SAVED}'
    found = explain(text, [outcome(TWO)])
    assert found.told[0][1].finding.site.row == cause


@pytest.mark.parametrize(("operator", "cause"), [("ExpBackward0", 8), ("Tanh", 13)])
def test_of_two_causes_the_one_whose_operation_is_named(operator: str, cause: int) -> None:
    found = explain(f"{SAVED}: [Tensor [3]], which is output 0 of {operator}", [outcome(TWO)])
    assert found.told[0][1].finding.site.row == cause
    assert re.fullmatch("exp|tanh", found.pasted.operator)
