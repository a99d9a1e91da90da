"""What the rules about parameters that never train have in common: names, places, cures."""

from __future__ import annotations

from collections.abc import Iterator

from nonegrad.analysis.domain.provenance import Why
from nonegrad.analysis.record.facts import Untrained
from nonegrad.rules import wording
from nonegrad.rules.base import Finding
from nonegrad.text import Related, Site

FEW = 2


def named(names: tuple[str, ...]) -> str:
    """The parameters in a sentence: two by name, the others by their number."""
    unique = list(dict.fromkeys(names))
    shown = [f"`{name}`" for name in unique[:FEW]]
    if len(unique) > FEW:
        return f"{shown[0]} and {len(unique) - 1} more"
    return " and ".join(shown)


def cut(fact: Untrained, rule: str, kinds: tuple[str, ...], tale: str) -> Iterator[Finding]:
    """The finding about parameters whose thread to the loss is cut by a step of such a kind."""
    step = fact.cause
    if fact.reason != "cut" or step is None or step.kind not in kinds:
        return
    who = named(fact.names)
    has = "has" if len(set(fact.names)) == 1 else "have"
    steps = "any step of this optimizer" if fact.elsewhere else "any step"
    places = related(fact, step)
    for site in seen_from(step.mode or step.site, fact):
        yield Finding(
            rule,
            "warning",
            "definite",
            site,
            f"{who} {has} no gradient at {steps}: {tale.format(text=wording.shown(step))}",
            tuple(place for place in places if place.site != site),
            wording.rejoined(step, fact.loss),
        )


def seen_from(place: Site, fact: Untrained) -> tuple[Site, ...]:
    """The line to edit; the backward, too, where that stands in another file."""
    other = fact.backward or fact.step
    return (place,) if place.filename == other.filename else (place, other)


def related(fact: Untrained, step: Why | None = None) -> tuple[Related, ...]:
    """Where it shows: the cut, the backward that passes the parameters by, the idle step."""
    places: list[Related] = []
    if step is not None:
        places += wording.cut_at(step)
        if step.via is not None:
            places.append(Related(step.via, "under it, this call leads there"))
    if fact.backward is not None:
        places.append(Related(fact.backward, "this backward() does not reach them"))
    places.append(Related(fact.step, "this step changes nothing of them"))
    return tuple(places)
