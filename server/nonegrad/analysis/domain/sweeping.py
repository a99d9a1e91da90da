"""Forgetting what nothing leads to any more, so that joins and turns carry only what lives on."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator

from nonegrad.analysis.domain.counters import Counter
from nonegrad.analysis.domain.groups import Group
from nonegrad.analysis.domain.heap import Mapping, Node, Sequence, Tensor
from nonegrad.analysis.domain.objects import (
    Class,
    Function,
    Instance,
    Opaque,
    Optimizer,
    Partial,
)
from nonegrad.analysis.domain.store import State
from nonegrad.analysis.domain.value_class import replace
from nonegrad.analysis.domain.values import Addr, Bound, Ref, Value

WORTH_IT = 24


def sweep(
    delta: dict[Hashable, object],
    outer: State,
    kept: Value = frozenset(),
    *,
    made: frozenset[Addr] = frozenset(),
    worth_it: int = WORTH_IT,
) -> None:
    """Drop from a state's changes the objects made since `outer` that neither a variable, an older
    object nor `kept` leads to. What views and viewers point to does not live on by that. `made`
    are objects known to be made since."""
    fresh = {key for key in delta if isinstance(key, Addr) and (key in made or outer.lacks(key))}
    if len(fresh) < worth_it:
        return
    pending: list[Addr] = list(of_value(kept))
    for key, thing in delta.items():
        if key not in fresh:
            pending.extend(leads_to(thing))
    alive: set[Addr] = set()
    while pending:
        addr = pending.pop()
        if addr in fresh and addr not in alive:
            alive.add(addr)
            pending.extend(leads_to(delta[addr]))
    fresh -= alive
    for addr in fresh:
        del delta[addr]
    for key, thing in delta.items() if fresh else ():
        if isinstance(thing, Tensor) and not fresh.isdisjoint(thing.views):
            delta[key] = replace(thing, views=thing.views - fresh)
        elif isinstance(thing, Counter) and not fresh.isdisjoint(thing.viewers):
            delta[key] = replace(thing, viewers=thing.viewers - fresh)


def of_value(value: Value) -> Iterator[Addr]:
    """The objects a value refers to."""
    for atom in value:
        if isinstance(atom, Ref):
            yield atom.addr
        elif isinstance(atom, Bound):
            for inner in (atom.receiver, atom.function):
                if isinstance(inner, Ref):
                    yield inner.addr


def of_values(found: Iterable[Value]) -> Iterator[Addr]:
    for value in found:
        yield from of_value(value)


def leads_to(thing: object) -> Iterator[Addr]:
    """The objects that an object keeps alive."""
    match thing:
        case frozenset():
            yield from of_value(thing)  # pyright: ignore[reportUnknownArgumentType]
        case Tensor():
            yield from thing.fn
            yield from thing.counter
            yield from thing.base
            yield from of_value(thing.grad)
        case Counter():
            yield from thing.version
            yield from thing.history
        case Node():
            for edge in thing.edges:
                yield from edge
            for saved in thing.saved:
                yield from saved.counter
                yield from saved.version
        case Group():
            yield from thing.members
        case Sequence():
            yield from of_values(thing.items)
            yield from of_values(thing.opening)
            yield from of_value(thing.rest or frozenset())
        case Mapping():
            yield from of_values(value for _, value in thing.entries)
            yield from (key.addr for key, _ in thing.entries if isinstance(key, Ref))
            yield from of_value(thing.rest or frozenset())
            yield from of_value(thing.factory or frozenset())
            yield from of_value(thing.of or frozenset())
        case Instance():
            yield from of_values(value for _, value in thing.attributes)
            yield from of_value(thing.rest or frozenset())
            yield from of_value(frozenset({thing.cls}))
        case Class():
            yield from of_values(thing.bases)
            yield from of_values(value for _, value in thing.attributes)
        case Function():
            yield from of_values(value for _, value in thing.defaults)
            yield from of_values(thing.modes)
        case Partial():
            yield from of_value(thing.function)
            yield from of_values(thing.args)
            yield from of_values(value for _, value in thing.keywords)
        case Optimizer():
            yield from of_values(thing.params)
        case Opaque():
            yield from of_values(thing.parts)
        case _:
            pass
