"""Functions of the analysed sources: defining them, entering them, their generators.

A call is entered with the arguments at hand, in a context of its own; recursion is cut at the
second turn, and what lies deeper is unknown.
"""

from __future__ import annotations

import ast

from nonegrad.analysis import escapes
from nonegrad.analysis.autograd import gradmode
from nonegrad.analysis.domain import sweeping, values
from nonegrad.analysis.domain.frames import Frame, names_of
from nonegrad.analysis.domain.heap import Mapping, Sequence
from nonegrad.analysis.domain.objects import Function, GradSwitch, Opaque
from nonegrad.analysis.domain.store import State
from nonegrad.analysis.domain.value_class import replace
from nonegrad.analysis.domain.values import ANY, Bound, Ref, Sym, Value
from nonegrad.analysis.machine import Machine, Raised
from nonegrad.analysis.python import (
    annotations,
    calls,
    expressions,
    generators,
    statements,
    summaries,
    uncalled,
)

DEEPEST = 24
SAME_AT_MOST = 2
TRANSPARENT = frozenset(
    """functools.wraps functools.lru_cache functools.cache torch.jit.script torch.compile
    abc.abstractmethod typing.override typing.final torch.jit.export torch.jit.ignore
    torch.jit.unused typing.no_type_check torch.compiler.disable torch._dynamo.disable
    torch.autograd.function.once_differentiable functools.singledispatch pytest.fixture
    contextlib.asynccontextmanager typing.overload""".split()
)
KINDS = {
    "staticmethod": "staticmethod",
    "classmethod": "classmethod",
    "property": "property",
    "functools.cached_property": "property",
    "contextlib.contextmanager": "contextmanager",
}


def define(m: Machine, node: ast.FunctionDef | ast.AsyncFunctionDef) -> Value:
    """A def statement: the function, decorated."""
    decorators = [expressions.evaluate(m, d) for d in reversed(node.decorator_list)]
    function = Function(node.name, node, m.frame, defaults_of(m, node.args), owner=m.frame.owner)
    result = m.make(node, "function", function)
    m.recorder.defined(m, node, function)
    for decorator, expression in zip(decorators, reversed(node.decorator_list), strict=True):
        result = decorated(m, result, decorator, expression)
    return result


def decorated(m: Machine, function: Value, decorator: Value, node: ast.expr) -> Value:
    """What a decorator makes of a function."""
    atom, target = values.only(decorator), values.only(function)
    thing = m.at(target.addr, Function) if isinstance(target, Ref) else None
    if thing is None or not isinstance(target, Ref):
        return ANY
    match atom:
        case Sym(path=path) if path in KINDS:
            m.s.set(target.addr, replace(thing, kind=KINDS[path]))
            return function
        case Sym(path=path) if path in TRANSPARENT:
            return function
        case Sym(path=path) if path in (
            "torch.no_grad",
            "torch.inference_mode",
            "torch.enable_grad",
        ):
            return calls.call(
                m,
                calls.call(m, decorator, calls.Arguments(), node),
                calls.Arguments([function]),
                node,
            )
        case Bound(name=("setter" | "getter" | "deleter") as name, receiver=Ref(addr=getter)):
            m.bind(f"{thing.name}.{name}", function)
            return values.ref(getter)
        case Ref(addr=addr) if isinstance(m.s.get(addr), (GradSwitch, Function)):
            return calls.call(m, decorator, calls.Arguments([function]), node)
        case Ref(addr=addr) if (
            isinstance(found := m.s.get(addr), Opaque) and found.cls == "transparent"
        ):
            return function
        case _:
            m.s.set(target.addr, replace(thing, opaque=True))
            return function


def define_lambda(m: Machine, node: ast.Lambda) -> Value:
    """A lambda."""
    function = Function("<lambda>", node, m.frame, defaults_of(m, node.args))
    return m.make(node, "lambda", function)


def defaults_of(m: Machine, args: ast.arguments) -> tuple[tuple[str, Value], ...]:
    """Default values, evaluated where the function is defined."""
    found: dict[str, Value] = {}
    positional = [*args.posonlyargs, *args.args]
    with_default = positional[len(positional) - len(args.defaults) :]
    for arg, default in zip(with_default, args.defaults, strict=True):
        found[arg.arg] = expressions.evaluate(m, default)
    for arg, default in zip(args.kwonlyargs, args.kw_defaults, strict=True):
        if default is not None:
            found[arg.arg] = expressions.evaluate(m, default)
    return tuple(found.items())


def enter(
    m: Machine, function: Function, given: calls.Arguments, node: ast.AST, *, entry: bool = False
) -> Value:
    """Run a function's body with these arguments; `entry`: nobody calls it, they are unknown."""
    again = sum(1 for active in m.calls if active is function.node)
    if function.opaque or again >= SAME_AT_MOST or len(m.calls) >= DEEPEST:
        return calls.unknown(m, given, node)
    if function.kind == "contextmanager":
        return managed(m, function, given, node)
    names = names_of(function.node)
    outer_frame, outer_context, outer_state = m.frame, m.ctx, m.s
    m.ctx = outer_context.child(("call", id(node), id(function.node), id(function.frame)))
    frame = m.recorder.frames.get((m.ctx.number, id(function.node)))
    if frame is None:
        scope = f"{function.owner}.{function.name}" if function.owner else function.name
        frame = Frame(function.frame.module, scope, names, function.frame)
        frame.class_value = function.frame.class_value
        m.recorder.frames[m.ctx.number, id(function.node)] = frame
        arguments = [*function.node.args.posonlyargs, *function.node.args.args]
        frame.first_argument = arguments[0].arg if arguments else None
    m.recorder.entered.add(id(function.node))
    asked = None if entry or names.yields else summaries.question(m, function, given)
    if asked is not None and (known := summaries.recall(m, frame, asked)) is not None:
        m.ctx = outer_context
        return summaries.replay(m, known)
    effects = m.recorder.effects
    frame.returns, frame.loops, frame.switches = [], [], []
    start = m.s = State(outer_state, entry=True)
    m.calls.append(function.node)
    skipped = len(m.recorder.visits.skipped)
    m.uncertain += bool(again)
    assumed, m.assumed = m.assumed, m.assumed and not uncalled.runs_backward(function.node)
    frame.caller = outer_frame
    frame.called_at = m.site(node) if isinstance(node, ast.Call) else None
    saved = [gradmode.switch(m, switch, frame) for switch in switches(m, function)]
    try:
        bind_arguments(m, frame, function, given, node, entry=entry)
        m.frame = frame
        if names.yields:
            generators.begin(m, frame)
        run_body(m, function, frame)
    finally:
        m.frame, m.ctx = outer_frame, outer_context
        m.calls.pop()
        del m.recorder.visits.skipped[skipped:]
        m.uncertain -= bool(again)
        m.assumed = assumed
    m.recorder.leaving(m, function.node, frame)
    result = leave(m, frame, start, saved, names.yields, node)
    if asked is not None and effects == m.recorder.effects:
        summaries.keep(m, frame, asked, start, result)
    if result is None:
        m.s = outer_state.fork()
        raise Raised
    return result


def managed(m: Machine, function: Function, given: calls.Arguments, node: ast.AST) -> Value:
    """A call of a @contextmanager function: its body runs when the with statement does."""
    tuple_args = m.make(node, "cm:args", Sequence("tuple", tuple(given.args)))
    mapping = m.make(node, "cm:kwargs", Mapping(tuple(given.kwargs.items())))
    key = m.make(node, "cm:function", replace(function, kind="function"))
    return m.make(node, "cm", Opaque("contextmanager", (key, tuple_args, mapping)))


def switches(m: Machine, function: Function) -> list[GradSwitch]:
    """The grad modes its decorators set."""
    found: list[GradSwitch] = []
    for mode in function.modes:
        atom = values.only(mode)
        switch = m.at(atom.addr, GradSwitch) if isinstance(atom, Ref) else None
        if switch is not None:
            found.append(switch)
    return found


def run_body(m: Machine, function: Function, frame: Frame) -> None:
    if isinstance(function.node, ast.Lambda):
        try:
            value = expressions.evaluate(m, function.node.body)
        except Raised:
            statements.raised(m)
            return
        frame.returns.append((m.s, value))
    elif statements.run_block(m, function.node.body):
        frame.returns.append((m.s, values.NONE))


def leave(
    m: Machine,
    frame: Frame,
    start: State,
    saved: list[gradmode.Saved],
    generator: bool,
    node: ast.AST,
) -> Value | None:
    """Join the ways out of the function that started in a state; None where there is none."""
    if generator:
        generators.never_ending(frame)
    returns = frame.returns
    frame.returns = []
    if not returns:
        return None
    for state, _ in returns:
        for mode in reversed(saved):
            gradmode.restore_in(state, mode)
    outer = start.end_entry()
    m.s = m.join(outer, [state for state, _ in returns])
    if len(returns) > 1:
        start.depend_on(m.s.delta)
    if generator:
        result = generators.made(m, frame, node)
    else:
        result = values.join_all(value for _, value in returns)
    if not frame.names.closes and m.s.parent is outer:
        # Nobody can see the variables of a function that has returned.
        for name in (*frame.names.bound, generators.YIELDED):
            m.s.delta.pop((id(frame), name), None)
    if m.s.parent is outer:
        escapes.take_up(m)
        sweeping.sweep(m.s.delta, outer, result)
    return result


def bind_arguments(
    m: Machine,
    frame: Frame,
    function: Function,
    given: calls.Arguments,
    node: ast.AST,
    *,
    entry: bool,
) -> None:
    """Bind parameters as Python does; what is missing is unknown, or what its annotation says."""
    args = function.node.args
    defaults = dict(function.defaults)
    positional = [*args.posonlyargs, *args.args]
    left = dict(given.kwargs)
    for index, arg in enumerate(positional):
        value: Value | None = None
        if index < len(given.args):
            value = given.args[index]
        elif arg.arg in left:
            value = left.pop(arg.arg)
        elif given.rest is not None:
            value = values.join(given.rest, defaults.get(arg.arg, frozenset()))
        bind_one(m, frame, function, arg, value, defaults, given, entry=entry)
    for arg in args.kwonlyargs:
        bind_one(m, frame, function, arg, left.pop(arg.arg, None), defaults, given, entry=entry)
    if args.vararg is not None:
        extra = tuple(given.args[len(positional) :])
        rest = ANY if entry else given.rest
        packed = m.make(args.vararg, "args", Sequence("tuple", extra, rest))
        m.s.set((id(frame), args.vararg.arg), packed)
    if args.kwarg is not None:
        rest = ANY if entry or given.open_keywords else None
        packed = m.make(args.kwarg, "kwargs", Mapping(tuple(left.items()), rest))
        m.s.set((id(frame), args.kwarg.arg), packed)


def bind_one(
    m: Machine,
    frame: Frame,
    function: Function,
    arg: ast.arg,
    value: Value | None,
    defaults: dict[str, Value],
    given: calls.Arguments,
    *,
    entry: bool,
) -> None:
    if value is None:
        default = defaults.get(arg.arg)
        if entry or default is None or given.open_keywords:
            value = annotations.value_of(m, arg, function.frame)
            if default is not None:
                value = values.join(value, default)
        else:
            value = default
    elif value == ANY and arg.annotation is not None:
        value = annotations.value_of(m, arg, function.frame)
    m.s.set((id(frame), arg.arg), value)
