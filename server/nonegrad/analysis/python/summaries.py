"""What a call did, kept to be done again: loops come back to the same calls until they settle.

A summary holds for one activation (one function in one context), where the call finds everything
it read as it was: its arguments, the circumstances, and each place of the state. Then running it
would write the same again. Calls that do more than change the state are not kept.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.frames import Frame
from nonegrad.analysis.domain.heap import Tensor
from nonegrad.analysis.domain.objects import Function
from nonegrad.analysis.domain.store import GONE, State
from nonegrad.analysis.domain.truth import MAYBE
from nonegrad.analysis.domain.values import Addr, Value
from nonegrad.analysis.machine import Machine, Raised

if TYPE_CHECKING:
    from nonegrad.analysis.python.calls import Arguments

KEPT = 2
"""Summaries of one activation: a loop comes back to what it found last, or the time before."""

Question = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """One run: what was asked, what it read, what it wrote and gave; None where it raised."""

    question: Question
    reads: dict[Hashable, object]
    rested: frozenset[Addr]
    """Tensors of which it took for granted that their gradients are not known."""
    writes: dict[Hashable, object]
    result: Value | None
    dropped: tuple[Addr, ...]


def question(m: Machine, function: Function, given: Arguments) -> Question | None:
    """What decides a call apart from the state; None where that is not all."""
    if m.tries or m.on_yield or values.DROPPED:
        return None
    arguments = (tuple(given.args), tuple(given.kwargs.items()), given.rest, given.open_keywords)
    return (function, arguments, m.uncertain, m.guarded, *circumstances(m))


def circumstances(m: Machine) -> Question:
    """What a call may find, or leave, changed outside the state."""
    seen = m.recorder
    return (
        (m.recording, m.assumed, m.uncalled),
        (seen.last_backward, seen.stepping, seen.blurred, seen.may_hold_others),
    )


def recall(m: Machine, frame: Frame, asked: Question) -> Summary | None:
    """The summary that holds for this call in this state."""
    for summary in m.summaries.get(frame, ()):
        if summary.question == asked and holds(summary, m.s):
            return summary
    return None


def holds(summary: Summary, state: State) -> bool:
    """Whether everything that was read is as it was."""
    for key, before in summary.reads.items():
        now = state.get(key)
        if now is not before and (now is None) != (before is GONE):
            return False
        if now is not None and now is not before and now != before:
            return False
    stirred = map(state.get, state.stirred(summary.rested))
    return all(not isinstance(one, Tensor) or one.grad_state is MAYBE for one in stirred)


def replay(m: Machine, summary: Summary) -> Value:
    """Do what the run did."""
    m.s = State(m.s)
    if summary.result is None:
        raise Raised
    m.s.delta.update(summary.writes)
    values.DROPPED.extend(summary.dropped)
    return summary.result


def keep(m: Machine, frame: Frame, asked: Question, entry: State, result: Value | None) -> None:
    """Keep what a call did, that started in `entry` and has left its changes in the state."""
    if circumstances(m) != asked[-2:] or (result is not None and m.s.parent is not entry.parent):
        return
    writes = {} if result is None else dict(m.s.delta)
    dropped = tuple(values.DROPPED)
    summary = Summary(asked, entry.seen, entry.rested, writes, result, dropped)
    m.summaries[frame] = [summary, *m.summaries.get(frame, [])[: KEPT - 1]]
