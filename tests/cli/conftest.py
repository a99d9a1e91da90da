"""An analysis of one's own, so that these tests are about the command line alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from nonegrad import checking, cli
from nonegrad.analyze import Report
from nonegrad.options import DEFAULT, Options
from nonegrad.rules.base import Finding
from nonegrad.suppress import settle
from nonegrad.text import Edit, Fix, Related, Site, Source

WORD = re.compile(r"BUG|RISK|NOTE|CRASH")


class ToyReport(Report):
    """Offers `FIXED` in place of `BUG` (safe) and of `RISK` (unsafe)."""

    def fixes(self, finding: Finding) -> tuple[Fix, ...]:
        word = self.source.cut(finding.site)
        if word == "NOTE":
            return ()
        edits = (Edit(finding.site, "FIXED"),)
        return (Fix(f"write FIXED for {word}", edits, safe=word == "BUG"),)


def toy(source: Source, options: Options = DEFAULT, names: object = None) -> Report:
    """Finds the words BUG (error), RISK (warning) and NOTE (hint); breaks on CRASH."""
    return ToyReport(source, settle(source, _findings(source), options), ())


def _findings(source: Source) -> Iterator[Finding]:
    for row in range(1, source.rows + 1):
        for found in WORD.finditer(source.line(row)):
            if found[0] == "CRASH":
                raise RuntimeError("the analysis\nbroke")
            site = Site(source.filename, row, found.start() + 1, row, found.end() + 1)
            first = Site(source.filename, 1, 1, 1, 2)
            if found[0] == "NOTE":
                yield Finding("syntax-error", "hint", "definite", site, "a note")
            else:
                severity = "error" if found[0] == "BUG" else "warning"
                related = (Related(first, "it begins here"),) if row > 1 else ()
                yield Finding("syntax-error", severity, "definite", site, "a bug", related)


@dataclass
class Ran:
    status: int
    out: str
    err: str


@pytest.fixture
def run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Ran]:
    """Run `nonegrad` in an empty folder, with the toy analysis."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(checking, "analyze", toy)

    def call(*arguments: str) -> Ran:
        try:
            status = cli.main(arguments)
        except SystemExit as exit:
            status = int(str(exit.code))
        return Ran(status, *capsys.readouterr())

    return call
