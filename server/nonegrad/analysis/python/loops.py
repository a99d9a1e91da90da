"""Loops: the first turns one by one, for bugs show in the second; then the fixpoint.

A loop whose number of turns is known and small runs turn by turn. Otherwise turn one runs apart,
and from its end on the turns are folded together until the state settles: what a folded turn makes
grows older at its end, so that the next turn starts with fresh objects.
The domain is finite for a program (sites, contexts, flags), so this ends; a bound cuts it short,
and what still changes then is joined once more with everything it may become.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import partial

from nonegrad.analysis import escapes
from nonegrad.analysis.domain.frames import Context, Loop
from nonegrad.analysis.domain.steps import Steps
from nonegrad.analysis.domain.store import State
from nonegrad.analysis.domain.truth import NO, YES
from nonegrad.analysis.domain.values import Value
from nonegrad.analysis.machine import Machine, Raised
from nonegrad.analysis.python import (
    assignment,
    conditions,
    expressions,
    generators,
    iteration,
    liveness,
    statements,
)
from nonegrad.analysis.python.folding import age, changes, widened
from nonegrad.analysis.syntax import walking

UNROLLED = 4
SETTLES = 6
WORK = 38 * 48
"""Nodes that are worth their time for every parameter of a model to have a turn of its own."""
ENOUGH, MOST = 48, 256
KEPT = "_nonegrad_affordable"

Turn = Callable[[], bool]
"""Runs one turn from the machine's state; False where control never reaches the turn's end."""


def run_for(m: Machine, statement: ast.For | ast.AsyncFor) -> bool:
    """for TARGET in ITERABLE: BODY else: ORELSE."""
    iterable = expressions.evaluate(m, statement.iter)
    unrolled: int | None = getattr(statement, KEPT, None)
    if unrolled is None:
        unrolled = affordable(statement.body)
        setattr(statement, KEPT, unrolled)
    steps = iteration.steps(m, iterable, statement.iter, unrolled=unrolled)

    def turn(value: Value) -> bool:
        assignment.bind_target(m, statement.target, value, statement)
        return statements.run_block(m, statement.body)

    cheap = unrolled > iteration.UNROLLED
    return run_loop(m, statement, steps, turn, statement.orelse, cheap=cheap)


def affordable(body: Iterable[ast.AST]) -> int:
    """How many turns of a body may run one by one where each is known: the less it does, the
    more."""
    turns = WORK // max(sum(1 for _ in walking.walk(*body)), 1)
    return min(turns, MOST) if turns >= ENOUGH else iteration.UNROLLED


def run_loop(
    m: Machine,
    node: ast.stmt | ast.expr,
    steps: Steps,
    turn: Callable[[Value], bool],
    orelse: list[ast.stmt],
    *,
    cheap: bool,
    collects: frozenset[Hashable] = frozenset(),
) -> bool:
    """Run the turns of a for loop, then its else, and join the ways out."""
    ancestor = m.s
    m.s = ancestor.fork()
    loop = Loop(liveness.dead(m.frame, node), collects)
    m.frame.loops.append(loop)
    done: list[State] = []
    context = m.ctx
    alive = True
    consumer = None
    if steps.paused is not None:
        consumer = generators.Consumer(steps.paused, generators.is_held(node), loop)
        turn = consumer.wrap(m, turn)
    try:
        with ancestor.holding():
            for number, value in enumerate(steps.known):
                m.ctx = context.child((id(node), number))
                alive = one_turn(m, loop, lambda value=value: turn(value))
                if not alive:
                    break
            if alive:
                done.append(m.s)
                if steps.rest is not None:
                    least = 0 if steps.known else steps.least
                    if least:
                        done.clear()
                    opening = [lambda value=value: turn(value) for value in steps.opening]
                    more = partial(one_of, steps, turn)
                    with m.s.holding():
                        open_turns(m, node, context, loop, more, done, least, opening, cheap=cheap)
    finally:
        m.ctx = context
        m.frame.loops.pop()
    if consumer is not None:
        consumer.leave(m, done)
    return finish(m, ancestor, loop, done, orelse)


def one_of(steps: Steps, turn: Callable[[Value], bool]) -> bool:
    """A turn with one of the items that are not known one by one."""
    return turn(steps.one())


def open_turns(
    m: Machine,
    node: ast.AST,
    context: Context,
    loop: Loop,
    turn: Turn,
    done: list[State],
    least: int = 0,
    opening: Sequence[Turn] = (),
    *,
    cheap: bool = False,
    begun: bool = False,
) -> None:
    """Turns whose number is not known: one, two, and any more, but no fewer than `least`.

    `opening` are the first ones, where more is known of them. The second turn runs apart where that
    is `cheap`, so that what it makes stays one object. Else it is the first of those folded: it
    starts where the first one ended, and nothing has been joined to that yet. `begun`: one has run.
    """
    ancestor = m.s
    first, second = (*opening, turn, turn)[:2]
    if not m.recording or context.turned:
        m.ctx = context.child((id(node), "more"), star=True)
        settle(m, loop, m.s, m.s, turn, done, turn)
        return
    ends: list[State] = []
    for place, run in enumerate((first, second) if cheap else (first,)):
        m.s = m.s.fork()
        m.ctx = context.child((id(node), "second" if place or begun else "first"))
        if not one_turn(m, loop, run):
            done.extend(ends[max(least - 1, 0) :])
            return
        ends.append(m.s)
    done.extend(ends[max(least - 1, 0) :])
    m.ctx = context.child((id(node), "more"), star=True)
    if least > 1:
        # The turns to come start where the last one ended.
        del ends[:-1]
    start = ends[0] if len(ends) == 1 else m.join(ancestor, ends)
    if least > 1 and not cheap:
        ancestor = start
    settle(m, loop, ancestor, start, turn, done, turn if cheap else second)


def settle(
    m: Machine,
    loop: Loop,
    ancestor: State,
    start: State,
    turn: Turn,
    done: list[State],
    first: Turn,
) -> None:
    """Fold turns together until the state at their start covers their end.

    `first` runs the first of them. What is recorded meanwhile is true: each start covers states of
    real turns, so what holds in all of them holds on those turns, and rows are joined over every
    visit anyway.
    """
    settled, after = start, None
    for place in range(SETTLES):
        run = turn if place else first
        after = folded(m, loop, settled, run)
        if after is None:
            return
        changed = changes(settled, after, loop.collects)
        if changed is not NO:
            settled = m.join(ancestor, [settled, after]) if settled is not ancestor else after
        if changed is not YES and run is turn:
            break
    else:
        for number_left in reversed(range(SETTLES)):
            settled = widened(settled, after or settled, all_of_it=number_left == 0)
            after = folded(m, loop, settled, turn)
            if after is None:
                return
            if changes(settled, after) is not YES:
                break
    done.append(settled)


def folded(m: Machine, loop: Loop, settled: State, turn: Turn) -> State | None:
    """The state after a turn from a settled one, with what the turn made grown older; None where
    control never reaches the turn's end."""
    m.s = settled.fork()
    with settled.holding():
        return age(m, m.s, settled, m.ctx.number) if one_turn(m, loop, turn) else None


def one_turn(m: Machine, loop: Loop, turn: Turn) -> bool:
    """One turn, its continues joined with its end."""
    start = m.s = m.s.fork()
    loop.continues.clear()
    skipped = m.recorder.visits.skipped
    before = len(skipped)
    with start.holding():
        alive = turn()
    del skipped[before:]
    ends = [*loop.continues, *([m.s] if alive else [])]
    loop.continues.clear()
    if not ends:
        return False
    m.s = m.join(start, ends)
    escapes.take_up(m)
    for name in loop.dead:
        m.forget(name)
    return True


def run_while(m: Machine, statement: ast.While) -> bool:
    """while TEST: BODY else: ORELSE; a test that stays certainly true is left by break alone."""
    ancestor = m.s
    m.s = ancestor.fork()
    loop = Loop(liveness.dead(m.frame, statement))
    m.frame.loops.append(loop)
    context = m.ctx
    done: list[State] = []

    def turn() -> bool:
        true, false = conditions.branch(m, statement.test)
        if false is not None:
            done.append(false)
        if true is None:
            return False
        m.s = true
        # That a count goes on is taken for granted; any other test may end the loop after a turn.
        by_chance = false is not None and not counts(statement.test)
        with m.recorder.visits.asking(by_chance, each_turn=True):
            return statements.run_block(m, statement.body)

    try:
        with ancestor.holding():
            known = 0
            while known < UNROLLED:
                m.ctx = context.child((id(statement), known))
                before = len(done)
                if not one_turn(m, loop, turn):
                    break
                known += 1
                if len(done) > before or known >= UNROLLED or not counts(statement.test):
                    # The test is no longer certain, or there is no end in sight.
                    settled: list[State] = []
                    with m.s.holding():
                        open_turns(m, statement, context, loop, turn, settled, begun=True)
                    for state in settled:
                        m.s = state.fork()
                        _, false = conditions.branch(m, statement.test)
                        if false is not None:
                            done.append(false)
                    break
    finally:
        m.ctx = context
        m.frame.loops.pop()
    return finish(m, ancestor, loop, done, statement.orelse)


def counts(test: ast.expr) -> bool:
    """Whether the test is a comparison, as of a loop that counts."""
    return isinstance(test, ast.Compare)


def finish(
    m: Machine, ancestor: State, loop: Loop, done: list[State], orelse: list[ast.stmt]
) -> bool:
    """Join the ways out of a loop: through its else, and by break."""
    ends = list(loop.breaks)
    if done:
        with ancestor.holding():
            m.s = m.join(ancestor, done).fork()
            try:
                if statements.run_block(m, orelse):
                    ends.append(m.s)
            except Raised:
                statements.raised(m)
    if not ends:
        return False
    m.s = m.join(ancestor, ends)
    return True
