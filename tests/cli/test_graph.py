"""`nonegrad graph`: which leaves lead to which loss, where the way is cut, and who stays None."""

from __future__ import annotations

import json
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from nonegrad import cli

PROGRAM = """\
import torch
from torch import nn

class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 4))
        self.head = nn.Linear(4, 1)

    def forward(self, x):
        features = self.body(x).detach()
        return self.head(features)

def train(model, x):
    for step in range(3):
        loss = model(x).mean()
        loss.backward()

model = Model()
train(model, torch.randn(8, 3))
w = torch.ones(3, requires_grad=True)
for _ in range(4):
    w2 = w * 2
(w2 @ w2).backward()
"""

Draw = Callable[..., str]


@pytest.fixture
def draw(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Draw:
    """Run `nonegrad graph` on a program."""
    monkeypatch.chdir(tmp_path)

    def call(program: str, *arguments: str, function: str = "") -> str:
        Path("train.py").write_text(program, "utf-8")
        assert cli.main(["graph", f"train.py{function}", *arguments]) == 0
        out, err = capsys.readouterr()
        assert err == ""
        return out

    return call


def rows(draw: Draw, program: str, function: str = "") -> list[dict[str, Any]]:
    return json.loads(draw(program, "--format", "json", function=function))


def said(graph: dict[str, Any]) -> list[str]:
    """The nodes of a graph as short lines."""
    names = {"leaf": "gradient", "op": "grad_fn", "cut": "reason", "root": "grad_fn"}
    nodes = graph["nodes"]
    return [f"{one['kind']} {one['label']}: {one[names[one['kind']]]}" for one in nodes]


def edges(graph: dict[str, Any]) -> set[tuple[str, str, str]]:
    labels = {one["id"]: one["grad_fn"] or one["label"] for one in graph["nodes"]}
    return {(labels[one["from"]], labels[one["to"]], one["kind"]) for one in graph["edges"]}


def test_a_graph_has_leaves_operations_cuts_and_the_loss(draw: Draw) -> None:
    graph, _ = rows(draw, PROGRAM)
    assert (graph["location"]["row"], graph["scope"], graph["whole"]) == (17, "train", True)
    assert said(graph) == [
        "root loss: MeanBackward0",
        "op self.head(features): AddmmBackward0",
        "op model(x).mean(): MeanBackward0",
        "cut self.body(x).detach(): detached",
        "leaf model.body.0.bias: no",
        "leaf model.body.0.weight: no",
        "leaf model.body.2.bias: no",
        "leaf model.body.2.weight: no",
        "leaf model.head.bias: yes",
        "leaf model.head.weight: yes",
    ]
    assert ("self.body(x).detach()", "AddmmBackward0", "values") in edges(graph)
    assert ("model.body.0.weight", "self.body(x).detach()", "values") in edges(graph)
    assert ("model.head.weight", "AddmmBackward0", "gradient") in edges(graph)
    (leaf,) = [one for one in graph["nodes"] if one["label"] == "model.body.0.bias"]
    assert leaf["message"] == "no gradient: every way from it is cut"


def test_each_backward_is_a_graph_of_its_own(draw: Draw) -> None:
    assert [one["text"] for one in rows(draw, PROGRAM)] == [
        "loss.backward()",
        "(w2 @ w2).backward()",
    ]
    text = draw(PROGRAM)
    assert '  subgraph g1["line 17 in train: loss.backward()"]' in text
    assert '  subgraph g2["line 24: (w2 @ w2).backward()"]' in text


def test_a_function_is_drawn_alone(draw: Draw) -> None:
    (graph,) = rows(draw, PROGRAM, "::train")
    assert graph["text"] == "loss.backward()"


@pytest.mark.parametrize("function", ["::Model.forward", "::Model"])
def test_a_function_without_backward_is_drawn_to_what_it_returns(draw: Draw, function: str) -> None:
    (graph,) = rows(draw, PROGRAM, function)
    assert (graph["kind"], graph["text"]) == ("return", "self.head(features)")
    assert "leaf self.head.weight: yes" in said(graph)


def test_modules_alone_are_drawn_by_what_they_do(draw: Draw) -> None:
    program = PROGRAM.partition("def train")[0]
    assert [one["scope"] for one in rows(draw, program)] == ["Model.forward"]


def test_parameters_of_a_module_that_fare_alike_are_one_box(draw: Draw) -> None:
    text = draw(PROGRAM)
    assert '(["model.body (4 parameters)<br/>no gradient: every way from it is cut"]):::no' in text
    assert '(["model.head (2 parameters)<br/>gets a gradient"]):::yes' in text


def test_what_a_loop_does_is_drawn_once(draw: Draw) -> None:
    program = (
        "import torch\n\nw = torch.ones(3, requires_grad=True)\nh = w\n"
        "for _ in range(3):\n    h = h * w\nh.sum().backward()\n"
    )
    (graph,) = rows(draw, program)
    (product,) = [one for one in graph["nodes"] if one["grad_fn"] == "MulBackward0"]
    assert product["count"] == 3
    assert ("MulBackward0", "MulBackward0", "gradient") in edges(graph)
    assert "<br/>line 6: h * w<br/>3 times" in draw(program)


def test_a_loss_without_a_graph_is_drawn_with_its_story(draw: Draw) -> None:
    program = "import torch\n\nx = torch.ones(3)\ny = x * 2\nz = y.sum()\nz.backward()\n"
    (graph,) = rows(draw, program)
    assert graph["raises"].startswith("`z.backward()` raises")
    assert [(one["kind"], one["label"], one["reason"]) for one in graph["nodes"]] == [
        ("root", "z", None),
        ("op", "x * 2", None),
        ("op", "y.sum()", None),
        ("leaf", "torch.ones(3)", "untracked"),
    ]
    assert "raises: " in draw(program)


def test_what_is_not_known_is_drawn_as_unknown(draw: Draw) -> None:
    program = (
        "import torch\nimport elsewhere\n\nw = torch.ones(3, requires_grad=True)\n"
        "y = elsewhere.layer(w) + w\ny.sum().backward()\n"
    )
    (graph,) = rows(draw, program)
    assert graph["whole"] is False
    (unknown,) = [one for one in graph["nodes"] if one["kind"] == "unknown"]
    (edge,) = [one for one in graph["edges"] if one["from"] == unknown["id"]]
    assert (edge["kind"], edge["certain"]) == ("gradient", False)


def test_frozen_parameters_are_drawn_with_what_froze_them(draw: Draw) -> None:
    program = (
        "import torch\nfrom torch import nn\n\nbody, head = nn.Linear(3, 3), nn.Linear(3, 1)\n"
        "for p in body.parameters():\n    p.requires_grad = False\n"
        "head(body(torch.ones(2, 3))).sum().backward()\n"
    )
    assert "body (2 parameters)<br/>no gradient: frozen on line 6" in draw(program)


def test_a_write_that_spoils_what_was_saved_is_drawn(draw: Draw) -> None:
    program = (
        "import torch\n\nx = torch.ones(3, requires_grad=True)\ny = x.exp()\ny += 1\n"
        "y.sum().backward()\n"
    )
    (graph,) = rows(draw, program)
    assert ("y += 1", "ExpBackward0", "values") in edges(graph)
    assert graph["raises"]


STRANGE = (
    'import torch\n\nw = torch.ones(3, requires_grad=True)\n(w["<a&b>`#"] * w).sum().backward()\n'
)


@pytest.mark.parametrize("program", [PROGRAM, STRANGE], ids=["plain", "marks"])
def test_a_drawing_is_well_formed(draw: Draw, program: str) -> None:
    root = ET.fromstring(draw(program, "--format", "svg"))
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    ids = [one.get("id") for one in root.iter() if one.get("id")]
    assert len(ids) == len(set(ids))
    assert all(
        float(one.get("x", "0")) >= 0 for one in root.iter("{http://www.w3.org/2000/svg}rect")
    )
    assert draw(program, "--format", "dot").count("{") == 1 + len(rows(draw, program))


def test_marks_of_mermaid_are_written_as_numbers(draw: Draw) -> None:
    line = next(one for one in draw(STRANGE).splitlines() if "MulBackward0" in one)
    assert "#34;#60;a#38;b#62;#96;#35;#34;" in line


def test_what_is_drawn_is_the_same_every_time(tmp_path: Path) -> None:
    file = tmp_path / "train.py"
    file.write_text(PROGRAM, "utf-8")
    texts = {
        subprocess.run(
            [sys.executable, "-m", "nonegrad", "graph", str(file), "--format", style],
            capture_output=True,
            text=True,
            check=True,
            encoding="utf-8",
        ).stdout
        for style in ("json", "json", "svg", "svg")
    }
    assert len(texts) == 2


@pytest.mark.parametrize(
    ("target", "line"),
    [
        ("gone.py", "gone.py: cannot be read: No such file or directory"),
        ("train.py::trian", "train.py: there is no function 'trian': did you mean train?"),
        ("train.py::forward", "there is no function 'forward': did you mean Model.forward?"),
        ("train.py::zzz", "there are Model.__init__, Model.forward, train"),
    ],
)
def test_what_is_not_there_is_said_in_one_line(
    draw: Draw, capsys: pytest.CaptureFixture[str], target: str, line: str
) -> None:
    Path("train.py").write_text(PROGRAM, "utf-8")
    assert cli.main(["graph", target]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert line in err


def test_a_file_with_nothing_to_draw_says_so(
    draw: Draw, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("train.py").write_text("x = 1\n", "utf-8")
    assert cli.main(["graph", "train.py"]) == 0
    out, err = capsys.readouterr()
    assert (out, err) == ("flowchart TB\n", "nonegrad: train.py: there is no graph to draw\n")


def test_what_raises_before_there_is_a_graph_is_said(
    draw: Draw, capsys: pytest.CaptureFixture[str]
) -> None:
    program = "import torch\n\nw = torch.ones(3, requires_grad=True)\nw += 1\nw.sum().backward()\n"
    Path("train.py").write_text(program, "utf-8")
    assert cli.main(["graph", "train.py"]) == 0
    assert "there is no graph to draw; line 4: " in capsys.readouterr().err


def test_what_does_not_parse_is_said_and_the_rest_is_drawn(
    draw: Draw, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("train.py").write_text(PROGRAM + "x = (\n", "utf-8")
    assert cli.main(["graph", "train.py"]) == 0
    out, err = capsys.readouterr()
    assert "line 17 in train" in out
    assert "does not parse; the rest is drawn" in err
