"""What there is at a point of the program: modules with all they hold, and names for them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from nonegrad.analysis.domain.heap import Mapping, Sequence, Tensor
from nonegrad.analysis.domain.objects import Instance, Optimizer
from nonegrad.analysis.domain.values import Addr, Ref, Value, age, is_value, only, references
from nonegrad.analysis.machine import Machine
from nonegrad.analysis.nn import registry
from nonegrad.text import Site

MOST = 400
"""How many parameters a module may have to be followed."""
DEEPEST = 5
"""How far containers are followed to one that has a name."""


def paths_here(m: Machine) -> dict[Addr, str]:
    """By which names of the frame modules and parameters are within reach."""
    found: dict[Addr, str] = {}
    queue: list[tuple[str, Value]] = []
    for name in sorted(m.frame.names.bound):
        value = m.s.get((id(m.frame), name))
        if is_value(value):
            queue.append((name, value))
    for depth in (0, 1):
        below: list[tuple[str, Value]] = []
        for path, value in queue:
            atom = only(value)
            thing = m.s.get(atom.addr) if isinstance(atom, Ref) else None
            if not isinstance(atom, Ref) or not isinstance(thing, (Instance, Tensor, Optimizer)):
                continue
            found.setdefault(atom.addr, path)
            if isinstance(thing, Instance) and not depth:
                below += [
                    (f"{path}.{name}", inner)
                    for name, inner in thing.attributes
                    if name.isidentifier()
                ]
        queue = below
    return found


def optimizers_here(m: Machine, leading: set[str]) -> dict[Site, str]:
    """By which of some names of the frame optimizers are within reach, by the places they are made
    at."""
    found: dict[Site, str] = {}
    for name in sorted(leading & m.frame.names.bound):
        thing = one_object(m, m.s.get((id(m.frame), name)))
        for site, inner in optimizers_in(m, thing):
            found.setdefault(site, name + inner)
    return found


def optimizers_in(m: Machine, thing: object) -> list[tuple[Site, str]]:
    """The optimizers that an object is or holds, by the places they are made at."""
    found: list[tuple[Site, str]] = []
    if isinstance(thing, Optimizer) and thing.site is not None:
        found.append((thing.site, ""))
    elif isinstance(thing, Instance):
        for name, value in thing.attributes:
            inner = one_object(m, value) if thing.role(name) == "plain" else None
            if isinstance(inner, Optimizer) and inner.site is not None:
                found.append((inner.site, f".{name}"))
    return found


def one_object(m: Machine, value: object) -> object:
    """The object that a value certainly is."""
    atom = only(value) if is_value(value) else None
    return m.s.get(atom.addr) if isinstance(atom, Ref) else None


@dataclass(frozen=True, slots=True)
class Within:
    """A module that is one object, with what it holds."""

    module: Addr
    found: registry.Holdings
    leaves: dict[Addr, Tensor] | None
    """Its parameters, where that is all of them and each is one tensor."""


def within(m: Machine, module: Addr) -> Within:
    """What a module holds now."""
    found = registry.holdings(m, module)
    return Within(module, found, whole(m, found))


def modules_of(m: Machine) -> list[Within]:
    """The modules of the program that are one object each, with what they hold."""
    found = (addr for addr, thing in m.s.objects(Instance) if thing.is_module and not addr.summary)
    return [within(m, addr) for addr in sorted(found, key=age)]


def modules_around(m: Machine, parameters: Iterable[Addr]) -> list[Within]:
    """Those of them that hold one of these parameters, at any depth."""
    above: dict[Addr, list[Addr]] = {}
    for addr, thing in m.s.objects(Instance):
        if thing.is_module:
            for value in (*(value for _, value in thing.attributes), thing.rest or frozenset()):
                for inner in references(value):
                    above.setdefault(inner, []).append(addr)
    found: set[Addr] = set()
    pending = list(parameters)
    while pending:
        for module in above.get(pending.pop(), ()):
            if module not in found:
                found.add(module)
                pending.append(module)
    return [within(m, addr) for addr in sorted(found, key=age) if not addr.summary]


@dataclass(frozen=True, slots=True)
class Around:
    """A module, and by what name each parameter is in it that may be."""

    held: Within
    names: dict[Addr, str]


def around_each(modules: list[Within]) -> dict[Addr, list[Around]]:
    """For each parameter the modules it is in."""
    result: dict[Addr, list[Around]] = {}
    for one in modules:
        names = names_in(one.found)
        for leaf in references(one.found.rest or frozenset()):
            names.setdefault(leaf, "")
        around = Around(one, names)
        for leaf in names:
            result.setdefault(leaf, []).append(around)
    return result


def names_in(found: registry.Holdings) -> dict[Addr, str]:
    """What a module calls its parameters."""
    names: dict[Addr, str] = {}
    for name, value in found.parameters:
        for leaf in references(value):
            names.setdefault(leaf, name)
    return names


Registered = dict[Addr, tuple[Instance, frozenset[Addr]]]
"""The parameters of modules by themselves, as they were when somebody asked last."""


def parameters_anywhere(m: Machine, known: Registered) -> set[Addr]:
    """Whatever is registered as a parameter in some module."""
    found: set[Addr] = set()
    for addr, thing in m.s.objects(Instance):
        if thing.roles and thing.is_module:
            before = known.get(addr)
            if before is None or before[0] is not thing:
                before = known[addr] = thing, registered(thing)
            found |= before[1]
    return found


def registered(thing: Instance) -> frozenset[Addr]:
    """What a module has registered as a parameter itself."""
    roles = dict(thing.roles)
    return frozenset(
        addr
        for name, value in thing.attributes
        if roles.get(name) == "parameter"
        for addr in references(value)
    )


def everything(m: Machine, kind: type[object]) -> list[Addr]:
    """The objects of one kind, in the order of their creation."""
    return sorted((addr for addr, _ in m.s.objects(kind)), key=age)


def whole(m: Machine, found: registry.Holdings) -> dict[Addr, Tensor] | None:
    """The parameters of a module, where that is all of them and each is one tensor."""
    if found.open or found.rest is not None or len(found.parameters) > MOST:
        return None
    leaves: dict[Addr, Tensor] = {}
    for _, value in found.parameters:
        if len(value) != 1:
            return None
        (atom,) = value
        tensor = m.s.get(atom.addr) if isinstance(atom, Ref) else None
        if not isinstance(atom, Ref) or not isinstance(tensor, Tensor):
            return None
        leaves[atom.addr] = tensor
    return leaves


def named_at(m: Machine, addr: Addr, definitions: dict[Addr, tuple[str, Site]]) -> Site | None:
    """Where an object, or the smallest container with a name that it is in, got its name."""
    level = {addr}
    for _ in range(DEEPEST):
        named = sorted(definitions[one][1] for one in level if one in definitions)
        if named:
            return named[0]
        inside = frozenset(Ref(one) for one in level)
        level = {
            one
            for kind in (Sequence, Mapping)
            for one in everything(m, kind)
            if any(inside & part for part in parts(m.s.get(one)))
        }
    return None


def parts(thing: object) -> list[Value]:
    """What a container holds."""
    if isinstance(thing, Sequence):
        return [*thing.items, *([] if thing.rest is None else [thing.rest])]
    if isinstance(thing, Mapping):
        return [v for _, v in thing.entries] + ([] if thing.rest is None else [thing.rest])
    return []
