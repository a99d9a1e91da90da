"""torch.utils.data: what a DataLoader makes of the items of a dataset, a new batch at each turn."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nonegrad.analysis import escapes
from nonegrad.analysis.autograd import factories, operation
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.heap import Mapping, Sequence, Tensor
from nonegrad.analysis.domain.objects import Array, Instance, Opaque
from nonegrad.analysis.domain.provenance import step
from nonegrad.analysis.domain.steps import Steps
from nonegrad.analysis.domain.truth import NO, YES
from nonegrad.analysis.domain.values import ANY, Const, Ref, Scalar, Value
from nonegrad.analysis.machine import Machine
from nonegrad.analysis.python import calls, classes, iteration

if TYPE_CHECKING:
    from nonegrad.analysis.python.calls import Arguments

DEEPEST = 4
"""How far containers in an item are followed."""
NUMBERS = {"int": "int64", "float": "float64"}


def loader(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """DataLoader(dataset, ...)"""
    dataset = given.get(0, "dataset") or ANY
    collate = given.kwargs.get("collate_fn", values.NONE)
    size = given.get(1, "batch_size") or values.const(1)
    # A worker's tensors, and pinned ones, are others.
    moved = any(one != values.const(0) and one != values.const(False) for one in elsewhere(given))
    parts = (dataset, collate, size, values.const(moved)) if given.plain else (ANY,)
    return m.make(node, "loader", Opaque("loader", parts))


def elsewhere(given: Arguments) -> list[Value]:
    """What says that batches are made by other processes, or in other memory."""
    return [given.kwargs[name] for name in ("num_workers", "pin_memory") if name in given.kwargs]


def dataset(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """TensorDataset(tensors)"""
    return m.make(node, "dataset", Opaque("dataset", tuple(given.args)))


def subset(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """Subset(dataset, indices): its items are items of the dataset."""
    return given.get(0, "dataset") or ANY


def split(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """random_split(dataset, lengths)"""
    whole = given.get(0, "dataset") or ANY
    atom = values.only(given.get(1, "lengths") or ANY)
    lengths = m.at(atom.addr, Sequence) if isinstance(atom, Ref) else None
    if lengths is None or lengths.rest is not None:
        return m.make(node, "parts", Sequence("list", (), whole))
    return m.make(node, "parts", Sequence("list", (whole,) * len(lengths.items)))


def turns(m: Machine, thing: Opaque, node: ast.AST) -> Steps:
    """Any number of batches, each made anew."""
    if len(thing.parts) != 4:
        return Steps((), ANY)
    return Steps((), ANY, fresh=lambda: batch(m, thing, node))


def counted(m: Machine, thing: Opaque, node: ast.AST) -> Steps:
    """enumerate(loader)"""
    inner = iteration.steps(m, thing.parts[0], node)

    def pair() -> Value:
        both = (values.scalar("int"), inner.one())
        return m.make(node, "pair", Sequence("tuple", both))

    return Steps((), ANY, fresh=pair)


def batch(m: Machine, thing: Opaque, node: ast.AST) -> Value:
    """One batch."""
    dataset, collate, size, moved = thing.parts
    item = item_of(m, dataset, node)
    if item is None or values.UNKNOWN in item:
        return ANY
    if collate != values.NONE:
        listed = m.make(node, "items", Sequence("list", (), item))
        return calls.call(m, collate, calls.Arguments([listed]), node)
    if size == values.NONE or (moved != values.const(False) and tracked(m, item)):
        return escapes.lost(m, [item])
    return collated(m, item, node, "batch")


def tracked(m: Machine, item: Value) -> bool:
    """Whether an item may hold a tensor with a graph."""
    atoms = [m.s.get(atom.addr) for atom in item if isinstance(atom, Ref)]
    for thing in atoms:
        match thing:
            case Tensor(requires_grad=required) if required is not NO:
                return True
            case Sequence() | Mapping() if tracked(m, thing.element):
                return True
            case _:
                pass
    return False


def item_of(m: Machine, dataset: Value, node: ast.AST) -> Value | None:
    """One item of a dataset."""
    atom = values.only(dataset)
    thing = m.s.get(atom.addr) if isinstance(atom, Ref) else None
    match thing:
        case Opaque(cls="dataset"):
            rows = tuple(row(m, part, node, place) for place, part in enumerate(thing.parts))
            return m.make(node, "item", Sequence("tuple", rows))
        case Instance() if isinstance(atom, Ref):
            if classes.find_method(m, thing, "__getitem__") is not None:
                index = [values.scalar("int")]
                return classes.call_method(m, atom.addr, "__getitem__", index, node)
            if classes.find_method(m, thing, "__iter__") is not None:
                return iteration.steps(m, dataset, node).one()
            return None
        case Sequence():
            return thing.element
        case _:
            return None


def row(m: Machine, whole: Value, node: ast.AST, place: int) -> Value:
    """One row of a tensor of a TensorDataset."""
    found = m.tensors(whole)
    if len(found) != 1 or len(whole) != 1:
        return escapes.lost(m, [whole])
    tensor = found[0][1]
    shape = tensor.shape[1:] if tensor.shape else None
    if tensor.requires_grad is NO:
        label = f"row{place}"
        return factories.fresh(
            m, node, label=label, dtype=tensor.dtype, shape=shape, why=tensor.why
        )
    index = [whole, values.const(0), values.scalar("int")]
    return operated(m, "Tensor.select", index, node, place)


def operated(m: Machine, name: str, given: list[Value], node: ast.AST, place: object) -> Value:
    """An operator that the library calls."""
    op = operation.lookup(m, name, given, {})
    if op is None:
        return escapes.lost(m, given)
    context = m.ctx
    m.ctx = context.child((id(node), name, place))
    try:
        return operation.apply(m, op, operation.kinds.bind(op, given, {}), node, name)
    finally:
        m.ctx = context


def collated(m: Machine, item: Value, node: ast.AST, label: str, depth: int = 0) -> Value:
    """Items like this one, put together as `default_collate` does."""
    if depth > DEEPEST or not item:
        return ANY
    parts = [joined(m, atom, node, f"{label}.{n}", depth) for n, atom in enumerate(ordered(item))]
    return values.join_all(parts)


def ordered(item: Value) -> list[values.Atom]:
    """The alternatives in an order that is the same on every run."""
    return sorted(item, key=values.rank)


def joined(m: Machine, atom: values.Atom, node: ast.AST, label: str, depth: int) -> Value:
    """What one kind of item becomes."""
    thing = m.s.get(atom.addr) if isinstance(atom, Ref) else None
    below = depth + 1
    match thing:
        case Tensor(requires_grad=required) if required is NO:
            story = step("batch", m.site(node), m.text(node), (thing.why,))
            shape = None if thing.shape is None else (None, *thing.shape)
            return factories.fresh(m, node, label=label, dtype=thing.dtype, shape=shape, why=story)
        case Tensor(requires_grad=required) if required is YES:
            item = frozenset({atom})
            listed = m.make(node, f"{label}.items", Sequence("list", (item,), item))
            return operated(m, "torch.stack", [listed], node, label)
        case Array():
            return factories.fresh(m, node, label=label, dtype=None)
        case Mapping(rest=None):
            entries = tuple(
                (key, collated(m, value, node, f"{label}.{key}", below))
                for key, value in thing.entries
            )
            return m.make(node, label, Mapping(entries))
        case Sequence(kind="tuple" | "list" as kind, rest=None):
            items = tuple(
                collated(m, value, node, f"{label}.{place}", below)
                for place, value in enumerate(thing.items)
            )
            named = kind == "tuple" and bool(thing.fields)
            fields = thing.fields if named else ()
            made = Sequence("tuple" if named else "list", items, fields=fields)
            return m.make(node, label, made)
        case _:
            pass
    match atom:
        case Const(kind=kind) | Scalar(kind=kind) if kind in NUMBERS:
            return factories.fresh(m, node, label=label, dtype=NUMBERS[kind])
        case Const(kind="bool") | Scalar(kind="bool"):
            return factories.fresh(m, node, label=label, dtype="bool")
        case Const(kind="str") | Scalar(kind="str"):
            return m.make(node, label, Sequence("list", (), values.scalar("str")))
        case _:
            return escapes.lost(m, [frozenset({atom})])
