"""Hold every claim of the analysis against what torch did."""

from __future__ import annotations

import ast
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from nonegrad.analysis.record.states import StateRow
from nonegrad.analyze import Report, analyze
from nonegrad.rules.base import Finding
from nonegrad.text import Source

from .tracer import MOST_STATEMENTS, Run, Seen, raised, run_all

CLAIMS = ("requires_grad", "is_leaf", "grad_fn", "retains_grad", "dtype", "grad")


@dataclass(frozen=True)
class Wrong:
    """A claim that does not hold. `what` names the claim; two with the same `what` and `rule` are
    the same mistake for the one that shrinks a program."""

    what: str
    row: int
    detail: str

    @property
    def sort(self) -> str:
        """What stays the same while the program shrinks."""
        return self.what


@dataclass
class Verdict:
    """The figures of one program, or of many added up."""

    programs: int = 0
    bound: int = 0
    """Tensor-valued names whose requires_grad was the same on every visit."""
    varying: int = 0
    """Those whose requires_grad was not, so that nobody can know it."""
    known: int = 0
    """Of those, with requires_grad known."""
    claims: int = 0
    claimable: int = 0
    wrong: list[Wrong] = field(default_factory=list)
    raising: int = 0
    predicted: int = 0
    nones: int = 0
    told: int = 0
    unpredicted: list[str] = field(default_factory=list)
    untold: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    def add(self, other: Verdict) -> None:
        """Add the figures of another."""
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)

    def line(self) -> str:
        """The figures in one line."""
        return (
            f"{self.programs} programs; requires_grad known of {self.known}/{self.bound}"
            f" ({share(self.known, self.bound)}, {self.varying} more vary);"
            f" {self.claims}/{self.claimable} claimed"
            f" ({share(self.claims, self.claimable)}), {len(self.wrong)} wrong;"
            f" raising {self.predicted}/{self.raising} predicted"
            f" ({share(self.predicted, self.raising)});"
            f" None reads {self.told}/{self.nones} told ({share(self.told, self.nones)})"
        )


def share(part: int, whole: int) -> str:
    """A percentage."""
    return f"{100 * part / whole:.1f}%" if whole else "-"


def judge(text: str, filename: str = "<program>", runs: list[Run] | None = None) -> Verdict:
    """Analyse a program, run it, and compare; an analysis that raises is wrong, too."""
    try:
        report = analyze(Source(filename, text))
    except Exception as error:
        at = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(at.filename).name}:{at.lineno} in {at.name}"
        crash = Wrong(f"crash in {at.name}", 1, f"{type(error).__name__}: {error} ({where})")
        return Verdict(programs=1, wrong=[crash])
    return compare(text, report, run_all(text, filename) if runs is None else runs)


def compare(text: str, report: Report, runs: list[Run]) -> Verdict:
    """The verdict on one program."""
    verdict = Verdict(programs=1)
    rows = {(r.site.row, r.site.column, r.name): r for r in report.states}
    states(verdict, text, rows, runs)
    for found in report.findings:
        if found.severity == "error":
            errors(verdict, text, found, runs)
        if found.severity == "warning":
            reads(verdict, found, runs)
    recall(verdict, text, report, runs)
    return verdict


def states(
    verdict: Verdict, text: str, rows: dict[tuple[int, int, str], StateRow], runs: list[Run]
) -> None:
    """Every claim that is not null holds on every visit of every run."""
    lines = text.splitlines()
    every: dict[tuple[int, int, str], set[Seen]] = {}
    for run in runs:
        for key, seen in run.seen.items():
            every.setdefault(key, set()).update(seen)
    for key, seen in every.items():
        claim = rows.get(key)
        tensors = [one for one in seen if one.kind == "tensor"]
        if claim is not None:
            kinds(verdict, claim, seen)
        if not tensors:
            continue
        steady = {name for name in CLAIMS if len({getattr(one, name) for one in tensors}) == 1}
        verdict.claimable += len(steady)
        if "requires_grad" not in steady:
            verdict.varying += 1
        else:
            verdict.bound += 1
            if claim is None or claim.requires_grad is None:
                verdict.unknown.append(f"{key[2]}: {lines[key[0] - 1].strip()}")
            else:
                verdict.known += 1
        if claim is None:
            continue
        for name in CLAIMS:
            said = getattr(claim, name)
            if said is None:
                continue
            verdict.claims += 1
            real = {getattr(one, name) for one in tensors}
            if real != {said}:
                detail = f"`{key[2]}`.{name} is claimed {said}, torch has {sorted(map(str, real))}"
                verdict.wrong.append(Wrong(name, key[0], detail))


def kinds(verdict: Verdict, claim: StateRow, seen: set[Seen]) -> None:
    """A name said to be a tensor is one or None; one said to be none, a number, ... is that."""
    real = {one.kind for one in seen}
    if claim.kind == "tensor":
        fits = real <= {"tensor", "none"}
    elif claim.kind in ("none", "number", "string", "module", "optimizer", "dict"):
        fits = real == {claim.kind}
    elif claim.kind == "unknown":
        fits = True
    else:
        fits = real <= {""}
    if not fits:
        detail = f"`{claim.name}` is claimed to be {claim.kind}, it is {sorted(real)}"
        verdict.wrong.append(Wrong("kind", claim.site.row, detail))


def errors(verdict: Verdict, text: str, found: Finding, runs: list[Run]) -> None:
    """An error holds when every run that gets to where it raises does raise, there or at a
    related place. In a loop that may be the second turn."""
    rows = {found.site.row, *(related.site.row for related in found.related)}
    around = loops(text, found.site.row)
    for run in runs:
        if rows & set(run.rows) or not rows <= set(run.lines):
            continue
        if not all(turned(run, *loop, row=found.site.row) for loop in around):
            continue
        if run.error is not None and not came_after(run, found.site.row, rows):
            continue
        if rows & raised(text, seed=run.seed):
            # It did raise, and the program caught it.
            continue
        ended = f"it ended by {run.error}" if run.error else "the program ran to its end"
        detail = f"error {found.rule} ({found.message[:90]}): {ended}"
        verdict.wrong.append(Wrong(f"error {found.rule}", found.site.row, detail))
        return


def loops(text: str, row: int) -> list[tuple[int, int]]:
    """The loops in whose bodies a row lies: their rows, and those of their first statements."""
    return [
        (node.lineno, node.body[0].lineno)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.For | ast.While) and node.lineno < row <= (node.end_lineno or 0)
    ]


def turned(run: Run, loop: int, body: int, row: int) -> bool:
    """Whether a loop turned twice, and came by a row twice, each time that it did: of a loop
    whose length is not known that is taken for granted."""
    begun = [*run.lines.get(loop, ()), MOST_STATEMENTS]
    visits = [
        sum(first < step < after for step in run.lines.get(place, ()))
        for first, after in pairwise(begun)
        for place in (body, row)
    ]
    return all(count != 1 for count in visits)


def came_after(run: Run, row: int, rows: set[int]) -> bool:
    """Whether every other row was still run after this one was."""
    return all(run.lines[each][-1] > run.lines[row][0] for each in rows - {row})


def reads(verdict: Verdict, found: Finding, runs: list[Run]) -> None:
    """A warning on a read of `.grad` holds when the read gives None on every run."""
    place = (found.site.row, found.site.column)
    for run in runs:
        if False in run.reads.get(place, ()):
            detail = f"warning {found.rule} ({found.message[:90]}): the gradient is there"
            verdict.wrong.append(Wrong(f"warning {found.rule}", found.site.row, detail))
            return


def recall(verdict: Verdict, text: str, report: Report, runs: list[Run]) -> None:
    """What raised and was predicted, what was None and was told."""
    lines = text.splitlines()
    loud = [found for found in report.findings if found.severity in ("error", "warning")]
    if all(run.autograd_error for run in runs):
        verdict.raising += 1
        rows = {row for run in runs for row in run.rows}
        told = any(
            rows & {found.site.row, *(related.site.row for related in found.related)}
            for found in loud
            if found.severity == "error"
        )
        verdict.predicted += told
        if not told:
            row = runs[0].rows[-1] if runs[0].rows else 1
            verdict.unpredicted.append(f"{lines[row - 1].strip()}  # {str(runs[0].error)[:100]}")
    for place in nones(runs):
        verdict.nones += 1
        told = any((found.site.row, found.site.column) == place for found in loud)
        verdict.told += told
        if not told:
            verdict.untold.append(lines[place[0] - 1].strip())


def nones(runs: list[Run]) -> Iterator[tuple[int, int]]:
    """The reads of `.grad` that gave None whenever they were reached, and were no tests for it."""
    every: dict[tuple[int, int], set[bool]] = {}
    for run in runs:
        for place, seen in run.reads.items():
            every.setdefault(place, set()).update(seen)
    return (place for place, seen in every.items() if seen == {True} and place not in runs[0].tests)
