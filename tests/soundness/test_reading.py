"""Reading healthy code tells what is found, and by name what broke the analysis."""

from __future__ import annotations

from pathlib import Path

import pytest

from . import reading

BUG = "import torch\nx = torch.ones(2)\nx.sum().backward()\n"


def test_a_finding_is_told_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "bug.py"
    path.write_text(BUG, "utf-8")
    found = reading.read(str(path))
    assert found is not None
    assert [severity for severity, _ in found.findings] == ["error"]
    assert found.findings[0][1].startswith(f"{path}:3: error[backward-without-graph]")
    assert (found.lines, found.broken) == (3, "")


def test_a_file_that_does_not_speak_of_torch_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "other.py"
    path.write_text("x = 1\n", "utf-8")
    assert reading.read(str(path)) is None


def test_a_file_that_breaks_the_analysis_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> None:
        raise KeyError("lost")

    monkeypatch.setattr(reading, "analyze", broken)
    path = tmp_path / "bug.py"
    path.write_text(BUG, "utf-8")
    found = reading.read(str(path))
    assert found is not None
    assert "KeyError: 'lost'" in found.broken
