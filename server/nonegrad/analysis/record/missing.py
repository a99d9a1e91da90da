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
from nonegrad.analysis.nn import registry
from nonegrad.analysis.record import surroundings
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
    cleared: set[Addr] = field(default_factory=set[Addr])
    """Leaves whose gradients the program clears through their module."""
    candidates: dict[Addr, Candidate] = field(default_factory=dict[Addr, Candidate])
    gone: set[Addr] = field(default_factory=set[Addr])
    """Leaves that were in a module when an optimizer was given them, and later were not."""
    doubted: set[Addr] = field(default_factory=set[Addr])
    """Leaves that something else may take care of."""
    later: dict[Addr, Later] = field(default_factory=dict[Addr, "Later"])
    """Modules and parameters that were named after an optimizer was made."""
    paths: dict[Site, dict[Addr, str]] = field(default_factory=dict[Site, dict[Addr, str]])
    """By which names modules and parameters are within reach where an optimizer is made."""

    def optimizer_made(self, m: Machine, node: ast.AST, made: Optimizer) -> None:
        """Which modules the optimizer was given parameters of, and which of those."""
        super().optimizer_made(m, node, made)
        if not m.recording or made.site is None or made.open or m.uncertain:
            return
        held = {one for param in made.params for one in references(param)}
        self.paths[made.site] = surroundings.paths_here(m)
        for module, found in surroundings.modules_of(m):
            leaves = surroundings.whole(m, found)
            if leaves is None or held.isdisjoint(leaves):
                continue
            self.covered[made.site, module] = Covered(
                module,
                made.site,
                frozenset(one for one, tensor in leaves.items() if tensor.requires_grad is YES),
                frozenset(one for one, tensor in leaves.items() if tensor.requires_grad is NO),
                frozenset(name for name, _ in found.parameters),
            )

    def named_later(self, m: Machine, name: str, value: Value, statement: ast.AST) -> None:
        """A name was bound: the optimizers within reach there can be given what it is."""
        atom = only(value)
        if not self.optimizers or not isinstance(atom, Ref) or atom.addr in self.later:
            return
        named = m.s.get(atom.addr)
        trainable = isinstance(named, Tensor) and NO not in (named.is_leaf, named.requires_grad)
        if trainable or (isinstance(named, Instance) and named.is_module):
            within = {
                thing.site: path
                for addr, path in surroundings.paths_here(m).items()
                if (thing := m.at(addr, Optimizer)) is not None and thing.site is not None
            }
            self.later[atom.addr] = Later(m.site(statement), name, within)

    def set_anew(self, addr: Addr, *, always: bool = True) -> None:
        """The program sets the numbers of a tensor; before any optimizer that is initialisation."""
        if always or self.optimizers:
            self.rewritten.add(addr)

    def step_of(self, m: Machine, step: Site, thing: Optimizer) -> None:
        """A step after a backward: what has a gradient now without being held."""
        super().step_of(m, step, thing)
        given = [one for (site, _), one in self.covered.items() if site == thing.site]
        if thing.open or m.uncertain or not given:
            return
        modules = surroundings.modules_of(m)
        for covered in given:
            found = next((found for addr, found in modules if addr is covered.module), None)
            leaves = surroundings.whole(m, found) if found is not None else None
            if leaves is not None:
                self.gone |= covered.trainable - leaves.keys()
            for one, tensor in (leaves or {}).items():
                if found is None or one in covered.trainable:
                    continue
                name = next(n for n, value in found.parameters if one in references(value))
                reason = "unfrozen"
                if one not in covered.frozen:
                    reason = "replaced" if name in covered.names else "added"
                made = tensor.why.site if tensor.why else None
                self.meet_missed(one, tensor, Candidate(reason, step, made, covered, name))
        left = unheld(m, modules, self)
        around = around_each(modules) if left else {}
        for one, tensor in left:
            made = tensor.why.site if tensor.why else None
            candidate = Candidate("apart", step, made, given[0])
            self.meet_missed(one, tensor, surrounded(m, one, candidate, around, self))

    def meet_missed(self, addr: Addr, tensor: Tensor, candidate: Candidate) -> None:
        """One leaf at one visit of a step."""
        if tensor.escaped:
            self.doubted.add(addr)
        sure = tensor.requires_grad is YES and tensor.is_leaf is YES and tensor.grad_state is YES
        if sure and not addr.summary:
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
        given = (one for (site, _), one in self.covered.items() if site == found.covered.optimizer)
        return any(one.trainable <= self.held for one in given)

    def meant(self, leaf: Addr) -> bool:
        """Whether a leaf was certainly meant to train: the program makes it a parameter itself, and
        nothing but such parameters is left out of its model, or all of it is."""
        found = self.candidates[leaf]
        if leaf in self.rewritten or found.around & self.rewritten:
            return False
        if found.root is None:
            return leaf in self.explicit and found.around - self.held <= self.explicit.keys()
        alone = found.around & self.held
        return not alone and not found.around & self.cleared and self.wanted(found.around)

    def wanted(self, around: frozenset[Addr]) -> bool:
        """Whether a model of which nothing is held was meant to be: the program made a parameter of
        it, or gave two optimizers the same."""
        return not around.isdisjoint(self.explicit) or self.twice() is not None

    def twice(self) -> Site | None:
        """An optimizer that was given just the parameters of another one."""
        seen: set[frozenset[Addr]] = set()
        for site, made in sorted(self.optimizers.items()):
            params = frozenset(one for param in made.params for one in references(param))
            if params in seen and site in self.stepped_at:
                return site
            seen.add(params)
        return None

    def missed_fact(self, leaves: list[Addr]) -> Missed:
        """What there is to say of leaves that share a cause."""
        first = self.candidates[leaves[0]]
        names = tuple(self.candidates[one].name or self.name_of(one) for one in leaves)
        optimizer, reason = first.covered.optimizer, first.reason
        root = first.root if first.root is not None else leaves[0]
        if reason == "apart" and self.explicit.keys().isdisjoint(first.around | {leaves[0]}):
            reason, optimizer = "twice", self.twice() or optimizer
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


def unheld(
    m: Machine, modules: list[tuple[Addr, registry.Holdings]], known: Missing
) -> list[tuple[Addr, Tensor]]:
    """Parameters of whole modules, and those the program makes, that nothing holds so far."""
    leaves: dict[Addr, Tensor] = {}
    for _, found in modules:
        leaves |= surroundings.whole(m, found) or {}
    for one in known.explicit:
        tensor = m.tensor(one)
        if tensor is not None and not one.stars:
            leaves[one] = tensor
    left = leaves.keys() - known.held - known.candidates.keys()
    return [(one, leaves[one]) for one in sorted(left, key=age)]


@dataclass(frozen=True, slots=True)
class Around:
    """A module, what it holds, and all the parameters that may be among it."""

    module: Addr
    found: registry.Holdings
    every: frozenset[Addr]


def around_each(modules: list[tuple[Addr, registry.Holdings]]) -> dict[Addr, list[Around]]:
    """For each parameter the modules it is in."""
    result: dict[Addr, list[Around]] = {}
    for addr, found in modules:
        every = frozenset(one for value in found.every_parameter() for one in references(value))
        one_module = Around(addr, found, every)
        for one in every:
            result.setdefault(one, []).append(one_module)
    return result


def surrounded(
    m: Machine,
    leaf: Addr,
    candidate: Candidate,
    modules: dict[Addr, list[Around]],
    known: Missing,
) -> Candidate:
    """A candidate with the modules it is in."""
    around: frozenset[Addr] = frozenset()
    root: Addr | None = None
    most = 0
    for one in modules.get(leaf, ()):
        thing = m.at(one.module, Instance)
        if surroundings.whole(m, one.found) is None or thing is None or thing.training is not YES:
            known.doubted.add(leaf)
        around |= one.every
        name = next((n for n, value in one.found.parameters if leaf in references(value)), "")
        candidate = replace(candidate, name=max(candidate.name, name, key=len))
        if not one.every & known.held and len(one.every) >= most:
            root, most = one.module, len(one.every)
    thing = m.at(root, Instance) if root is not None else None
    site = thing.site if thing is not None else None
    return replace(candidate, root=root, root_site=site, around=around)
