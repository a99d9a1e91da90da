"""Reads the cases of the rules: a heading, some prose and a Python block make one.

A line says what is found on it: `# error: [rule] "part of the message"`, and so for `warning`,
`information` and `hint`; several stand one after another. What is not listed must not be found.
`reveal_grad(x)  # revealed: requires_grad, not leaf` asks what is known of `x` there. Every case
runs under torch, too, unless its fence says `python analysis-only`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FENCE = re.compile(r"^```(?P<language>[^\n]*)\n(?P<code>.*?)^```$", re.M | re.S)
FOUND = re.compile(
    r'# (?P<severity>error|warning|information|hint): \[(?P<rule>[\w-]+)\](?: "(?P<text>[^"]*)")?'
)
REVEAL = re.compile(r"^(?P<blank>\s*)reveal_grad\((?P<what>.*)\)  # revealed: (?P<known>.*)$", re.M)


@dataclass(frozen=True)
class Expected:
    """A finding that a line of a case announces."""

    row: int
    severity: str
    rule: str
    text: str


@dataclass(frozen=True)
class Case:
    """One program, and what is to be said of it."""

    title: str
    code: str
    runs: bool

    @property
    def wrong(self) -> str:
        """`False alarm` or `Missed alarm` where the case records a known wrong answer."""
        before, colon, _ = self.title.partition(":")
        return before if colon and before in ("False alarm", "Missed alarm") else ""

    def expected(self) -> list[Expected]:
        """What is to be found, in the order of the text."""
        return [
            Expected(row, found["severity"], found["rule"], found["text"] or "")
            for row, line in enumerate(self.code.splitlines(), start=1)
            for found in FOUND.finditer(line)
        ]

    def reveals(self) -> dict[str, frozenset[str]]:
        """What is to be known at each `reveal_grad`, by the name that `analysed` gives it."""
        return {
            f"_revealed_{index}": frozenset(re.split(r",\s*", found["known"].strip()))
            for index, found in enumerate(REVEAL.finditer(self.code))
        }

    def analysed(self) -> str:
        """The program with each `reveal_grad(x)` as a binding of a name, whose state is known."""
        index = iter(range(len(self.code)))
        return REVEAL.sub(
            lambda found: f"{found['blank']}_revealed_{next(index)} = {found['what']}", self.code
        )


def cases(path: Path) -> Iterator[Case]:
    """The cases of one file; a section without a program is a mistake."""
    for section in re.split(r"^(?=## )", path.read_text("utf-8"), flags=re.M)[1:]:
        title = section.partition("\n")[0].removeprefix("## ")
        fence = FENCE.search(section)
        assert fence, f"{path.name}: no program under {title!r}"
        assert fence["language"] in ("python", "python analysis-only"), fence["language"]
        yield Case(title, fence["code"], fence["language"] == "python")
