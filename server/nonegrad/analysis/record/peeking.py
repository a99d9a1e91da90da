"""What an expression is by now, without running it again."""

from __future__ import annotations

import ast
import re

from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.frames import Frame
from nonegrad.analysis.domain.heap import Mapping, Sequence
from nonegrad.analysis.domain.objects import Instance
from nonegrad.analysis.domain.values import Ref, Value
from nonegrad.analysis.machine import Machine
from nonegrad.analysis.syntax import walking
from nonegrad.text import Site


def peek(m: Machine, node: ast.expr) -> Value | None:
    """The value of a name, or of a plain attribute of one; None where that is not known."""
    if isinstance(node, ast.Name):
        return m.lookup(node.id)
    if isinstance(node, ast.Attribute):
        owner = peek(m, node.value)
        atom = None if owner is None else values.only(owner)
        thing = m.at(atom.addr, Instance) if isinstance(atom, Ref) else None
        return None if thing is None else thing.get(node.attr)
    return None


def in_container(m: Machine, node: ast.AST) -> bool:
    """Whether an augmented assignment binds an entry of a list or dict: `rows[i] += 1`."""
    if not isinstance(node, ast.AugAssign) or not isinstance(node.target, ast.Subscript):
        return False
    found = peek(m, node.target.value)
    things = [m.s.get(atom.addr) if isinstance(atom, Ref) else None for atom in found or ()]
    return bool(things) and all(isinstance(thing, Mapping) or _is_list(thing) for thing in things)


def _is_list(thing: object) -> bool:
    return isinstance(thing, Sequence) and thing.kind == "list"


def text_at(m: Machine, site: Site) -> str:
    """The text of a place, in whichever file it is."""
    frame: Frame | None = m.frame
    while frame is not None:
        if frame.module.source.filename == site.filename:
            return frame.module.source.cut(site)
        frame = frame.caller
    sources = [one.module.source for one in m.loader.frames.values()]
    return next((source.cut(site) for source in sources if source.filename == site.filename), "")


def plainly_bound(m: Machine, name: str, bound: Site) -> bool:
    """Whether a place is an assignment to that name alone: after it a statement can stand."""
    return re.match(rf"{re.escape(name)}\s*=", text_at(m, bound)) is not None


def plainly_indexed(node: ast.AST) -> str:
    """`tensor` for `y[...] = value`: what is written was found to be one."""
    match node:
        case ast.Assign(targets=[ast.Subscript(value=ast.Name() | ast.Attribute())]):
            return "tensor"
        case _:
            return ""


def mentions(statement: ast.AST, name: str) -> bool:
    """Whether the right side of an assignment reads the name it binds."""
    if not isinstance(statement, ast.Assign):
        return isinstance(statement, ast.AugAssign)
    top = name.partition(".")[0]
    return any(isinstance(n, ast.Name) and n.id == top for n in walking.walk(statement.value))
