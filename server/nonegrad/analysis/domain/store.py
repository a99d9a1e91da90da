"""The abstract state at a program point, as layers that share what did not change.

A fork costs nothing and a join only what the branches wrote, so a long file stays linear.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Hashable, Iterable, Sequence
from contextlib import contextmanager
from typing import TypeVar

from nonegrad.analysis.domain.values import Addr

T = TypeVar("T")
Joiner = Callable[[object, object], object]
DEEPEST = 6
GONE = object()
"""What lay at a place has moved to another one."""
MISSING = object()


class State:
    """A map from places (variables, addresses, switches) to what is known there.

    An entry state is one from which a call starts: it keeps all that the call reads of what was
    there before.
    """

    __slots__ = ("born", "calm", "delta", "entry", "held", "parent", "rested", "seen", "within")

    def __init__(self, parent: State | None = None, *, entry: bool = False) -> None:
        self.parent = parent
        self.delta: dict[Hashable, object] = {}
        self.seen: dict[Hashable, object] = {}
        """What was found further up, for those above no longer change while this state lives."""
        self.entry = entry
        self.within: State | None = self if entry or parent is None else parent.within
        """The innermost entry state on the way to the root; at the root itself."""
        self.held = 0
        """By how many this state is held as one to join paths from, and must stay on their way."""
        self.calm: frozenset[Addr] | None = None
        """Members of a group that were all looked at, and set to rest, here."""
        self.rested: frozenset[Addr] = frozenset()
        """At an entry state: what the call took for being at rest, without looking at it."""
        self.born = Addr.made
        """How many addresses there were: what lies at a later one was made since."""

    def get(self, key: Hashable) -> object | None:
        """What is known at a place, or None where nothing ever was."""
        found = self.delta.get(key)
        if found is None:
            found = self.seen.get(key)
            if found is None:
                found = self.seen[key] = self._above(key)
        return None if found is GONE else found

    def _above(self, key: Hashable) -> object:
        layer = self.parent
        passed: list[State] | None = None
        while layer is not None:
            if (found := layer.delta.get(key)) is not None:
                break
            if layer.seen and (found := layer.seen.get(key)) is not None:
                break
            if layer.entry or layer.held:
                passed = [layer] if passed is None else [*passed, layer]
            layer = layer.parent
        else:
            found = GONE
        for lasting in passed or ():
            lasting.seen[key] = found
        return found

    def lacks(self, addr: Addr) -> bool:
        """Whether nothing lies at an address here."""
        if addr.number > self.born and addr not in self.delta:
            return True
        return self.get(addr) is None

    def found_absent(self, key: Hashable) -> None:
        """Take a place that nobody has used as read."""
        entry = self.within
        while entry is not None:
            entry.seen[key] = GONE
            entry = None if entry.parent is None else entry.parent.within

    def stirred(self, members: frozenset[Addr]) -> Iterable[Addr]:
        """The members of a group that were perhaps written since all of it was set to rest."""
        found: set[Hashable] = set()
        calls: list[State] = []
        layer: State | None = self
        while layer is not None:
            found |= layer.delta.keys() & members
            if layer.calm is not None:
                left = members.intersection(found) | (members - layer.calm)
                for entry in calls:
                    entry.rested |= members - left
                return left
            if layer.entry:
                calls.append(layer)
            layer = layer.parent
        return members

    def set(self, key: Hashable, value: object) -> None:
        """Make something known at a place."""
        self.delta[key] = value

    def end_entry(self) -> State:
        """The state before the call that started here: the call is over, this is a state like
        others."""
        outer = self.parent
        if outer is None:
            raise ValueError("no state stands before the first")
        self.entry = False
        self.within = outer.within
        return outer

    def depend_on(self, keys: Iterable[Hashable]) -> None:
        """Take what was there before the call as read: a join of the ways out has kept it where
        one of them left a place as it was."""
        for key in keys:
            if key not in self.seen:
                self.seen[key] = self._above(key)

    def fork(self) -> State:
        """A state that starts as this one; this one must no longer be written."""
        return State(self)

    @contextmanager
    def holding(self) -> Generator[None]:
        """Keep this state on the way of all that come from it, to join them from here."""
        self.held += 1
        try:
            yield
        finally:
            self.held -= 1

    def objects(self, kind: type[T]) -> list[tuple[Addr, T]]:
        """Every object of a kind there is, as it is now, in no order."""
        return [
            (key, thing)
            for key, thing in self.since(None).items()
            if type(thing) is kind and isinstance(key, Addr)
        ]

    def since(self, ancestor: State | None) -> dict[Hashable, object]:
        """Everything written after `ancestor`, which must lie on the way to the root."""
        layers: list[dict[Hashable, object]] = []
        layer: State | None = self
        while layer is not ancestor and layer is not None:
            layers.append(layer.delta)
            layer = layer.parent
        if len(layers) == 1:
            return layers[0]
        merged: dict[Hashable, object] = {}
        for delta in reversed(layers):
            merged.update(delta)
        return merged


def join_states(ancestor: State, states: Sequence[State], join: Joiner) -> State:
    """One state that covers all of them; each must descend from `ancestor`.

    Of one that comes from the state before it only what was written since is looked at, for the
    points of a try statement are many.
    """
    if len(states) == 1 and states[0].parent is ancestor:
        return _shallow(states[0])

    def both(one: object, other: object) -> object:
        if other is None or other is GONE or other is one:
            return one
        return other if one is None or one is GONE else join(one, other)

    joined = State(ancestor)
    result_of = joined.delta
    last, *others = states
    result_of.update(last.since(ancestor))
    for state in others:
        delta = _after(state, last, ancestor)
        if delta is None:
            delta = state.since(ancestor)
            for key in result_of.keys() - delta.keys():
                result_of[key] = both(result_of[key], ancestor.get(key))
        for key, value in delta.items():
            before = result_of.get(key, MISSING)
            result_of[key] = both(ancestor.get(key) if before is MISSING else before, value)
        last = state
    for key in [key for key, value in result_of.items() if value is None]:
        result_of[key] = GONE
    return _shallow(joined)


def _after(state: State, last: State, ancestor: State) -> dict[Hashable, object] | None:
    """What was written after another state, if this one comes from that."""
    layer: State | None = state
    while layer is not None and layer is not ancestor:
        if layer is last:
            return state.since(last)
        layer = layer.parent
    return None


def _shallow(state: State) -> State:
    """Merge layers where the chain became long, so that looking up stays cheap; none that others
    are to be joined from, for what came since could not be told any more."""
    layer, passed = state, 0
    while layer.parent is not None and not layer.entry and not layer.held:
        layer = layer.parent
        passed += 1
    if passed < DEEPEST:
        return state
    flat = State(layer)
    flat.delta = dict(state.since(layer))
    return flat
