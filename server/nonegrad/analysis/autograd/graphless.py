"""backward() on what is no tensor: a number, an array, a container. Python raises."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.heap import Mapping, Sequence
from nonegrad.analysis.domain.objects import Array
from nonegrad.analysis.domain.provenance import Why, step
from nonegrad.analysis.domain.values import Atom, Bound, Const, Ref, Scalar, Value

if TYPE_CHECKING:
    from nonegrad.analysis.machine import Machine

NUMBERS = frozenset({"int", "float", "bool", "complex", values.SOME_NUMBER})
CONTAINERS = {"list": "a list", "tuple": "a tuple"}


def check(m: Machine, owner: Value, node: ast.AST) -> bool:
    """Whether `owner.backward` raises, for nothing that owner may be has a backward()."""
    found = [kind_of(m, atom) for atom in owner]
    story = story_of(m, owner)
    if not found or not all(found) or (m.uncalled and story is None):
        # A number by its annotation alone, or one that others may have rebound since.
        return False
    kinds = {kind for kind in found if kind is not None}
    what = kinds.pop() if len(kinds) == 1 else "a plain number"
    m.recorder.not_a_tensor(m, node, what, story)
    return True


def kind_of(m: Machine, atom: Atom) -> str | None:
    """What an atom is, in a word or two, where it certainly has no backward()."""
    match atom:
        case Const(kind=kind) | Scalar(kind=kind):
            if kind == values.SOME_NUMBER:
                return "a plain number"
            return f"a Python {kind}" if kind in NUMBERS else None
        case Ref(addr=addr):
            thing = m.s.get(addr)
            if isinstance(thing, Array):
                return "a numpy array" if thing.sure else None
            if isinstance(thing, Mapping):
                return "a dict"
            if isinstance(thing, Sequence) and not thing.fields:
                return CONTAINERS.get(thing.kind)
            return None
        case _:
            return None


def story_of(m: Machine, owner: Value) -> Why | None:
    """Where the number left torch, if it came from there."""
    for atom in sorted(owner, key=values.rank):
        if isinstance(atom, Scalar) and atom.why is not None:
            return atom.why
        thing = m.s.get(atom.addr) if isinstance(atom, Ref) else None
        if isinstance(thing, Array) and isinstance(thing.why, Why):
            return thing.why
    return None


def backward_of_tensors(m: Machine, callee: Value) -> Value:
    """The tensors whose backward a value is, if it is nothing else; else the empty value."""
    found: set[Atom] = set()
    for atom in callee:
        if not isinstance(atom, Bound) or atom.name != "backward" or atom.function is not None:
            return frozenset()
        if not isinstance(atom.receiver, Ref) or m.tensor(atom.receiver.addr) is None:
            return frozenset()
        found.add(atom.receiver)
    return frozenset(found)


def is_item(node: ast.Call) -> bool:
    """Whether a call is `….item()`."""
    return (
        isinstance(node.func, ast.Attribute)
        and node.func.attr == "item"
        and not node.args
        and not node.keywords
    )


def number_of(m: Machine, node: ast.Call) -> Value:
    """What `item()` gives, of something that is not known."""
    return values.scalar(values.SOME_NUMBER, step("left_torch", m.site(node), "item()", cut=True))
