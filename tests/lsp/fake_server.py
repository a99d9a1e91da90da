"""The real server with an analysis that a test can foresee.

Every `bad` in the text is a finding (`bad` a warning, `hint` a hint), cured by replacing it with
`good`; `slow` takes a while, `crash` fails; `imported` is a finding that says the text of the file
that defines `model.loss`, once jedi knows it.
"""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import dataclass

from nonegrad.analysis.syntax.chunks import Syntax
from nonegrad.analyze import Hover, Report
from nonegrad.lsp.wire import run
from nonegrad.names.protocol import Names
from nonegrad.options import Options
from nonegrad.rules.base import Finding
from nonegrad.text import Edit, Fix, Related, Rewrite, Site, Source


def sites(source: Source, word: str) -> list[Site]:
    found: list[Site] = []
    for match in re.finditer(rf"\b{word}\b", source.text):
        row, column = source.position(match.start())
        found.append(Site(source.filename, row, column, row, column + len(word)))
    return found


@dataclass(frozen=True, slots=True)
class FakeReport(Report):
    def fixes(self, finding: Finding) -> tuple[Fix, ...]:
        edits = (Edit(finding.site, "good"),)
        if finding.severity == "hint":
            return (Fix("Rewrite for taste", edits, kind="refactor.rewrite"),)
        return (
            Fix("Replace by good", edits, safe=True),
            Fix("Replace by better, which may differ", (Edit(finding.site, "better"),)),
        )

    def hover(self, row: int, column: int) -> Hover | None:
        for site in sites(self.source, "bad"):
            if site.contains(row, column):
                return Hover(site, "**bad** is `None`")
        return None


def analyze(source: Source, options: Options, names: Names | None, syntax: Syntax) -> Report:
    if sites(source, "crash"):
        raise ZeroDivisionError("the analysis is broken")
    if sites(source, "slow"):
        time.sleep(0.6)
    site_of_first = Site(source.filename, 1, 1, 1, 2)
    found = [
        Finding(
            rule,
            severity,
            "definite",
            site,
            f"{word} is here",
            (Related(site_of_first, "because of this"),),
            (Rewrite("replace", site, "Replace by good", safe=severity == "warning"),),
        )
        for word, rule, severity in (
            ("bad", "grad-of-non-leaf", "warning"),
            ("hint", "inplace-safe", "hint"),
            ("broken", "syntax-error", "error"),
        )
        if rule not in options.ignore
        for site in sites(source, word)
    ]
    for site in sites(source, "imported") if names is not None else ():
        definition = names.infer(source.filename, "model", "loss")
        if definition is not None and definition.path is not None:
            text = str(names.read(definition.path)).strip()
            found.append(Finding("grad-of-non-leaf", "warning", "definite", site, text))
    return FakeReport(source, tuple(sorted(found, key=lambda each: each.site)), ())


if __name__ == "__main__":
    raise SystemExit(asyncio.run(run(None, analyze)))
