"""Transfer functions of statements: each runs one from the machine's state, and says whether
control falls through to the next."""

from __future__ import annotations

import ast
from collections.abc import Sequence as Items
from typing import cast

from nonegrad.analysis import escapes
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.frames import Frame
from nonegrad.analysis.domain.store import State
from nonegrad.analysis.machine import Machine, Raised
from nonegrad.analysis.python import (
    assignment,
    attributes,
    classes,
    conditions,
    containers,
    expressions,
    functions,
    imports,
    loops,
    matching,
    withs,
)


def run_block(m: Machine, body: Items[ast.stmt]) -> bool:
    """Run statements in order; False where control never reaches their end."""
    path = m.recorder.visits.path
    around = tuple(path) if m.recording and (m.calls or m.frame.loops) else None
    path.append(body[0] if body else EMPTY)
    try:
        for statement in body:
            path[-1] = statement
            if m.tries:
                m.tries[-1].append(m.s)
                m.s = m.s.fork()
            m.spend()
            escapes.take_up(m)
            goes_on = run(m, statement)
            if m.recording and (goes_on or isinstance(statement, ast.Return)):
                m.recorder.went_by(statement, around)
            if not goes_on:
                return False
    except Raised:
        if m.recording:
            m.recorder.went_wrong(m, path[-1])
        raised(m)
        return False
    finally:
        path.pop()
    return True


EMPTY = ast.Pass()


def raised(m: Machine) -> None:
    """This path ends in an exception: the handlers around it may go on from here."""
    if m.tries:
        m.tries[-1].append(m.s)
        m.s = m.s.fork()


def run(m: Machine, statement: ast.stmt) -> bool:
    """Run one statement."""
    match statement:
        case ast.Expr(value=value):
            expressions.evaluate(m, value)
        case ast.Assign():
            assignment.assign(m, statement)
        case ast.AugAssign():
            assignment.augmented(m, statement)
        case ast.AnnAssign():
            assignment.annotated(m, statement)
        case ast.If():
            return run_if(m, statement)
        case ast.For() | ast.AsyncFor():
            return loops.run_for(m, statement)
        case ast.While():
            return loops.run_while(m, statement)
        case ast.With() | ast.AsyncWith():
            return withs.run_with(m, statement)
        case ast.Return(value=value):
            result = values.NONE if value is None else expressions.evaluate(m, value)
            if value is not None:
                m.recorder.handed_back(m, value, result)
            m.recorder.returned_off(m, statement)
            m.frame.returns.append((m.s, result))
            m.s = m.s.fork()
            return False
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            m.bind(statement.name, functions.define(m, statement))
        case ast.ClassDef():
            m.bind(statement.name, classes.define_class(m, statement))
        case ast.Import():
            imports.run_import(m, statement)
        case ast.ImportFrom():
            imports.run_from(m, statement)
        case ast.Try():
            return run_try(m, statement)
        case ast.Raise(exc=exc):
            if exc is not None:
                expressions.evaluate(m, exc)
            raised(m)
            return False
        case ast.Break():
            return leave(m, m.frame.loops[-1].breaks if m.frame.loops else [])
        case ast.Continue():
            return leave(m, m.frame.loops[-1].continues if m.frame.loops else [])
        case ast.Assert(test=test):
            true, _ = conditions.branch(m, test)
            if true is None:
                raised(m)
                return False
            m.s = true
        case ast.Delete(targets=targets):
            for target in targets:
                delete(m, target)
        case ast.Match():
            return matching.run_match(m, statement)
        case ast.Pass() | ast.Global() | ast.Nonlocal():
            pass
        case _:
            return run_other(m, statement)
    return True


def run_other(m: Machine, statement: ast.stmt) -> bool:
    """Statements of newer Pythons: try-star like try, the rest has no effect that we model."""
    if type(statement).__name__ == "TryStar":
        return run_try(m, cast("ast.Try", statement))
    return True


def leave(m: Machine, jumps: list[State]) -> bool:
    """Jump: the state goes on elsewhere."""
    jumps.append(m.s)
    m.s = m.s.fork()
    return False


def run_if(m: Machine, statement: ast.If) -> bool:
    """Both branches from the states that the test leaves, then their join."""
    ancestor = m.s = m.s.fork()
    with ancestor.holding():
        true, false = conditions.branch(m, statement.test)
    ends: list[State] = []
    undecided = true is not None and false is not None
    if not undecided:
        m.recorder.optional.decided(m, statement, true is not None)
    visits, jumps = m.recorder.visits, jumps_of(m.frame)
    with visits.asking(undecided), ancestor.holding():
        for state, body in ((true, statement.body), (false, statement.orelse)):
            if state is not None:
                m.s = state
                if run_block(m, body):
                    ends.append(m.s)
    if undecided and jumps_of(m.frame) > jumps:
        visits.leaves_out()
    if not ends:
        return False
    m.s = m.join(ancestor, ends)
    return True


def jumps_of(frame: Frame) -> int:
    """How many jumps have left out the rest of the turn or, outside loops, of the function."""
    return len(frame.loops[-1].continues) if frame.loops else len(frame.returns)


def run_try(m: Machine, statement: ast.Try) -> bool:
    """Handlers start from the join of every point of the body where something may raise; the
    finally block runs on every way out, jumps included."""
    frame = m.frame
    loop = frame.loops[-1] if frame.loops else None
    marks = (
        len(frame.returns),
        len(loop.breaks) if loop else 0,
        len(loop.continues) if loop else 0,
    )
    ancestor = m.s
    m.s = ancestor.fork()
    points: list[State] = []
    m.tries.append(points)
    guarded = bool(statement.handlers)
    m.guarded += guarded
    try:
        with ancestor.holding():
            through = run_block(m, statement.body)
    finally:
        m.guarded -= guarded
        m.tries.pop()
    ends: list[State] = []
    points.append(m.s)
    left: list[State] = []
    if statement.finalbody:
        m.tries.append(left)
    try:
        with ancestor.holding():
            if through:
                m.s = m.s.fork()
                if run_block(m, statement.orelse):
                    ends.append(m.s)
            for handler in statement.handlers:
                m.s = m.join(ancestor, points).fork()
                if handler.name:
                    m.bind(handler.name, values.ANY)
                if run_block(m, handler.body):
                    ends.append(m.s)
    finally:
        if statement.finalbody:
            m.tries.pop()
    if statement.finalbody:
        finish_jumps(m, statement.finalbody, frame.returns, marks[0])
        if loop is not None:
            finish_states(m, statement.finalbody, loop.breaks, marks[1])
            finish_states(m, statement.finalbody, loop.continues, marks[2])
        if left or not guarded:
            finish_raised(m, statement.finalbody, m.join(ancestor, [*points, *left]))
    if not ends:
        m.s = m.s.fork()
        return False
    m.s = m.join(ancestor, ends)
    if not statement.finalbody:
        return True
    m.s = m.s.fork()
    return run_block(m, statement.finalbody)


def finish_raised(m: Machine, body: Items[ast.stmt], state: State) -> None:
    """Run a finally block on what raises and is not caught: afterwards it goes on raising."""
    m.s = state.fork()
    m.guarded += 1
    try:
        run_block(m, body)
    finally:
        m.guarded -= 1
    raised(m)


def finish_states(m: Machine, body: Items[ast.stmt], states: list[State], start: int) -> None:
    """Run a finally block on jumps that leave through it."""
    for place in range(start, len(states)):
        m.s = states[place].fork()
        if run_block(m, body):
            states[place] = m.s


def finish_jumps(
    m: Machine, body: Items[ast.stmt], returns: list[tuple[State, values.Value]], start: int
) -> None:
    """The same for returns."""
    for place in range(start, len(returns)):
        state, value = returns[place]
        m.s = state.fork()
        if run_block(m, body):
            returns[place] = (m.s, value)


def delete(m: Machine, target: ast.expr) -> None:
    """`del x` frees a name; `del t.grad` and `del d[k]` change an object."""
    match target:
        case ast.Name(id=name):
            m.bind(name, values.ANY)
        case ast.Attribute(value=value, attr=name):
            owner = expressions.evaluate(m, value)
            attributes.delete(m, owner, name, target)
        case ast.Subscript(value=value, slice=index):
            owner = expressions.evaluate(m, value)
            containers.delete_item(m, owner, expressions.evaluate(m, index))
        case ast.Tuple(elts=elements) | ast.List(elts=elements):
            for element in elements:
                delete(m, element)
        case _:
            pass
