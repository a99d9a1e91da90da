"""Where facts are kept while the interpreter runs: per place and visit, from settled states.

A raise counts where one visit certainly raises; a None read only where every visit reads None.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nonegrad.analysis import describe, values
from nonegrad.analysis.backward import Reach, Stale
from nonegrad.analysis.facts import (
    Creation,
    Fact,
    GradRead,
    IntegerLeaf,
    NoGraph,
    Overwritten,
    RefusedWrite,
    SafeWrite,
)
from nonegrad.analysis.frames import Frame, Module
from nonegrad.analysis.heap import Node, Tensor
from nonegrad.analysis.objects import Function, Instance, Optimizer
from nonegrad.analysis.provenance import walk
from nonegrad.analysis.sightings import Sightings
from nonegrad.analysis.states import StateRow
from nonegrad.analysis.truth import NO, YES
from nonegrad.analysis.values import Addr, Value
from nonegrad.text import Site

if TYPE_CHECKING:
    from nonegrad.analysis.machine import Machine


@dataclass(slots=True)
class Read:
    """The visits of one `.grad` read."""

    fact: GradRead
    always: bool


@dataclass(slots=True)
class Recorder:
    """Collects; `facts()` gives what held."""

    frames: dict[tuple[int, int], Frame] = field(default_factory=dict[tuple[int, int], Frame])
    functions: dict[int, tuple[ast.AST, Function]] = field(
        default_factory=dict[int, tuple[ast.AST, Function]]
    )
    entered: set[int] = field(default_factory=set[int])
    class_addrs: dict[int, Addr] = field(default_factory=dict[int, Addr])
    instantiated: set[int] = field(default_factory=set[int])
    rows: dict[tuple[Site, str], StateRow] = field(default_factory=dict[tuple[Site, str], StateRow])
    reads: dict[Site, Read] = field(default_factory=dict[Site, Read])
    raised: dict[object, Fact] = field(default_factory=dict[object, Fact])
    writes: dict[Site, SafeWrite] = field(default_factory=dict[Site, SafeWrite])
    unsafe_writes: set[Site] = field(default_factory=set[Site])
    retains: dict[Addr, Site] = field(default_factory=dict[Addr, Site])
    late_retains: dict[Addr, Site] = field(default_factory=dict[Addr, Site])
    filled_by: dict[Addr, list[Site]] = field(default_factory=dict[Addr, list[Site]])
    backwards: list[tuple[Site, str]] = field(default_factory=list[tuple[Site, str]])
    sightings: Sightings = field(default_factory=Sightings)
    definitions: dict[Addr, tuple[str, Site]] = field(default_factory=dict[Addr, tuple[str, Site]])
    last_backward: Site | None = None
    none_tests: set[int] = field(default_factory=set[int])

    # -- what the program defines ------------------------------------------------------------------

    def defined(self, m: Machine, node: ast.AST, function: Function) -> None:
        if m.frame.module.asked:
            self.functions[id(node)] = (node, function)

    def defined_class(self, m: Machine, node: ast.AST, addr: Addr) -> None:
        if m.frame.module.asked:
            self.class_addrs[id(node)] = addr

    def names_used(self, module: Module) -> set[str]:
        """Every name a module's source mentions."""
        return {
            node.id
            for node in ast.walk(ast.parse(module.source.text))
            if isinstance(node, ast.Name)
        }

    # -- states -----------------------------------------------------------------------------------

    def bound(self, m: Machine, target: ast.expr, name: str, value: Value, statement: ast.AST) -> None:
        """A name was bound: one more visit of its row."""
        if not m.frame.module.asked:
            return
        for addr in values.references(value):
            self.definitions.setdefault(addr, (name, m.site(statement)))
        if not m.recording:
            return
        site = m.site(target)
        row = describe.row(m, site, name, m.frame.scope, value)
        before = self.rows.get((site, name))
        self.rows[site, name] = row if before is None else describe.join_rows(before, row)
        self.sightings.bound(m, target, value, statement, self.last_backward)

    def seen(self, m: Machine, node: ast.expr, value: Value) -> None:
        """A name or path was read: for hovers."""
        if m.recording and m.frame.module.asked:
            self.sightings.saw(m, node, value, self.last_backward)

    # -- gradients ----------------------------------------------------------------------------------

    def grad_read(self, m: Machine, node: ast.AST, addr: Addr, tensor: Tensor) -> None:
        """`t.grad` was read."""
        if not (m.recording and m.frame.module.asked) or not isinstance(node, ast.Attribute):
            return
        if id(node) in self.none_tests:
            return
        site = m.site(node)
        self.sightings.saw(m, node, values.ref(addr), self.last_backward)
        none = tensor.grad_state is NO and not m.uncertain and not addr.summary
        before = self.reads.get(site)
        if before is not None:
            before.always = before.always and none
            return
        fact = GradRead(site, m.text(node.value), tensor, "unknown", tensor.why)
        if none:
            fact = describe.grad_read(m, self, fact, addr, tensor)
        self.reads[site] = Read(fact, none)

    def asked_for_none(self, node: ast.expr) -> None:
        """A read that is itself the None test: the program knows that it may be None."""
        self.none_tests.add(id(node))

    def filled(self, m: Machine, addr: Addr, node: ast.AST) -> None:
        if m.recording:
            sites = self.filled_by.setdefault(addr, [])
            site = m.site(node)
            if site not in sites:
                sites.append(site)

    def retained(self, m: Machine, addr: Addr, tensor: Tensor, node: ast.AST) -> None:
        self.retains[addr] = m.site(node)

    def backward(self, m: Machine, node: ast.AST, addr: Addr, tensor: Tensor, found: Reach) -> None:
        self.last_backward = m.site(node)
        if m.recording:
            self.backwards.append((m.site(node), m.text(node)))
        if m.recording and m.frame.module.asked:
            self.sightings.passed(m, node, tensor, found)

    # -- raises -------------------------------------------------------------------------------------

    def loud(self, m: Machine) -> bool:
        """Whether a raise on this path is the program's own fault, and certain."""
        return m.recording and not m.uncertain and not m.guarded

    def no_graph(self, m: Machine, node: ast.AST, addr: Addr, tensor: Tensor) -> None:
        if not self.loud(m):
            return
        call = node if isinstance(node, ast.Call) else None
        owner = m.text(call.func.value) if call and isinstance(call.func, ast.Attribute) else "loss"
        self.raised.setdefault(
            ("no graph", m.site(node)), NoGraph(m.site(node), owner, m.text(node), tensor.why)
        )

    def stale(self, m: Machine, node: ast.AST, found: Sequence[Stale], tensor: Tensor) -> None:
        """backward() needs what was overwritten."""
        if not m.recording or m.guarded:
            return
        sure = tensor.requires_grad is YES and not m.uncertain
        for one in found:
            for write in one.writes:
                if write.site is None:
                    continue
                self.unsafe_writes.add(write.site)
                fact = Overwritten(
                    write.site,
                    describe.cut(m, write.site),
                    describe.target_of(m, write.site),
                    one.node.site,
                    one.node.operator,
                    one.saved.role,
                    m.site(node),
                    one.definite and sure,
                )
                key = ("stale", write.site)
                before = self.raised.get(key)
                if not isinstance(before, Overwritten) or (fact.definite and not before.definite):
                    self.raised[key] = fact

    def freed(self, m: Machine, node: ast.AST, record: Node) -> None:
        """backward() a second time through the same graph."""

    def non_scalar(self, m: Machine, node: ast.AST, addr: Addr, tensor: Tensor) -> None:
        """backward() on more than one number."""

    def refused_write(
        self, m: Machine, node: ast.AST, addr: Addr, tensor: Tensor, reason: str
    ) -> None:
        if not self.loud(m):
            return
        made = next((w for w in walk(tensor.why) if w.kind in ("created", "frozen")), None)
        created = Creation(made.site, made.text) if made else None
        site = m.site(node)
        self.raised.setdefault(
            ("refused", site),
            RefusedWrite(site, m.text(node, 60), describe.written(m, node), reason, created),
        )

    def write(self, m: Machine, node: ast.AST, addr: Addr, tensor: Tensor, operator: str) -> None:
        """An in-place write went through."""
        if m.recording and m.frame.module.asked:
            self.sightings.updated(m, node, tensor)
        if not (m.recording and m.frame.module.asked) or m.grad_mode is not YES:
            return
        if tensor.requires_grad is not YES or tensor.is_leaf is not NO:
            return
        site = m.site(node)
        kept = describe.kept_by(m, tensor)
        made = next((r.operator for fn in tensor.fn if (r := m.node(fn)) and r.operator), "")
        fact = SafeWrite(
            site,
            m.text(node, 60),
            describe.written(m, node),
            made,
            self.retains.get(addr) if tensor.retains_grad is YES else None,
            kept.site if kept else None,
        )
        before = self.writes.get(site)
        if before is None or before.saved_by is None:
            self.writes[site] = fact

    def integer_requires_grad(
        self, m: Machine, node: ast.AST, addr: Addr | None, tensor: Tensor
    ) -> None:
        if self.loud(m):
            site = m.site(node)
            self.raised.setdefault(("integer", site), IntegerLeaf(site, m.text(node), tensor.dtype))

    def untracked_call(
        self, m: Machine, node: ast.AST, addr: Addr, tensor: Tensor, name: str
    ) -> None:
        """retain_grad, register_hook or numpy where torch refuses them."""

    def non_leaf_switch(self, m: Machine, node: ast.AST, addr: Addr, tensor: Tensor) -> None:
        """requires_grad = False on a tensor that is no leaf."""

    def none_used(self, m: Machine, node: ast.AST, value: Value) -> None:
        """An attribute of None, or arithmetic with it."""

    def parameter_replaced(
        self, m: Machine, node: ast.AST, addr: Addr, name: str, tensor: Tensor
    ) -> None:
        """A plain tensor assigned over a parameter."""

    def optimizer_non_leaf(self, m: Machine, node: ast.AST, addr: Addr, tensor: Tensor) -> None:
        """An optimizer over a tensor that is no leaf."""

    def optimizer_empty(self, m: Machine, node: ast.AST) -> None:
        """An optimizer over no parameter at all."""

    def optimizer_made(self, m: Machine, node: ast.AST, made: Optimizer) -> None:
        """An optimizer was made."""

    def stepped(self, m: Machine, node: ast.AST, addr: Addr, thing: Optimizer) -> None:
        """optimizer.step() ran."""

    def attribute_set(
        self,
        m: Machine,
        node: ast.AST,
        addr: Addr,
        thing: Instance,
        name: str,
        value: Value,
        role: str,
    ) -> None:
        """An attribute of a module was set."""

    # -- the end ------------------------------------------------------------------------------------

    def facts(self) -> list[Fact]:
        """What held, in the order of the text."""
        found: list[Fact] = [read.fact for read in self.reads.values() if read.always]
        found += self.raised.values()
        found += [w for site, w in self.writes.items() if site not in self.unsafe_writes]
        return found


