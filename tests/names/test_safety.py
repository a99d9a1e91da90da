"""The user's code is read and never run, and jedi stays in its process."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from nonegrad.names import process
from nonegrad.names.jedi_names import JediNames

MARK = "open({mark!r}, 'w').close()\n"


def test_importing_the_package_imports_no_jedi() -> None:
    code = (
        "import sys, nonegrad.names.jedi_names as asking\n"
        "assert not {'jedi', 'parso', 'subprocess'} & set(sys.modules), sys.modules\n"
        "asking.JediNames(None, None)\n"
        "assert 'jedi' not in sys.modules\n"
    )
    environment = {**os.environ, "PYTHONPATH": process.PACKAGE_HOME}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)


def test_no_file_of_the_project_is_run(
    project: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither what is imported, nor what stands where the worker's own imports could look."""
    root = project({})
    mark = root / "it ran"
    shadows = ("helper", "json", "parso", "jedi", "queue", "sitecustomize", "usercustomize")
    project({f"{name}.py": MARK.format(mark=str(mark)) + "def f(): ...\n" for name in shadows})
    monkeypatch.chdir(root)
    monkeypatch.setenv("PYTHONPATH", str(root))
    monkeypatch.setattr(sys, "path", ["", str(root), *sys.path])
    asked = JediNames(30.0, None)
    try:
        found = asked.infer(str(root / "train.py"), "helper", "f")
        assert found is not None and found.path == str(root / "helper.py")
    finally:
        asked.stop()
    assert not mark.exists()


def test_no_module_but_the_standard_librarys_is_imported_live(
    project: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What jedi asks for where it finds a compiled module: it gets none of the project's."""
    from nonegrad.names.closed import ClosedProcess

    root = project({})
    mark = root / "it ran"
    project({"touchy.py": MARK.format(mark=str(mark))})
    door = object.__new__(ClosedProcess)
    door.standard = (str(root),)
    monkeypatch.setattr(door, "_inference_state_weakref", lambda: None, raising=False)
    assert door.load_module("touchy", [str(root)]) is None
    assert not mark.exists()


@pytest.mark.parametrize("module", ["torch", "torch.nn", "numpy", "os.path", "builtins", "json"])
def test_what_is_known_elsewhere_is_not_asked(module: str) -> None:
    asked = JediNames(30.0, None)
    assert asked.infer("train.py", module, "anything") is None
    assert asked.process_id is None


@pytest.mark.parametrize(
    ("module", "name"),
    [("", "x"), ("a b", "x"), ("a..b", "x"), ("a", "x y"), (".", None), ("*", "*")],
)
def test_what_is_no_import_is_not_asked(module: str, name: str | None) -> None:
    asked = JediNames(30.0, None)
    assert asked.infer("train.py", module, name) is None
    assert asked.process_id is None
