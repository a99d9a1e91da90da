"""torch.func: functions of functions. What vmap, grad and grad_and_value call is entered with the
arguments at hand; nothing is claimed of what it sees inside, where torch wraps its tensors."""

from __future__ import annotations

import ast
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from nonegrad.analysis import escapes
from nonegrad.analysis.autograd import checkpointing, derivatives, factories, inputs, operation
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.heap import NOWHERE, Mapping, Node, Sequence
from nonegrad.analysis.domain.objects import Partial
from nonegrad.analysis.domain.truth import MAYBE, NO, both
from nonegrad.analysis.domain.value_class import replace
from nonegrad.analysis.domain.values import ANY, Addr, Ref, Value
from nonegrad.analysis.machine import Machine, Raised
from nonegrad.analysis.python import calls

if TYPE_CHECKING:
    from nonegrad.analysis.python.calls import Arguments

MAPPED = "torch.func.vmap()"
DIFFERENTIATED = "torch.func.grad()"
"""What calls the functions that vmap and grad give; no program can spell these names."""


def vmap(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """vmap(f, in_dims, out_dims): f once, on all rows of its arguments together."""
    function = given.get(0, "func")
    if function is None or not given.plain or in_class(m) or "chunk_size" in given.kwargs:
        return calls.unknown(m, given, node)
    dims = given.get(1, "in_dims") or values.const(0)
    return m.make(node, "mapped", Partial(values.sym(MAPPED), (function, dims)))


def mapped(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """A call of what vmap gave."""
    function, dims, *args = given.args
    if not given.plain:
        return calls.unknown(m, given, node)
    rows: dict[Addr, Value] = {}
    try:
        with within(m):
            inside = calls.Arguments(
                [
                    sliced(m, one, dim_of(m, dims, place), node, str(place), rows)
                    for place, one in enumerate(args)
                ],
                {k: sliced(m, v, values.const(0), node, k, rows) for k, v in given.kwargs.items()},
            )
            result = calls.call(m, function, inside, node)
    except Raised:
        return calls.unknown(m, given, node)
    return together(m, result, node, rows, "")


def in_class(m: Machine) -> bool:
    """Whether a function is made in the body of a class: it becomes a method then."""
    return isinstance(m.frame.names.scope, ast.ClassDef)


def dim_of(m: Machine, dims: Value, key: object) -> Value:
    """Over which dimension an argument, or a part of one, is mapped."""
    atom = values.only(dims)
    match m.s.get(atom.addr) if isinstance(atom, Ref) else None:
        case Sequence(items=items) if isinstance(key, int) and key < len(items):
            return items[key]
        case Mapping(entries=entries):
            return dict(entries).get(key, ANY)
        case None:
            return dims
        case _:
            return ANY


@contextmanager
def within(m: Machine) -> Generator[None]:
    """While a function runs on tensors that torch has wrapped: cuts are noted, and nothing else."""
    entered, assumed = set(m.recorder.entered), m.assumed
    m.uncertain += 1
    m.recorder.wrapped += 1
    m.assumed = True
    try:
        yield
    finally:
        m.uncertain -= 1
        m.recorder.wrapped -= 1
        m.assumed = assumed
        m.recorder.entered = entered


@contextmanager
def labelled(m: Machine, node: ast.AST, label: str) -> Generator[None]:
    """While something is made for one of many tensors that a call is about."""
    outer = m.ctx
    m.ctx = outer.child((id(node), label))
    try:
        yield
    finally:
        m.ctx = outer


def sliced(
    m: Machine, value: Value, dim: Value, node: ast.AST, label: str, rows: dict[Addr, Value]
) -> Value:
    """A row of an argument, and of each tensor in it."""
    if dim == values.NONE:
        return value
    if m.tensors(value):
        with labelled(m, node, label):
            if values.number(dim) is not None:
                first = [value, dim, values.const(0)]
                row = operation.call(m, "Tensor.select", first, {}, node)
            else:
                row = operation.call(m, "Tensor.reshape", [value, ANY], {}, node)
        rows.update(dict.fromkeys(values.references(row), value))
        return row
    return rebuilt(
        m, value, node, label, lambda v, k, name: sliced(m, v, dim_of(m, dim, k), node, name, rows)
    )


def together(m: Machine, value: Value, node: ast.AST, rows: dict[Addr, Value], label: str) -> Value:
    """The results for all rows, as one tensor each: what comes out as it went in is the same."""
    found = values.references(value)
    if m.tensors(value):
        if len(value) == 1 and found[0] in rows:
            return rows[found[0]]
        with labelled(m, node, f"out:{label}"):
            result = operation.call(m, "Tensor.reshape", [value, ANY], {}, node)
        inner = [tensor for _, tensor in m.tensors(value)]
        for addr, tensor in m.tensors(result):
            if tensor.fn and all(one.fn and one.is_leaf is NO for one in inner):
                # What the function has computed last is what comes out.
                fn = frozenset[Addr]().union(*(one.fn for one in inner))
                m.s.set(addr, replace(tensor, fn=fn))
        return perhaps_inference(m, checkpointing.unnamed(m, result))
    return rebuilt(m, value, node, label, lambda v, _, name: together(m, v, node, rows, name))


def rebuilt(
    m: Machine, value: Value, node: ast.AST, label: str, run: Callable[[Value, object, str], Value]
) -> Value:
    """A container like the one given, of what becomes of its items."""
    atom = values.only(value)
    thing = m.s.get(atom.addr) if isinstance(atom, Ref) else None
    match thing:
        case Sequence(kind="list" | "tuple", items=items, rest=rest):
            made = tuple(run(item, place, f"{label}.{place}") for place, item in enumerate(items))
            rest = None if rest is None else run(rest, None, f"{label}.*")
            return m.make(node, f"rows:{label}", replace(thing, items=made, rest=rest, opening=()))
        case Mapping(entries=entries, rest=rest) if thing.is_dict:
            made = tuple((key, run(item, key, f"{label}.{key}")) for key, item in entries)
            rest = None if rest is None else run(rest, None, f"{label}.*")
            return m.make(node, f"rows:{label}", Mapping(made, rest))
        case _:
            # Numbers stay as they are; of what may be a tensor or a number nothing is known.
            return escapes.lost(m, [value]) if values.references(value) else value


def grad(*, value: bool) -> Callable[[Machine, Arguments, ast.AST], Value]:
    """grad(f, argnums, has_aux), grad_and_value, and jacrev."""

    def run(m: Machine, given: Arguments, node: ast.AST) -> Value:
        function = given.get(0, "func")
        if function is None or not given.plain or in_class(m):
            return calls.unknown(m, given, node)
        by = given.get(1, "argnums") or values.const(0)
        aux = given.get(2, "has_aux") or values.FALSE
        parts = (function, by, aux, values.const(value))
        return m.make(node, "differentiated", Partial(values.sym(DIFFERENTIATED), parts))

    return run


def forwards(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """jacfwd(f, argnums): what comes beside the derivatives is recorded otherwise."""
    if given.get(2, "has_aux") not in (None, values.FALSE):
        return calls.unknown(m, given, node)
    return grad(value=False)(m, given, node)


def differentiated(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """A call of what grad gave: no `.grad` is filled, and the gradients have a graph only through
    what requires grad outside."""
    function, by, aux, valued, *args = given.args
    places = places_of(m, by)
    has_aux, with_value = values.flag_of(aux, False).known, values.flag_of(valued, False).known
    beyond = not places or max(places) >= len(args)
    if places is None or beyond or has_aux is None or not given.plain:
        return calls.unknown(m, given, node)
    try:
        with derivatives.ahead(m, told=False):
            result = calls.call(m, function, calls.Arguments(args, given.kwargs), node)
    except Raised:
        return calls.unknown(m, given, node)
    several = values.only(result)
    parts = m.at(several.addr, Sequence) if isinstance(several, Ref) else None
    if has_aux and (parts is None or len(parts.items) != 2):
        return calls.unknown(m, given, node)
    value, more = parts.items if has_aux and parts is not None else (result, None)
    if len(m.tensors(value)) != len(value):
        return calls.unknown(m, given, node)
    gradients = [slopes(m, args[place], value, node, str(place)) for place in places]
    found = gradients[0]
    if values.number(by) is None:
        found = m.make(node, "gradients", Sequence("tuple", tuple(gradients)))
    value = checkpointing.unnamed(m, value)
    beside = [one for one in (value if with_value else None, more) if one is not None]
    if len(beside) == 2:
        beside = [m.make(node, "value", Sequence("tuple", tuple(beside)))]
    if not beside:
        return found
    return m.make(node, "pair", Sequence("tuple", (found, *beside)))


def places_of(m: Machine, by: Value) -> list[int] | None:
    """By which arguments a function is differentiated."""
    atom = values.only(by)
    several = m.at(atom.addr, Sequence) if isinstance(atom, Ref) else None
    found = [by] if several is None else list(several.items)
    numbers = [values.number(one) for one in found]
    known = [one for one in numbers if one is not None and one >= 0]
    whole = len(known) == len(numbers) and (several is None or several.rest is None)
    return known if whole and known else None


def perhaps_inference(m: Machine, made: Value) -> Value:
    """What torch.func makes in inference mode is no inference tensor where nothing was computed."""
    for addr, tensor in m.tensors(made):
        if tensor.inference is not NO:
            m.s.set(addr, replace(tensor, inference=MAYBE))
    return made


def slopes(m: Machine, argument: Value, value: Value, node: ast.AST, label: str) -> Value:
    """The gradients by an argument, shaped as it is."""
    inside = m.tensors(argument)
    if not inside or len(inside) != len(argument):
        return rebuilt(m, argument, node, label, lambda v, _, name: slopes(m, v, value, node, name))
    inner = {NOWHERE, *(one for found in m.tensors(value) for one in inputs.tensor_targets(*found))}
    tracked = any(t.requires_grad is not NO for _, t in m.tensors(value))
    requires = both(MAYBE if tracked else NO, m.grad_mode)
    made = perhaps_inference(m, factories.fresh(m, node, label=f"slope:{label}", dtype=None))
    for addr, tensor in m.tensors(made) if requires is not NO else ():
        edges = (frozenset(inner),)
        fn = m.new(node, f"slope:{label}:fn", Node(None, edges, keeps=MAYBE, site=m.site(node)))
        fresh = replace(tensor, requires_grad=requires, is_leaf=MAYBE, fn=frozenset({fn, NOWHERE}))
        m.s.set(addr, fresh)
    return made
