"""Every fix heals: the program fails under torch, and after the fix it runs and the gradient is
there; the text still parses, keeps its comments, and draws no finding.

The programs stand in the Markdown files, one file a rule: a heading, `Gradient of: ...` for the
expressions that must have a gradient at the end (`There: ...` for what must not be None), and the
program. `Fix: 2` asks for the second fix
on offer.
"""

from __future__ import annotations

import io
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from nonegrad.analyze import analyze
from nonegrad.rules.base import Finding
from nonegrad.text import Fix, Source, apply
from torch_runs import Run, run

HERE = Path(__file__).parent
WIDTH = 88
"""How wide ruff lets a line be."""


@dataclass(frozen=True)
class Patient:
    """A program that loses a gradient, and what must have one in the end."""

    rule: str
    title: str
    code: str
    probes: tuple[str, ...]
    """Expressions that must not be None at the end."""
    choice: int

    def is_well(self, ran: Run) -> bool:
        return not ran.raises and all(ran.value(probe) is not None for probe in self.probes)


def patients() -> Iterator[Patient]:
    for path in sorted(HERE.glob("*.md")):
        for section in re.split(r"^(?=## )", path.read_text("utf-8"), flags=re.M)[1:]:
            title = section.partition("\n")[0].removeprefix("## ")
            code = re.search(r"^```python\n(.*?)^```$", section, re.M | re.S)
            probes = re.search(r"^(?:Gradient of|There): (.*)$", section, re.M)
            choice = re.search(r"^Fix: (\d)$", section, re.M)
            assert code and probes, f"{path.name}: {title}: no program, or nothing to look at"
            yield Patient(
                path.stem,
                title,
                code[1],
                tuple(
                    f"({each}).grad" if probes[0].startswith("Gradient") else each
                    for each in re.findall(r"`([^`]+)`", probes[1])
                ),
                int(choice[1]) if choice else 1,
            )


PATIENTS = list(patients())


@pytest.mark.parametrize("patient", PATIENTS, ids=lambda each: f"{each.rule}: {each.title}")
def test_the_fix_heals(patient: Patient) -> None:
    before = run(patient.code)
    assert not patient.is_well(before), "nothing is wrong with this program"
    fixed = healed(patient)
    after = run(fixed)
    assert patient.is_well(after), f"{after.error}\n{fixed}"
    assert comments(patient.code) <= comments(fixed)
    left = analyze(Source("patient.py", fixed)).findings
    assert [each for each in left if each.severity != "hint"] == []


@pytest.mark.parametrize("patient", PATIENTS, ids=lambda each: f"{each.rule}: {each.title}")
def test_no_fix_on_offer_is_idle(patient: Patient) -> None:
    """Whichever fix is taken, the text parses, has its comments, and the finding is gone."""
    source, finding, fixes = offered(patient)
    for fix in fixes:
        fixed = apply(source, fix.edits)
        assert comments(patient.code) <= comments(fixed), fix.title
        left = analyze(Source("patient.py", fixed)).findings
        assert without_rows(finding) not in map(without_rows, left), fix.title


def test_a_formatted_program_stays_formatted(tmp_path: Path) -> None:
    """What ruff has nothing to change in before a fix, it has nothing to change in after it."""
    for number, patient in enumerate(PATIENTS):
        source, _, fixes = offered(patient)
        (tmp_path / f"{number}_0.py").write_text(source.text, "utf-8")
        for turn, fix in enumerate(fixes, start=1):
            fixed = apply(source, fix.edits)
            if any(len(line) > WIDTH and "#" in line for line in fixed.split("\n")):
                continue  # Where a comment goes is left to the formatter.
            (tmp_path / f"{number}_{turn}.py").write_text(fixed, "utf-8")
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--diff", str(tmp_path)]
    told = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    changed = set(re.findall(r"^--- .*?(\d+_\d)\.py", told, re.M))
    unformatted = {name.partition("_")[0] for name in changed if name.endswith("_0")}
    assert {each for each in changed if each.partition("_")[0] not in unformatted} == set(), told


def without_rows(finding: Finding) -> tuple[str, str]:
    return finding.rule, re.sub(r"line \d+", "line", finding.message)


def healed(patient: Patient) -> str:
    """The text after the chosen fix of the first finding of the rule."""
    source, _, fixes = offered(patient)
    assert len(fixes) >= patient.choice, "no such fix on offer"
    return apply(source, fixes[patient.choice - 1].edits)


def offered(patient: Patient) -> tuple[Source, Finding, tuple[Fix, ...]]:
    """The first finding of the rule, with its fixes."""
    report = analyze(Source("patient.py", patient.code))
    loud = [each for each in report.findings if each.severity in ("error", "warning")]
    of_the_rule = [each for each in loud if each.rule == patient.rule]
    assert of_the_rule, f"the rule is silent, found: {[each.rule for each in loud]}"
    return report.source, of_the_rule[0], report.fixes(of_the_rule[0])


def comments(code: str) -> set[str]:
    tokens = tokenize.generate_tokens(io.StringIO(code).readline)
    return {token.string for token in tokens if token.type == tokenize.COMMENT}
