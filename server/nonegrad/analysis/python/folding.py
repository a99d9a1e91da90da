"""Turns of a loop folded together: what one leaves, and whether that is anything new."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import cast

from nonegrad.analysis.domain import sweeping
from nonegrad.analysis.domain.counters import Counter
from nonegrad.analysis.domain.heap import ANYWHERE, NOWHERE, Node, Tensor
from nonegrad.analysis.domain.joining import Joinable, join_objects
from nonegrad.analysis.domain.renaming import rename_value
from nonegrad.analysis.domain.store import GONE, State
from nonegrad.analysis.domain.truth import MAYBE, NO, YES, Truth
from nonegrad.analysis.domain.value_class import replace
from nonegrad.analysis.domain.values import ANY, Addr, Value, is_value
from nonegrad.analysis.machine import Machine


def widened(settled: State, after: State, *, all_of_it: bool) -> State:
    """Where turns go on changing things past the bound: what still changes is unknown, and in the
    end all that a turn binds."""
    result = settled.fork()
    for key, thing in after.delta.items():
        before = settled.get(key)
        if thing is GONE or thing is before:
            continue
        if before is None:
            result.set(key, thing)
            continue
        bound = all_of_it and is_value(before)
        if not bound and join_objects(before, thing) == before:
            continue
        if is_value(before):
            result.set(key, ANY)
        elif isinstance(before, Tensor):
            result.set(key, replace(before.join(Tensor()), grad=ANY, escaped=True))
        elif isinstance(before, Node):
            result.set(key, replace(before, name=None, edges=(frozenset({ANYWHERE, NOWHERE}),)))
        else:
            result.set(key, join_objects(before, thing))
    return result


@dataclass(frozen=True, slots=True)
class Older:
    """What a folded turn made grows older; each of its objects joins those of the turns before."""

    machine: Machine
    young: frozenset[Addr]

    def __call__(self, addr: Addr) -> Addr:
        if addr not in self.young:
            return addr
        if addr.older is None:
            addr.older = self.machine.addresses.setdefault(
                ("older", *addr.key),
                Addr(("older", *addr.key), summary=True, stars=addr.stars, site=addr.site),
            )
        return addr.older


def age(m: Machine, state: State, since: State, star: int) -> State:
    """The state after a folded turn, with what the turn made grown older."""
    aged = State(since)
    delta = dict(state.since(since))
    to = Older(
        m,
        frozenset(
            key for key in delta if isinstance(key, Addr) and star in key.stars and not key.summary
        ),
    )
    # The turns before have left nothing at the places where this one makes its objects.
    sweeping.sweep(delta, since, made=to.young, worth_it=1)
    for key, thing in delta.items():
        if thing is GONE:
            aged.delta.setdefault(key, GONE)
            continue
        renamed = thing
        if isinstance(thing, frozenset):
            renamed = rename_value(cast(Value, thing), to)
        elif hasattr(thing, "rename"):
            renamed = cast(Joinable, thing).rename(to)
        if isinstance(key, Addr):
            place = to(key)
            if place is not key:
                aged.delta[key] = GONE
                before = aged.delta.get(place) or since.get(place)
                if before is not None and before is not GONE:
                    renamed = join_objects(before, renamed)
                aged.delta[place] = renamed
                continue
        aged.delta[key] = renamed
    return aged


def changes(settled: State, after: State, collects: frozenset[Hashable] = frozenset()) -> Truth:
    """Whether a turn led anywhere the settled state does not cover; MAYBE where it did no more
    than write anew, or add to what it only collects.

    An object that is new is no change by itself: something that leads to it has changed as well.
    Which write was the last one steers nothing: once a turn's writes are among those there may
    have been, another turn adds none.
    """
    found = NO
    for key, thing in after.delta.items():
        if thing is GONE:
            continue
        before = settled.get(key)
        if before is None and isinstance(key, Addr):
            continue
        if before is None:
            if key not in collects:
                return YES
            found = MAYBE
            continue
        if before is thing or (joined := join_objects(before, thing)) == before:
            continue
        if key not in collects and without_writes(joined) != without_writes(before):
            return YES
        found = MAYBE
    return found


def without_writes(thing: object) -> object:
    """An object as it is whatever the last writes were."""
    if isinstance(thing, Counter):
        return replace(thing, version=frozenset())
    if isinstance(thing, Node):
        return replace(thing, saved=())
    return thing
