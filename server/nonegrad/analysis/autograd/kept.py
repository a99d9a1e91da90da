"""What backward finds of what the nodes kept: freed by another backward, or written to since."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from nonegrad.analysis.autograd.reaching import Reach
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.counters import FIRST, UNSEEN, Counter
from nonegrad.analysis.domain.heap import Node, Saved, Tensor
from nonegrad.analysis.domain.truth import MAYBE, NO, YES, Truth
from nonegrad.analysis.domain.truth import join as join_truth
from nonegrad.analysis.domain.values import Addr
from nonegrad.analysis.machine import Machine, Raised
from nonegrad.analysis.record import counted, hidden


@dataclass(frozen=True, slots=True)
class Stale:
    """A tensor that a node kept and somebody wrote to since."""

    node: Node
    saved: Saved
    writes: tuple[Addr, ...]
    definite: bool


def check(m: Machine, found: Reach, node: ast.AST, tensor: Tensor, *, sure: bool) -> None:
    """Whether what the nodes kept is still there, and as it was; raises where one misses it."""
    check_freed(m, found, node, sure=sure)
    counted.check(m, found, node, sure=sure)
    stale = stale_of(m, found)
    if stale:
        m.recorder.stale(m, node, stale, tensor)
        if sure and any(one.definite for one in stale):
            raise Raised
    hidden.check(m, found, node, sure=sure)


def check_freed(m: Machine, found: Reach, node: ast.AST, *, sure: bool) -> None:
    """A node whose tensors an earlier backward freed makes this one raise."""
    for addr, definite in found.nodes.items():
        record = m.node(addr)
        if record is None or record.freed is not YES or record.keeps is not YES:
            continue
        if definite and sure and not addr.summary:
            m.recorder.freed(m, node, record, crossing(m, found), found)
            raise Raised


def crossing(m: Machine, found: Reach) -> Addr | None:
    """The step of a new graph that leads into one that a backward has gone through."""
    for addr in found.nodes:
        record = m.node(addr)
        if record is None or record.freed_at is not None:
            continue
        for edge in record.edges:
            if any(old.freed_at for one in edge if (old := m.node(one)) is not None):
                return addr
    return None


def stale_of(m: Machine, found: Reach) -> list[Stale]:
    """Kept tensors that were written to since."""
    result: list[Stale] = []
    for addr, definite in found.nodes.items():
        record = m.node(addr)
        if record is None:
            continue
        for saved in record.saved:
            verdict, writes = outdated(m, saved)
            if verdict is NO:
                continue
            if record.freed is not NO:
                continue
            certain = verdict is YES and definite and saved.certain and not addr.summary
            result.append(Stale(record, saved, writes, certain))
    return result


def outdated(m: Machine, saved: Saved) -> tuple[Truth, tuple[Addr, ...]]:
    """Whether a kept tensor's version moved on, and the writes that did it."""
    verdict: Truth | None = None
    writes: set[Addr] = set()
    for addr in saved.counter:
        counter = m.at(addr, Counter)
        if counter is None:
            return MAYBE, ()
        one = compare(saved.version, counter.version)
        if addr.summary and one is YES:
            one = MAYBE
        writes |= first_write(counter, saved)
        verdict = one if verdict is None else join_truth(verdict, one)
    return verdict or NO, tuple(sorted(writes, key=values.age))


def first_write(counter: Counter, saved: Saved) -> frozenset[Addr]:
    """The write that spoilt a kept value: the first one after it, not the last."""
    now = counter.version - saved.version - {UNSEEN, FIRST}
    places = [counter.history.index(one) for one in saved.version if one in counter.history]
    if FIRST in saved.version and len(saved.version) == 1 and len(counter.history) < MANY_WRITES:
        places = [-1]
    if len(saved.version) == 1 and places and len(now) == 1:
        after = counter.history[places[0] + 1 :]
        if after and after[-1] in now:
            return frozenset(after[:1])
    return now


MANY_WRITES = 12


def compare(before: frozenset[Addr], now: frozenset[Addr]) -> Truth:
    """Whether versions differ."""
    if UNSEEN in before or UNSEEN in now:
        return NO if before == now and len(now) == 1 else MAYBE
    if before == now:
        return NO if len(before) == 1 and not next(iter(before)).summary else MAYBE
    # No write stands at two addresses, not even at those that stand for many.
    return MAYBE if before & now else YES
