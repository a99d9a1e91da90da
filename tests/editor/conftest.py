"""What the editor's tests stand on: the packaged extension, and a real VS Code to put it in."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
DRIVE_SECONDS = 420


def run(command: list[str], seconds: float) -> None:
    """Run to the end, in silence unless it fails."""
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            said, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.terminate()  # not kill: it has a server of its own to end
            said, _ = process.communicate()
            said += f"\nended after {seconds:g} s"
    if process.returncode != 0:
        pytest.fail(f"{' '.join(command)}\n{said[-3000:]}")


@pytest.fixture(scope="session")
def chromium() -> str:
    names = ("chromium", "chromium-browser", "google-chrome")
    found = os.environ.get("NONEGRAD_CHROMIUM") or next(
        filter(None, map(shutil.which, names)), None
    )
    if found is None:
        pytest.skip("no Chromium here, so no VS Code is shown (Debian: apt-get install chromium)")
    return found


@pytest.fixture(scope="session")
def npm(chromium: str) -> str:
    found = shutil.which("npm")
    if found is None or not sys.platform.startswith("linux"):
        pytest.skip("the editor's tests need npm, on Linux")
    if not (ROOT / "node_modules" / "esbuild").is_dir():
        run([found, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], 600)
    return found


@pytest.fixture(scope="session")
def vsix(npm: str) -> Path:
    """The extension, packaged from what is on disk now."""
    made = ROOT / "dist"
    for old in made.glob("nonegrad-*.vsix"):
        old.unlink()
    run([npm, "run", "package"], 600)
    (path,) = made.glob("nonegrad-*.vsix")
    return path


@pytest.fixture(scope="session")
def vscode_home(npm: str) -> Path:
    """Where code-server is; installed there once, by a minute or three of npm."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    home = Path(os.environ.get("NONEGRAD_VSCODE") or cache / "nonegrad" / "vscode")
    run(["node", str(HERE / "setup_vscode.mjs"), str(home)], 900)
    return home


@pytest.fixture(scope="session")
def bare_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python without any package, as most users' is: the server must do with what is bundled."""
    folder = tmp_path_factory.mktemp("bare") / "venv"
    run([sys.executable, "-m", "venv", "--without-pip", str(folder)], 60)
    return folder / "bin" / "python"


@pytest.fixture(scope="session")
def seen(
    chromium: str,
    vsix: Path,
    vscode_home: Path,
    bare_python: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, Any]:
    """What one VS Code window showed while `plan.json` was played in it."""
    root = tmp_path_factory.mktemp("editor")
    shutil.copytree(ROOT / "examples", root / "workspace")
    shots = ROOT / "docs" / "images" if os.environ.get("NONEGRAD_SCREENSHOTS") == "1" else None
    if shots is not None:
        shots.mkdir(parents=True, exist_ok=True)
    plan = json.loads((HERE / "plan.json").read_text())
    plan |= {
        "home": str(vscode_home),
        "vsix": str(vsix),
        "chromium": chromium,
        "root": str(root),
        "workspace": str(root / "workspace"),
        "settings": {"python.defaultInterpreterPath": str(bare_python)},
        "shots": None if shots is None else str(shots),
    }
    (root / "plan.json").write_text(json.dumps(plan))
    drive = ["node", str(HERE / "drive.mjs"), str(root / "plan.json"), str(root / "seen.json")]
    run(drive, DRIVE_SECONDS)
    found: dict[str, Any] = json.loads((root / "seen.json").read_text())
    return found
