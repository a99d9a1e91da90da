"""`nonegrad explain`: from a pasted error to the line that caused it."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from nonegrad import cli

PROGRAM = """import torch

x = torch.ones(3, requires_grad=True)
y = x.exp()
y += 1
y.sum().backward()
"""
ERROR = (
    "RuntimeError: one of the variables needed for gradient computation has been modified by an"
    " inplace operation: [torch.FloatTensor [3]], which is output 0 of ExpBackward0"
)
TRACE = f'Traceback (most recent call last):\n  File "train.py", line 6, in <module>\n{ERROR}\n'


@pytest.fixture
def train(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "train.py"
    file.write_text(PROGRAM, "utf-8")
    return file


@pytest.mark.parametrize("text", [ERROR, TRACE, ERROR.removeprefix("RuntimeError: ")])
def test_an_error_leads_to_its_line(
    train: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    assert cli.main(["explain", text, "train.py"]) == 1
    out = capsys.readouterr().out
    assert "train.py:5:1: error[inplace-on-saved]: `y += 1` overwrites" in out
    assert "`exp` saves its result for backward here" in out
    assert "= help: Make a new tensor" in out
    assert "`nonegrad rule inplace-on-saved` tells more." in out


def test_standard_input_is_read_and_the_traceback_names_the_file(
    train: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(TRACE))
    assert cli.main(["explain", "-"]) == 1
    assert "train.py:5:1" in capsys.readouterr().out


def test_what_nothing_explains_is_said_and_what_to_look_for(
    train: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = '  File "train.py", line 6\nRuntimeError: Trying to backward through the graph a second'
    assert cli.main(["explain", f"{text} time", "train.py"]) == 0
    out = capsys.readouterr().out
    assert "Nothing in train.py certainly raises it" in out
    assert "The last of its lines in train.py is 6: `y.sum().backward()`" in out
    assert "Look for two backward()" in out


def test_an_error_of_another_kind(train: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["explain", "KeyError: 'lr'", "train.py"]) == 0
    assert "none of the errors that nonegrad knows" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([ERROR, "missing.py"], "missing.py: cannot be read"),
        ([ERROR], "name the file that was run"),
        (["  ", "train.py"], "there is no error to explain"),
        (["-", "-"], "there is no error to explain"),
    ],
)
def test_a_call_that_cannot_be_answered(
    train: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    said: str,
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert cli.main(["explain", *arguments]) == 2
    ran = capsys.readouterr()
    assert said in ran.err
    assert len(ran.err.splitlines()) == 1
