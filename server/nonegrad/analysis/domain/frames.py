"""Where names live: calling contexts, the frames of functions, and the names a body binds."""

from __future__ import annotations

import ast
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nonegrad.analysis.syntax import walking
from nonegrad.text import Site, Source

if TYPE_CHECKING:
    from nonegrad.analysis.domain.objects import GradSwitch
    from nonegrad.analysis.domain.store import State
    from nonegrad.analysis.domain.values import Value


WATCHED = frozenset({"locals", "globals", "vars", "eval", "exec", "dir"})
"""Functions that see variables nobody names."""


class Context:
    """A chain of calls and loop turns, interned, so that equal chains are one object.

    `stars` numbers the loops whose turns are folded together here: what is made under them
    grows older at the end of a turn.
    """

    __slots__ = ("children", "depth", "key", "number", "parent", "stars", "turned")
    count = 0

    def __init__(self, parent: Context | None, key: object, *, star: bool = False) -> None:
        Context.count += 1
        self.number = Context.count
        self.parent = parent
        self.key = key
        self.depth: int = 0 if parent is None else parent.depth + 1
        above: frozenset[int] = frozenset() if parent is None else parent.stars
        self.stars = above | {self.number} if star else above
        self.turned: bool = star or (parent is not None and parent.turned)
        """In a later turn of an open loop: loops inside have had their first turn told apart."""
        self.children: dict[object, Context] = {}

    def child(self, key: object, *, star: bool = False) -> Context:
        """The context one call or turn deeper."""
        found = self.children.get(key)
        if found is None:
            found = self.children[key] = Context(self, key, star=star)
        return found


@dataclass(eq=False, slots=True)
class Module:
    """A module being analysed: its source, its dotted name, and whether it is the one asked for."""

    source: Source
    name: str
    asked: bool


@dataclass(eq=False, slots=True)
class Frame:
    """One activation of a function body, a class body or a module."""

    module: Module
    scope: str
    names: Names
    parent: Frame | None = None
    """The frame that encloses it in the text; None for a module."""
    owner: str = ""
    """The class whose method this is, as the rows of `states` name it."""
    returns: list[tuple[State, Value]] = field(default_factory=list["tuple[State, Value]"])
    loops: list[Loop] = field(default_factory=list["Loop"])
    waiting: list[State] = field(default_factory=list["State"])
    """The states in which a generator yields."""
    began: tuple[object, object, object] = (None, None, None)
    """The grad mode that a generator function began with, as `gradmode` keeps it."""
    pauses: list[GradSwitch | None] = field(default_factory=list["GradSwitch | None"])
    """The grad mode that each yield leaves on, where a with statement around it has set one."""
    switches: list[GradSwitch] = field(default_factory=list["GradSwitch"])
    """The grad modes of the with statements being run, the innermost last."""
    is_class: bool = False
    first_argument: str | None = None
    class_value: Value | None = None
    caller: Frame | None = None
    called_at: Site | None = None
    """The call that is being run, in the caller's frame."""

    def holder(self, name: str) -> Frame | None:
        """The frame whose variable a name is here, or None for a builtin."""
        frame = self
        if name in self.names.globals:
            return self.top()
        first = True
        while True:
            hidden = frame.is_class and not first
            if not hidden and name in frame.names.bound and name not in frame.names.nonlocals:
                return frame
            if frame.parent is None:
                return frame
            frame, first = frame.parent, False

    def top(self) -> Frame:
        """The module's own frame."""
        frame: Frame = self
        while frame.parent is not None:
            frame = frame.parent
        return frame


@dataclass(eq=False, slots=True)
class Loop:
    """Where the breaks and continues of the loop being run end up, and which variables no turn
    hands on."""

    dead: frozenset[str] = frozenset()
    collects: frozenset[Hashable] = frozenset()
    """Places that turns write anew, or add to, and that none of them reads."""

    breaks: list[State] = field(default_factory=list["State"])
    continues: list[State] = field(default_factory=list["State"])


@dataclass(frozen=True, slots=True)
class Names:
    """The names a body binds, and how it declares them."""

    bound: frozenset[str]
    globals: frozenset[str] = frozenset()
    nonlocals: frozenset[str] = frozenset()
    yields: bool = False
    closes: bool = False
    """Whether functions are defined inside, which may keep its variables."""
    tested: frozenset[str] = frozenset()
    """Names that the body compares with None."""
    scope: ast.AST | None = field(default=None, compare=False, repr=False)
    """The tree they were found in."""


FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef | ast.Module


KEPT = "_nonegrad_names"
"""The attribute under which a scope keeps its names: trees are analysed more than once."""


def names_of(node: Scope) -> Names:
    """The names a scope binds: arguments, assignments, imports, definitions, loop targets."""
    cached: Names | None = getattr(node, KEPT, None)
    if cached is not None:
        return cached
    bound: set[str] = set()
    globals_: set[str] = set()
    nonlocals: set[str] = set()
    tested: set[str] = set()
    yields = closes = False
    if isinstance(node, FunctionNode):
        args = node.args
        every = [*args.posonlyargs, *args.args, *args.kwonlyargs]
        bound.update(arg.arg for arg in every)
        bound.update(arg.arg for arg in (args.vararg, args.kwarg) if arg)
    pending: list[ast.AST] = list([node.body] if isinstance(node, ast.Lambda) else node.body)
    while pending:
        current = pending.pop()
        match current:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                bound.add(name)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                bound.add(name)
                closes = True
                pending.extend(current.decorator_list)
                continue
            case ast.ClassDef(name=name):
                bound.add(name)
                closes = True
                continue
            case ast.Lambda():
                closes = True
                continue
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                bound.update((a.asname or a.name.partition(".")[0]) for a in aliases)
            case ast.Global(names=found):
                globals_.update(found)
            case ast.Nonlocal(names=found):
                nonlocals.update(found)
            case ast.ExceptHandler(name=str(name)):
                bound.add(name)
            case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                bound.add(name)
            case ast.MatchMapping(rest=str(name)):
                bound.add(name)
            case ast.Yield() | ast.YieldFrom():
                yields = True
            case ast.Compare(left=ast.Name(id=name), comparators=[ast.Constant(value=None)]):
                tested.add(name)
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                # Its targets are kept in the enclosing frame under names of their own.
                pass
            case _:
                pass
        pending.extend(walking.children(current))
    result = Names(
        frozenset(bound),
        frozenset(globals_),
        frozenset(nonlocals),
        yields,
        closes,
        frozenset(tested),
        node,
    )
    setattr(node, KEPT, result)
    return result
