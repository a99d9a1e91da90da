"""`nonegrad check`: what is checked, what is printed, and the exit status."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from nonegrad.rules import url


def test_a_finding_is_told_like_a_compiler_does(run, tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("x = 1\ny = BUG(x)\n")
    ran = run("check", "train.py")
    assert ran.out == (
        "train.py:2:5: error[syntax-error]: a bug\n"
        "   |\n"
        " 2 | y = BUG(x)\n"
        "   |     ^^^\n"
        "   |\n"
        " 1 | x = 1\n"
        "   | - it begins here\n"
        "   = help: write FIXED for BUG\n"
        "\n"
        "Found 1 finding in 1 of 1 file. 1 fixable with `--fix`.\n"
    )
    assert (ran.status, ran.err) == (1, "")


def test_the_underline_stands_under_the_code_with_tabs_and_wide_characters(run, tmp_path) -> None:
    (tmp_path / "a.py").write_text("if 1:\n\ts = '漢字'; BUG\n", encoding="utf-8")
    lines = run("check", "a.py").out.splitlines()
    assert lines[2:4] == [" 2 | \ts = '漢字'; BUG", "   | \t" + " " * 12 + "^^^"]


@pytest.mark.parametrize(
    ("text", "arguments", "status"),
    [
        ("BUG\n", [], 1),
        ("RISK\n", [], 1),
        ("RISK\n", ["--severity", "error"], 0),
        ("NOTE\n", [], 0),
        ("NOTE\n", ["--severity", "hint"], 1),
        ("BUG\n", ["--ignore", "syntax-error"], 0),
        ("BUG\n", ["--select", "unused-suppression"], 0),
        ("BUG  # nonegrad: ignore\n", [], 0),
        ("fine\n", [], 0),
    ],
)
def test_the_status_counts_what_is_severe_enough(run, tmp_path, text, arguments, status) -> None:
    (tmp_path / "a.py").write_text(text)
    assert run("check", *arguments).status == status


def test_json_has_every_finding_whatever_its_severity(run, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("ok = 'é'; RISK\nNOTE\n", encoding="utf-8")
    ran = run("check", "--output-format", "json", "--severity", "error")
    rows = json.loads(ran.out)
    assert ran.status == 0
    assert [row["severity"] for row in rows] == ["warning", "hint"]
    place = {"location": {"row": 1, "column": 11}, "end_location": {"row": 1, "column": 15}}
    filename = str(tmp_path / "a.py")
    assert rows[0] == {
        "filename": filename,
        "code": "syntax-error",
        "severity": "warning",
        "certainty": "definite",
        "message": "a bug",
        "url": rows[0]["url"],
        "cell": None,
        **place,
        "related": [],
        "fixes": [
            {
                "title": "write FIXED for RISK",
                "kind": "quickfix",
                "applicability": "unsafe",
                "edits": [{"filename": filename, "content": "FIXED", **place}],
            }
        ],
    }
    assert rows[0]["url"] == url("syntax-error")


def test_sarif_has_the_place_the_cause_and_the_fix(run, tmp_path: Path) -> None:
    (tmp_path / "a b.py").write_text("x\nBUG\nNOTE\n")
    log = json.loads(run("check", "--output-format", "sarif").out)
    (result,) = log["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]
    assert log["version"] == "2.1.0"
    assert (result["ruleId"], result["level"]) == ("syntax-error", "error")
    assert place["artifactLocation"]["uri"] == "a%20b.py"
    assert place["region"] == {"startLine": 2, "startColumn": 1, "endLine": 2, "endColumn": 4}
    assert result["relatedLocations"][0]["message"]["text"] == "it begins here"
    change = result["fixes"][0]["artifactChanges"][0]["replacements"][0]
    assert change["insertedContent"]["text"] == "FIXED"


def test_github_gets_one_command_a_finding(run, tmp_path: Path) -> None:
    (tmp_path / "a,b.py").write_text("x\nBUG\n")
    assert run("check", "--output-format", "github").out == (
        "::error title=nonegrad (syntax-error),file=a%2Cb.py,line=2,endLine=2,col=1,endColumn=4"
        "::a bug\n"
    )


def test_a_folder_is_walked_without_what_is_not_the_users_own(run, tmp_path: Path) -> None:
    for name in ["a.py", "sub/b.py", ".git/c.py", "env/d.py", "build/e.py", "node_modules/f.py"]:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("BUG\n")
    (tmp_path / "env/pyvenv.cfg").touch()
    (tmp_path / "sub/readme.txt").write_text("BUG\n")
    rows = json.loads(run("check", "--output-format", "json").out)
    assert [Path(row["filename"]).name for row in rows] == ["a.py", "b.py"]


def test_a_file_given_twice_is_checked_once(run, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("BUG\n")
    assert "1 finding in 1 of 1 file" in run("check", "a.py", ".", "./a.py").out


def test_files_that_cannot_be_read_cost_a_line_each_and_the_others_are_checked(
    run, tmp_path: Path
) -> None:
    (tmp_path / "bad.py").write_bytes(b"x = '\xe9'\n")
    (tmp_path / "good.py").write_text("BUG\n")
    (tmp_path / "odd.py").write_text("# coding: martian\n")
    (tmp_path / "book.ipynb").write_text("{}")
    ran = run("check", "bad.py", "gone.py", "good.py", "odd.py", "book.ipynb")
    assert ran.status == 2
    assert ran.err.splitlines() == [
        "nonegrad: bad.py: is not UTF-8 (byte 5: invalid continuation byte)",
        "nonegrad: gone.py: cannot be read: No such file or directory",
        "nonegrad: odd.py: unknown encoding: martian",
        "nonegrad: book.ipynb: is not a notebook of nbformat 4",
    ]
    assert "good.py:1:1: error" in ran.out


def test_an_analysis_that_breaks_is_one_line_and_no_traceback(run, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("CRASH\n")
    (tmp_path / "b.py").write_text("BUG\n")
    ran = run("check")
    assert ran.status == 2
    assert ran.err.startswith("nonegrad: internal error in a.py: RuntimeError: the analysis broke;")
    assert ran.err.count("\n") == 1
    assert "b.py:1:1" in ran.out


@pytest.mark.parametrize(
    "arguments",
    [["check", "--severity", "loud"], ["check", "--jobs", "0"], ["nothing"], [], ["states"]],
)
def test_bad_usage_ends_with_2(run, arguments: list[str]) -> None:
    ran = run(*arguments)
    assert ran.status == 2
    assert "usage: nonegrad" in ran.err


def test_an_unknown_rule_is_named_with_the_one_that_was_meant(run) -> None:
    ran = run("check", "--select", "sintax-error")
    assert (ran.status, ran.out) == (2, "")
    assert "no rule is called 'sintax-error' (did you mean 'syntax-error'?)" in ran.err


def test_standard_input_is_a_file_called_dash(run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"x\nBUG\n")))
    ran = run("check", "-", "--output-format", "json")
    (row,) = json.loads(ran.out)
    assert row["filename"] == row["related"][0]["filename"] == "-"


def test_a_notebook_is_checked_cell_by_cell(run, tmp_path: Path) -> None:
    cells = [
        {"cell_type": "markdown", "source": ["BUG\n"]},
        {"cell_type": "code", "source": ["%magic\n", "x = 1"]},
        {"cell_type": "code", "source": "y = 2\nBUG\n"},
    ]
    book = {"nbformat": 4, "metadata": {}, "cells": cells}
    (tmp_path / "a.ipynb").write_text(json.dumps(book))
    (row,) = json.loads(run("check", "--output-format", "json").out)
    assert (row["cell"], row["location"]) == (2, {"row": 2, "column": 1})
    assert (row["related"][0]["cell"], row["related"][0]["location"]["row"]) == (1, 1)
    assert "a.ipynb:cell 2:2:1: error" in run("check").out


def test_settings_of_the_nearest_project_hold(run, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[tool.nonegrad]\nseverity = "error"\nexclude = ["old"]\n'
        '[tool.nonegrad.per-file-ignores]\n"tests/**" = ["syntax-error"]\n'
    )
    for name in ["a.py", "old/b.py", "tests/c.py"]:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("BUG\nRISK\n")
    ran = run("check")
    assert [line for line in ran.out.splitlines() if "a bug" in line] == [
        "a.py:1:1: error[syntax-error]: a bug"
    ]


def test_a_wrong_setting_is_one_line_however_many_files_it_concerns(run, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.nonegrad]\nselct = ["a"]\n')
    for name in ["a.py", "b.py"]:
        (tmp_path / name).write_text("BUG\n")
    ran = run("check", "a.py", "b.py")
    assert ran.status == 2
    assert ran.err == (
        f"nonegrad: {tmp_path / 'pyproject.toml'}: [tool.nonegrad]: "
        "unknown key 'selct' (did you mean 'select'?)\n"
    )


def command(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    """Run the real thing in a process of its own."""
    server = Path(__file__).parents[2] / "server"
    code = "import sys; sys.path.insert(0, sys.argv.pop(1)); from nonegrad.cli import main; "
    return subprocess.run(
        [sys.executable, "-c", code + options.pop("then", "sys.exit(main())"), server, *arguments],
        capture_output=True,
        text=True,
        check=False,
        **options,
    )


def test_nothing_is_loaded_that_a_plain_check_does_not_need(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("import torch\nx = torch.ones(3)\n")
    heavy = "main(); print([name for name in sys.modules if name.split('.')[0] in %s])"
    names = {"pygls", "lsprotocol", "jedi", "libcst", "torch", "numpy", "asyncio"}
    ran = command("check", str(tmp_path), then=heavy % names)
    assert ran.stdout.splitlines()[-1] == "[]"


def test_several_processes_say_the_same_as_one(tmp_path: Path) -> None:
    for number in range(6):
        (tmp_path / f"f{number}.py").write_text(f"x = {number} +\n")
    several, one = (command("check", "--jobs", jobs, str(tmp_path)) for jobs in ("2", "1"))
    assert several.stdout == one.stdout
    assert several.stderr == one.stderr == ""


def test_a_reader_that_goes_away_is_no_reason_to_complain(tmp_path: Path) -> None:
    code = "import os; read, write = os.pipe(); os.close(read); os.dup2(write, 1); sys.exit(main())"
    (tmp_path / "a.py").write_text("x =\n")
    ran = command("check", "--output-format", "json", str(tmp_path), then=code)
    assert ran.stderr == ""
