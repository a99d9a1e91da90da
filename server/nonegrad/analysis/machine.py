"""The interpreter's machine: the state it is in, where it stands, and what it may do to the state.

Everything else in this package is functions over a Machine. Two phases: states settle first,
with `recording` off; facts are recorded from settled states only.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar, cast

from nonegrad.analysis.domain import joining, values
from nonegrad.analysis.domain.counters import Counter
from nonegrad.analysis.domain.frames import Context, Frame
from nonegrad.analysis.domain.groups import Group
from nonegrad.analysis.domain.heap import Node, Tensor
from nonegrad.analysis.domain.store import GONE, State, join_states
from nonegrad.analysis.domain.truth import MAYBE, YES, Truth
from nonegrad.analysis.domain.values import ANY, Addr, Atom, Ref, Value, references
from nonegrad.text import Site, shortened

if TYPE_CHECKING:
    from nonegrad.analysis.python.imports import Loader
    from nonegrad.analysis.python.summaries import Summary
    from nonegrad.analysis.record.recorder import Recorder

GRAD_MODE = "grad mode"
GRAD_SITE = "grad mode site"
AUTOCAST = "autocast"
INFERENCE = "inference mode"
DEFAULT_DTYPE = "default dtype"
RETAINING = "retaining tensors"
ESCAPED = "escaped leaves"
ALIASED = "tensors with unknown views"
REFILLED = "tensors given other data"
"""Where the dtype or the shape changed: a graph from before gives gradients as they were."""

T = TypeVar("T")


class Raised(Exception):  # noqa: N818 - control flow, not an error
    """The path ends here: Python raises on it."""


class Exhausted(Exception):  # noqa: N818 - control flow, not an error
    """The analysis of one entry has taken too long; what is left of it stays unknown."""


class Machine:
    """One run of the interpreter over one program."""

    def __init__(self, frame: Frame, loader: Loader, recorder: Recorder, budget: int) -> None:
        self.loader = loader
        self.recorder = recorder
        self.s = State()
        self.ctx = Context(None, "root")
        self.frame = frame
        self.addresses: dict[tuple[object, ...], Addr] = {}
        self.sites: dict[ast.AST, Site] = {}
        self.texts: dict[ast.AST, str] = {}
        self.recording = True
        self.uncertain = 0
        self.assumed = False
        """In a function nobody calls and that runs no backward: its caller may switch grad mode
        off, as evaluation and optimizer code does."""
        self.uncalled = False
        """In a function nobody calls: its arguments, and what others may rebind, are not known."""
        self.guarded = 0
        self.budget = budget
        self.calls: list[object] = []
        self.summaries: dict[Frame, list[Summary]] = {}
        self.tries: list[list[State]] = []
        self.on_yield: list[tuple[object, Callable[[Value], None]]] = []
        """The generator functions that with statements run, each with the body for its yield."""
        self.s.set(GRAD_MODE, YES)
        self.s.set(INFERENCE, values.FALSE)
        self.s.set(DEFAULT_DTYPE, values.const("float32"))

    # -- places ---------------------------------------------------------------------------------

    def site(self, node: ast.AST) -> Site:
        """The place of a syntax node in the file being run."""
        known = self.sites.get(node)
        if known is not None:
            return known
        source = self.frame.module.source
        # Every kind of node that is asked about has a place; their common class has not.
        placed = cast("ast.expr", node)
        row, end_row = placed.lineno, placed.end_lineno or placed.lineno
        site = self.sites[node] = Site(
            source.filename,
            row,
            source.column(row, placed.col_offset),
            end_row,
            source.column(end_row, placed.end_col_offset or 0),
        )
        return site

    def text(self, node: ast.AST, longest: int = 40) -> str:
        """The source text of a node, on one line and not too long."""
        cut = self.texts.get(node)
        if cut is None:
            cut = self.texts[node] = self.frame.module.source.on_one_line(self.site(node))
        return shortened(cut, longest)

    # -- the store ------------------------------------------------------------------------------

    def new(self, node: ast.AST, label: str, thing: object) -> Addr:
        """Allocate an object for this node in this context."""
        known = self.addresses
        for number in range(4):
            key = (self.ctx.number, node, label, number)
            addr = known.get(key)
            if addr is None:
                site = self.site(node) if hasattr(node, "lineno") else None
                addr = Addr(key, summary=number == 3, stars=self.ctx.stars, site=site)
                known[key] = addr
                self.s.found_absent(addr)
                break
            old = self.s.get(addr)
            if old is None:
                break
            if number == 3:
                thing = joining.join_objects(old, thing)
                break
        else:
            raise AssertionError("unreachable")
        self.s.delta[addr] = thing
        return addr

    def make(self, node: ast.AST, label: str, thing: object) -> Value:
        """Allocate, and refer to it."""
        return values.ref(self.new(node, label, thing))

    def token(self, node: ast.AST, label: str) -> Addr:
        """A fresh version of a counter, written at this node."""
        return self.new(node, "write:" + label, True)

    def at(self, addr: Addr, kind: type[T]) -> T | None:
        """The object at an address, if it is of that kind."""
        found = self.s.get(addr)
        return found if isinstance(found, kind) else None

    def tensor(self, addr: Addr) -> Tensor | None:
        return self.at(addr, Tensor)

    def tensors(self, value: Value) -> list[tuple[Addr, Tensor]]:
        """The tensors a value may be."""
        if len(value) == 1:
            (atom,) = value
            if not isinstance(atom, Ref):
                return []
            tensor = self.s.get(atom.addr)
            return [(atom.addr, tensor)] if isinstance(tensor, Tensor) else []
        found: list[tuple[Addr, Tensor]] = []
        for addr in references(value):
            tensor = self.s.get(addr)
            if isinstance(tensor, Tensor):
                found.append((addr, tensor))
        return found

    def put(self, addr: Addr, thing: object) -> None:
        """Change an object: strongly where the address is one object, weakly where it is many."""
        if addr.summary:
            old = self.s.get(addr)
            thing = thing if old is None else joining.join_objects(old, thing)
        self.s.set(addr, thing)

    def put_weak(self, addr: Addr, thing: object) -> None:
        """Change an object that perhaps is not the one meant."""
        old = self.s.get(addr)
        self.s.set(addr, thing if old is None else joining.join_objects(old, thing))

    def change(self, value: Value, addr: Addr, thing: object) -> None:
        """Change one of the objects a value may be."""
        (self.put if len(value) == 1 else self.put_weak)(addr, thing)

    def version(self, counters: Iterable[Addr]) -> frozenset[Addr]:
        """What the counters may show."""
        found: frozenset[Addr] = frozenset()
        for addr in counters:
            counter = self.at(addr, Counter)
            if counter is not None:
                found |= counter.version
        return found

    def members(self, key: str) -> frozenset[Addr]:
        """The members of a group."""
        found = self.s.get(key)
        return found.members if isinstance(found, Group) else frozenset()

    def group(self, key: str) -> list[Addr]:
        """The members of a group, in a stable order."""
        return sorted(self.members(key), key=values.age)

    def gather(self, key: str, members: Iterable[Addr]) -> None:
        """Put tensors into a group."""
        before = self.members(key)
        if not before.issuperset(members):
            self.s.set(key, Group(before.union(members)))

    def node(self, addr: Addr) -> Node | None:
        return self.at(addr, Node)

    # -- switches -------------------------------------------------------------------------------

    @property
    def grad_mode(self) -> Truth:
        mode = self.s.get(GRAD_MODE)
        return mode if isinstance(mode, Truth) else MAYBE

    # -- flow -----------------------------------------------------------------------------------

    def join(self, ancestor: State, states: Sequence[State]) -> State:
        """One state for several paths."""
        return join_states(ancestor, states, joining.join_objects)

    def alternatives(self, choices: Sequence[Callable[[], Value]]) -> Value:
        """Run each choice from the same state, and join what comes of them.

        A choice that raises drops out; where all raise, so does this.
        """
        if len(choices) == 1:
            return choices[0]()
        ancestor = self.s
        ends: list[State] = []
        result: Value = frozenset()
        with self.recorder.choices.between(self) as ran, ancestor.holding():
            for choice in choices:
                self.s = ancestor.fork()
                try:
                    value = choice()
                except Raised:
                    continue
                finally:
                    ran.ended()
                result = values.join(result, value)
                ends.append(self.s)
        if not ends:
            self.s = ancestor.fork()
            raise Raised
        self.s = self.join(ancestor, ends)
        return result

    def each(self, value: Value, run: Callable[[Atom], Value]) -> Value:
        """Run for each atom a value may be; atoms that raise drop out."""
        if len(value) == 1:
            return run(next(iter(value)))
        if not value:
            return ANY
        atoms = sorted(value, key=values.rank)
        return self.alternatives([lambda atom=atom: run(atom) for atom in atoms])

    def perhaps(self, run: Callable[[], object]) -> None:
        """Run something that may also not happen."""
        self.alternatives([lambda: (run(), ANY)[1], lambda: ANY])

    def spend(self, amount: int = 1) -> None:
        """Count work; raises Exhausted when there was too much."""
        self.budget -= amount
        if self.budget < 0:
            raise Exhausted

    @contextmanager
    def silent(self):
        """Run without recording facts: the states have not settled."""
        before, self.recording = self.recording, False
        try:
            yield
        finally:
            self.recording = before

    # -- variables ------------------------------------------------------------------------------

    def lookup(self, name: str) -> Value | None:
        """The value of a name, or None where no analysed code binds it."""
        frame: Frame | None = self.frame.holder(name)
        while frame is not None:
            found = self.s.get((id(frame), name))
            if values.is_value(found):
                return found
            frame = frame.parent
        return None

    def bind(self, name: str, value: Value) -> None:
        """Bind a name where this frame's code would."""
        frame = self.frame
        if name in frame.names.globals:
            frame = frame.top()
        elif name in frame.names.nonlocals and frame.parent is not None:
            frame = frame.parent.holder(name) or frame
        self.s.set((id(frame), name), value)

    def forget(self, name: str) -> None:
        """Drop a variable of this frame that is not read again before it is bound."""
        if self.s.get((id(self.frame), name)) is not None:
            self.s.set((id(self.frame), name), GONE)
