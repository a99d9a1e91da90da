"""What the user does not want to hear: rules left out, and `# nonegrad: ignore` comments."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from nonegrad.analysis.syntax.scan import TOKEN
from nonegrad.globs import covers
from nonegrad.options import Options
from nonegrad.rules.base import Finding
from nonegrad.text import Site, Source

UNUSED = "unused-suppression"
SYNTAX = "syntax-error"
DIRECTIVE = re.compile(
    r"#\s*nonegrad:\s*ignore(?P<file>-file)?(?![\w-])\s*(?P<rules>\[[^\]]*(?P<closed>\])?)?"
)


@dataclass(frozen=True, slots=True)
class Suppression:
    """One comment: the rules it names (none means all), and the rows it speaks for."""

    site: Site
    rules: tuple[str, ...]
    first: int
    last: int
    well_formed: bool = True

    def covers(self, finding: Finding) -> bool:
        """Whether the comment silences the finding."""
        return (
            self.well_formed
            and self.first <= finding.site.row <= self.last
            and (not self.rules or finding.rule in self.rules)
        )


def settle(source: Source, findings: Iterable[Finding], options: Options) -> tuple[Finding, ...]:
    """The findings that the options and the comments of the file let through, in order of place.

    A comment that silences nothing is a finding itself, unless the file does not parse, for
    then nobody knows.
    """
    unwanted = left_out(source.filename, options)
    wanted = [
        finding
        for finding in findings
        if (not options.select or finding.rule in options.select) and finding.rule not in unwanted
    ]
    comments = suppressions(source)
    kept = [each for each in wanted if not any(comment.covers(each) for comment in comments)]
    selected = (not options.select or UNUSED in options.select) and UNUSED not in unwanted
    if selected and not any(finding.rule == SYNTAX for finding in wanted):
        silent = [
            finding
            for comment in comments
            for finding in _unused(comment, wanted, options, unwanted)
        ]
        kept += [each for each in silent if not any(_waives(comment, each) for comment in comments)]
    return tuple(sorted(kept, key=lambda finding: (finding.site, finding.rule, finding.message)))


def left_out(filename: str, options: Options) -> frozenset[str]:
    """The rules that the options ignore in this file."""
    here = (rules for pattern, rules in options.per_file_ignores if covers(pattern, filename))
    return options.ignore.union(*here)


def suppressions(source: Source) -> list[Suppression]:
    """The comments of a file that begin with `nonegrad: ignore`; strings hold none."""
    if "nonegrad:" not in source.text:
        return []
    found: list[Suppression] = []
    for start, end, comments in _logical_lines(source.text):
        for offset, comment in comments:
            for directive in DIRECTIVE.finditer(comment):
                first, last = source.position(start)[0], source.position(end)[0]
                if directive["file"]:
                    first, last = 1, source.rows
                row, column = source.position(offset + directive.start())
                site = Site(source.filename, row, column, row, column + len(directive[0].rstrip()))
                names = (directive["rules"] or "").strip("[]").split(",")
                rules = tuple(dict.fromkeys(name.strip() for name in names if name.strip()))
                closed = directive["rules"] is None or bool(directive["closed"] and rules)
                found.append(Suppression(site, rules, first, last, closed))
    return found


def _logical_lines(text: str) -> Iterator[tuple[int, int, list[tuple[int, str]]]]:
    """Each logical line that holds comments: where it starts and ends, and the comments."""
    start = depth = 0
    comments: list[tuple[int, str]] = []
    for token in TOKEN.finditer(text):
        kind = token.lastgroup
        depth += (kind == "opening") - (kind == "closing" and depth > 0)
        if kind == "comment":
            comments.append((token.start(), token[0]))
        elif kind == "line_end" and not depth:
            if comments:
                yield start, token.start(), comments
            start, comments = token.end(), []
    if comments:
        yield start, len(text), comments


def _unused(
    comment: Suppression, findings: list[Finding], options: Options, unwanted: frozenset[str]
) -> Iterator[Finding]:
    if not comment.well_formed:
        text = "the brackets want rule names: `# nonegrad: ignore[rule]`"
        yield _finding(comment, f"this comment silences nothing: {text}")
        return
    silenced = {finding.rule for finding in findings if comment.covers(finding)}
    if not comment.rules:
        if not silenced and not options.select:
            yield _finding(comment, "this comment silences nothing: no finding stands on its line")
        return
    for rule in comment.rules:
        checked = (not options.select or rule in options.select) and rule not in unwanted
        if rule not in silenced and rule != UNUSED and checked:
            yield _finding(comment, f"this comment silences nothing: no `{rule}` on its line")


def _waives(comment: Suppression, finding: Finding) -> bool:
    """Only a comment that says so by name keeps quiet about comments."""
    return UNUSED in comment.rules and comment.covers(finding)


def _finding(comment: Suppression, message: str) -> Finding:
    return Finding(UNUSED, "information", "definite", comment.site, message)
