"""From the text of an error to the finding that explains it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from nonegrad.output.outcome import Outcome, Told
from nonegrad.raised.errors import Known, known
from nonegrad.raised.pasted import Pasted
from nonegrad.rules.base import Finding

RANK = {"error": 0, "warning": 1, "information": 2, "hint": 3}


@dataclass(frozen=True, slots=True)
class Explanation:
    """What an error was traced to."""

    pasted: Pasted
    known: Known | None
    told: tuple[tuple[Outcome, Told], ...]
    """The findings that explain it, the likeliest first."""

    @property
    def located(self) -> bool:
        """Whether the likeliest finding stands on a line of the traceback, or leads to one."""
        return bool(self.told) and touches(self.pasted, *self.told[0])


def explain(text: str, outcomes: Iterable[Outcome]) -> Explanation:
    """The findings that explain a pasted error, by its message and by the lines it names."""
    pasted = Pasted(text)
    meant = known(text)
    ranked: list[tuple[tuple[int, ...], int, Outcome, Told]] = []
    for outcome in outcomes:
        for told in outcome.told:
            finding = told.finding
            on_line = touches(pasted, outcome, told)
            fits = meant is not None and finding.rule in meant.rules
            if finding.severity == "hint" or not (fits or (meant is None and on_line)):
                continue
            place = meant.rules.index(finding.rule) if meant is not None else 0
            raises = pasted.rows(outcome.document.source.filename)[-1:]
            key = (
                not on_line,
                not (raises and raises[0] in rows_of(finding, outcome)),
                not speaks_of(finding, pasted),
                RANK[finding.severity],
                place,
            )
            ranked.append((tuple(map(int, key)), len(ranked), outcome, told))
    ranked.sort(key=lambda each: each[:2])
    return Explanation(pasted, meant, tuple((outcome, told) for _, _, outcome, told in ranked))


def touches(pasted: Pasted, outcome: Outcome, told: Told) -> bool:
    """Whether the finding, or one of its related places, stands on a line that was pasted."""
    sites = [told.finding.site, *(related.site for related in told.finding.related)]
    return any(
        site.row <= row <= site.end_row
        for site in sites
        for row in pasted.rows(site.filename)
        if row
    )


def rows_of(finding: Finding, outcome: Outcome) -> set[int]:
    """The rows of a file that a finding speaks of."""
    name = outcome.document.source.filename
    sites = [finding.site, *(related.site for related in finding.related)]
    return {
        row for site in sites if site.filename == name for row in range(site.row, site.end_row + 1)
    }


def speaks_of(finding: Finding, pasted: Pasted) -> bool:
    """Whether the finding names what the message names: an operator, a parameter."""
    said = finding.message.lower()
    quoted = re.findall(r"parameter '(\w+)'", pasted.message)
    words = [pasted.operator, *quoted]
    return any(f"`{word}`".lower() in said for word in words if word)


def nothing(explanation: Explanation, outcomes: Iterable[Outcome]) -> Iterator[str]:
    """What to say where no finding explains the error."""
    documents = [outcome.document for outcome in outcomes]
    if not documents:
        return
    names = " and ".join(document.name for document in documents)
    if explanation.known is None:
        yield "This is none of the errors that nonegrad knows, which are about gradients."
        yield f"No finding in {names} stands on its lines."
    else:
        yield explanation.known.meaning
        yield f"Nothing in {names} certainly raises it, as far as can be seen without running it."
    for document in documents:
        for row in explanation.pasted.rows(document.source.filename)[-1:]:
            code = document.source.line(row).strip()
            yield f"The last of its lines in {document.name} is {row}: `{code}`"
    if explanation.known is not None:
        yield explanation.known.look
