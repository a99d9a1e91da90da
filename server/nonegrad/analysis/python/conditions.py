"""Tests: what the state is where a test holds, and where it does not.

Narrowing follows access paths (`x`, `self.w`, `p.grad`): seven of ten `.grad` reads in public
code stand under such a test.
"""

from __future__ import annotations

import ast

from nonegrad.analysis.autograd import kinds
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.heap import Mapping, Sequence
from nonegrad.analysis.domain.objects import Class, Function, Instance
from nonegrad.analysis.domain.store import State
from nonegrad.analysis.domain.truth import MAYBE, NO, YES, Truth, negate, truth
from nonegrad.analysis.domain.truth import join as join_truth
from nonegrad.analysis.domain.values import Atom, Bound, Const, Ref, Scalar, Sym, Unknown, Value
from nonegrad.analysis.machine import Machine
from nonegrad.analysis.python import attributes, comparisons, expressions, narrowing, typenames

Branches = tuple[State | None, State | None]


def branch(m: Machine, test: ast.expr) -> Branches:
    """The states where the test is true and where it is false; None where it never is.

    The machine's state afterwards is one that must not be written: take one of the two.
    """
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            true, false = branch(m, operand)
            return false, true
        case ast.BoolOp(op=operator, values=operands):
            return branch_all(m, operands, conjunction=isinstance(operator, ast.And))
        case ast.NamedExpr(target=target, value=value):
            expressions.evaluate(m, test)
            return split(m, test, expressions.evaluate(m, target), value)
        case ast.Compare(left=left, ops=[operator], comparators=[right]):
            return compare(m, test, left, operator, right)
        case ast.Call(func=ast.Name(id="isinstance"), args=[subject, classes]) if (
            m.lookup("isinstance") is None
        ):
            return isinstance_branch(m, test, subject, classes)
        case _:
            value = expressions.evaluate(m, test)
            return split(m, test, value, test)


def branch_all(m: Machine, operands: list[ast.expr], *, conjunction: bool) -> Branches:
    """`and` and `or`, with what the earlier operands told known to the later ones."""
    ancestor = m.s = m.s.fork()
    others: list[State] = []
    going: State | None = ancestor
    with ancestor.holding():
        for operand in operands:
            assert going is not None
            m.s = going.fork()
            true, false = branch(m, operand)
            going, out = (true, false) if conjunction else (false, true)
            if out is not None:
                others.append(out)
            if going is None:
                break
    left = m.join(ancestor, others).fork() if others else None
    m.s = ancestor
    return (going, left) if conjunction else (left, going)


def split(m: Machine, test: ast.expr, value: Value, subject: ast.expr) -> Branches:
    """Branch on the truth of a value, and narrow the path it came from."""
    verdict = truth_of(m, value)
    base = m.s
    true = base.fork() if verdict is not NO else None
    false = base.fork() if verdict is not YES else None
    if true is not None and false is not None:
        if any(atom == values.NONE_ATOM for atom in value):
            narrowing.narrow_value(m, true, subject, values.without_none(value))
        narrowing.narrow_flag(m, true, subject, YES)
        narrowing.narrow_flag(m, false, subject, NO)
    return true, false


def compare(
    m: Machine, test: ast.Compare, left: ast.expr, operator: ast.cmpop, right: ast.expr
) -> Branches:
    """`is`, `is not`, `==`, `!=` narrow; any comparison of known constants decides."""
    for subject, other in ((left, right), (right, left)):
        if isinstance(other, ast.Constant) and other.value is None:
            m.recorder.asked_for_none(subject)
    a = expressions.evaluate(m, left)
    b = expressions.evaluate(m, right)
    verdict = comparison(m, a, operator, b)
    if verdict is None:
        result = comparisons.binary_compare(m, test, a, operator, b)
        verdict = truth_of(m, result)
    base = m.s
    true = base.fork() if verdict is not NO else None
    false = base.fork() if verdict is not YES else None
    if isinstance(operator, (ast.Is, ast.IsNot, ast.Eq, ast.NotEq)):
        same, differ = (true, false) if isinstance(operator, (ast.Is, ast.Eq)) else (false, true)
        for subject, mine, other in ((left, a, b), (right, b, a)):
            if other == values.NONE:
                narrowing.narrow_none(m, same, differ, subject, mine)
            elif other in (values.TRUE, values.FALSE):
                flag = YES if other == values.TRUE else NO
                if same is not None:
                    narrowing.narrow_flag(m, same, subject, flag)
                if differ is not None:
                    narrowing.narrow_flag(m, differ, subject, negate(flag))
    return true, false


def peek(m: Machine, path: ast.expr) -> Value:
    """The value of a plain access path, read without any effect; ANY for anything else."""
    match path:
        case ast.Name(id=name):
            return m.lookup(name) or values.ANY
        case ast.Attribute(value=owner, attr=name):
            return attributes.peek(m, peek(m, owner), name)
        case _:
            return values.ANY


def isinstance_branch(m: Machine, test: ast.expr, subject: ast.expr, classes: ast.expr) -> Branches:
    """Keep the atoms that may be instances, and those that may not."""
    value = expressions.evaluate(m, subject)
    wanted = expressions.evaluate(m, classes)
    verdicts = {atom: is_instance(m, atom, wanted) for atom in value}
    base = m.s
    yes = frozenset(atom for atom, verdict in verdicts.items() if verdict is not NO)
    no = frozenset(atom for atom, verdict in verdicts.items() if verdict is not YES)
    true = base.fork() if yes else None
    false = base.fork() if no else None
    if true is not None and yes != value:
        narrowing.narrow_value(m, true, subject, yes)
    if false is not None and no != value:
        narrowing.narrow_value(m, false, subject, no)
    return true, false


def is_instance(m: Machine, atom: Atom, wanted: Value) -> Truth:
    """Whether one atom is an instance of one of the classes."""
    names = class_names(m, wanted)
    if names is None:
        return MAYBE
    mine = typenames.type_names(m, atom)
    if mine is None:
        return MAYBE
    found, whole = mine
    if found & names:
        return YES
    return NO if whole else MAYBE


def class_names(m: Machine, wanted: Value) -> frozenset[str] | None:
    """The names of the classes a value lists, or None where one is not known."""
    names: set[str] = set()
    for atom in wanted:
        match atom:
            case Sym(path=path):
                names.add(typenames.CLASS_NAMES.get(path, path))
            case Ref(addr=addr):
                thing = m.s.get(addr)
                if isinstance(thing, Class):
                    names.add(f"{thing.frame.module.name}.{thing.name}")
                elif isinstance(thing, Sequence) and thing.rest is None:
                    for item in thing.items:
                        inner = class_names(m, item)
                        if inner is None:
                            return None
                        names |= inner
                else:
                    return None
            case _:
                return None
    return frozenset(names)


def truth_of(m: Machine, value: Value) -> Truth:
    """Whether Python takes the value for true."""
    result: Truth | None = None
    for atom in value:
        one = truth_of_atom(m, atom)
        result = one if result is None else join_truth(result, one)
    return MAYBE if result is None else result


def truth_of_atom(m: Machine, atom: Atom) -> Truth:
    match atom:
        case Const(value=value):
            return truth(bool(value))
        case Scalar() | Unknown() | Sym():
            return YES if isinstance(atom, Sym) and atom.path in expressions.CALLABLE else MAYBE
        case Bound():
            return YES
        case Ref(addr=addr):
            thing = m.s.get(addr)
            if isinstance(thing, Sequence):
                if thing.kind in ("generator", "iterator"):
                    return YES
                return YES if thing.items else MAYBE if thing.rest is not None else NO
            if isinstance(thing, Mapping) and thing.is_dict:
                return YES if thing.entries else MAYBE if thing.rest is not None else NO
            if isinstance(thing, (Function, Class)):
                return YES
            if isinstance(thing, Instance) and thing.is_module:
                return MAYBE if thing.attributes and thing.rest is not None else YES
            return MAYBE


def comparison(m: Machine, a: Value, operator: ast.cmpop, b: Value) -> Truth | None:
    """What a comparison of plain values gives; None where objects must be asked."""
    if (verdict := of_dtypes(m, a, operator, b)) is not None:
        return verdict
    if isinstance(operator, (ast.Is, ast.IsNot)):
        verdict = identity(m, a, b)
        return verdict if isinstance(operator, ast.Is) else negate(verdict)
    x, y = values.constant(a), values.constant(b)
    if x is not None and y is not None:
        return truth(comparisons.fold_compare(operator, x.value, y.value))
    if isinstance(operator, (ast.Eq, ast.NotEq)) and values.NONE in (a, b):
        other = b if a == values.NONE else a
        if not any(isinstance(atom, (Unknown, Ref)) for atom in other):
            verdict = identity(m, a, b)
            return verdict if isinstance(operator, ast.Eq) else negate(verdict)
    return None


def of_dtypes(m: Machine, a: Value, operator: ast.cmpop, b: Value) -> Truth | None:
    """Whether a known dtype is another one, or among several; None where that is not asked."""
    left = dtype_of(a)
    if left is None:
        return None
    if isinstance(operator, (ast.Eq, ast.Is, ast.NotEq, ast.IsNot)):
        right = dtype_of(b)
        if right is None:
            return None
        return truth((left == right) is isinstance(operator, (ast.Eq, ast.Is)))
    atom = values.only(b)
    several = m.at(atom.addr, Sequence) if isinstance(atom, Ref) else None
    if several is None or several.rest is not None:
        return None
    among = [dtype_of(item) for item in several.items]
    if None in among or not isinstance(operator, (ast.In, ast.NotIn)):
        return None
    return truth((left in among) is isinstance(operator, ast.In))


def dtype_of(value: Value) -> str | None:
    """The dtype that a value certainly is."""
    atom = values.only(value)
    return kinds.dtype_name(atom.path) if isinstance(atom, Sym) else None


def identity(m: Machine, a: Value, b: Value) -> Truth:
    """`a is b`."""
    if values.UNKNOWN in a or values.UNKNOWN in b:
        return MAYBE
    if not a & b:
        loose = any(isinstance(atom, (Scalar, Bound)) for atom in a | b)
        one_none = values.NONE in (a, b)
        return MAYBE if loose and not one_none else NO
    x, y = values.only(a), values.only(b)
    if x is not None and x == y:
        if isinstance(x, Ref):
            return MAYBE if x.addr.summary else YES
        return YES if isinstance(x, Const) else MAYBE
    return MAYBE
