"""What the command line prints: results on standard output, complaints on standard error."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from nonegrad.analysis.record.graphs import Graph
from nonegrad.analysis.record.states import StateRow
from nonegrad.analyze import Report
from nonegrad.checking import Checked
from nonegrad.output.outcome import Outcome
from nonegrad.raised.explaining import Explanation
from nonegrad.reading import Document
from nonegrad.rules import url
from nonegrad.rules.base import AnyRule
from nonegrad.text import Site


def complain(checked: Iterable[Checked]) -> bool:
    """Print why files were not checked, each reason once; whether there was one."""
    done = list(checked)
    lines = dict.fromkeys(line for each in done for line in each.complaints)
    for line in (*lines, *dict.fromkeys(line for each in done for line in each.notes)):
        print(f"nonegrad: {line}", file=sys.stderr)
    return bool(lines)


def tell(checked: Iterable[Checked], style: str) -> None:
    """Print findings in one of the styles of `--output-format`."""
    done = list(checked)
    outcomes = [each.outcome for each in done if each.outcome is not None]
    for each in done:
        for row, title in each.fixed if each.outcome else ():
            name = each.outcome.document.name if each.outcome else ""
            out = sys.stdout if style == "text" else sys.stderr
            print(f"{name}:{row}: fixed: {title}", file=out)
    if style == "text":
        _text(outcomes)
    elif style == "json":
        from nonegrad.output import rows

        _json(rows.finding_rows(outcomes))
    elif style == "sarif":
        from nonegrad.output import sarif

        _json(sarif.log(outcomes))
    else:
        from nonegrad.output import github

        for line in github.lines(outcomes):
            print(line)


def _text(outcomes: list[Outcome]) -> None:
    from nonegrad.output import text

    for line in text.render(outcomes, colourful()):
        print(line)
    if outcomes:
        print(text.summary(outcomes))


def colourful() -> bool:
    """Whether standard output wants colours: a terminal does, unless NO_COLOR says no."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.name != "nt"


def tell_states(checked: Iterable[Checked], style: str) -> None:
    """Print what is known of each name."""
    found = [
        (each.outcome.document, row)
        for each in checked
        if each.outcome is not None
        for row in each.states
    ]
    if style == "json":
        from nonegrad.output import rows

        _json([rows.state_row(document, row) for document, row in found])
        return
    for document, row in found:
        print(_state(document, row))


def _state(document: Document, row: StateRow) -> str:
    from nonegrad.output import text

    claims = {
        "requires_grad": row.requires_grad,
        "is_leaf": row.is_leaf,
        "grad_fn": row.grad_fn,
        "retains_grad": row.retains_grad,
        "dtype": row.dtype,
        "grad": row.grad,
    }
    known = ", ".join(f"{key}={value}" for key, value in claims.items() if value is not None)
    scope = "" if row.scope == "module" else f" in {row.scope}"
    return f"{text.where(document, row.site)}: {row.name}{scope}: {row.kind} {known}".rstrip()


def tell_rules(rules: Iterable[AnyRule], style: str) -> None:
    """Print the list of rules."""
    listed = list(rules)
    if style == "json":
        _json([_rule(rule) for rule in listed])
        return
    widest = max((len(rule.name) for rule in listed), default=0)
    for rule in listed:
        print(f"{rule.name:{widest}}  {rule.severity:11}  {rule.summary}")


def tell_rule(rule: AnyRule, style: str) -> None:
    """Print the page of one rule."""
    if style == "json":
        _json(_rule(rule))
        return
    print(f"# {rule.name} ({rule.severity})\n\n{rule.summary}\n\n{rule.doc.strip()}")


def tell_explanation(explanation: Explanation, checked: Iterable[Checked]) -> None:
    """Print what an error was traced to: the finding with its chain and fixes, and its rule."""
    from nonegrad.output import text
    from nonegrad.raised.explaining import nothing
    from nonegrad.rules import RULES

    print(f"{explanation.pasted.message}\n")
    if not explanation.told:
        outcomes = [each.outcome for each in checked if each.outcome is not None]
        for line in nothing(explanation, outcomes):
            print(line)
        return
    if explanation.known is not None:
        print(f"{explanation.known.meaning}\n")
    (outcome, told), *others = explanation.told
    if explanation.pasted.frames and not explanation.located:
        print("Nothing is found on the lines of the traceback; this is the likeliest elsewhere:\n")
    for line in text.render([replace(outcome, told=(told,))], colourful()):
        print(line)
    rule = next((each for each in RULES if each.name == told.finding.rule), None)
    if rule is not None:
        print(section(rule.doc, "Why it matters"))
    for outcome, other in others:
        place = text.where(outcome.document, other.finding.site)
        print(f"\nAlso possible: {place}: [{other.finding.rule}] {other.finding.message}")
    print(f"\n`nonegrad rule {told.finding.rule}` tells more.")


def tell_graphs(document: Document, report: Report, graphs: list[Graph], style: str) -> None:
    """Print autograd graphs, and on standard error what keeps them from being all there is."""
    from nonegrad.graph import choosing, dot, mermaid, svg
    from nonegrad.graph.picture import pictures

    for finding in report.findings:
        if finding.rule == "syntax-error":
            where = f"{document.name}:{document.place(finding.site.row)[1]}"
            print(f"nonegrad: {where}: does not parse; the rest is drawn", file=sys.stderr)
    if not graphs:
        errors = [one for one in report.findings if one.severity == "error"]
        # What raises before the first backward is what there is to know.
        why = f"; line {errors[0].site.row}: {errors[0].message}" if errors else ""
        print(f"nonegrad: {document.name}: there is no graph to draw{why}", file=sys.stderr)

    def place(site: Site) -> str:
        if site.filename != document.source.filename:
            return f"{Path(site.filename).name} line {site.row}"
        cell, row = document.place(site.row)
        return f"line {row}" if cell is None else f"cell {cell} line {row}"

    raises = choosing.raising(graphs, report.findings)
    if style == "json":
        from nonegrad.output.graphs import graph_row

        _json([graph_row(document, graph, raises, place) for graph in graphs])
        return
    draw = {"mermaid": mermaid.draw, "dot": dot.draw, "svg": svg.draw}[style]
    print(draw(pictures(graphs, raises, place)), end="")


def section(doc: str, title: str) -> str:
    """One section of a rule's page, without its heading."""
    _, _, rest = doc.partition(f"## {title}\n")
    return rest.partition("\n## ")[0].strip()


def _rule(rule: AnyRule) -> dict[str, Any]:
    return {
        "name": rule.name,
        "severity": rule.severity,
        "summary": rule.summary,
        "doc": rule.doc,
        "url": url(rule.name),
    }


def _json(value: object) -> None:
    import json

    # Escaped, so that any console can print it and no lone surrogate stops it.
    print(json.dumps(value, indent=2))
