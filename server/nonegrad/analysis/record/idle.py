"""What takes the place of an optimizer's parameters: copies and successors that get the gradients
of a step that finds none, and what is put, perhaps, where some of them were."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nonegrad.analysis.domain.heap import Tensor
from nonegrad.analysis.domain.objects import Instance, Optimizer
from nonegrad.analysis.domain.truth import NO, YES
from nonegrad.analysis.domain.values import Addr, Ref, Value, age, only
from nonegrad.analysis.nn import registry
from nonegrad.analysis.record import surroundings
from nonegrad.analysis.record.between import Between
from nonegrad.analysis.record.exits import Exits
from nonegrad.analysis.record.facts import Untrained
from nonegrad.analysis.record.missing import has_gradient
from nonegrad.analysis.record.visits import Path
from nonegrad.text import Site

if TYPE_CHECKING:
    from nonegrad.analysis.machine import Machine


@dataclass(frozen=True, slots=True)
class Instead:
    """A leaf with a gradient at an idle step."""

    reason: str
    step: Site
    optimizer: Site | None
    made: Site | None
    name: str


@dataclass(slots=True)
class Swap:
    """A leaf that came into a module in the place of others that an optimizer holds; `way`: the
    statements around."""

    made: Site
    optimizer: Site
    name: str
    way: Path
    step: Site | None = None


@dataclass
class Idling(Between, Exits):
    """Collects steps whose optimizer holds nothing that has a gradient."""

    blurred: bool = False
    """Whether some backward went through a graph of which a part is not known."""
    vague: set[Site] = field(default_factory=set[Site])
    """Optimizers that hold something of which it is not known which parameter it is."""
    copies: dict[Addr, Addr] = field(default_factory=dict[Addr, Addr])
    """Tensors and modules that are deep copies, and of what."""
    differentiated_by: set[Addr] = field(default_factory=set[Addr])
    """What autograd.grad was asked for."""
    at_idle: dict[Addr, Instead] = field(default_factory=dict[Addr, Instead])
    swaps: dict[Addr, Swap] = field(default_factory=dict[Addr, Swap])

    def child_put(self, m: Machine, node: ast.AST, addr: Addr, name: str, value: Value) -> None:
        """A module gets a child, or a parameter, under a name."""
        thing = m.at(addr, Instance)
        old = thing.get(name) if thing is not None else None
        if not self.optimizers or not m.recording or m.uncertain or old is None:
            return
        given = [one for (_, module), one in self.covered.items() if module is addr]
        if not given:
            return
        before = set(leaves_of(m, old, ""))
        for covered in given:
            if not before or not before <= covered.trainable:
                continue
            way = tuple(m.recorder.visits.path)
            for leaf, inner in leaves_of(m, value, name).items():
                if leaf not in self.held:
                    self.swaps[leaf] = Swap(m.site(node), covered.optimizer, inner, way)

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
        super().attribute_set(m, node, addr, thing, name, value, role)
        if role != "plain":
            self.child_put(m, node, addr, name, value)

    def meet_swapped(self, m: Machine, step: Site, thing: Optimizer) -> None:
        """A step that comes, certainly, after something else was put in the place of what its
        optimizer holds; the gradient may be there on some runs, those on which it was."""
        for leaf, swap in self.swaps.items():
            tensor = m.tensor(leaf)
            if tensor is None or swap.optimizer != thing.site or swap.step is not None:
                continue
            used = tensor.requires_grad is YES and tensor.grad_state is not NO
            # Where it was computed and cut off, the cut is what there is to say.
            told = tensor.why is not None and tensor.why.kind == "retensored"
            used = used and not told and not tensor.escaped
            if used and m.recorder.visits.certain_after(swap.way):
                swap.step = step

    def swapped(self) -> list[Untrained]:
        """What came in the place of others, perhaps, and is held by nothing."""
        if self.may_hold_others:
            return []
        held = {older for one in self.held for older in ages(one)}
        groups: dict[tuple[Site, Site, Site], list[str]] = {}
        for leaf in sorted(self.swaps, key=age):
            swap = self.swaps[leaf]
            known = self.candidates.get(leaf)
            told = known is not None and known.reason != "apart"
            taken = told or leaf in self.read_grads
            if swap.step is not None and not taken and held.isdisjoint(ages(leaf)):
                groups.setdefault((swap.made, swap.optimizer, swap.step), []).append(swap.name)
        return [
            Untrained(tuple(names), "swapped", step, made, None, None, optimizer=optimizer)
            for (made, optimizer, step), names in groups.items()
        ]

    def step_of(self, m: Machine, step: Site, thing: Optimizer) -> None:
        """A step after a backward: is there anything for it to do?"""
        super().step_of(m, step, thing)
        if thing.open or m.uncertain:
            return
        self.meet_swapped(m, step, thing)
        if self.blurred:
            return
        found = [m.tensors(param) for param in thing.params]
        held = [pair for tensors in found for pair in tensors]
        whole = all(
            len(tensors) == len(param) for tensors, param in zip(found, thing.params, strict=True)
        )
        if not whole or not all(found_idle(tensor) for _, tensor in held):
            return
        mine = {addr for addr, _ in held}
        if all(tensor.requires_grad is NO for _, tensor in held):
            return
        before = {one.names: one.module for one in self.covered_by(thing.site)}
        for within in surroundings.modules_of(m):
            addr, leaves = within.module, within.leaves
            if not leaves or not self.held.isdisjoint(leaves):
                continue
            names = frozenset(name for name, _ in within.found.parameters)
            again = names in before and self.succeeds(m, before[names], addr)
            thing_made = m.at(addr, Instance)
            place = thing_made.site if thing_made is not None else None
            for one, tensor in leaves.items():
                if not trains(one, tensor):
                    continue
                copied = self.copies.get(one) in mine
                if not (copied or again) or one in self.at_idle:
                    continue
                made = tensor.why.site if copied and tensor.why is not None else place
                reason = "copied" if copied else "again"
                name = surroundings.names_in(within.found).get(one, "a parameter")
                self.at_idle[one] = Instead(reason, step, thing.site, made, name)
        self.meet_copies(m, step, thing, mine)

    def meet_copies(self, m: Machine, step: Site, thing: Optimizer, held: set[Addr]) -> None:
        """Copies that are in no module, of what an idle step holds."""
        for one, origin in self.copies.items():
            tensor = m.tensor(one) if origin in held and one not in self.at_idle else None
            if tensor is None or tensor.escaped or one in self.held or tensor.why is None:
                continue
            if has_gradient(one, tensor):
                name, made = self.name_of(one), tensor.why.site
                self.at_idle[one] = Instead("copied", step, thing.site, made, name)

    def succeeds(self, m: Machine, before: Addr, after: Addr) -> bool:
        """Whether a module stands where another one of its class stood, under the same name."""
        first, second = self.definitions.get(before), self.definitions.get(after)
        named = first is None or second is None or first[0] == second[0]
        cls = self.class_of(m, before)
        return named and cls is not None and cls == self.class_of(m, after)

    def class_of(self, m: Machine, addr: Addr) -> object:
        """The class of a module."""
        thing = m.at(addr, Instance)
        return thing.cls if thing is not None else None

    def idle(self, told: set[Site | None]) -> list[Untrained]:
        """What trains in the place of what an optimizer holds, once for each place where it is
        made; `told`: the optimizers of which that is told already."""
        if self.may_hold_others:
            return []
        left = self.at_idle.keys() - self.held - self.read_grads - self.doubted - self.rewritten
        groups: dict[tuple[object, ...], list[Addr]] = {}
        for one in sorted(left, key=age):
            found = self.at_idle[one]
            if found.optimizer not in told and found.optimizer is not None:
                groups.setdefault((found.reason, found.made, found.optimizer), []).append(one)
        return [self.idle_fact(leaves) for leaves in groups.values()]

    def adapted(self) -> Site | None:
        """Where copies are made of what an optimizer holds, if those train instead, by gradients
        that the program asks for: an inner loop."""
        missed = self.reached_parameters - self.held - self.read_grads
        of = {one: origin for copy, origin in self.copies.items() for one in ages(copy)}
        found = [one for one in sorted(missed, key=age) if of.get(one) in self.held]
        inner = found and not self.differentiated_by.isdisjoint(found)
        return found[0].site if inner and not self.may_hold_others else None

    def idle_fact(self, leaves: list[Addr]) -> Untrained:
        """What there is to say of leaves that are made at one place."""
        found = self.at_idle[leaves[0]]
        names = tuple(self.at_idle[one].name for one in leaves)
        return Untrained(
            names, found.reason, found.step, found.made, None, None, optimizer=found.optimizer
        )


def ages(addr: Addr) -> set[Addr]:
    """An object and what stands for it in later turns of a loop."""
    found = {addr}
    while addr.older is not None and addr.older not in found:
        addr = addr.older
        found.add(addr)
    return found


def leaves_of(m: Machine, value: Value, name: str) -> dict[Addr, str]:
    """The parameters of a module, or the parameter itself, with their names; none where one of
    them is not known."""
    atom = only(value)
    if not isinstance(atom, Ref):
        return {}
    tensor = m.tensor(atom.addr)
    if tensor is not None:
        return {atom.addr: name} if tensor.is_parameter is YES else {}
    if m.at(atom.addr, Instance) is None:
        return {}
    found = registry.holdings(m, atom.addr)
    leaves = surroundings.whole(m, found) or {}
    names = surroundings.names_in(found)
    return {one: f"{name}.{names.get(one, 'a parameter')}" for one in leaves}


def found_idle(tensor: Tensor) -> bool:
    """Whether what stands for one object, or for several, certainly has no gradient."""
    return tensor.grad_state is NO and not tensor.escaped


def trains(addr: Addr, tensor: Tensor) -> bool:
    """Whether one object certainly has a gradient, and nobody else knows it."""
    mine = tensor.is_parameter is YES and not tensor.escaped
    return mine and has_gradient(addr, tensor)
