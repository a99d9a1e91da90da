"""Running a whole program: its top level, then everything in it that nobody calls."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nonegrad.analysis.domain import sweeping, values
from nonegrad.analysis.domain.frames import Frame, Module, names_of
from nonegrad.analysis.domain.heap import Tensor
from nonegrad.analysis.domain.objects import Class, Function, Instance
from nonegrad.analysis.domain.store import State
from nonegrad.analysis.domain.truth import MAYBE, NO
from nonegrad.analysis.domain.value_class import replace
from nonegrad.analysis.domain.values import ANY, Ref
from nonegrad.analysis.machine import Exhausted, Machine, Raised
from nonegrad.analysis.python import calls, classes, functions, statements, uncalled
from nonegrad.analysis.python.imports import Loader
from nonegrad.analysis.record.recorder import Recorder
from nonegrad.analysis.syntax import walking
from nonegrad.text import Source

if TYPE_CHECKING:
    from nonegrad.names.protocol import Names

BUDGET_A_STATEMENT = 20_000
BUDGET_A_FUNCTION = 3_000
CROWDED = 1_000
"""Places of the state before the first look for what can be forgotten."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a run recorded."""

    recorder: Recorder
    others: tuple[Source, ...] = ()
    """The other files that were run, as they were read."""


def interpret(
    source: Source,
    body: list[ast.stmt],
    names: Names | None = None,
    recorder: Recorder | None = None,
) -> Result:
    """Run a module's statements, then the functions and methods that were never entered."""
    tree = ast.Module(body=body, type_ignores=[])
    recorder = recorder or Recorder()
    frame = Frame(Module(source, "__main__", asked=True), "module", names_of(tree))
    m = Machine(frame, Loader(names), recorder, BUDGET_A_STATEMENT)
    values.DROPPED.clear()
    m.s.set((id(frame), "__name__"), values.const("__main__"))
    entry = m.s
    m.s = entry.fork()
    crowded = CROWDED
    for statement in body:
        m.budget = BUDGET_A_STATEMENT
        before = m.s
        m.s = before.fork()
        try:
            with before.holding():
                alive = statements.run_block(m, [statement])
            if not alive:
                break
        except (Exhausted, RecursionError):
            m.s = before.fork()
            reset(m, frame)
            forget(m, statement)
            recorder.doubt()
        recorder.settle()
        # Nothing else stands on the state before: what the statement did goes into it, so that
        # looking up stays cheap however long the file is.
        before.delta.update(m.s.since(before))
        m.s = before
        if len(before.delta) > crowded:
            # What nothing leads to any more would be carried, and looked through, to the end.
            sweeping.sweep(before.delta, entry)
            crowded = max(CROWDED, 2 * len(before.delta))
    after = m.s
    selves: Selves = {}
    for (node, function), others in uncalled.in_order(list(recorder.functions.values())):
        if id(node) in recorder.entered:
            continue
        before_it = set(recorder.entered)
        m.s = after.fork()
        m.budget = min(BUDGET_A_STATEMENT, BUDGET_A_FUNCTION * (1 + others))
        try:
            enter_unknown(m, node, function, selves)
        except Raised:
            pass
        except (Exhausted, RecursionError):
            recorder.doubt()
            # What it led to has not been seen to its end.
            recorder.entered = before_it | {id(node)}
        recorder.settle()
        reset(m, frame)
    return Result(recorder, tuple(each.module.source for each in m.loader.frames.values()))


def reset(m: Machine, frame: Frame) -> None:
    """Stand at the module's top level again, after a run was cut short."""
    m.frame, m.ctx = frame, root(m)
    m.tries, m.calls, m.on_yield = [], [], []
    m.uncertain = m.guarded = 0
    m.assumed = m.uncalled = False
    m.recording = True


def root(m: Machine):
    """The outermost context."""
    context = m.ctx
    while context.parent is not None:
        context = context.parent
    return context


def forget(m: Machine, statement: ast.stmt) -> None:
    """A statement took too long: what it binds is unknown."""
    for name in names_of(ast.Module(body=[statement], type_ignores=[])).bound:
        m.bind(name, ANY)


Selves = dict[values.Value, tuple[values.Value, State]]
"""For each class the `self` of a method nobody calls, and the state in which it was made."""


def enter_unknown(m: Machine, node: ast.AST, function: Function, selves: Selves) -> None:
    """A function nobody calls, with arguments that are not known."""
    given = calls.Arguments()
    owner = function.frame.class_value
    if owner is not None and function.frame.is_class and function.kind in ("function", "property"):
        if function.name == "__init__":
            receiver = some_instance(m, owner, function)
        elif owner in selves:
            receiver, made = selves[owner]
            m.s = made.fork()
        else:
            receiver = some_instance(m, owner, function)
            selves[owner] = (receiver, m.s)
            m.s = m.s.fork()
        given.args.append(receiver)
    elif owner is not None and function.frame.is_class and function.kind == "classmethod":
        given.args.append(owner)
    m.assumed, m.uncalled = True, True
    functions.enter(m, replace(function, opaque=False, kind="function"), given, node, entry=True)


def some_instance(m: Machine, owner: values.Value, function: Function) -> values.Value:
    """`self` of a method nobody calls: what `__init__` makes of unknown arguments, with whatever
    other methods may have changed since forgotten."""
    atom = values.only(owner)
    cls = m.at(atom.addr, Class) if isinstance(atom, Ref) else None
    if cls is None or not isinstance(atom, Ref):
        return ANY
    names = classes.ancestry(m, atom)
    is_module = "torch.nn.Module" in names.names
    made = m.make(cls.node, "self", Instance(atom, is_module=is_module, open=not names.whole))
    init = classes.find_in_class(m, atom, "__init__")
    if function.name == "__init__":
        return made
    for found in values.references(init) if init else ():
        thing = m.at(found, Function)
        if thing is None:
            continue
        with m.silent():
            try:
                functions.enter(m, thing, calls.Arguments([made]), cls.node, entry=True)
            except Raised:
                return ANY
    for addr in values.references(made):
        thing = m.at(addr, Instance)
        if thing is not None:
            m.s.set(addr, loosened(m, cls, thing))
    return made


def loosened(m: Machine, cls: Class, thing: Instance) -> Instance:
    """The instance as any method may find it."""
    changed = {
        target.attr
        for method in cls.node.body
        if isinstance(method, (ast.FunctionDef, ast.AsyncFunctionDef)) and method.name != "__init__"
        for target in walking.walk(method)
        if isinstance(target, ast.Attribute) and isinstance(target.ctx, (ast.Store, ast.Del))
    }
    attributes: list[tuple[str, values.Value]] = []
    for name, value in thing.attributes:
        loosen(m, value)
        attributes.append((name, ANY if name in changed else value))
    return replace(
        thing, attributes=tuple(attributes), training=MAYBE, open=thing.open or not thing.is_module
    )


def loosen(m: Machine, value: values.Value, depth: int = 0) -> None:
    """Gradients and switches of what is found there may have changed since it was made."""
    for addr in values.references(value):
        thing = m.s.get(addr)
        if isinstance(thing, Tensor):
            m.s.set(
                addr,
                replace(
                    thing,
                    grad=ANY,
                    requires_grad=MAYBE if thing.is_leaf is not NO else thing.requires_grad,
                    is_leaf=thing.is_leaf,
                ),
            )
        elif isinstance(thing, Instance) and depth < 8:
            m.s.set(addr, replace(thing, training=MAYBE))
            for _, inner in thing.attributes:
                loosen(m, inner, depth + 1)
