"""Comprehensions and generator expressions: loops that append, with targets of their own."""

from __future__ import annotations

import ast

from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.heap import Mapping, Sequence
from nonegrad.analysis.domain.value_class import replace
from nonegrad.analysis.domain.values import Addr, Value
from nonegrad.analysis.machine import Machine
from nonegrad.analysis.python import (
    assignment,
    conditions,
    containers,
    expressions,
    iteration,
    loops,
)
from nonegrad.analysis.syntax import walking

Comprehension = ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp
KINDS: dict[type[ast.expr], str] = {
    ast.ListComp: "list",
    ast.SetComp: "set",
    ast.GeneratorExp: "generator",
}


def run(m: Machine, node: Comprehension) -> Value:
    """The container the comprehension builds; a generator is run at once."""
    kind = KINDS.get(type(node), "dict")
    empty: Sequence | Mapping = Mapping() if kind == "dict" else Sequence(kind)
    addr = m.new(node, kind, empty)
    targets = sorted(targets_of(node))
    before = {name: m.s.get((id(m.frame), name)) for name in targets}
    generate(m, node, addr, 0)
    for name, value in before.items():
        if value is not None:
            m.s.set((id(m.frame), name), value)
    return values.ref(addr)


def targets_of(node: Comprehension) -> set[str]:
    """The names the comprehension binds for itself."""
    found: set[str] = set()
    for generator in node.generators:
        for part in walking.walk(generator.target):
            if isinstance(part, ast.Name):
                found.add(part.id)
    return found


def is_cheap(m: Machine, node: Comprehension) -> bool:
    """Whether a turn enters no function of the sources, so that it can be run for every parameter
    of a model: what is called is a method of what is iterated over, or of a library."""
    targets = targets_of(node)
    for part in walking.walk(node):
        if isinstance(part, ast.Call):
            root = part.func
            while isinstance(root, (ast.Attribute, ast.Call, ast.Subscript)):
                root = root.func if isinstance(root, ast.Call) else root.value
            if not isinstance(root, ast.Name):
                return False
            known = m.lookup(root.id)
            outside = known is None or all(isinstance(atom, values.Sym) for atom in known)
            iterated = root.id in targets and isinstance(part.func, ast.Attribute)
            if not outside and not iterated and not is_listing(part):
                return False
    return True


def is_listing(call: ast.Call) -> bool:
    """`model.named_parameters()` and its kin."""
    return isinstance(call.func, ast.Attribute) and call.func.attr in LISTINGS


LISTINGS = frozenset(
    """parameters named_parameters modules named_modules children named_children buffers
    named_buffers state_dict items values keys""".split()
)


def generate(m: Machine, node: Comprehension, addr: Addr, depth: int) -> None:
    """Run the generators from `depth` on, and append what they lead to."""
    if depth == len(node.generators):
        append(m, node, addr)
        return
    generator = node.generators[depth]
    iterable = expressions.evaluate(m, generator.iter)
    inner = [*node.generators[depth + 1 :], *generator.ifs, *results(node)]
    unrolled = loops.affordable(inner) if is_cheap(m, node) else iteration.UNROLLED
    steps = iteration.steps(m, iterable, generator.iter, unrolled=unrolled)

    def turn(value: Value) -> bool:
        assignment.bind_target(m, generator.target, value, None)
        for test in generator.ifs:
            m.s = m.s.fork()
            ancestor = m.s
            true, false = conditions.branch(m, test)
            if true is None:
                m.s = m.join(ancestor, [s for s in (false,) if s is not None])
                return True
            m.s = true
            if false is not None:
                generate(m, node, addr, depth + 1)
                m.s = m.join(ancestor, [m.s, false])
                return True
        generate(m, node, addr, depth + 1)
        return True

    cheap = unrolled > iteration.UNROLLED
    # What is built so far has no name yet, and each turn binds its targets first.
    collects = frozenset({addr, *((id(m.frame), name) for name in targets_of(node))})
    loops.run_loop(m, generator.iter, steps, turn, [], cheap=cheap, collects=collects)
    found = m.at(addr, Sequence)
    if steps.paused is not None and isinstance(node, ast.GeneratorExp) and found is not None:
        m.s.set(addr, replace(found, paused=steps.paused))


def results(node: Comprehension) -> list[ast.expr]:
    """What each turn evaluates."""
    return [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]


def append(m: Machine, node: Comprehension, addr: Addr) -> None:
    """Add the element of this turn."""
    if isinstance(node, ast.DictComp):
        key = expressions.evaluate(m, node.key)
        value = expressions.evaluate(m, node.value)
        mapping = m.at(addr, Mapping) or Mapping()
        m.s.set(addr, containers.with_entry(mapping, key, value))
        return
    value = expressions.evaluate(m, node.elt)
    found = m.at(addr, Sequence) or Sequence("list")
    m.s.set(addr, containers.appended(found, value))
