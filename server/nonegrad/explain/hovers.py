"""From a place under the cursor to what there is to say about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from nonegrad.analysis.record.facts import NoGraph, Overwritten, RefusedWrite
from nonegrad.analysis.record.recorder import Recorder
from nonegrad.explain import chain, events, tensors
from nonegrad.explain.base import Hover, paragraphs
from nonegrad.explain.tensors import Subject
from nonegrad.rules.base import Finding
from nonegrad.text import Fix, Rewrite, Site, Source, shortened


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens at a place: the stretch it speaks on, and what it says."""

    site: Site
    place: Site
    say: Callable[[], str]


@dataclass(frozen=True, slots=True)
class Told:
    """What the hovers of one text tell of."""

    source: Source
    seen: Recorder
    findings: Sequence[Finding]
    written: Callable[[Rewrite], Fix | None]
    """The fix of a request, None where it does not apply; the first call loads libcst."""


def hover(told: Told, row: int, column: int) -> Hover | None:
    """What to say at a position; None where nothing is known.

    An event speaks on its own stretch, a tensor on its name, and the smaller stretch wins. On the
    name that a statement writes in place both speak.
    """
    source, seen = told.source, told.seen
    happening = [
        event
        for event in happenings(source, seen)
        if event.site.filename == source.filename and event.site.contains(row, column)
    ]
    named = [
        site
        for site in seen.sightings.seen
        if site.filename == source.filename and site.contains(row, column)
    ]
    event = max(happening, key=lambda each: narrow(each.site), default=None)
    name = max(named, key=narrow, default=None)
    if event is not None and (name is None or narrow(event.site) > narrow(name)):
        return Hover(event.site, of_event(event, told))
    if name is None:
        return None
    spoken = shortened(source.on_one_line(name))
    said = of_tensor(Subject.at(source, seen, name, spoken), told)
    if event is not None and (event.site.row, event.site.column) == (name.row, name.column):
        said = paragraphs([of_event(event, told), "---" if said else "", said])
    return Hover(name, said) if said else None


def narrow(site: Site) -> tuple[int, int, int, int]:
    """The later it begins and the sooner it ends, the greater."""
    return site.row, site.column, -site.end_row, -site.end_column


def of_event(event: Event, told: Told) -> str:
    """What happens on a line, and the cure where it should not."""
    return paragraphs([event.say(), cures(told, {event.place}, event.place)])


def of_tensor(subject: Subject, told: Told) -> str:
    """A tensor's name, or its `.grad`."""
    if not subject.known():
        return ""
    read = subject.name.endswith(".grad") and subject.site in subject.seen.reads
    if read:
        owner = subject.name.removesuffix(".grad")
        subject = Subject.at(subject.source, subject.seen, subject.site, owner)
    story = tensors.story(subject)
    if read and not story:
        return ""
    own = {
        subject.seen.definitions[one.addr][1]
        for one in subject.visits
        if one.addr in subject.seen.definitions
    }
    tensor = subject.tensor
    blamed = chain.cause(tensor.why) if tensor.requires_grad.known is False else None
    if blamed is not None:
        own.add(blamed.site)
    advice = cures(told, own, subject.site)
    parts = [story, tensors.head(subject)] if read else [tensors.head(subject), story]
    return paragraphs([*parts, advice])


def cures(told: Told, places: set[Site], here: Site) -> str:
    """The first fix that applies, of a finding that stands here or that edits one of the places."""
    for finding in told.findings:
        for rewrite in finding.rewrites:
            if rewrite.kind == "quickfix" and (
                finding.site == here or rewrite.site in places or finding.site in places
            ):
                fix = told.written(rewrite)
                if fix is not None:
                    return f"**Fix:** {fix.title}"
    return ""


def happenings(source: Source, seen: Recorder) -> Iterator[Event]:
    """Every event of the file."""
    for passing in seen.sightings.passings.values():
        yield Event(
            handle(source, passing.site),
            passing.site,
            lambda e=passing: events.passing(source, e),
        )
    for fact in seen.raised.values():
        if isinstance(fact, NoGraph):
            said = lambda e=fact: events.no_graph(source, e)  # noqa: E731
            yield Event(handle(source, fact.site), fact.site, said)
        elif isinstance(fact, Overwritten):
            yield Event(fact.write, fact.write, lambda e=fact: events.overwritten(source, e))
            if fact.backward is not None:
                said = lambda e=fact: events.needs_overwritten(source, e)  # noqa: E731
                yield Event(handle(source, fact.backward), fact.write, said)
        elif isinstance(fact, RefusedWrite):
            yield Event(fact.site, fact.site, lambda e=fact: events.refused(source, e))
    for site, write in seen.writes.items():
        if site not in seen.unsafe_writes:
            yield Event(site, site, lambda e=write: events.safe(source, e))
    for site in seen.sightings.updates:
        yield Event(site, site, events.update)
    for site, keeper in seen.sightings.kept.items():
        yield Event(site, site, lambda k=keeper: events.kept(source, k))


def handle(source: Source, site: Site) -> Site:
    """Of `model(x).sum().backward()` the last part: before it other things are spoken of."""
    if site.filename != source.filename:
        return site
    text = source.cut(site)
    at = text.rfind(".backward")
    if at <= 0:
        return site
    row, column = source.position(source.offset(site.row, site.column) + at + 1)
    return Site(site.filename, row, column, site.end_row, site.end_column)
