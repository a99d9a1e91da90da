"""Which parameters the optimizers of a program hold, under which names, and which they miss."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nonegrad.analysis.domain.heap import Mapping, Sequence, Tensor
from nonegrad.analysis.domain.objects import Class, Instance, Optimizer
from nonegrad.analysis.domain.provenance import Why
from nonegrad.analysis.domain.truth import NO, YES
from nonegrad.analysis.domain.values import Addr, Ref, Value, age, references
from nonegrad.analysis.nn import registry
from nonegrad.analysis.record import forgotten
from nonegrad.analysis.record.facts import Fact, Unlisted
from nonegrad.analysis.record.forgotten import Fresh
from nonegrad.analysis.record.outermost import Outermost
from nonegrad.analysis.record.switches import Switches
from nonegrad.text import Site

if TYPE_CHECKING:
    from nonegrad.analysis.autograd.reaching import Reach
    from nonegrad.analysis.machine import Machine

DEEPEST = 4
"""How far containers in containers are followed."""


@dataclass(frozen=True, slots=True)
class Plain:
    """An attribute of a module that the module does not register."""

    owner: Addr
    name: str
    site: Site
    value: Site
    text: str
    torch: str
    """How the program spells `torch.nn`, with its dot."""


@dataclass
class Listing(Switches):
    """Collects names, optimizers, and what stands in modules without being registered."""

    last_backward: Site | None = None
    backward_count: int = 0
    effects: int = 0
    """Grows with all that is noted in the order of the run: backwards, steps, cleared gradients."""
    filled_by: dict[Addr, list[Site]] = field(default_factory=dict[Addr, list[Site]])
    definitions: dict[Addr, tuple[str, Site]] = field(default_factory=dict[Addr, tuple[str, Site]])
    parameter_names: dict[Addr, str] = field(default_factory=dict[Addr, str])
    full_names: dict[Addr, str] = field(default_factory=dict[Addr, str])
    optimizers: dict[Site, Optimizer] = field(default_factory=dict[Site, Optimizer])
    plain: dict[tuple[Addr, str], Plain] = field(default_factory=dict[tuple[Addr, str], Plain])
    hidden: dict[Addr, Unlisted] = field(default_factory=dict[Addr, Unlisted])
    """Leaves behind such attributes."""
    fresh: dict[Addr, Fresh] = field(default_factory=dict[Addr, Fresh])
    """Layers made in a call of a module, after an optimizer was made."""
    homes: dict[Site, Fresh] = field(default_factory=dict[Site, Fresh])
    kept_layers: set[Site] = field(default_factory=set[Site])
    """Where such layers are made that somebody may keep."""
    held: set[Addr] = field(default_factory=set[Addr])
    reached: set[Addr] = field(default_factory=set[Addr])
    """Leaves that some backward certainly led to."""
    reached_parameters: set[Addr] = field(default_factory=set[Addr])
    read_grads: set[Addr] = field(default_factory=set[Addr])
    listed_modules: set[Addr] = field(default_factory=set[Addr])
    outermost: Outermost = field(default_factory=Outermost)
    may_hold_others: bool = False
    stepped_at: set[Site] = field(default_factory=set[Site])
    """Optimizers that step, by the place where they are made."""

    def name_of(self, addr: Addr) -> str:
        """What a program calls a leaf: as its module lists it, or by the name it was bound to."""
        if addr in self.full_names:
            return self.full_names[addr]
        if addr in self.definitions:
            return self.definitions[addr][0]
        return self.parameter_names.get(addr, "a parameter")

    def listed_as(self, m: Machine, found: registry.Holdings) -> None:
        """A module listed its parameters: the longest name is the one of the whole model."""
        for name, value in found.parameters:
            for addr, _ in m.tensors(value):
                if len(name) > len(self.full_names.get(addr, "")):
                    self.full_names[addr] = name
        for _, value in found.modules:
            self.listed_modules.update(references(value))
        self.outermost.listed(m, found)

    def plain_attribute(self, m: Machine, addr: Addr) -> Plain | None:
        """The attribute of a module that is this tensor, and not registered."""
        for (owner, name), plain in self.plain.items():
            instance = m.at(owner, Instance)
            value = instance.get(name) if instance is not None else None
            if value is not None and references(value) == (addr,):
                return plain
        return None

    def all_frozen(self, m: Machine) -> Why | None:
        """What froze the models whose parameters were listed, where that is all of them."""
        tensors = [tensor for one in self.full_names if (tensor := m.tensor(one)) is not None]
        whys = [one.why for one in tensors if one.requires_grad is NO]
        frozen = [why for why in whys if why is not None and why.kind == "frozen"]
        return frozen[-1] if frozen and len(frozen) == len(tensors) else None

    def optimizer_made(self, m: Machine, node: ast.AST, made: Optimizer) -> None:
        """An optimizer was made."""
        self.hold(m, made)
        if m.recording and made.site is not None:
            self.optimizers[made.site] = made

    def hold(self, m: Machine, thing: Optimizer) -> None:
        """What an optimizer holds is no longer missed."""
        self.may_hold_others = self.may_hold_others or thing.open
        for param in thing.params:
            self.held.update(references(param))

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
        """An attribute of a module was set: its tensors have a name, or are not registered."""
        if role == "parameter":
            self.registered(m, name, value)
        self.plain.pop((addr, name), None)
        if role != "plain" or not isinstance(node, ast.Assign):
            return
        if any(isinstance(m.s.get(one), (Tensor, Sequence, Mapping)) for one in references(value)):
            torch = spelled(m, thing)
            text = m.text(node.value)
            places = m.site(node), m.site(node.value)
            self.plain[addr, name] = Plain(addr, name, *places, text, torch)

    def registered(self, m: Machine, name: str, value: Value) -> None:
        """A module registers a parameter, or a buffer, under a name."""
        for one, _ in m.tensors(value):
            self.parameter_names.setdefault(one, name)

    def reaches(self, m: Machine, found: Reach) -> None:
        """A backward led to these leaves."""
        for one, sure in found.leaves.items():
            if sure and not one.summary:
                self.reached.add(one)
                tensor = m.tensor(one)
                if tensor is not None and tensor.is_parameter is YES:
                    self.reached_parameters.add(one)

    def layer_made(self, m: Machine, addr: Addr, name: str, node: ast.AST) -> None:
        """A layer of torch is made: perhaps for one call only."""
        if m.recording and self.optimizers and not m.uncertain:
            found = forgotten.fresh(m, addr, name, node)
            if found is not None:
                self.fresh[addr] = found

    def forget_layers(self, m: Machine, step: Site, thing: Optimizer) -> None:
        """At a step: layers made since, and not kept, whose module the optimizer trains."""
        if not self.fresh or thing.open or m.uncertain:
            return
        alive = forgotten.alive(m)
        for layer, found in self.fresh.items():
            kept = not alive.isdisjoint({layer, *found.leaves})
            trained = not self.held.isdisjoint(forgotten.leaves_of(m, found.owner))
            if kept or not trained or any(escaped(m, one) for one in found.leaves):
                self.kept_layers.add(found.site)
            parts = (found.site, step, thing.site, found.method, found.text)
            home = ((found.home, found.name),) if found.home is not None else ()
            for leaf in found.leaves:
                self.hidden.setdefault(leaf, Unlisted(("weight",), "forgotten", *parts, inner=home))
        self.fresh.clear()

    def step_of(self, m: Machine, step: Site, thing: Optimizer) -> None:
        """A step of an optimizer, after a backward."""
        self.hold(m, thing)
        if thing.site is not None:
            self.stepped_at.add(thing.site)
        self.forget_layers(m, step, thing)
        for (owner, name), plain in self.plain.items():
            instance = m.at(owner, Instance)
            value = instance.get(name) if instance is not None else None
            if value is None or owner not in self.listed_modules:
                continue
            for leaf, reason in leaves_in(m, value, 0):
                if leaf not in self.hidden:
                    parts = (plain.value, step, thing.site, f"self.{name}", plain.text, plain.torch)
                    inner = tuple(rows_of(m, value) or ()) if reason == "nested" else ()
                    self.hidden[leaf] = Unlisted((name,), reason, *parts, inner)

    def listed(self) -> list[Fact]:
        """Leaves with gradients that no optimizer holds, once for each attribute."""
        if self.may_hold_others:
            return []
        found: dict[Site, Fact] = {}
        for leaf, fact in self.hidden.items():
            if fact.reason == "forgotten" and fact.made in self.kept_layers:
                continue
            if leaf in self.reached and leaf not in self.held | self.read_grads:
                found.setdefault(fact.made, fact)
        return list(found.values())

    def instead(self) -> Addr | None:
        """A parameter that gets gradients, and that no optimizer holds."""
        if self.may_hold_others:
            return None
        missed = self.reached_parameters - self.held - self.read_grads
        return min(missed, key=age, default=None)


def escaped(m: Machine, leaf: Addr) -> bool:
    """Whether a leaf was handed to code that is not known."""
    tensor = m.tensor(leaf)
    return tensor is not None and tensor.escaped


def spelled(m: Machine, thing: Instance) -> str:
    """How the class of a module spells the package of its base: `nn.`, `torch.nn.` or nothing."""
    cls = m.at(thing.cls.addr, Class) if isinstance(thing.cls, Ref) else None
    for base in cls.node.bases if cls is not None else ():
        text = ast.unparse(base)
        if text.endswith(".Module"):
            return text.removesuffix("Module")
    return "torch.nn."


def leaves_in(m: Machine, value: Value, depth: int) -> list[tuple[Addr, str]]:
    """The leaves in the value of an unregistered attribute, each with what keeps it out."""
    from nonegrad.analysis.autograd.reaching import reach

    found: list[tuple[Addr, str]] = []
    for addr in references(value):
        match m.s.get(addr):
            case Tensor(requires_grad=required) as tensor if required is YES and not tensor.escaped:
                if tensor.is_leaf is YES:
                    found.append((addr, "parameters" if depth else "tensor"))
                elif tensor.is_leaf is NO and not depth:
                    behind = reach(m, tensor.fn).leaves
                    found.extend((one, "computed") for one, sure in behind.items() if sure)
            case Sequence(items=items) if depth < DEEPEST:
                for item in items:
                    found.extend(nested(leaves_in(m, item, depth + 1), depth))
            case Mapping(entries=entries) if depth < DEEPEST:
                for _, item in entries:
                    found.extend(nested(leaves_in(m, item, depth + 1), depth))
            case Instance(is_module=True) if depth:
                for held in registry.holdings(m, addr).every_parameter():
                    found.extend((one, "modules") for one in references(held))
            case _:
                pass
    return found


def rows_of(m: Machine, value: Value, depth: int = 0) -> list[tuple[Site, str]] | None:
    """Where the lists and dicts in a list are made, and what registers them; None where something
    else than modules, or parameters alone, is in them, or a key that no ModuleDict takes."""
    found: list[tuple[Site, str]] = []
    for atom in value:
        thing = m.s.get(atom.addr) if isinstance(atom, Ref) else None
        match thing:
            case Sequence(kind="list" | "tuple", items=items, rest=rest) if depth < DEEPEST:
                inside = (*items, *(() if rest is None else (rest,)))
            case Mapping(entries=entries, rest=None) if depth < DEEPEST:
                if not all(isinstance(key, str) for key, _ in entries):
                    return None
                inside = tuple(item for _, item in entries)
            case Instance(is_module=True):
                continue
            case Tensor(is_parameter=known) if known is YES and depth > 1:
                continue
            case _:
                return None
        for item in inside:
            inner = rows_of(m, item, depth + 1)
            if inner is None:
                return None
            found += inner
        if depth and isinstance(atom, Ref):
            if atom.addr.site is None:
                return None
            of = "Parameter" if any(m.tensors(item) for item in inside) else "Module"
            if of == "Parameter" and not all(m.tensors(item) for item in inside):
                return None
            kind = "Dict" if isinstance(thing, Mapping) else "List"
            found.append((atom.addr.site, of + kind))
    return list(dict.fromkeys(found))


def nested(found: list[tuple[Addr, str]], depth: int) -> list[tuple[Addr, str]]:
    """Containers in containers cannot simply be registered."""
    return [(leaf, "nested") for leaf, _ in found] if depth else found
