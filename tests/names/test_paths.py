"""Reading files of any encoding, and the folders that an import looks into."""

from __future__ import annotations

import codecs
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from nonegrad.names.jedi_names import JediNames
from nonegrad.names.paths import cache_home, interpreter_folders, project_folders


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"x = 'a'\r\n", "x = 'a'\r\n"),
        ("x = 'é'\n".encode(), "x = 'é'\n"),
        (codecs.BOM_UTF8 + b"x = 1\n", "x = 1\n"),
        (b"# coding: latin-1\nx = '\xe9'\n", "# coding: latin-1\nx = 'é'\n"),
        (b"x = '\xe9'\n", "x = 'é'\n"),
        (b"# coding: no-such\nx = 1\n", "# coding: no-such\nx = 1\n"),
        (b"x = 1\n" * 100 + b"\xff\n", "x = 1\n" * 100 + "�\n"),
        (b"a\0b", None),
        (b"#" * 2_000_001, None),
    ],
    ids=["crlf", "utf8", "bom", "cookie", "stray", "unknown", "late-stray", "binary", "large"],
)
def test_a_file_is_read_whatever_it_holds(tmp_path: Path, raw: bytes, text: str | None) -> None:
    path = tmp_path / "h.py"
    path.write_bytes(raw)
    assert JediNames(None, None).read(str(path)) == text


@pytest.mark.parametrize("path", ["absent.py", ".", "a\0b"])
def test_what_cannot_be_read_is_none(tmp_path: Path, path: str) -> None:
    assert JediNames(None, None).read(str(tmp_path) + "/" + path) is None


def test_the_projects_folders_in_their_order(project: Callable[..., Path]) -> None:
    root = project({"lab/a/pkg/sub/__init__.py": "", "lab/a/pkg/__init__.py": ""})
    before, after = project_folders(root / "lab/a/pkg/sub")
    assert before == [str(root / "lab/a"), str(root), str(root / "src")]
    assert after == [str(root / "lab"), str(root / "lab/a/pkg/sub")]


@pytest.mark.skipif(sys.platform == "win32", reason="the POSIX layout")
def test_another_interpreter_is_read_and_never_started(
    names: JediNames, project: Callable[..., Path]
) -> None:
    site = "venv/lib/python3.12/site-packages"
    root = project(
        {
            "venv/bin/python": "#!/bin/sh\ntouch started\n",
            "venv/pyvenv.cfg": "home = /nowhere/bin\ninclude-system-site-packages = false\n",
            f"{site}/there.py": "def f(): ...\n",
            f"{site}/linked.pth": "../../../../checkout\nimport os; open('started', 'w')\n",
            f"{site}/__editable___edited_finder.py": "MAPPING: dict[str, str] = {}\n",
            "checkout/by_link.py": "def f(): ...\n",
            "elsewhere/edited/__init__.py": "def f(): ...\n",
        }
    )
    finder = root / site / "__editable___edited_finder.py"
    finder.write_text(
        f"MAPPING: dict[str, str] = {{'edited': {str(root / 'elsewhere/edited')!r}}}\n"
    )
    python = root / "venv/bin/python"
    python.chmod(0o755)
    link = root / "link"
    link.symlink_to(python)
    assert str(root / site) in interpreter_folders(str(link))
    folders = interpreter_folders(str(python))
    assert {str(root / site), str(root / "elsewhere")} <= set(folders)
    asked = JediNames(30.0, None, python=str(python))
    try:
        for module in ("there", "by_link", "edited"):
            found = asked.infer(str(root / "app" / "train.py"), module, "f")
            assert found is not None and found.kind == "function", module
        assert asked.infer(str(root / "app" / "train.py"), "parso", "parse") is None
    finally:
        asked.stop()
    assert not list(root.rglob("started"))


def test_the_cache_lies_where_the_platform_has_caches(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert cache_home() == tmp_path / ".cache" / "nonegrad"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_home() == tmp_path / "xdg" / "nonegrad"
    monkeypatch.setattr(sys, "platform", "darwin")
    assert cache_home() == tmp_path / "Library" / "Caches" / "nonegrad"
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "local"))
    assert cache_home() == tmp_path / "local" / "nonegrad"
