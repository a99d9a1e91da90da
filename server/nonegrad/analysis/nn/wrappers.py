"""Modules around a module: DataParallel and its kin, and compiled or scripted modules.

The parameters stay the ones of the module inside. What runs in between is not its own code line by
line: nodes have other names and keep other tensors, while gradients flow as they would.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nonegrad.analysis import escapes
from nonegrad.analysis.autograd.reaching import reach
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.heap import Mapping, Sequence, Tensor
from nonegrad.analysis.domain.objects import Class, Function, Instance, Opaque
from nonegrad.analysis.domain.truth import MAYBE, NO
from nonegrad.analysis.domain.value_class import replace
from nonegrad.analysis.domain.values import ANY, Addr, Bound, Ref, Sym, Value
from nonegrad.analysis.machine import Machine
from nonegrad.analysis.nn import registry
from nonegrad.analysis.python import calls

if TYPE_CHECKING:
    from nonegrad.analysis.python.calls import Arguments

PARALLEL = "torch.nn.DataParallel"
DISTRIBUTED = "torch.nn.parallel.DistributedDataParallel"
COMPILED = "torch.compile"
HELD = {PARALLEL: "module", DISTRIBUTED: "module", COMPILED: "_orig_mod"}
"""The name under which a wrapper registers the module inside."""
NAMES = {"DataParallel": PARALLEL, "DistributedDataParallel": DISTRIBUTED}
DEEPEST = 6


def parallel(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """DataParallel(module)"""
    return wrapped(m, PARALLEL, given, node)


def distributed(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """DistributedDataParallel(module, ...)"""
    return wrapped(m, DISTRIBUTED, given, node)


def wrapped(m: Machine, path: str, given: Arguments, node: ast.AST) -> Value:
    made = Instance(Sym(path), is_module=True, site=m.site(node))
    addr = m.new(node, "wrapper", made)
    fill(m, addr, path, given)
    return values.ref(addr)


def fill(m: Machine, addr: Addr, path: str, given: Arguments) -> None:
    """Register the module inside; of what is not known, anything may be in it."""
    inner = given.get(0, "module") or ANY
    registry.register(m, addr, HELD[path], inner)
    find_unused = given.get(4, "find_unused_parameters") if path == DISTRIBUTED else None
    thing = m.at(addr, Instance)
    if thing is not None and registry.role_of(m, inner) != "module":
        m.put(addr, replace(thing, open=True))
    elif thing is not None and find_unused is not None:
        m.put(addr, thing.with_attribute("find_unused_parameters", find_unused))


def compiled(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """torch.compile and torch.jit.script: of a module, a module around it; of a function, itself;
    without an argument, a decorator."""
    given_value = given.get(0, "model") or given.get(0, "obj") or given.get(0, "func")
    if given_value is None:
        return m.make(node, "transparent", Opaque("transparent"))
    if registry.role_of(m, given_value) == "module" and len(given_value) == 1:
        return wrapped(m, COMPILED, calls.Arguments([given_value]), node)
    if all(is_code(m, atom) for atom in given_value):
        return given_value
    return calls.unknown(m, given, node)


def is_code(m: Machine, atom: values.Atom) -> bool:
    """Whether an atom is a function or a class of the program."""
    if isinstance(atom, Bound):
        return atom.function is not None
    return isinstance(atom, Ref) and isinstance(m.s.get(atom.addr), (Function, Class))


def inside(thing: Instance) -> Value | None:
    """The module in a compiled module, which answers for all its attributes."""
    return thing.get(HELD[COMPILED]) if thing.cls == Sym(COMPILED) else None


def forward(m: Machine, path: str, thing: Instance, given: Arguments, node: ast.AST) -> Value:
    """The module inside, run by somebody else's code."""
    inner = thing.get(HELD[path])
    if inner is None:
        return calls.unknown(m, given, node)
    before = {
        one
        for value in given.every()
        for _, tensor in m.tensors(value)
        for one in reach(m, tensor.fn, definite=False).nodes
    }
    return rerun(m, calls.call(m, inner, given, node), before, 0)


def rerun(m: Machine, value: Value, before: set[Addr], depth: int) -> Value:
    """What comes out, with the nodes that made it anonymous."""
    for atom in value:
        thing = m.s.get(atom.addr) if isinstance(atom, Ref) else None
        if isinstance(thing, Tensor) and isinstance(atom, Ref):
            if thing.is_leaf is not NO and thing.requires_grad is not NO:
                return escapes.lost(m, [value])
            for one in reach(m, thing.fn, definite=False).nodes:
                record = m.node(one)
                if record is not None and one not in before:
                    m.s.set(one, replace(record, name=None, saved=(), keeps=MAYBE))
            m.s.set(atom.addr, replace(thing, shape=None))
        elif isinstance(thing, (Sequence, Mapping)) and depth < DEEPEST:
            entries = thing.items if isinstance(thing, Sequence) else (v for _, v in thing.entries)
            rest = () if thing.rest is None else (thing.rest,)
            for inner in (*entries, *rest):
                rerun(m, inner, before, depth + 1)
    return value
