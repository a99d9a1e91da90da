"""The one door: a source text and its options in, a report out."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from nonegrad.analysis.program import interpret
from nonegrad.analysis.record.facts import Fact
from nonegrad.analysis.record.recorder import Recorder
from nonegrad.analysis.record.states import StateRow
from nonegrad.analysis.syntax import chunks
from nonegrad.explain.base import Hover
from nonegrad.names.protocol import Names
from nonegrad.options import DEFAULT, Options
from nonegrad.rules import RULES
from nonegrad.rules.base import Finding
from nonegrad.rules.shape import Shape
from nonegrad.suppress import settle
from nonegrad.text import Edit, Fix, Related, Rewrite, Source, apply

INSTALLED = {"site-packages", "dist-packages"}
"""Folders of what was installed: no fix edits it."""


@dataclass(frozen=True, slots=True)
class Report:
    """Everything there is to say about one version of one file."""

    source: Source
    findings: tuple[Finding, ...]
    """Every finding the options select, of every severity, in the order of the text."""
    states: tuple[StateRow, ...]
    seen: Recorder | None = field(default=None, repr=False)
    guessed: frozenset[int] = frozenset()
    """Rows that do not parse, whose meaning is guessed or stale: no edit touches them."""
    others: tuple[Source, ...] = field(default=(), repr=False)
    """The other files of the project that went into it, as they were read."""

    def fixes(self, finding: Finding) -> tuple[Fix, ...]:
        """The fixes that really apply to this text, the preferred one first; loads libcst."""
        found: dict[tuple[Edit, ...], Fix] = {}
        for request in finding.rewrites:
            fix = self.written(request)
            if fix is not None and not self.guesses(fix):
                found.setdefault(fix.edits, fix)
        return tuple(found.values())

    def written(self, request: Rewrite) -> Fix | None:
        """The fix that a request and all its parts make together."""
        from nonegrad import patterns

        files = {each.filename: each for each in (*self.others, self.source)}
        edits: list[Edit] = []
        fixes: list[Fix] = []
        for part in (request, *request.parts):
            source = files.get(part.site.filename)
            fix = patterns.rewrite(source, part) if source is not None else None
            if fix is None:
                return None
            fixes.append(fix)
            edits += [edit for edit in fix.edits if edit not in edits]
        whole = replace(fixes[0], edits=tuple(edits), safe=all(fix.safe for fix in fixes))
        return self.placed(whole) if len(fixes) == 1 or fits(files.values(), whole) else None

    def placed(self, fix: Fix) -> Fix:
        """The fix, whose title names the other file that it edits."""
        away = dict.fromkeys(Path(edit.site.filename).name for edit in fix.edits)
        if all(edit.site.filename == self.source.filename for edit in fix.edits):
            return fix
        return replace(fix, title=f"{fix.title}, in {', '.join(away)}")

    def guesses(self, fix: Fix) -> bool:
        """Whether a fix would edit a row whose meaning is guessed."""
        return any(
            row in self.guessed
            for edit in fix.edits
            if edit.site.filename == self.source.filename
            for row in range(edit.site.row, edit.site.end_row + 1)
        )

    def hover(self, row: int, column: int) -> Hover | None:
        """What to say about the place under the cursor."""
        if self.seen is None:
            return None
        from nonegrad.explain.hovers import Told, hover

        def offered(request: Rewrite) -> Fix | None:
            fix = self.written(request)
            return fix if fix is not None and not self.guesses(fix) else None

        told = Told(self.source, self.seen, self.findings, offered)
        return hover(told, row, column)


def fits(files: Iterable[Source], fix: Fix) -> bool:
    """Whether the edits of a fix stand beside one another."""
    try:
        for source in files:
            apply(source, fix.edits)
    except ValueError:
        return False
    return True


def analyze(
    source: Source,
    options: Options = DEFAULT,
    names: Names | None = None,
    syntax: chunks.Syntax | None = None,
    recorder: Recorder | None = None,
) -> Report:
    """Analyse one file; `syntax` keeps the parts of an open document that did not change, and
    `recorder` is one that keeps more than what findings and hovers need.

    Never raises on any text; what is not understood is unknown.
    """
    parsed = (syntax or chunks.Syntax()).parse(source)
    found = [
        Finding("syntax-error", "error", "definite", problem.site, problem.message)
        for problem in parsed.problems
    ]
    result = interpret(source, parsed.body, names, recorder)
    for fact in result.recorder.facts():
        found.extend(judged(fact))
    found.extend(shapes(source, parsed.body))
    rows = tuple(row for _, row in sorted(result.recorder.rows.items(), key=lambda pair: pair[0]))
    own = [
        certain(here, result.recorder)
        for finding in found
        if (here := at_home(finding, source, result.recorder)) is not None
    ]
    if options.explain_suppression:
        own = [reasoned(finding) for finding in own]
    others = tuple(each for each in result.others if not INSTALLED & set(Path(each.filename).parts))
    shown = settle(source, own, options)
    return Report(source, shown, rows, result.recorder, parsed.guessed, others)


def at_home(finding: Finding, source: Source, seen: Recorder) -> Finding | None:
    """The finding in the file asked for; an error of another file of the program is told where
    this one leads to it."""
    away = finding.site
    if away.filename == source.filename:
        return finding
    here = seen.visits.outside.get(away)
    if here is None or finding.severity != "error" or INSTALLED & set(Path(away.filename).parts):
        return None
    where = f"{Path(away.filename).name}, line {away.row}"
    return replace(
        finding,
        site=here,
        message=f"In {where}: {finding.message}",
        related=(Related(away, f"this line of {Path(away.filename).name}"), *finding.related),
    )


def certain(finding: Finding, seen: Recorder) -> Finding:
    """The finding without rewrites of a list that holds other things on another visit."""
    rewrites = tuple(
        one
        for one in finding.rewrites
        if one.name != "stack-elements" or len(seen.layouts.get(one.site, ())) <= 1
    )
    return finding if rewrites == finding.rewrites else replace(finding, rewrites=rewrites)


def reasoned(finding: Finding) -> Finding:
    """The finding, with rewrites that tell ruff's PLR6104 why they stand against its advice."""
    rewrites = tuple(
        replace(one, arguments=(*one.arguments, ("noqa", "1"))) if one.name == "rebind" else one
        for one in finding.rewrites
    )
    return replace(finding, rewrites=rewrites)


def judged(fact: Fact | Shape) -> Iterator[Finding]:
    """What the rules say of one fact."""
    for rule in RULES:
        if isinstance(fact, rule.on):
            yield from rule.check(fact)


def shapes(source: Source, body: list[ast.stmt]) -> Iterator[Finding]:
    """What the shape of a statement alone decides; libcst is loaded where a trigger word stands."""
    from nonegrad.patterns.triggers import triggered

    if not triggered(source.text):
        return
    from nonegrad import patterns

    for match in patterns.matches(source, ast.Module(body=body, type_ignores=[])):
        yield from judged(
            Shape(match.rule, match.site, match.message, match.rewrites, match.raises)
        )
