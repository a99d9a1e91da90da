"""`[tool.nonegrad]` of pyproject.toml: what it may say, and what is said when it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from nonegrad.config import options_for
from nonegrad.globs import covers, rooted
from nonegrad.options import DEFAULT, OptionError


def written(folder: Path, text: str) -> Path:
    (folder / "pyproject.toml").write_text(text)
    return folder


def test_the_nearest_file_that_speaks_of_us_counts(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    written(tmp_path, '[tool.nonegrad]\nseverity = "hint"\n')
    written(tmp_path / "a", "[tool.other]\n")
    assert options_for(inner).severity == "hint"


def test_without_a_table_the_defaults_hold(tmp_path: Path) -> None:
    assert options_for(written(tmp_path, "[project]\nname = 'x'\n")) == DEFAULT


@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        ('severity = "loud"', "severity must be one of error, warning, information, hint"),
        ('select = "syntax-error"', "select must be a list of strings"),
        ("exclude = [1]", "exclude must be a list of strings"),
        ('ignore = ["nothing"]', "ignore: no rule is called 'nothing'"),
        ("per-file-ignores = []", "per-file-ignores must be a table"),
        ('per_file_ignores = {"a" = []}', "did you mean 'per-file-ignores'?"),
        ('per-file-ignores = {"a" = ["b"]}', "per-file-ignores: a: no rule is called 'b'"),
        ("severity = ", "cannot be read: Invalid value"),
    ],
)
def test_what_does_not_hold_is_said_in_one_line(tmp_path: Path, table: str, complaint: str) -> None:
    folder = written(tmp_path, f"[tool.nonegrad]\n{table}\n")
    with pytest.raises(OptionError) as error:
        options_for(folder)
    assert complaint in str(error.value)
    assert str(error.value).startswith(str(folder / "pyproject.toml"))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("pattern", "path", "covered"),
    [
        ("old", "/p/old/a.py", True),
        ("old", "/p/x/old/a.py", True),
        ("old", "/p/older/a.py", False),
        ("old", "/elsewhere/old/a.py", False),
        ("*.ipynb", "/p/x/a.ipynb", True),
        ("tests/*.py", "/p/tests/a.py", True),
        ("tests/*.py", "/p/tests/x/a.py", False),
        ("tests/**", "/p/tests/x/a.py", True),
        ("./tests/", "/p/tests/x/a.py", True),
        ("**/gen/*.py", "/p/x/y/gen/a.py", True),
        ("**/gen/*.py", "/p/gen/a.py", True),
        ("a?.py", "/p/ab.py", True),
        ("/p/a.py", "/p/a.py", True),
    ],
)
def test_patterns_start_at_the_folder_of_the_settings(pattern, path, covered: bool) -> None:
    assert covers(rooted(pattern, "/p"), path) is covered


def test_a_pattern_from_an_editor_has_no_root() -> None:
    assert covers("tests/**", "/any/where/tests/a.py")
    assert not covers("tests/**", "/any/where/mytests/a.py")


def test_paths_of_windows_are_paths() -> None:
    assert covers(rooted("tests\\*.py", "C:\\p"), "C:\\p\\tests\\a.py")
