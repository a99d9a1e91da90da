"""jedi and libcst carry weight: with each taken away, what it finds is gone and the rest stays."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from nonegrad.analyze import analyze
from nonegrad.text import Source

SERVER = Path(__file__).parents[2] / "server"
TAKEN = "import sys; sys.modules[{name!r}] = None\n"
RUN = "from nonegrad.cli import main; sys.exit(main(sys.argv[1:]))"

HELPER = """\
import torch

def make():
    return torch.ones(3)
"""
CROSSING = """\
from helper import make

x = make()
(x * 2).sum().backward()
"""
REWRITTEN = """\
import torch
x = torch.ones(3, requires_grad=True)
y = x.exp()
y += 1
y.sum().backward()
w = torch.ones(3)
w.require_grad = True
"""


def check(file: Path, *, without: str = "") -> list[dict[str, object]]:
    """The findings of the command line, with one library taken away."""
    taken = TAKEN.format(name=without) if without else "import sys\n"
    found = subprocess.run(
        [sys.executable, "-c", taken + RUN, "check", "--output-format", "json", str(file)],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(SERVER), "HOME": str(file.parent), "PATH": "/usr/bin:/bin"},
        check=False,
    )
    assert found.returncode in (0, 1), found.stderr
    return json.loads(found.stdout)


@pytest.fixture
def crossing(tmp_path: Path) -> Path:
    (tmp_path / "helper.py").write_text(HELPER)
    (tmp_path / "crossing.py").write_text(CROSSING)
    return tmp_path / "crossing.py"


def test_jedi_finds_what_a_name_of_another_file_is(crossing: Path) -> None:
    assert [f["code"] for f in check(crossing)] == ["backward-without-graph"]


def test_without_jedi_a_finding_that_crosses_files_is_gone(crossing: Path) -> None:
    report = analyze(Source(str(crossing), CROSSING), names=None)
    assert report.findings == ()


def test_libcst_writes_the_fix_and_finds_the_shape(tmp_path: Path) -> None:
    file = tmp_path / "rewritten.py"
    file.write_text(REWRITTEN)
    found = {f["code"]: f["fixes"] for f in check(file)}
    assert found["inplace-on-saved"]
    assert "requires-grad-misspelled" in found


def test_without_libcst_fixes_and_pattern_rules_are_gone_and_findings_stay(tmp_path: Path) -> None:
    file = tmp_path / "rewritten.py"
    file.write_text(REWRITTEN)
    found = {f["code"]: f["fixes"] for f in check(file, without="libcst")}
    assert found == {"inplace-on-saved": []}
