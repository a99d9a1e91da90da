"""Forgetting what nothing leads to any more, so that joins and turns carry only what lives on."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import cast

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
from nonegrad.analysis.domain.values import NONE, Addr, Bound, Ref, Value

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


def leads_to(thing: object) -> Iterable[Addr]:
    """The objects that an object keeps alive."""
    if isinstance(thing, frozenset):
        return of_value(cast("Value", thing))
    keeps = KEEPS.get(type(thing))
    return () if keeps is None else keeps(thing)


def by_tensor(thing: Tensor) -> Iterable[Addr]:
    held = [*thing.fn, *thing.counter, *thing.base]
    if thing.grad != NONE:
        held.extend(of_value(thing.grad))
    return held


def by_counter(thing: Counter) -> Iterable[Addr]:
    return (*thing.version, *thing.history)


def by_node(thing: Node) -> Iterable[Addr]:
    held = [addr for edge in thing.edges for addr in edge]
    for saved in thing.saved:
        held.extend(saved.counter)
        held.extend(saved.version)
    return held


def by_group(thing: Group) -> Iterable[Addr]:
    return thing.members


def by_sequence(thing: Sequence) -> Iterable[Addr]:
    return of_values((*thing.items, *thing.opening, thing.rest or EMPTY))


def by_mapping(thing: Mapping) -> Iterable[Addr]:
    yield from of_values(value for _, value in thing.entries)
    yield from (key.addr for key, _ in thing.entries if isinstance(key, Ref))
    yield from of_values(value or EMPTY for value in (thing.rest, thing.factory, thing.of))


def by_instance(thing: Instance) -> Iterable[Addr]:
    held = (value for _, value in thing.attributes)
    return of_values((*held, thing.rest or EMPTY, frozenset({thing.cls})))


def by_class(thing: Class) -> Iterable[Addr]:
    return of_values((*thing.bases, *(value for _, value in thing.attributes)))


def by_function(thing: Function) -> Iterable[Addr]:
    return of_values((*(value for _, value in thing.defaults), *thing.modes))


def by_partial(thing: Partial) -> Iterable[Addr]:
    return of_values((thing.function, *thing.args, *(value for _, value in thing.keywords)))


def by_optimizer(thing: Optimizer) -> Iterable[Addr]:
    return of_values(thing.params)


def by_opaque(thing: Opaque) -> Iterable[Addr]:
    return of_values(thing.parts)


EMPTY: Value = frozenset()
KEEPS: dict[type, Callable[..., Iterable[Addr]]] = {
    Tensor: by_tensor,
    Counter: by_counter,
    Node: by_node,
    Group: by_group,
    Sequence: by_sequence,
    Mapping: by_mapping,
    Instance: by_instance,
    Class: by_class,
    Function: by_function,
    Partial: by_partial,
    Optimizer: by_optimizer,
    Opaque: by_opaque,
}
"""For each kind of object that leads to others, how to find which."""
