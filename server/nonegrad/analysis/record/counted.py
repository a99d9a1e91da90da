"""Whether backward of a custom Function gives as many gradients as forward takes inputs."""

from __future__ import annotations

import ast
import re

from nonegrad.analysis.autograd.reaching import Reach
from nonegrad.analysis.domain.objects import Class
from nonegrad.analysis.machine import Machine, Raised
from nonegrad.analysis.record.facts import WrongGradients
from nonegrad.analysis.syntax import walking
from nonegrad.text import Site

Definition = ast.FunctionDef | ast.AsyncFunctionDef

NO_RETURN = "()"
"""What stands for the name of a result that nobody wrote."""

PLAIN = re.compile(r"(^|\.)(staticmethod|once_differentiable|custom_[fb]wd)\b")
"""Decorators under which a method takes and gives as much as it does without them."""


def mismatch(m: Machine, thing: Class, made: Site, wanted: int) -> None:
    """Note a Function whose backward will raise when a backward gets to what it made of so many
    inputs."""
    forward, backward = method(thing, "forward"), method(thing, "backward")
    if forward is None or backward is None:
        return
    counts = {count(one.value) for one in returns(backward)}
    if not counts and falls_through(backward):
        counts = {1}
    given = next(iter(counts)) if len(counts) == 1 else None
    if given is None or given == wanted:
        return
    frame, m.frame = m.frame, thing.frame
    fact = described(m, thing, forward, backward, wanted, given)
    m.frame = frame
    if fact is not None:
        m.recorder.wrong_gradients[made] = fact


def described(
    m: Machine, thing: Class, forward: Definition, backward: Definition, wanted: int, given: int
) -> WrongGradients | None:
    """What there is to say, in the file of the Function; None where torch takes it."""
    last = next(iter(returns(backward)[::-1]), None)
    if last is None:
        header, row = m.site(backward), backward.body[0].lineno
        if row > header.row:
            header = header._replace(end_row=row, end_column=1)
        return WrongGradients(header, thing.name, wanted, 0, m.site(forward))
    if given > wanted and trailing_nones(last.value) >= given - wanted:
        return None
    parts = last.value.elts if isinstance(last.value, ast.Tuple) else [last.value]
    text = "return " + ", ".join(ast.unparse(part) for part in parts if part is not None)
    return WrongGradients(m.site(last), thing.name, wanted, given, m.site(forward), text)


def check(m: Machine, found: Reach, node: ast.AST, *, sure: bool) -> None:
    """A backward that certainly gets to such a Function raises."""
    noted = m.recorder.wrong_gradients
    for addr, definite in found.nodes.items() if noted else ():
        record = m.node(addr)
        fact = noted.get(record.site) if record is not None and record.site else None
        if fact is None or record is None or record.operator != fact.name:
            continue
        if definite and sure and not addr.summary:
            m.recorder.wrong_count(m, node, fact)
            raise Raised


def method(thing: Class, name: str) -> Definition | None:
    """A method that the class itself defines, with plain parameters."""
    for node in thing.node.body:
        if isinstance(node, Definition) and node.name == name:
            decorated = {ast.unparse(one) for one in node.decorator_list}
            return node if all(PLAIN.search(one) for one in decorated) else None
    return None


def falls_through(function: Definition) -> bool:
    """Whether a function without a return gets to its end, and so gives None: it does not only
    raise, and is no generator."""
    other = (ast.Raise, ast.Yield, ast.YieldFrom, ast.Await, ast.While)
    return not any(isinstance(one, other) for one in walking.walk(function))


def returns(function: Definition) -> list[ast.Return]:
    """The return statements of a function, those of functions inside left out."""
    found: list[ast.Return] = []
    pending: list[ast.AST] = list(function.body)
    while pending:
        node = pending.pop(0)
        if isinstance(node, ast.Return):
            found.append(node)
        elif not isinstance(node, (*Definition.__args__, ast.Lambda, ast.ClassDef)):
            pending.extend(ast.iter_child_nodes(node))
    return found


def result(last: ast.stmt) -> str:
    """The name that a function's last statement writes, which a forgotten return would give; or,
    where that is not one name, that the return is missing."""
    while isinstance(last, (ast.If, ast.With, ast.For)):
        last = last.body[-1]
    target: ast.expr | None = None
    match last:
        case ast.Assign(targets=[one]) | ast.AugAssign(target=one) | ast.AnnAssign(target=one):
            target = one
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=one, attr=name))):
            target = one if name.endswith("_") else None
        case _:
            pass
    while isinstance(target, ast.Subscript):
        target = target.value
    return target.id if isinstance(target, ast.Name) else NO_RETURN


def count(value: ast.expr | None) -> int | None:
    """How many gradients a return gives, where its form says so."""
    match value:
        case ast.Tuple(elts=elts):
            return None if any(isinstance(one, ast.Starred) for one in elts) else len(elts)
        case ast.BinOp() | ast.UnaryOp():
            return 1
        case None | ast.Constant(value=None):
            return 1
        case _:
            return None


def trailing_nones(value: ast.expr | None) -> int:
    """How many None stand at the end: torch takes those that are too many."""
    number = 0
    for one in reversed(value.elts if isinstance(value, ast.Tuple) else []):
        if not (isinstance(one, ast.Constant) and one.value is None):
            break
        number += 1
    return number
