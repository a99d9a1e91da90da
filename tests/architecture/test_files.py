"""What every file of the repository keeps to: its size, and the papers that go with the code."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import generate_docs
import pytest
from nonegrad import __version__
from nonegrad.rules import RULES

ROOT = Path(__file__).parents[2]
SOURCES = {".py", ".ts", ".mjs", ".js"}
SKIPPED = {"node_modules", "out", "dist", "build", "__pycache__"}
LONGEST = 300
SECTIONS = ["What it does", "Why it matters", "Example", "Use instead", "Limits"]


def sources() -> list[Path]:
    """The source files of the repository; those that are not anybody's work left out."""
    return [
        file
        for folder in ("server", "client", "tests", "scripts")
        for file in sorted((ROOT / folder).rglob("*"))
        if file.suffix in SOURCES and not SKIPPED & set(file.relative_to(ROOT).parts)
    ]


def test_no_source_file_is_long() -> None:
    lengths = {
        str(file.relative_to(ROOT)): file.read_text("utf-8").count("\n") for file in sources()
    }
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST} == {}


def test_the_pages_of_the_rules_are_fresh() -> None:
    pages = {file.name: file.read_text("utf-8") for file in (ROOT / "docs/rules").glob("*.md")}
    assert pages == generate_docs.pages(), "run: python server/tools/generate_docs.py"


def test_every_rule_has_its_cases_and_every_case_its_rule() -> None:
    cases = {file.stem for file in (ROOT / "tests/rules").glob("*.md")}
    assert cases == {rule.name for rule in RULES}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_page_has_its_sections_in_order(rule) -> None:
    found = re.findall(r"^#+ (.+)$", rule.doc, re.MULTILINE)
    assert [section for section in found if section in SECTIONS] == SECTIONS


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_is_called_after_the_pattern_in_kebab_case(rule) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.name)
    assert not rule.name.startswith(("no-", "avoid-", "use-"))


def test_the_changelog_knows_the_version() -> None:
    assert re.search(rf"^## {re.escape(__version__)}\b", (ROOT / "CHANGELOG.md").read_text(), re.M)


def test_the_extension_has_the_version_of_the_package() -> None:
    assert f'"version": "{__version__}"' in (ROOT / "package.json").read_text()


@pytest.mark.parametrize("script", ["demo.py", "test.py", "workplace.py"])
def test_an_old_python_can_read_that_it_is_too_old(script: str) -> None:
    text = (ROOT / "scripts" / script).read_text()
    compile(text, script, "exec", dont_inherit=True)
    assert not re.search(r"\bf\"|\bf'|:=|\bmatch |->|from __future__", text.partition('"""\n')[2])


@pytest.mark.parametrize("script", ["demo.py", "test.py"])
def test_a_python_that_is_too_old_is_told_so(script: str) -> None:
    code = (
        "import sys, runpy; sys.version_info = (3, 9, 1); sys.path.insert(0, sys.argv[1]);"
        "sys.argv[0] = sys.argv[2]; runpy.run_path(sys.argv[2], run_name='__main__')"
    )
    path = ROOT / "scripts" / script
    done = subprocess.run(
        [sys.executable, "-c", code, path.parent, path], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "Python 3.10 or newer is needed, and this is Python 3.9.1" in done.stderr
