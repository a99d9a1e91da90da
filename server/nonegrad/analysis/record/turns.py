"""What makes two objects one over the turns of loops and the visits of a place."""

from __future__ import annotations

from itertools import takewhile
from typing import cast

from nonegrad.analysis.domain.frames import Context
from nonegrad.analysis.domain.values import Addr
from nonegrad.analysis.machine import Machine
from nonegrad.analysis.record.graphs import Key
from nonegrad.text import Site


class Turns:
    """Where the machine stands: what was made in calls that are still running is seen from there,
    whoever called, and in whichever turn of a loop."""

    def __init__(self, m: Machine) -> None:
        self.here = calls_of(m.ctx)
        self.contexts = contexts(m)
        self.sites = {id(node): site for node, site in m.sites.items()}

    def key(self, addr: Addr) -> Key:
        """The same for all that one place makes in one way to get there."""
        calls, made = self.split(addr)
        return ("op", *calls[self.shared(calls) :], *made)

    def inside(self, addr: Addr) -> bool:
        """Whether it was made in the call that is being run, or in one that it led to."""
        return self.within(self.split(addr)[0])

    def within(self, calls: list[Key]) -> bool:
        """The same of the calls that led to a place."""
        return self.shared(calls) == len(self.here)

    def via(self, addr: Addr) -> Site | None:
        """The call, seen from here, in which it was made."""
        calls = self.split(addr)[0]
        after = calls[self.shared(calls) :]
        first = after[0][0] if after and len(after[0]) == CALL else None
        return self.sites.get(first) if isinstance(first, int) else None

    def order(self, addr: Addr) -> tuple[object, ...]:
        """What tells it from others, without what another run would number otherwise."""
        calls, made = self.split(addr)
        entered = [
            self.sites.get(call[0], call[0]) if len(call) == CALL else call[1:]
            for call in calls[self.shared(calls) :]
            if isinstance(call[0], int)
        ]
        return (*((one if isinstance(one, tuple) else ()) for one in entered), *made[:2], *made[3:])

    def split(self, addr: Addr) -> tuple[list[Key], Key]:
        """The calls that led to what made it, and what that was."""
        key = addr.key
        while key and key[0] == "older":
            key = key[1:]
        if len(key) < 3 or not isinstance(key[0], int):
            return [], key
        return calls_of(self.contexts.get(key[0])), tuple(key[1:-1])

    def shared(self, calls: list[Key]) -> int:
        """How many of these calls are still running."""
        pairs = takewhile(lambda pair: pair[0] == pair[1], zip(calls, self.here, strict=False))
        return sum(1 for _ in pairs)


CALL = 2


def calls_of(context: Context | None) -> list[Key]:
    """The calls that lead to a context; which turn of a loop it is does not count."""
    found: list[Key] = []
    while context is not None:
        if isinstance(context.key, tuple):
            match cast("Key", context.key):
                case ("call", call, function, *_):
                    found.append((call, function))
                case (_, "child" | "copy", *_) as entered:
                    found.append(entered)
                case (_, int() | "first" | "second" | "more"):
                    pass  # a turn of a loop
                case entered:
                    found.append(entered[:2])
        context = context.parent
    return found[::-1]


def contexts(m: Machine) -> dict[int, Context]:
    """Every context there is, by its number."""
    root = m.ctx
    while root.parent is not None:
        root = root.parent
    found: dict[int, Context] = {}
    queue = [root]
    for context in queue:
        found[context.number] = context
        queue += context.children.values()
    return found
