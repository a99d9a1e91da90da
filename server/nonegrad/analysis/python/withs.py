"""with statements: grad modes, autocast, and context managers of the analysed sources."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable

from nonegrad.analysis.autograd import gradmode
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.heap import Mapping, Sequence
from nonegrad.analysis.domain.objects import Function, GradSwitch, Instance, Opaque
from nonegrad.analysis.domain.values import ANY, Ref, Value
from nonegrad.analysis.machine import AUTOCAST, Machine, Raised
from nonegrad.analysis.nn import backward_hooks
from nonegrad.analysis.python import assignment, calls, classes, expressions, functions, statements
from nonegrad.analysis.syntax import walking


def run_with(m: Machine, statement: ast.With | ast.AsyncWith) -> bool:
    """Enter each item, run the body, leave in reverse."""
    return enter(m, statement, 0)


def enter(m: Machine, statement: ast.With | ast.AsyncWith, index: int) -> bool:
    if index == len(statement.items):
        return statements.run_block(m, statement.body)
    item = statement.items[index]
    manager = expressions.evaluate(m, item.context_expr)
    atom = values.only(manager)
    thing = m.s.get(atom.addr) if isinstance(atom, Ref) else None

    def bind(value: Value) -> None:
        if item.optional_vars is not None:
            assignment.bind_target(m, item.optional_vars, value, statement)

    if swallows(m, manager, item.context_expr):
        return swallowed(m, lambda: enter(m, statement, index + 1), bind)
    if isinstance(thing, GradSwitch):
        bind(values.NONE)
        return switched(m, thing, lambda: enter(m, statement, index + 1))
    if isinstance(thing, Opaque) and thing.cls == "contextmanager" and len(thing.parts) >= 1:
        return managed(m, statement, thing, bind, lambda: enter(m, statement, index + 1))
    if isinstance(thing, Instance) and isinstance(atom, Ref):
        found = classes.find_method(m, thing, "__enter__")
        entered = ANY
        if found is not None:
            entered = classes.call_method(m, atom.addr, "__enter__", [], item.context_expr)
        bind(entered)
        through = enter(m, statement, index + 1)
        if through and classes.find_method(m, thing, "__exit__") is not None:
            none = [values.NONE] * 3
            classes.call_method(m, atom.addr, "__exit__", none, item.context_expr)
        return through
    if isinstance(thing, Opaque) and thing.cls == backward_hooks.HANDLE:
        backward_hooks.loosen(m, thing)
    if isinstance(thing, Opaque) and thing.cls == "autocast":
        bind(values.NONE)
        return autocasting(m, lambda: enter(m, statement, index + 1))
    bind(manager if isinstance(thing, Opaque) else ANY)
    return enter(m, statement, index + 1)


def switched(m: Machine, switch: GradSwitch, body: Callable[[], bool]) -> bool:
    """Run a body under another grad mode; what jumps out of it carries the mode it had before."""
    saved = gradmode.switch(m, switch)
    frame = m.frame
    loop = frame.loops[-1] if frame.loops else None
    marks = (
        len(frame.returns),
        len(loop.breaks) if loop else 0,
        len(loop.continues) if loop else 0,
    )
    frame.switches.append(switch)
    try:
        through = body()
    finally:
        frame.switches.pop()
        gradmode.restore(m, saved)
    for state, _ in frame.returns[marks[0] :]:
        gradmode.restore_in(state, saved)
    if loop is not None:
        for state in [*loop.breaks[marks[1] :], *loop.continues[marks[2] :]]:
            gradmode.restore_in(state, saved)
    return through


def autocasting(m: Machine, body: Callable[[], bool]) -> bool:
    """Under autocast the dtypes and nodes of what is computed depend on the operator."""
    m.s.set(AUTOCAST, values.TRUE)
    through = body()
    m.s.set(AUTOCAST, values.FALSE)
    return through


def managed(
    m: Machine,
    statement: ast.With | ast.AsyncWith,
    manager: Opaque,
    bind: Callable[[Value], None],
    body: Callable[[], bool],
) -> bool:
    """A generator under @contextmanager: its code runs around the body, at its yield."""
    outer = (m.frame, m.ctx, list(m.calls), m.guarded)
    through = [False]
    function, args, kwargs = (values.only(part) for part in manager.parts)

    def at_yield(value: Value) -> None:
        inner = (m.frame, m.ctx, m.calls)
        m.frame, m.ctx, m.calls, _ = outer
        try:
            bind(value)
            through[0] = body()
        finally:
            m.frame, m.ctx, m.calls = inner
        if not through[0] and m.guarded > outer[3]:
            # Its own handler takes what the body raises, and lets it go on below.
            through[0] = True
            raise Raised

    thing = m.at(function.addr, Function) if isinstance(function, Ref) else None
    given = calls.Arguments()
    if isinstance(args, Ref) and isinstance(kwargs, Ref):
        given.args = list((m.at(args.addr, Sequence) or Sequence("tuple")).items)
        given.kwargs = {str(k): v for k, v in (m.at(kwargs.addr, Mapping) or Mapping()).entries}
    if thing is None:
        bind(ANY)
        return body()
    with calls.yielding(m, thing, at_yield):
        functions.enter(m, thing, given, statement)
    return through[0]


EXPECTING = re.compile(r"raises|suppress", re.IGNORECASE)


def swallows(m: Machine, manager: Value, expression: ast.expr) -> bool:
    """Whether what the body raises may end at the with statement: the manager expects it.

    A manager that is not known is taken at its name: `self.assertRaises(RuntimeError)`.
    """
    for atom in manager:
        thing = m.s.get(atom.addr) if isinstance(atom, Ref) else None
        if isinstance(thing, Opaque) and thing.cls == "raises":
            return True
        if isinstance(thing, Instance):
            found = classes.find_method(m, thing, "__exit__")
            inner = values.only(found) if found is not None else None
            code = m.at(inner.addr, Function) if isinstance(inner, Ref) else None
            if code is not None and any(map(perhaps_true, walking.walk(code.node))):
                return True
    callee = expression.func if isinstance(expression, ast.Call) else expression
    name = callee.attr if isinstance(callee, ast.Attribute) else getattr(callee, "id", "")
    return values.UNKNOWN in manager and EXPECTING.search(name) is not None


def perhaps_true(node: ast.AST) -> bool:
    """Whether it is a return of what Python may take for true."""
    if not isinstance(node, ast.Return) or node.value is None:
        return False
    return not (isinstance(node.value, ast.Constant) and not node.value.value)


def swallowed(m: Machine, body: Callable[[], bool], bind: Callable[[Value], None]) -> bool:
    """pytest.raises, assertRaises, contextlib.suppress: what raises inside is expected."""
    ancestor = m.s
    m.s = ancestor.fork()
    points = [m.s]
    bind(ANY)
    m.tries.append(points)
    m.guarded += 1
    try:
        m.s = m.s.fork()
        with ancestor.holding():
            through = body()
    finally:
        m.guarded -= 1
        m.tries.pop()
    if through:
        points.append(m.s)
    m.s = m.join(ancestor, points).fork()
    return True
