"""Layers that a method of a module makes anew at each call, and that nobody keeps after it."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace

from nonegrad.analysis.domain import sweeping
from nonegrad.analysis.domain.frames import Frame
from nonegrad.analysis.domain.heap import Node, Tensor
from nonegrad.analysis.domain.objects import Class, Instance
from nonegrad.analysis.domain.values import Addr, Ref, is_value, only, references
from nonegrad.analysis.machine import Machine
from nonegrad.analysis.nn import registry
from nonegrad.analysis.syntax import walking
from nonegrad.text import Site

IDENTITY = ("Norm", "PReLU")
"""Layers that begin as something useful without having learnt: a call may make them on purpose."""


@dataclass(frozen=True, slots=True)
class Fresh:
    """A layer made in a call: where, by which expression, in which method of which module."""

    layer: Addr
    leaves: tuple[Addr, ...]
    owner: Addr
    method: str
    site: Site
    text: str
    home: Site | None = None
    """The last statement of `__init__`, where the layer can be made there."""
    name: str = ""
    """A free attribute for it."""


def fresh(m: Machine, layer: Addr, name: str, node: ast.AST) -> Fresh | None:
    """A layer that is being made, where that happens in a method of a module other than
    `__init__`."""
    if any(word in name for word in IDENTITY):
        return None
    frame = m.frame
    site, text = m.site(node), m.text(node, 200)
    while frame.caller is not None:
        method = frame.scope.rpartition(".")[2]
        itself = module_of(m, frame)
        if itself is not None and method != "__init__":
            made = Fresh(layer, leaves_of(m, layer), itself, method, site, text)
            return at_home(m, made, name, node) if frame is m.frame else made
        if method == "__init__" and frame.called_at is not None:
            site, text = frame.called_at, ""
        elif itself is not None or method == "__init__":
            return None
        frame = frame.caller
    return None


def at_home(m: Machine, made: Fresh, name: str, node: ast.AST) -> Fresh:
    """Where `__init__` can make the layer: it must not need what only the method knows."""
    owner = m.at(made.owner, Instance)
    cls = m.at(owner.cls.addr, Class) if owner and isinstance(owner.cls, Ref) else None
    itself = m.frame.first_argument
    needed = {part.id for part in walking.walk(node) if isinstance(part, ast.Name)} - {itself}
    if owner is None or cls is None or itself != "self" or needed & m.frame.names.bound:
        return made
    inits = [one for one in cls.node.body if getattr(one, "name", "") == "__init__"]
    if len(inits) != 1 or not isinstance(inits[0], ast.FunctionDef) or len(made.text) == 200:
        return made
    home = m.site(inits[0].body[-1])
    if home.filename != made.site.filename:
        return made
    taken = {key for key, _ in owner.attributes} | {
        other.name for site, other in m.recorder.homes.items() if site != made.site
    }
    free = name.lower()
    while free in taken:
        stem = free.rstrip("0123456789")
        free = f"{stem}{int(free[len(stem) :] or 1) + 1}"
    found = replace(made, home=home, name=free)
    m.recorder.homes[made.site] = found
    return found


def module_of(m: Machine, frame: Frame) -> Addr | None:
    """The module whose method a frame runs."""
    if frame.first_argument is None or "." not in frame.scope:
        return None
    value = m.s.get((id(frame), frame.first_argument))
    atom = only(value) if is_value(value) else None
    thing = m.at(atom.addr, Instance) if isinstance(atom, Ref) else None
    return atom.addr if isinstance(atom, Ref) and thing is not None and thing.is_module else None


def leaves_of(m: Machine, module: Addr) -> tuple[Addr, ...]:
    """The parameters of a module."""
    held = registry.holdings(m, module).every_parameter()
    return tuple(one for value in held for one in references(value))


def alive(m: Machine) -> set[Addr]:
    """Every object that a variable leads to other than through a graph."""
    things = m.s.since(None)
    found: set[Addr] = set()
    pending = [
        addr
        for key, thing in things.items()
        if not isinstance(key, Addr) and is_value(thing)
        for addr in sweeping.of_value(thing)
    ]
    while pending:
        addr = pending.pop()
        if addr in found:
            continue
        found.add(addr)
        thing = things.get(addr)
        if thing is not None and not isinstance(thing, (Tensor, Node)):
            pending.extend(sweeping.leads_to(thing))
    return found
