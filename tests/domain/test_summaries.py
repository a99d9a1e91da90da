"""A call that finds everything as it was is not run again, and one that does not is."""

from __future__ import annotations

from pathlib import Path

import pytest
from nonegrad.analysis.python import summaries
from nonegrad.analyze import Report, analyze
from nonegrad.text import Source

HEAD = "import torch\nfrom torch import nn\n"
MODEL = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.lin = nn.Linear(2, 2)
    def forward(self, x):
        return torch.relu(self.lin(x)) * 2
net = Net()
"""
EPOCHS = """
opt = torch.optim.SGD(net.parameters())
losses = []
for epoch in range(int(input())):
    for batch in torch.ones(9, 2):
        opt.zero_grad()
        loss = net(batch).sum()
        loss.backward()
        losses.append(loss)
        opt.step()
    for batch in torch.ones(9, 2):
        print(net(batch))
"""
PROGRAMS = {
    "a model in nested loops": MODEL + EPOCHS,
    "two ways out, one of which writes": """
last = torch.zeros(1)
def maybe(x):
    global last
    if input():
        return x
    last = x
    return x * 2
t = torch.ones(1, requires_grad=True)
for _ in range(int(input())):
    y = maybe(t)
    last = last + 1
last.backward()
""",
    "a closure sees its variable change": """
w = torch.ones(1, requires_grad=True)
def loss():
    return (w * 2).sum()
for _ in range(int(input())):
    out = loss()
    out.backward()
    w = w.detach()
""",
    "gradients cleared by a function": """
w = torch.ones(1, requires_grad=True)
def clear():
    w.grad = None
for _ in range(int(input())):
    (w * 2).sum().backward()
    clear()
    print(w.grad.shape)
""",
    "a call that raises": """
w = torch.ones(1, requires_grad=True)
def update():
    w.add_(1)
for _ in range(int(input())):
    update()
""",
    "a layer that freezes itself": MODEL
    + """
def freeze(flag):
    for p in net.parameters():
        p.requires_grad = flag
for epoch in range(int(input())):
    loss = net(torch.ones(2)).sum()
    freeze(False)
loss.backward()
""",
}


def report(text: str) -> Report:
    return analyze(Source("program.py", HEAD + text))


@pytest.mark.parametrize("name", PROGRAMS)
def test_summaries_change_no_answer(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = report(PROGRAMS[name])
    with monkeypatch.context() as patch:
        patch.setattr(summaries, "recall", lambda *_: None)
        anew = report(PROGRAMS[name])
    assert kept.findings == anew.findings
    assert kept.states == anew.states


def test_the_examples_are_read_alike_with_and_without_summaries(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for file in sorted((Path(__file__).parents[2] / "examples").glob("*.py")):
        source = Source(file.name, file.read_text("utf-8"))
        kept = analyze(source)
        with monkeypatch.context() as patch:
            patch.setattr(summaries, "recall", lambda *_: None)
            assert analyze(source).findings == kept.findings


def recalled(text: str, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many calls were done by summary."""
    found = 0
    recall = summaries.recall

    def counted(*given: object) -> summaries.Summary | None:
        nonlocal found
        summary = recall(*given)  # type: ignore[arg-type]
        found += summary is not None
        return summary

    monkeypatch.setattr(summaries, "recall", counted)
    report(text)
    return found


def test_a_model_in_nested_loops_is_not_always_run_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    assert recalled(PROGRAMS["a model in nested loops"], monkeypatch) > 0


def test_a_call_that_clears_gradients_is_always_run_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    assert recalled(PROGRAMS["gradients cleared by a function"], monkeypatch) == 0
