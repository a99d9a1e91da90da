"""From states to what is said of them: rows of `states`, why a `.grad` is None, names of places."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Literal

from nonegrad.analysis.autograd import reaching, tensors
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.heap import Mapping, Node, Sequence, Tensor
from nonegrad.analysis.domain.objects import Class, Function, Instance, Optimizer
from nonegrad.analysis.domain.truth import NO, YES
from nonegrad.analysis.domain.value_class import replace
from nonegrad.analysis.domain.values import Addr, Const, Ref, Scalar, Value
from nonegrad.analysis.record import peeking
from nonegrad.analysis.record.states import StateRow
from nonegrad.text import Site

if TYPE_CHECKING:
    from nonegrad.analysis.machine import Machine
    from nonegrad.analysis.record.facts import GradRead
    from nonegrad.analysis.record.recorder import Recorder


def row(m: Machine, site: Site, name: str, scope: str, value: Value) -> StateRow:
    """What is known of a value, as one visit of its row."""
    result: StateRow | None = None
    for atom in value:
        thing = m.s.get(atom.addr) if isinstance(atom, Ref) else None
        if isinstance(thing, Tensor):
            one = tensor_row(m, site, name, scope, thing)
        else:
            one = StateRow(site, name, scope, kind_of(m, atom))
        result = one if result is None else join_rows(result, one)
    return result or StateRow(site, name, scope, "unknown")


def tensor_row(m: Machine, site: Site, name: str, scope: str, tensor: Tensor) -> StateRow:
    """The claims about one tensor."""
    state = tensor.grad_state
    grad: Literal["none", "set"] | None = None
    if state is NO:
        grad = "none"
    elif state is YES:
        grad = "set"
    # Whoever it was handed to may have written to it, or asked for its gradient.
    shared = tensor.escaped and tensor.is_leaf is not YES
    return StateRow(
        site,
        name,
        scope,
        "tensor",
        requires_grad=tensor.requires_grad.known,
        is_leaf=tensor.is_leaf.known,
        grad_fn=None if shared else tensors.fn_name(m, tensor),
        retains_grad=None if shared else tensor.retains_grad.known,
        dtype=tensor.dtype,
        grad=grad,
    )


def unassumed(row: StateRow) -> StateRow:
    """The row as it stands where the caller may have switched grad mode off."""
    if row.requires_grad is True and row.is_leaf is not True:
        return replace(row, requires_grad=None, is_leaf=None, grad_fn=None)
    return row


def join_rows(a: StateRow, b: StateRow) -> StateRow:
    """What holds on both visits; None is no tensor and says nothing about one."""
    if a.kind == "none" and b.kind == "tensor":
        return b
    if b.kind == "none" and a.kind == "tensor":
        return a
    if a.kind != b.kind:
        return StateRow(a.site, a.name, a.scope, "unknown")
    return StateRow(
        a.site,
        a.name,
        a.scope,
        a.kind,
        a.requires_grad if a.requires_grad == b.requires_grad else None,
        a.is_leaf if a.is_leaf == b.is_leaf else None,
        a.grad_fn if a.grad_fn == b.grad_fn else None,
        a.retains_grad if a.retains_grad == b.retains_grad else None,
        a.dtype if a.dtype == b.dtype else None,
        a.grad if a.grad == b.grad else None,
    )


def kind_of(m: Machine, atom: values.Atom) -> str:
    """One word for what an atom is."""
    match atom:
        case Const(kind="NoneType"):
            return "none"
        case Const(kind=kind) | Scalar(kind=kind):
            return "string" if kind == "str" else "number"
        case Ref(addr=addr):
            thing = m.s.get(addr)
            if isinstance(thing, Instance) and is_optimizer(m, thing):
                return "optimizer"
            return object_kind(thing)
        case _:
            return "unknown"


def is_optimizer(m: Machine, thing: Instance) -> bool:
    """Whether the class is the program's own optimizer."""
    # What runs classes records what it sees: imported when it is there.
    from nonegrad.analysis.python import classes

    return any(name.startswith("torch.optim.") for name in classes.ancestry(m, thing.cls).names)


def object_kind(thing: object) -> str:
    match thing:
        case Tensor():
            return "tensor"
        case Instance(is_module=True):
            return "module"
        case Instance(open=False):
            return "object"
        case Optimizer():
            return "optimizer"
        case Function():
            return "function"
        case Class():
            return "class"
        case Sequence():
            return "sequence"
        case Mapping() if thing.is_dict:
            return "dict"
        case _:
            return "unknown"


def grad_read(
    m: Machine, recorder: Recorder, fact: GradRead, addr: Addr, tensor: Tensor
) -> GradRead:
    """Why this `.grad` is None."""
    name, definition = recorder.definitions.get(addr, ("", None))
    if recorder.backward_count and recorder.defined_when.get(addr) == recorder.backward_count:
        # No backward comes after the name: what is asked for there comes too late.
        name, definition = "", None
    fact = replace(
        fact, name=name, definition=definition, backward=recorder.last_backward, why=tensor.why
    )
    late = recorder.retains.get(addr)
    key = recorder.name_key(m, fact.owner)
    name = fact.owner
    if key not in recorder.rebinds and definition is not None:
        # Handed on, it has another name here than where its leaf was lost.
        owners = (one for one, site in recorder.rebinds.items() if site == definition)
        key, name = next(((one, one[1]) for one in owners), (key, name))
    if key in recorder.rebinds and tensor.retains_grad is not YES:
        return replace(
            fact,
            reason="rebound",
            definition=recorder.rebinds[key],
            name=name,
            leaf=recorder.leaves.get(key),
        )
    if tensor.requires_grad is NO:
        plain = recorder.plain_attribute(m, addr)
        if plain is not None:
            fact = replace(fact, plain=plain.value, torch=plain.torch)
        return replace(fact, reason="untracked")
    if tensor.is_leaf is NO:
        if tensor.retains_grad is YES and late is not None:
            too_late = recorder.last_backward is not None and recorder.last_backward < late
            return replace(
                fact,
                reason="retained-too-late" if too_late else "before-backward",
                retain_after=late,
            )
        return replace(fact, reason="non-leaf")
    if tensor.requires_grad is not YES:
        return fact
    cleared = tensor.grad_why
    was_zeroed = cleared is not None and cleared.kind == "zero_grad"
    if cleared is not None and was_zeroed and recorder.backward_count <= cleared.moment:
        return replace(fact, reason="zeroed", why=cleared)
    if recorder.last_backward is not None:
        cuts = recorder.cuts_of(addr)
        return replace(fact, reason="not-reached", cut=cuts[0] if cuts else None)
    return replace(fact, reason="before-backward")


def cut(m: Machine, site: Site) -> str:
    """The source text of a place, on one line."""
    text = " ".join(peeking.text_at(m, site).split())
    return text if len(text) <= 60 else text[:59] + "…"


def written(m: Machine, node: ast.AST) -> str:
    """The name of what an in-place statement writes."""
    match node:
        case ast.AugAssign(target=target):
            return m.text(target)
        case ast.Assign(targets=[target, *_]):
            return m.text(target)
        case ast.Call(func=ast.Attribute(value=value, attr=name), args=[first, *_]) if (
            "inplace" in {k.arg for k in node.keywords} or value_is_torch(value)
        ):
            return m.text(first) if not name.startswith("__") else m.text(value)
        case ast.Call(func=ast.Attribute(value=value)):
            return m.text(value)
        case _:
            return m.text(node)


def value_is_torch(node: ast.expr) -> bool:
    """Whether a call is one of torch's functions by its spelling."""
    return isinstance(node, ast.Name) and node.id in ("torch", "F")


def writes_visibly(node: ast.AST) -> bool:
    """Whether the statement itself says that it writes: not a layer that does so inside."""
    if not isinstance(node, ast.Call):
        return True
    name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
    return name.endswith("_") or any(k.arg in ("inplace", "out") for k in node.keywords)


def shared(m: Machine, addr: Addr, tensor: Tensor) -> bool:
    """Whether more than one name or object leads to the data of a tensor."""
    alike = {addr}
    holders = 0
    alike.update(
        one for one, other in m.s.objects(Tensor) if not other.counter.isdisjoint(tensor.counter)
    )
    targets = {Ref(one) for one in alike}
    for thing in m.s.since(None).values():
        if isinstance(thing, frozenset):
            holders += bool(targets & thing)
        elif isinstance(thing, (Sequence, Mapping, Instance)):
            holders += any(targets & value for value in parts_of(thing))
    return holders > 1


def parts_of(thing: Sequence | Mapping | Instance) -> list[Value]:
    """The values an object holds."""
    if isinstance(thing, Sequence):
        return [*thing.items, *([thing.rest] if thing.rest is not None else [])]
    if isinstance(thing, Mapping):
        return [v for _, v in thing.entries] + ([thing.rest] if thing.rest is not None else [])
    return [v for _, v in thing.attributes]


def target_of(m: Machine, site: Site) -> str:
    """The name of what a write at a place writes, by its text."""
    text = cut(m, site)
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return text
    match tree.body:
        case [ast.AugAssign(target=target)]:
            return ast.unparse(target)
        case [ast.Assign(targets=[target, *_])]:
            return ast.unparse(target)
        case [ast.Expr(value=ast.Call(func=ast.Attribute(value=value)))]:
            return ast.unparse(value)
        case _:
            return text


def kept_by(m: Machine, tensor: Tensor) -> Node | None:
    """A node that kept the tensor's present version, as far as its own graph shows."""
    now = m.version(tensor.counter)
    found = reaching.reach(m, tensor.fn)
    for addr in found.nodes:
        record = m.node(addr)
        if record is None:
            continue
        for saved in record.saved:
            if saved.counter & tensor.counter and saved.version & now:
                return record
    return None
