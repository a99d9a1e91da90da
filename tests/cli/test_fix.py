"""`nonegrad check --fix`: what is written, and what never is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from nonegrad import checking
from nonegrad.analyze import Report
from nonegrad.rules.base import Finding
from nonegrad.text import Edit, Fix, Site


def test_safe_fixes_are_applied_and_told(run, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = BUG\ny = RISK\n")
    ran = run("check", "--fix", "a.py")
    assert (tmp_path / "a.py").read_text() == "x = FIXED\ny = RISK\n"
    assert ran.out.splitlines()[0] == "a.py:1: fixed: write FIXED for BUG"
    assert ran.status == 1


def test_unsafe_fixes_are_applied_when_asked_for(run, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = BUG\ny = RISK\n")
    assert run("check", "--fix", "--unsafe-fixes", "a.py").status == 0
    assert (tmp_path / "a.py").read_text() == "x = FIXED\ny = FIXED\n"


def test_json_stays_json_when_fixes_are_told(run, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = BUG\n")
    ran = run("check", "--fix", "--output-format", "json", "a.py")
    assert json.loads(ran.out) == []
    assert "fixed: write FIXED" in ran.err


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"\xef\xbb\xbfx = BUG\r\n", b"\xef\xbb\xbfx = FIXED\r\n"),
        (b"x = BUG\r# end", b"x = FIXED\r# end"),
        (b"# coding: latin-1\ns = '\xe9'; BUG\n", b"# coding: latin-1\ns = '\xe9'; FIXED\n"),
    ],
    ids=["mark and CRLF", "CR and no last line end", "latin-1"],
)
def test_the_bytes_around_a_fix_stay(run, tmp_path: Path, before: bytes, after: bytes) -> None:
    (tmp_path / "a.py").write_bytes(before)
    run("check", "--fix", "a.py")
    assert (tmp_path / "a.py").read_bytes() == after


def test_a_file_that_does_not_parse_is_left_as_it_is(run, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = BUG\ny = (\n")
    assert run("check", "--fix", "a.py").status == 1
    assert (tmp_path / "a.py").read_text() == "x = BUG\ny = (\n"


def test_standard_input_is_not_fixed(run) -> None:
    ran = run("check", "--fix", "-")
    assert (ran.status, ran.out) == (2, "")


def toy_that_writes(content: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An analysis whose one fix inserts `content` at the start of the file, time after time."""

    class Writes(Report):
        def fixes(self, finding: Finding) -> tuple[Fix, ...]:
            return (Fix("write", (Edit(finding.site, content),), safe=True),)

    def analyze(source, options, names) -> Report:
        site = Site(source.filename, 1, 1, 1, 1)
        return Writes(source, (Finding("syntax-error", "error", "definite", site, "no"),), ())

    monkeypatch.setattr(checking, "analyze", analyze)


def test_a_fix_after_which_the_file_would_not_parse_is_passed_over(
    run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toy_that_writes("(", monkeypatch)
    (tmp_path / "a.py").write_text("x\n")
    run("check", "--fix", "a.py")
    assert (tmp_path / "a.py").read_text() == "x\n"


def test_fixes_that_go_on_for_ever_end(
    run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toy_that_writes("#", monkeypatch)
    (tmp_path / "a.py").write_text("x\n")
    run("check", "--fix", "a.py")
    assert (tmp_path / "a.py").read_text() == "##########x\n"
