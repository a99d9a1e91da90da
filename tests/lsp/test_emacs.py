"""A real Emacs with eglot, set up as docs/editors.md says: squiggle, hover, quick fix."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from .conftest import HERE, PACKAGE, REAL
from .test_scenarios import SCENARIOS

EMACS = shutil.which("emacs")
DOCS = HERE.parent.parent / "docs" / "editors.md"


@cache
def has_eglot() -> bool:
    """Whether there is an Emacs, and eglot in it or beside it."""
    if EMACS is None:
        return False
    asked = [EMACS, "-q", "--batch", "--eval", "(require 'eglot)"]
    return subprocess.run(asked, capture_output=True, timeout=60).returncode == 0


pytestmark = pytest.mark.skipif(not has_eglot(), reason="Emacs with eglot is not installed")


def edit(tmp_path: Path, text: str) -> dict[str, Any]:
    """Open a file in Emacs; what the editor saw."""
    assert EMACS
    binaries = tmp_path / "bin"
    binaries.mkdir()
    (binaries / "nonegrad").write_text(f"#!/bin/sh\nshift\nexec {shlex.join(REAL)}\n")
    (binaries / "nonegrad").chmod(0o755)
    [settings] = re.findall(r"```elisp\n(.*?)```", DOCS.read_text("utf-8"), re.S)
    (tmp_path / "init.el").write_text(f"(require 'eglot)\n{settings}")
    (tmp_path / "train.py").write_text(text)
    environment = {
        **os.environ,
        "HOME": str(tmp_path),
        "PYTHONPATH": str(PACKAGE),
        "PATH": os.pathsep.join([str(binaries), os.environ["PATH"]]),
    }
    done = subprocess.run(
        [EMACS, "-q", "--batch", "-l", str(HERE / "drive.el")],
        cwd=tmp_path,
        env=environment,
        timeout=120,
        capture_output=True,
        text=True,
    )
    assert (tmp_path / "seen.json").exists(), done.stderr
    seen: dict[str, Any] = json.loads((tmp_path / "seen.json").read_text("utf-8"))
    return seen


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_scenarios_are_shown_and_cured(tmp_path: Path, name: str) -> None:
    text, code, line, _, cured = SCENARIOS[name]
    seen = edit(tmp_path, text)
    assert seen["row"] == line + 1
    assert code in seen["said"]
    assert seen["hover"]
    assert cured in seen["text"] + "\n"
    assert seen["said"] not in seen["left"]
