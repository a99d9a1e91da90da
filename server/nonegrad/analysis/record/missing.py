"""Parameters that get gradients while no optimizer of the program holds them, and what shows that
this was not meant: leaving parameters out on purpose is everyday code."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nonegrad.analysis.domain.heap import Tensor
from nonegrad.analysis.domain.objects import Instance, Optimizer
from nonegrad.analysis.domain.truth import NO, YES
from nonegrad.analysis.domain.value_class import replace
from nonegrad.analysis.domain.values import Addr, Ref, Value, age, only, references
from nonegrad.analysis.record import handed, surroundings
from nonegrad.analysis.record.listing import Listing
from nonegrad.analysis.record.missed import Missed
from nonegrad.text import Site

if TYPE_CHECKING:
    from nonegrad.analysis.machine import Machine


@dataclass(frozen=True, slots=True)
class Covered:
    """A module as it was when an optimizer was given parameters of it."""

    module: Addr
    optimizer: Site
    trainable: frozenset[Addr]
    frozen: frozenset[Addr]
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A leaf with a gradient at a step of optimizers that did not hold it."""

    reason: str
    step: Site
    made: Site | None
    covered: Covered
    name: str = ""
    root: Addr | None = None
    """The largest module it is in of which nothing is held."""
    root_site: Site | None = None
    around: frozenset[Addr] = frozenset()
    """All parameters of the modules it is in."""


@dataclass(frozen=True, slots=True)
class Later:
    """A name bound where optimizers are within reach, each by a name."""

    site: Site
    name: str
    optimizers: dict[Site, str]


@dataclass
class Missing(Listing):
    """Collects what optimizers were given, and what has gradients at their steps."""

    covered: dict[tuple[Site, Addr], Covered] = field(
        default_factory=dict[tuple[Site, Addr], Covered]
    )
    explicit: dict[Addr, Site] = field(default_factory=dict[Addr, Site])
    """Leaves that the program itself makes parameters, `nn.Parameter(...)`."""
    rewritten: set[Addr] = field(default_factory=set[Addr])
    """Leaves whose numbers the program sets itself."""
    grouped: set[Addr] = field(default_factory=set[Addr])
    """What the program put into groups for optimizers."""
    cleared: set[Addr] = field(default_factory=set[Addr])
    """Leaves whose gradients the program clears through their module."""
    candidates: dict[Addr, Candidate] = field(default_factory=dict[Addr, Candidate])
    gone: set[Addr] = field(default_factory=set[Addr])
    """Leaves that were in a module when an optimizer was given them, and later were not."""
    doubted: set[Addr] = field(default_factory=set[Addr])
    """Leaves that something else may take care of."""
    leading: set[str] = field(default_factory=set[str])
    """The names through which optimizers are within reach somewhere."""
    later: dict[Addr, Later] = field(default_factory=dict[Addr, "Later"])
    """Modules and parameters that were named after an optimizer was made."""
    parameters_of: surroundings.Registered = field(
        default_factory=dict[Addr, tuple[Instance, frozenset[Addr]]]
    )
    paths: dict[Site, dict[Addr, str]] = field(default_factory=dict[Site, dict[Addr, str]])
    """By which names modules and parameters are within reach where an optimizer is made."""

    def optimizer_made(self, m: Machine, node: ast.AST, made: Optimizer) -> None:
        """Which modules the optimizer was given parameters of, and which of those."""
        super().optimizer_made(m, node, made)
        if not m.recording or made.site is None or made.open or m.uncertain:
            return
        held = {one for param in made.params for one in references(param)}
        self.paths[made.site] = surroundings.paths_here(m)
        self.grouped.update(handed.grouped(m))
        inside: set[Addr] = set()
        for one in surroundings.modules_around(m, held):
            leaves = one.leaves
            if leaves is None or one.module in inside or held.isdisjoint(leaves):
                continue
            if leaves.keys() <= held:
                # Of what is given whole, the parts tell nothing more.
                inside.update(part for _, value in one.found.modules for part in references(value))
            self.covered[made.site, one.module] = Covered(
                one.module,
                made.site,
                frozenset(leaf for leaf, tensor in leaves.items() if tensor.requires_grad is YES),
                frozenset(leaf for leaf, tensor in leaves.items() if tensor.requires_grad is NO),
                frozenset(name for name, _ in one.found.parameters),
            )

    def named_later(self, m: Machine, name: str, value: Value, statement: ast.AST) -> None:
        """A name was bound: the optimizers within reach there can be given what it is."""
        atom = only(value)
        if not self.optimizers or not isinstance(atom, Ref):
            return
        named = m.s.get(atom.addr)
        if surroundings.optimizers_in(m, named):
            self.leading.add(name.partition(".")[0])
        if atom.addr in self.later:
            return
        trainable = isinstance(named, Tensor) and NO not in (named.is_leaf, named.requires_grad)
        if trainable or (isinstance(named, Instance) and named.is_module):
            within_reach = surroundings.optimizers_here(m, self.leading)
            self.later[atom.addr] = Later(m.site(statement), name, within_reach)

    def set_anew(self, addr: Addr, *, always: bool = True) -> None:
        """The program sets the numbers of a tensor; before any optimizer that is initialisation."""
        if always or self.optimizers:
            self.rewritten.add(addr)

    def step_of(self, m: Machine, step: Site, thing: Optimizer) -> None:
        """A step after a backward: what has a gradient now without being held."""
        super().step_of(m, step, thing)
        given = self.covered_by(thing.site)
        if thing.open or m.uncertain or not given:
            return
        for covered in given:
            now = surroundings.within(m, covered.module)
            if now.leaves is None or now.leaves.keys() == covered.trainable:
                continue
            self.gone |= covered.trainable - now.leaves.keys()
            for one, tensor in now.leaves.items():
                if one in covered.trainable:
                    continue
                name = surroundings.names_in(now.found)[one]
                reason = "unfrozen"
                if one not in covered.frozen:
                    reason = "replaced" if name in covered.names else "added"
                made = tensor.why.site if tensor.why else None
                self.meet_missed(one, tensor, Candidate(reason, step, made, covered, name))
        left = self.unheld(m)
        modules = surroundings.modules_around(m, [one for one, _ in left]) if left else []
        around = surroundings.around_each(modules)
        whole = {leaf for one in modules for leaf in one.leaves or ()}
        for one, tensor in left:
            if one in whole or (one in self.explicit and not one.stars):
                made = tensor.why.site if tensor.why else None
                candidate = Candidate("apart", step, made, given[0])
                self.meet_missed(one, tensor, surrounded(m, one, candidate, around, self))

    def unheld(self, m: Machine) -> list[tuple[Addr, Tensor]]:
        """Parameters that nothing holds so far, of which a step may show something."""
        leaves = surroundings.parameters_anywhere(m, self.parameters_of) | self.explicit.keys()
        found: list[tuple[Addr, Tensor]] = []
        for one in sorted(leaves - self.held - self.candidates.keys(), key=age):
            tensor = m.tensor(one)
            if tensor is not None and (tensor.escaped or has_gradient(one, tensor)):
                found.append((one, tensor))
        return found

    def meet_missed(self, addr: Addr, tensor: Tensor, candidate: Candidate) -> None:
        """One leaf at one visit of a step."""
        if tensor.escaped:
            self.doubted.add(addr)
        if has_gradient(addr, tensor):
            self.candidates.setdefault(addr, candidate)

    def missed(self) -> list[Missed]:
        """Leaves with gradients that no optimizer holds, once for each cause."""
        if self.may_hold_others:
            return []
        missing = self.candidates.keys() - self.held - self.read_grads - self.doubted
        groups: dict[tuple[object, ...], list[Addr]] = {}
        for one in sorted(missing - self.hidden.keys(), key=age):
            found = self.candidates[one]
            if not self.given_whole(found):
                continue
            place = found.made
            if found.reason == "apart":
                if not self.meant(one):
                    continue
                place = found.root_site or place
            if found.reason == "replaced":
                place = None
            groups.setdefault((found.reason, place, found.covered.optimizer), []).append(one)
        return [self.missed_fact(leaves) for leaves in groups.values()]

    def given_whole(self, found: Candidate) -> bool:
        """Whether the optimizer was given all of the module, or of some module."""
        if found.reason != "apart":
            return found.covered.trainable <= self.held
        given = self.covered_by(found.covered.optimizer)
        return any(one.trainable <= self.held for one in given)

    def covered_by(self, optimizer: Site | None) -> list[Covered]:
        """The modules that an optimizer was given parameters of."""
        return [one for (site, _), one in self.covered.items() if site == optimizer]

    def meant(self, leaf: Addr) -> bool:
        """Whether a leaf was certainly meant to train: the program makes it a parameter itself, and
        nothing but such parameters is left out of its model, or all of it is."""
        found = self.candidates[leaf]
        if leaf in self.rewritten or found.around & self.rewritten:
            return False
        if leaf in self.grouped:
            return True
        if found.root is None:
            return leaf in self.explicit and found.around - self.held <= self.explicit.keys()
        if handed.doubled(self.optimizers, self.stepped_at) is not None:
            # Who gives an optimizer one of the parts twice means another part of the same whole.
            return True
        alone = found.around.isdisjoint(self.held | self.cleared)
        return alone and self.wanted(found.around)

    def wanted(self, around: frozenset[Addr]) -> bool:
        """Whether a model of which nothing is held was meant to be: the program made a parameter of
        it, or gave two optimizers the same."""
        twice = handed.twice(self.optimizers, self.stepped_at)
        return not around.isdisjoint(self.explicit) or twice is not None

    def missed_fact(self, leaves: list[Addr]) -> Missed:
        """What there is to say of leaves that share a cause."""
        first = self.candidates[leaves[0]]
        names = tuple(self.candidates[one].name or self.name_of(one) for one in leaves)
        optimizer, reason = first.covered.optimizer, first.reason
        root = first.root if first.root is not None else leaves[0]
        if leaves[0] in self.grouped:
            reason = "grouped"
        elif reason == "apart" and self.explicit.keys().isdisjoint(first.around | {leaves[0]}):
            twice = handed.twice(self.optimizers, self.stepped_at)
            reason = "doubled" if twice is None else "twice"
            optimizer = twice or handed.doubled(self.optimizers, self.stepped_at) or optimizer
        made = first.root_site or first.made
        fact = Missed(names, reason, first.step, made, optimizer)
        star, end = ("", "") if first.root is None else ("*", ".parameters()")
        path = self.paths.get(optimizer, {}).get(root, "")
        if path:
            return replace(fact, given=f"{star}{path}{end}")
        later = self.later.get(root)
        name = later.optimizers.get(optimizer, "") if later is not None else ""
        if later is None or not name:
            return fact
        given = f"{later.name}{end}" if star else f"[{later.name}]"
        call = f'{name}.add_param_group({{"params": {given}}})'
        return replace(fact, later=later.site, call=call)


def has_gradient(addr: Addr, tensor: Tensor) -> bool:
    """Whether an object is one leaf that certainly has a gradient."""
    sure = tensor.requires_grad is YES and tensor.is_leaf is YES and tensor.grad_state is YES
    return sure and not addr.summary


def surrounded(
    m: Machine,
    leaf: Addr,
    candidate: Candidate,
    modules: dict[Addr, list[surroundings.Around]],
    known: Missing,
) -> Candidate:
    """A candidate with the modules it is in."""
    around: set[Addr] = set()
    root: Addr | None = None
    most, name = 0, candidate.name
    for one in modules.get(leaf, ()):
        thing = m.at(one.held.module, Instance)
        if one.held.leaves is None or thing is None or thing.training is not YES:
            known.doubted.add(leaf)
        around.update(one.names)
        name = max(name, one.names[leaf], key=len)
        if len(one.names) >= most and known.held.isdisjoint(one.names):
            root, most = one.held.module, len(one.names)
    thing = m.at(root, Instance) if root is not None else None
    site = thing.site if thing is not None else None
    return replace(candidate, name=name, root=root, root_site=site, around=frozenset(around))
