"""Where facts are kept while the interpreter runs: per place and visit, from settled states.

A raise counts where one visit certainly raises; a None read only where every visit reads None.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nonegrad.analysis.autograd.reaching import Reach
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.frames import Frame
from nonegrad.analysis.domain.heap import Targets, Tensor
from nonegrad.analysis.domain.objects import Function
from nonegrad.analysis.domain.provenance import Why, walk
from nonegrad.analysis.domain.truth import NO, YES
from nonegrad.analysis.domain.value_class import replace
from nonegrad.analysis.domain.values import Addr, Value
from nonegrad.analysis.record import describe, kept_graphs, peeking
from nonegrad.analysis.record.facts import (
    Creation,
    Fact,
    GradRead,
    MovedLeaf,
    SafeWrite,
)
from nonegrad.analysis.record.optimizer_refusals import OptimizerRefusals
from nonegrad.analysis.record.sightings import Sightings
from nonegrad.analysis.record.states import StateRow
from nonegrad.analysis.record.writes import WriteNote
from nonegrad.text import Site

if TYPE_CHECKING:
    from nonegrad.analysis.autograd.inputs import Wanted
    from nonegrad.analysis.machine import Machine


@dataclass(slots=True)
class Read:
    """The visits of one `.grad` read."""

    fact: GradRead
    always: bool
    addr: Addr
    rebound: GradRead | None = None
    loss: Why | None = None
    """What the last backward before it started from."""


@dataclass
class Recorder(OptimizerRefusals):
    """Collects; `facts()` gives what held."""

    frames: dict[tuple[int, int], Frame] = field(default_factory=dict[tuple[int, int], Frame])
    functions: dict[int, tuple[ast.AST, Function]] = field(
        default_factory=dict[int, tuple[ast.AST, Function]]
    )
    entered: set[int] = field(default_factory=set[int])
    rows: dict[tuple[Site, str], StateRow] = field(default_factory=dict[tuple[Site, str], StateRow])
    reads: dict[Site, Read] = field(default_factory=dict[Site, Read])
    unsure_reads: set[Site] = field(default_factory=set[Site])
    """Where the `.grad` of something unknown was read, on some visit."""
    touched: set[tuple[Site, str]] = field(default_factory=set[tuple[Site, str]])
    writes: dict[Site, SafeWrite] = field(default_factory=dict[Site, SafeWrite])
    retains: dict[Addr, Site] = field(default_factory=dict[Addr, Site])
    backwards: list[tuple[Site, str]] = field(default_factory=list[tuple[Site, str]])
    sightings: Sightings = field(default_factory=Sightings)
    leaves: dict[tuple[object, str], Creation] = field(
        default_factory=dict[tuple[object, str], Creation]
    )
    rebinds: dict[tuple[object, str], Site] = field(default_factory=dict[tuple[object, str], Site])
    moved: dict[Site, MovedLeaf] = field(default_factory=dict[Site, MovedLeaf])
    returned: dict[Addr, Site] = field(default_factory=dict[Addr, Site])
    """The last return that each tensor came through."""
    defined_when: dict[Addr, int] = field(default_factory=dict[Addr, int])
    """How many backwards had run when an object got its name."""
    none_tests: set[int] = field(default_factory=set[int])

    # -- what the program defines ------------------------------------------------------------------

    def defined(self, m: Machine, node: ast.AST, function: Function) -> None:
        if m.frame.module.asked:
            self.functions[id(node)] = (node, function)

    # -- states -----------------------------------------------------------------------------------

    def bound(
        self, m: Machine, target: ast.expr, name: str, value: Value, statement: ast.AST
    ) -> None:
        """A name was bound: one more visit of its row."""
        if not m.frame.module.asked:
            return
        for addr in values.references(value):
            self.define(addr, name, m.site(statement))
        kept_graphs.note(m, self.bindings, target, name, value, statement)
        self.follow_leaf(m, name, value, statement)
        if not m.recording or self.wrapped:
            return
        self.named_later(m, name, value, statement)
        site = m.site(target)
        row = describe.row(m, site, name, m.frame.scope, value)
        if m.assumed:
            row = describe.unassumed(row)
        before = self.rows.get((site, name))
        self.touched.add((site, name))
        self.rows[site, name] = row if before is None else describe.join_rows(before, row)
        self.sightings.bound(m, target, value, statement, self.last_backward)

    def define(self, addr: Addr, name: str, site: Site) -> None:
        """The first name of an object, and when it got it."""
        if addr not in self.definitions:
            self.definitions[addr] = (name, site)
            self.defined_when[addr] = self.backward_count

    def put_away(self, m: Machine, item: ast.expr, value: Value, statement: ast.AST) -> None:
        """`kept[key] = item`, `kept.append(item)`: under its name there it is within reach."""
        if isinstance(item, ast.Name) and m.frame.module.asked:
            for addr in values.references(value):
                self.define(addr, item.id, m.site(statement))

    def name_key(self, m: Machine, name: str) -> tuple[object, str]:
        """Whose variable a name is; `self.w` is one variable in all methods of a class."""
        owner: object = m.frame.owner if name.startswith("self.") else id(m.frame)
        return owner, name

    def follow_leaf(self, m: Machine, name: str, value: Value, statement: ast.AST) -> None:
        """Whether a name that held a leaf is bound to a computed tensor."""
        found = m.tensors(value)
        if len(found) != 1 or len(value) != 1:
            return
        tensor = found[0][1]
        key = self.name_key(m, name)
        if tensor.is_leaf is YES and tensor.requires_grad is YES:
            made = next((w for w in walk(tensor.why) if w.kind == "created"), tensor.why)
            site = made.site if made else m.site(statement)
            self.leaves[key] = Creation(site, made.text if made else name)
            self.rebinds.pop(key, None)
        elif key in self.leaves and peeking.mentions(statement, name):
            self.rebinds[key] = m.site(statement)

    def seen(self, m: Machine, node: ast.expr, value: Value) -> None:
        """A name or path was read: for hovers."""
        if m.recording and m.frame.module.asked and not self.wrapped:
            self.sightings.saw(m, node, value, self.last_backward)

    # -- gradients ---------------------------------------------------------------------------------

    def grad_read(self, m: Machine, node: ast.AST, addr: Addr, tensor: Tensor) -> None:
        """`t.grad` was read."""
        self.read_grads.add(addr)
        if not (m.recording and m.frame.module.asked) or not isinstance(node, ast.Attribute):
            return
        if id(node) in self.none_tests:
            return
        site = m.site(node)
        self.sightings.saw(m, node, values.ref(addr), self.last_backward)
        none = tensor.grad_state is NO and not m.uncertain and not addr.summary
        self.touched.add((site, ""))
        before = self.reads.get(site)
        fact = GradRead(site, m.text(node.value), tensor, "unknown", tensor.why)
        if none:
            fact = describe.grad_read(m, self, fact, addr, tensor)
            self.none_reads[site] = fact
        else:
            self.none_reads.pop(site, None)
        if before is not None:
            before.always = before.always and none
            rebound = none and fact.reason == "rebound" and self.visits.lonely(m.ctx)
            if rebound and before.rebound is None:
                before.rebound = fact
            return
        loss = self.losses[-1][1].why if self.losses else None
        self.reads[site] = Read(fact, none, addr, loss=loss)

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
        self.ran_backward(m, node, tensor, found)
        self.under(m, node, tensor)
        if m.recording:
            self.backwards.append((m.site(node), m.text(node)))
        if m.recording and m.frame.module.asked:
            self.sightings.passed(m, node, tensor, found)

    def leads(self, m: Machine, node: ast.AST, subject: Value, inputs: Wanted = None) -> None:
        """A backward is about to run; `Drawing` keeps its graph."""

    def unknown_call(self, m: Machine, node: ast.AST, args: list[Value]) -> None:
        """Something that is not known is called; for `Drawing` it may read as a backward."""

    def made(self, why: Why | None, fn: Targets) -> None:
        """An operation was recorded; `Drawing` keeps which."""

    def late_read(self, read: Read) -> Fact | None:
        """The switch that came too late for a read, if that is why it is None."""
        if read.fact.reason != "not-reached":
            return None
        return self.too_late(read.loss, read.addr, read.fact.site, "read", read.fact.owner)

    def handed_back(self, m: Machine, node: ast.expr, value: Value) -> None:
        """A function returns a tensor: the last return it came through is kept."""
        atom = values.only(value)
        if m.recording and isinstance(atom, values.Ref) and m.tensor(atom.addr) is not None:
            self.returned[atom.addr] = m.site(node)

    def moved_leaf(self, m: Machine, fact: MovedLeaf) -> None:
        """A leaf that was moved is used as one: only the first use is told."""
        if self.loud(m) and m.frame.module.asked:
            self.moved.setdefault(fact.move, fact)

    # -- writes -----------------------------------------------------------------------------------

    def write(self, m: Machine, node: ast.AST, addr: Addr, tensor: Tensor, operator: str) -> None:
        """An in-place write went through."""
        self.set_anew(addr, always="copy" in operator)
        if m.recording and m.frame.module.asked:
            self.sightings.updated(m, node, tensor)
        if not (m.recording and m.frame.module.asked) or m.grad_mode is not YES:
            return
        if tensor.requires_grad is not YES or tensor.is_leaf is not NO:
            return
        site = m.site(node)
        retain = self.retains.get(addr) if tensor.retains_grad is YES else None
        if site not in self.write_notes:
            shared = describe.shared(m, addr, tensor)
            base = "container" if peeking.in_container(m, node) else peeking.plainly_indexed(node)
            self.write_notes[site] = WriteNote(describe.written(m, node), retain, shared, base)
        if not describe.writes_visibly(node) or site in self.writes:
            return
        kept = describe.kept_by(m, tensor)
        made = next((r.operator for fn in tensor.fn if (r := m.node(fn)) and r.operator), "")
        fact = SafeWrite(
            site,
            m.text(node, 60),
            self.write_notes[site].target,
            made,
            retain,
            kept.site if kept else None,
            self.write_notes[site].shared,
            self.write_notes[site].base,
        )
        self.writes[site] = fact

    # -- runs that were cut short ---------------------------------------------------------------

    def settle(self) -> None:
        """A statement is through: all its visits are in."""
        self.touched.clear()

    def doubt(self) -> None:
        """A statement took too long: not all visits are in, so what held says nothing."""
        self.steps.blind = True
        for site, name in self.touched:
            row = self.rows.get((site, name))
            if row is not None:
                self.rows[site, name] = StateRow(site, name, row.scope, "unknown")
            if site in self.reads:
                self.reads[site].always = False

    # -- the end -----------------------------------------------------------------------------------

    def facts(self) -> list[Fact]:
        """What held, in the order of the text."""
        found: list[Fact] = []
        for site, read in self.reads.items():
            late, place = self.late_read(read), ("none", site)
            if site in self.used_none and place in self.raised:
                self.raised[place] = replace(late, how="used") if late else self.raised[place]
                continue
            read.always = read.always and site not in self.unsure_reads
            if read.always and late is not None:
                found.append(late)
            elif read.always:
                later = [one for one in self.filled_by.get(read.addr, []) if one > site]
                found.append(replace(read.fact, filled_later=later[0] if later else None))
            elif read.rebound is not None:
                found.append(replace(read.rebound, always=False))
        found += self.raised.values()
        found += self.moved.values()
        found += [w for site, w in self.writes.items() if site not in self.unsafe_writes]
        # What raises keeps the steps below it out of sight.
        self.steps.blind = self.steps.blind or bool(self.raised)
        found += self.trained()
        return found
