"""Writes docs/rules/*.md, the pages of the rules, from what the rules say of themselves.

Usage: python server/tools/generate_docs.py
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "rules"
sys.path.insert(0, str(ROOT / "server"))

from nonegrad.rules import RULES  # noqa: E402  the path above leads to it
from nonegrad.rules.base import AnyRule  # noqa: E402

MEANING = {
    "error": "PyTorch raises on every run that gets there.",
    "warning": "A gradient is None, cut off or never used on every run that gets there.",
    "information": "On some runs it goes wrong.",
    "hint": "Safe, and good to know.",
}


def page(rule: AnyRule) -> str:
    """The page of one rule."""
    return (
        f"# {rule.name}\n\n{rule.summary}\n\n"
        f"Severity: **{rule.severity}**. {MEANING[rule.severity]}\n\n{rule.doc.strip()}\n"
    )


def index() -> str:
    """The list of all rules."""
    lines = ["# Rules", "", "| rule | severity | what it finds |", "| --- | --- | --- |"]
    lines += [
        f"| [{rule.name}]({rule.name}.md) | {rule.severity} | {rule.summary} |" for rule in RULES
    ]
    return "\n".join(lines) + "\n"


def pages() -> dict[str, str]:
    """Every page by the name of its file."""
    return {"README.md": index(), **{f"{rule.name}.md": page(rule) for rule in RULES}}


def main() -> None:
    """Write what differs, and take away the pages of rules that are gone."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    wanted = pages()
    for file in FOLDER.glob("*.md"):
        if file.name not in wanted:
            file.unlink()
    for name, text in wanted.items():
        (FOLDER / name).write_text(text, "utf-8", newline="\n")


if __name__ == "__main__":
    main()
