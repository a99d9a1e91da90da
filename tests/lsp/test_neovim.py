"""A real Neovim, set up as docs/editors.md says: squiggle, hover, quick fix, squiggle gone."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from .conftest import FAKE, HERE, PACKAGE, REAL
from .test_scenarios import SCENARIOS

NVIM = shutil.which("nvim")
DOCS = HERE.parent.parent / "docs" / "editors.md"

pytestmark = pytest.mark.skipif(NVIM is None, reason="Neovim (nvim) is not installed")


def configuration() -> str:
    """The settings that the documentation gives for the Neovim that is installed."""
    assert NVIM
    said = subprocess.run([NVIM, "--version"], capture_output=True, text=True).stdout
    version = re.match(r"NVIM v(\d+)\.(\d+)", said)
    assert version
    wanted = "0.11" if (int(version[1]), int(version[2])) >= (0, 11) else "0.7"
    [block] = re.findall(
        rf"```lua\n-- neovim {re.escape(wanted)}\n(.*?)```", DOCS.read_text(), re.S
    )
    return block


def edit(tmp_path: Path, text: str, command: list[str]) -> dict[str, Any]:
    """Open a file in Neovim, with `command` for `nonegrad server`; what the editor saw."""
    assert NVIM
    binaries = tmp_path / "bin"
    binaries.mkdir()
    (binaries / "nonegrad").write_text(f"#!/bin/sh\nshift\nexec {shlex.join(command)}\n")
    (binaries / "nonegrad").chmod(0o755)
    (tmp_path / "init.lua").write_text(configuration())
    (tmp_path / "train.py").write_text(text)
    environment = {
        **os.environ,
        "HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path),
        "XDG_DATA_HOME": str(tmp_path),
        "XDG_STATE_HOME": str(tmp_path),
        "XDG_CACHE_HOME": str(tmp_path),
        "PYTHONPATH": str(PACKAGE),
        "PATH": os.pathsep.join([str(binaries), os.environ["PATH"]]),
        "SEEN": str(tmp_path / "seen.json"),
    }
    script = ["--headless", "-n", "-u", "init.lua", "train.py", "-S", str(HERE / "drive.lua")]
    subprocess.run(
        [NVIM, *script], cwd=tmp_path, env=environment, timeout=90, check=True, capture_output=True
    )
    seen = json.loads((tmp_path / "seen.json").read_text())
    assert "problem" not in seen, seen["problem"]
    return seen


def test_a_foreseen_finding_is_shown_and_cured(tmp_path: Path) -> None:
    seen = edit(tmp_path, "é = '😀' + bad\n", FAKE)
    assert (seen["first"]["lnum"], seen["first"]["code"]) == (0, "grad-of-non-leaf")
    assert "**bad** is `None`" in seen["hover"]["contents"]["value"]
    assert seen["text"] == "é = '😀' + good"
    assert seen["gone"]


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_scenarios_are_shown_and_cured(tmp_path: Path, name: str) -> None:
    text, code, line, _, cured = SCENARIOS[name]
    seen = edit(tmp_path, text, REAL)
    assert (seen["first"]["lnum"], seen["first"]["code"]) == (line, code)
    assert seen["hover"]["contents"]["value"]
    assert cured in seen["text"] + "\n"
    assert seen["gone"]
