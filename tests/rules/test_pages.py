"""The page of a rule is a theorem: on *Example* the checker speaks and torch shows the symptom, on
*Use instead* neither does, and the first fix turns the one into the other."""

from __future__ import annotations

import re

import pytest
from nonegrad.analyze import Report, analyze
from nonegrad.rules import RULES
from nonegrad.rules.base import AnyRule, Finding
from nonegrad.text import Source, apply
from torch_runs import run

NO_FAITHFUL_EDIT = {
    "function-returns-none",
    "grad-not-reached",
    "step-without-backward",
    "unused-parameter",
}
"""Rules whose cure only the author of the program knows."""


def example(rule: AnyRule, heading: str) -> str:
    """The program under a heading of the page."""
    found = re.search(rf"^## {heading}\n```python\n(.*?)^```$", rule.doc, re.M | re.S)
    assert found, f"no program under {heading}"
    return found[1]


def report(code: str) -> Report:
    return analyze(Source("page.py", code))


def shows(code: str) -> bool:
    """Whether torch shows that something is wrong: an error, a None, a leaf without gradient."""
    ran = run(code)
    silent = "print" not in code and "backward" in code
    return ran.raises or ran.shows_none or (silent and ran.misses_a_gradient)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_on_the_example_the_rule_speaks_alone(rule: AnyRule) -> None:
    findings = report(example(rule, "Example")).findings
    assert [(each.rule, each.severity) for each in findings] == [(rule.name, rule.severity)]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_on_the_example_torch_shows_the_symptom(rule: AnyRule) -> None:
    assert shows(example(rule, "Example")) == (rule.severity != "hint")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_on_the_better_program_nobody_says_anything(rule: AnyRule) -> None:
    good = example(rule, "Use instead")
    assert report(good).findings == ()
    assert not shows(good)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_the_first_fix_turns_one_into_the_other(rule: AnyRule) -> None:
    bad, good = example(rule, "Example"), example(rule, "Use instead")
    made = report(bad)
    [finding] = made.findings
    fixes = made.fixes(finding)
    assert bool(fixes) == (rule.name not in NO_FAITHFUL_EDIT)
    if fixes:
        assert apply(made.source, fixes[0].edits) == good


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_fix_of_the_example_stays_a_program(rule: AnyRule) -> None:
    made = report(example(rule, "Example"))
    for fix in [fix for each in made.findings for fix in made.fixes(each)]:
        assert fix.title[0].isupper() and not fix.title.endswith(".")
        compile(apply(made.source, fix.edits), "fixed", "exec")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_message_begins_with_one_short_sentence(rule: AnyRule) -> None:
    [finding] = report(example(rule, "Example")).findings
    assert len(first_sentence(finding)) <= 100
    assert finding.message.endswith(".")


def first_sentence(finding: Finding) -> str:
    return re.split(r"(?<=[^.])\. ", finding.message)[0]
