"""What certainly raises, as torch or Python would: kept once a place, from settled states."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nonegrad.analysis.autograd.kept import Stale
from nonegrad.analysis.autograd.reaching import Reach
from nonegrad.analysis.domain.heap import Node, Tensor
from nonegrad.analysis.domain.provenance import Why, cuts, walk
from nonegrad.analysis.domain.truth import NO, YES, Truth
from nonegrad.analysis.domain.value_class import replace
from nonegrad.analysis.domain.values import Addr, Value
from nonegrad.analysis.record import carried, describe, kept_graphs, wanted
from nonegrad.analysis.record.choices import Choices
from nonegrad.analysis.record.facts import (
    Creation,
    Fact,
    GradRead,
    HiddenWrite,
    IntegerLeaf,
    NoGraph,
    NonScalarBackward,
    Overwritten,
    ParameterReplaced,
    RefusedWrite,
    SecondBackward,
    UnsetContext,
    UntrackedCall,
    WrongGradients,
)
from nonegrad.analysis.record.training import Training
from nonegrad.analysis.record.visits import Path, Visits
from nonegrad.analysis.record.writes import WriteNote
from nonegrad.analysis.syntax import walking
from nonegrad.text import Site

if TYPE_CHECKING:
    from nonegrad.analysis.machine import Machine


NUMBERS = frozenset({"a Python int", "a Python float", "a Python bool", "a plain number"})
MOST_PERHAPS = 3
COUNTED = ("left_torch", "not_differentiable")
"""How results leave a graph that are counted, or decide what is."""


@dataclass
class Refusals(Training):
    """Collects what raises."""

    raised: dict[object, Fact] = field(default_factory=dict[object, Fact])
    unsafe_writes: set[Site] = field(default_factory=set[Site])
    none_reads: dict[Site, GradRead] = field(default_factory=dict[Site, GradRead])
    used_none: set[Site] = field(default_factory=set[Site])
    write_notes: dict[Site, WriteNote] = field(default_factory=dict[Site, WriteNote])
    writing_layers: dict[Site, list[Site]] = field(default_factory=dict[Site, list[Site]])
    """For each call that writes to its input: where its layers were made."""
    visits: Visits = field(default_factory=Visits)
    choices: Choices = field(default_factory=Choices)
    bindings: kept_graphs.Bindings = field(default_factory=kept_graphs.Bindings)
    used_up: dict[Addr, Site] = field(default_factory=dict[Addr, Site])
    wrong_gradients: dict[Site, WrongGradients | UnsetContext] = field(
        default_factory=dict[Site, WrongGradients | UnsetContext]
    )
    """Custom Functions whose backward raises, by the call that made the node."""

    def loud(self, m: Machine) -> bool:
        """Whether a raise on this path is the program's own fault, and certain."""
        return m.recording and not m.uncertain and not m.guarded

    def refuse(self, m: Machine, key: str, node: ast.AST, fact: Fact) -> None:
        """Keep the first fact of a kind at a place."""
        place = (key, m.site(node))
        if not m.recording or m.guarded or not self.visits.lonely(m.ctx):
            return
        if not self.choices.holds_back(m, place, fact):
            self.raised.setdefault(place, fact)
            self.visits.recent.append(place)

    def went_wrong(self, m: Machine, statement: ast.stmt) -> None:
        """A statement raises: another visit of it may yet go through."""
        self.visits.went_wrong(m, statement)

    def went_by(self, statement: ast.stmt, around: Path | None) -> None:
        """A statement went through: if an earlier visit raised, that is not so on every run."""
        if around is not None:
            self.visits.went_through(statement, around)
        self.choices.went_by(statement)
        self.visits.recent.clear()
        for key in self.visits.blamed.pop(id(statement), ()):
            fact = self.raised.get(key)
            if isinstance(fact, Overwritten):
                self.raised[key] = replace(fact, definite=False)
            else:
                self.raised.pop(key, None)

    def no_graph(self, m: Machine, node: ast.AST, addr: Addr, tensor: Tensor) -> None:
        """backward() on a tensor without a graph."""
        call = node if isinstance(node, ast.Call) else None
        owner = m.text(call.func.value) if call and isinstance(call.func, ast.Attribute) else "loss"
        if call is not None and owner in ("torch.autograd", "autograd") and call.args:
            owner = m.text(call.args[0])
        late = self.too_late(tensor.why, None, m.site(node), "raises", owner)
        given = wanted.without_flag(m, self.optimizers.values(), self.definitions, tensor.why)
        fact = late or NoGraph(m.site(node), owner, m.text(node), tensor.why, wanted=given)
        if isinstance(fact, NoGraph) and self.held and not cuts(tensor.why):
            # Parameters are to train, so that a flag on the data would cure nothing.
            ended = {one.site: one for leaf in self.held for one in self.cuts_of(leaf)}
            left = [one for _, one in sorted(ended.items()) if one.kind in COUNTED]
            fact = replace(fact, perhaps=tuple(left[-MOST_PERHAPS:]), others_train=True)
        self.refuse(m, "no graph", node, fact)

    def not_a_tensor(self, m: Machine, node: ast.AST, what: str, why: Why | None) -> None:
        """backward() on a number, an array or a container."""
        owner = m.text(node.value) if isinstance(node, ast.Attribute) else "loss"
        left = {one.site: one for known in self.cut_at.values() for one in known}
        perhaps = [one for _, one in sorted(left.items()) if one.kind == "left_torch"]
        if why is not None or what not in NUMBERS:
            perhaps = []
        fact = NoGraph(
            m.site(node), owner, f"{m.text(node)}()", why, what, tuple(perhaps[-MOST_PERHAPS:])
        )
        self.refuse(m, "no graph", node, fact)

    def stale(self, m: Machine, node: ast.AST, found: Sequence[Stale], tensor: Tensor) -> None:
        """backward() needs what was overwritten."""
        if not m.recording or m.guarded:
            return
        sure = tensor.requires_grad is YES and self.visits.lonely(m.ctx)
        for one in found:
            for write in one.writes:
                if write.site is None:
                    continue
                self.unsafe_writes.add(write.site)
                note = self.write_notes.get(write.site)
                fact = Overwritten(
                    write.site,
                    describe.cut(m, write.site),
                    note.target if note else describe.target_of(m, write.site),
                    one.node.site,
                    one.node.operator,
                    one.saved.role,
                    m.site(node),
                    one.definite and sure,
                    note.retain if note else None,
                    note.shared if note else True,
                    note.base if note else "",
                    tuple(self.writing_layers.get(write.site, ())),
                )
                key = ("stale", write.site)
                if fact.definite and self.choices.holds_back(m, key, fact):
                    fact = replace(fact, definite=False)
                before = self.raised.get(key)
                if not isinstance(before, Overwritten) or (fact.definite and not before.definite):
                    self.raised[key] = fact
                    if fact.definite:
                        self.visits.recent.append(key)

    def layer_writes(self, m: Machine, node: ast.AST, made: Site | None) -> None:
        """A layer works in place."""
        if m.recording and made is not None:
            known = self.writing_layers.setdefault(m.site(node), [])
            if made not in known:
                known.append(made)

    def hidden_write(self, m: Machine, fact: HiddenWrite) -> None:
        """backward() computes with what was overwritten behind autograd's back."""
        if not self.loud(m):
            return
        fact = replace(fact, definite=fact.definite and self.visits.lonely(m.ctx))
        before = self.raised.get(("hidden", fact.write))
        if not isinstance(before, HiddenWrite) or (fact.definite and not before.definite):
            self.raised["hidden", fact.write] = fact

    def keeps(self, m: Machine, node: ast.AST, name: str, value: Value) -> None:
        """A module keeps a tensor as a buffer."""
        kept_graphs.note(m, self.bindings, node, f"self.{name}", value, node)

    def freed(self, m: Machine, node: ast.AST, record: Node, crossing: Addr | None, found: Reach):
        """backward() a second time through the same graph."""
        if not self.loud(m):
            return
        across = m.node(crossing) if crossing is not None else None
        states = carried.states(m, crossing) if crossing is not None else ()
        fact = SecondBackward(
            m.site(node),
            m.text(node),
            record.operator,
            record.site,
            record.freed_at,
            across.site if across is not None else None,
            states,
            carried.receiver(node),
            carried.computed(m),
            kept_graphs.kept(m, found, self.bindings, states),
            carried.rests_on_it(m, found),
            self.stepping,
        )
        self.refuse(m, "freed", node, fact)

    def non_scalar(self, m: Machine, node: ast.AST, addr: Addr, tensor: Tensor) -> None:
        """backward() on more than one number."""
        func = node.func if isinstance(node, ast.Call) else None
        subject = func.value if isinstance(func, ast.Attribute) else None
        owner = m.text(subject) if subject is not None else "loss"
        receiver = m.site(subject) if subject is not None else None
        fact = NonScalarBackward(m.site(node), owner, tensor.why, receiver)
        self.refuse(m, "non scalar", node, fact)

    def refused_write(
        self,
        m: Machine,
        node: ast.AST,
        addr: Addr,
        tensor: Tensor,
        reason: str,
        incoming: Truth = NO,
    ) -> None:
        """An in-place write that torch refuses."""
        if m.assumed and not reason.startswith("inference"):
            return
        made = next((w for w in walk(tensor.why) if w.kind in ("created", "frozen")), None)
        created = Creation(made.site, made.text) if made else None
        target = describe.written(m, node)
        switched = (w.mode for w in walk(tensor.why) if w.mode is not None)
        mode = next(switched, None) if reason.startswith("inference") else None
        place, text, tracked = m.site(node), m.text(node, 60), incoming is YES
        fact = RefusedWrite(place, text, target, reason, created, mode, tracked)
        self.refuse(m, "refused", node, fact)

    def integer_requires_grad(
        self, m: Machine, node: ast.AST, addr: Addr | None, tensor: Tensor
    ) -> None:
        """requires_grad on integers."""
        fact = IntegerLeaf(m.site(node), m.text(node), tensor.dtype)
        self.refuse(m, "integer", node, fact)

    def untracked_call(
        self, m: Machine, node: ast.AST, addr: Addr, tensor: Tensor, name: str
    ) -> None:
        """retain_grad, register_hook or numpy where torch refuses them."""
        call = node if isinstance(node, ast.Call) else None
        owner = m.text(call.func.value) if call and isinstance(call.func, ast.Attribute) else "it"
        receiver = (
            m.site(call.func.value) if call and isinstance(call.func, ast.Attribute) else None
        )
        fact = UntrackedCall(m.site(node), owner, name, tensor.why, receiver)
        self.refuse(m, "untracked", node, fact)

    def non_leaf_switch(self, m: Machine, node: ast.AST, addr: Addr, tensor: Tensor) -> None:
        """requires_grad switched on a tensor that is no leaf."""
        on = isinstance(node, ast.Assign) and ast.unparse(node.value) == "True"
        call = "requires_grad on" if on else "requires_grad"
        fact = UntrackedCall(m.site(node), describe.written(m, node), call, tensor.why)
        self.refuse(m, "switch", node, fact)

    def none_used(self, m: Machine, node: ast.AST, value: Value) -> None:
        """An attribute of None, or arithmetic with it: of a `.grad`, that read raises."""
        if not self.loud(m) or not self.visits.lonely(m.ctx):
            return
        for part in walking.walk(node):
            if isinstance(part, ast.Attribute) and part.attr == "grad":
                site = m.site(part)
                read = self.none_reads.get(site)
                if read is not None:
                    self.used_none.add(site)
                    self.raised.setdefault(("none", site), replace(read, raises=True, always=False))
                    self.visits.recent.append(("none", site))

    def parameter_replaced(
        self, m: Machine, node: ast.AST, addr: Addr, name: str, tensor: Tensor
    ) -> None:
        """A plain tensor assigned over a parameter."""
        target = value = ""
        value_site: Site | None = None
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target, value = m.text(node.targets[0], 80), m.text(node.value, 80)
            value_site = m.site(node.value)
        if "…" in target + value:
            target = value = ""
        fact = ParameterReplaced(m.site(node), name, tensor.why, target, value, value_site)
        self.refuse(m, "replaced", node, fact)

    def wrong_count(self, m: Machine, node: ast.AST, fact: WrongGradients | UnsetContext) -> None:
        """A backward got to a custom Function whose own raises, or returns a wrong number."""
        self.refuse(m, "gradients", node, replace(fact, backward=m.site(node)))

    def went_through(self, m: Machine, addr: Addr, node: ast.AST) -> None:
        """A generator was gone through: nothing comes of it any more."""
        if hasattr(node, "lineno"):
            self.used_up.setdefault(addr, m.site(node))
