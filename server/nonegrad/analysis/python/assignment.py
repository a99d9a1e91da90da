"""Transfer functions of binding: assignment, augmented assignment, targets of every shape."""

from __future__ import annotations

import ast

from nonegrad.analysis.autograd import outputs, setting
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.heap import Sequence
from nonegrad.analysis.domain.values import ANY, Ref, Value
from nonegrad.analysis.machine import Machine
from nonegrad.analysis.python import attributes, containers, expressions, iteration, operators


def assign(m: Machine, statement: ast.Assign) -> None:
    """TARGET = ... = VALUE."""
    if any(isinstance(t, ast.Name) and t.id in m.frame.names.tested for t in statement.targets):
        m.recorder.asked_for_none(statement.value)
    named = statement.targets[0] if len(statement.targets) == 1 else None
    before = m.lookup(named.id) if isinstance(named, ast.Name) else None
    value = expressions.evaluate(m, statement.value)
    if before is not None:
        m.recorder.lost.meet(m, statement, before, value)
    for place, target in enumerate(statement.targets):
        bind_target(m, target, value, statement, names_in(statement.targets[place + 1 :]))


def annotated(m: Machine, statement: ast.AnnAssign) -> None:
    """TARGET: TYPE = VALUE; without a value nothing is bound."""
    if statement.value is not None:
        bind_target(m, statement.target, expressions.evaluate(m, statement.value), statement)


def augmented(m: Machine, statement: ast.AugAssign) -> None:
    """TARGET op= VALUE: in place for tensors and lists, a rebinding for numbers."""
    target = statement.target
    match target:
        case ast.Name():
            before = m.lookup(target.id) or ANY
            m.recorder.seen(m, target, before)
            right = expressions.evaluate(m, statement.value)
            result = operators.augmented(m, statement, statement.op, before, right)
            bind_target(m, target, result, statement)
        case ast.Attribute():
            owner = expressions.evaluate(m, target.value)
            before = attributes.get(m, owner, target.attr, target)
            right = expressions.evaluate(m, statement.value)
            result = operators.augmented(m, statement, statement.op, before, right)
            attributes.put(m, owner, target.attr, result, statement)
            record_path(m, owner, target, result, statement)
        case ast.Subscript():
            owner = expressions.evaluate(m, target.value)
            if setting.certainly_refused(m, owner):
                # Whether the index gives a view or a copy, one of the two writes is refused.
                expressions.evaluate(m, target.slice)
                expressions.evaluate(m, statement.value)
                setting.refuse(m, owner, statement)
            before = containers.get_item(m, owner, target)
            right = expressions.evaluate(m, statement.value)
            result = operators.augmented(m, statement, statement.op, before, right)
            containers.put_item(m, owner, target, result, statement, augmented=True)


def bind_target(
    m: Machine,
    target: ast.expr,
    value: Value,
    statement: ast.AST | None,
    later: frozenset[str] = frozenset(),
) -> None:
    """Bind a target of any shape; `statement` is None where no row of `states` is due. A name that
    stands there twice is afterwards what it is bound to `later`."""
    match target:
        case ast.Name(id=name):
            m.bind(name, value)
            if statement is not None and name not in later:
                m.recorder.bound(m, target, name, value, statement)
        case ast.Attribute(value=owner_node, attr=name):
            owner = expressions.evaluate(m, owner_node)
            attributes.put(m, owner, name, value, statement or target)
            if statement is not None:
                record_path(m, owner, target, value, statement)
        case ast.Subscript(value=owner_node):
            owner = expressions.evaluate(m, owner_node)
            containers.put_item(m, owner, target, value, statement or target)
            if isinstance(statement, ast.Assign):
                m.recorder.put_away(m, statement.value, value, statement)
        case ast.Tuple(elts=targets) | ast.List(elts=targets):
            unpack(m, targets, value, target, statement, later)
        case ast.Starred(value=inner):
            bind_target(m, inner, value, statement, later)
        case _:
            pass


def names_in(targets: list[ast.expr]) -> frozenset[str]:
    """The names that targets bind."""
    found: set[str] = set()
    for target in targets:
        match target:
            case ast.Name(id=name):
                found.add(name)
            case ast.Tuple(elts=inner) | ast.List(elts=inner):
                found |= names_in(inner)
            case ast.Starred(value=inner):
                found |= names_in([inner])
            case _:
                pass
    return frozenset(found)


def record_path(
    m: Machine, owner: Value, target: ast.Attribute, value: Value, statement: ast.AST
) -> None:
    """A row for a dotted target such as `self.w`."""
    path = dotted(target)
    if target.attr == "data" and m.tensors(owner):
        # It takes the numbers and nothing else of what it is given.
        value = ANY
    if path is not None:
        m.recorder.bound(m, target, path, value, statement)


def dotted(node: ast.expr) -> str | None:
    """`a.b.c` as text; None for anything but names and attributes."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=owner, attr=name):
            path = dotted(owner)
            return None if path is None else f"{path}.{name}"
        case _:
            return None


def unpack(
    m: Machine,
    targets: list[ast.expr],
    value: Value,
    node: ast.expr,
    statement: ast.AST | None,
    later: frozenset[str],
) -> None:
    """`a, *b, c = VALUE`."""
    parts = separate(m, targets, value, statement) or unpacked(m, targets, value, node)
    for place, (target, part) in enumerate(zip(targets, parts, strict=True)):
        bind_target(m, target, part, statement, later | names_in(targets[place + 1 :]))


def separate(
    m: Machine, targets: list[ast.expr], value: Value, statement: ast.AST | None
) -> list[Value] | None:
    """`a, b = x.split(2)`: tensors of their own for what stood for any number of them."""
    if not isinstance(statement, ast.Assign) or not isinstance(statement.value, ast.Call):
        return None
    atom = values.only(value)
    found = m.at(atom.addr, Sequence) if isinstance(atom, Ref) else None
    if found is None or found.items or found.rest is None or not isinstance(atom, Ref):
        return None
    if atom.addr.site != m.site(statement.value) or len(m.tensors(found.rest)) != len(found.rest):
        return None
    if any(isinstance(target, ast.Starred) for target in targets) or len(found.rest) != 1:
        return None
    return [outputs.one_of(m, found.rest, statement, place) for place in range(len(targets))]


def unpacked(m: Machine, targets: list[ast.expr], value: Value, node: ast.expr) -> list[Value]:
    """What each target gets; a joined value is taken apart alternative by alternative."""
    atoms = list(value)
    if len(atoms) > 1 and all(isinstance(atom, Ref) for atom in atoms):
        rows = [unpacked(m, targets, frozenset({atom}), node) for atom in atoms]
        return [values.join_all(column) for column in zip(*rows, strict=True)]
    items, rest = iteration.items_of(m, value, node)
    star = next((i for i, t in enumerate(targets) if isinstance(t, ast.Starred)), None)
    if star is None:
        if rest is None and len(items) == len(targets):
            return list(items)
        known = list(items[: len(targets)])
        missing = len(targets) - len(known)
        return known + [rest if rest is not None else ANY] * missing
    after = len(targets) - star - 1
    if rest is None and len(items) >= len(targets) - 1:
        middle = items[star : len(items) - after]
        stop = len(items) - after
        starred = m.make(node, "star", Sequence("list", tuple(middle)))
        return [*items[:star], starred, *items[stop:]]
    element = values.join_all((*items, *([rest] if rest is not None else []))) or ANY
    starred = m.make(node, "star", Sequence("list", (), element))
    return [element if i != star else starred for i in range(len(targets))]
