"""The script that starts the bundled server, with any Python that a user may have chosen."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
LAUNCHER = ROOT / "client" / "launch.py"


@pytest.fixture
def launch(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(LAUNCHER.parent))
    import launch  # pyright: ignore[reportMissingImports]

    return launch


def probe() -> dict[str, Any]:
    command = [sys.executable, str(LAUNCHER), "--probe"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_the_probe_says_what_this_python_is() -> None:
    answer = probe()
    assert answer["version"] == list(sys.version_info[:3])
    assert Path(answer["executable"]).samefile(sys.executable)


def test_a_python_with_all_dependencies_uses_its_own(launch: ModuleType) -> None:
    assert probe()["own"] is True
    assert launch.folders() == [str(ROOT / "server")]


def test_one_missing_dependency_brings_all_bundled_ones(
    launch: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launch, "installed", lambda name: name != "jedi")
    assert launch.folders() == [str(ROOT / "server"), str(LAUNCHER.parent / "libs")]


def test_an_older_pygls_does_not_count(launch: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    versions = {"pygls": "1.3.1", "lsprotocol": "2025.0.0", "jedi": "0.19.2.post1"}
    monkeypatch.setattr("importlib.metadata.version", versions.__getitem__)
    assert not launch.installed("pygls")
    assert launch.installed("lsprotocol")
    assert launch.installed("jedi")


def test_compiled_libcst_counts_for_its_own_python_only(
    launch: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "native" / "libcst"
    folder.mkdir(parents=True)
    suffix = ".cpython-39-x86_64-linux-gnu.so"
    (folder / f"native{suffix}").touch()
    monkeypatch.setattr(launch, "HERE", str(tmp_path))
    assert not launch.compiled_here()
    monkeypatch.setattr("importlib.machinery.EXTENSION_SUFFIXES", [suffix])
    assert launch.compiled_here()


def test_an_old_python_can_read_the_script_to_say_that_it_is_old() -> None:
    ast.parse(LAUNCHER.read_text(), feature_version=(3, 4))
    assert not re.search(r"\bf['\"]", LAUNCHER.read_text())


def test_the_needs_are_those_of_the_package(launch: ModuleType) -> None:
    declared = (ROOT / "pyproject.toml").read_text()
    found = dict(re.findall(r'^    "(\w+)>=([\d.]+)[^;"]*"', declared, re.MULTILINE))
    needs = {name: ".".join(map(str, version)) for name, version in launch.NEEDS.items()}
    assert {name: found[name] for name in needs} == needs


def test_every_bundled_dependency_is_pinned() -> None:
    lines = (ROOT / "client" / "bundled-requirements.txt").read_text().splitlines()
    assert all(re.fullmatch(r"[\w-]+==[\d.]+", line) for line in lines if not line.startswith("#"))
