"""What somebody else's code may do to the objects it is given."""

from __future__ import annotations

import ast

from nonegrad.analysis.autograd import kinds
from nonegrad.analysis.autograd.reaching import reach
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.counters import UNSEEN, Counter
from nonegrad.analysis.domain.groups import Group
from nonegrad.analysis.domain.heap import ANYWHERE, NOWHERE, Mapping, Sequence, Tensor
from nonegrad.analysis.domain.objects import Function, Instance, Opaque, Optimizer, Partial
from nonegrad.analysis.domain.truth import MAYBE, NO, YES, both
from nonegrad.analysis.domain.value_class import replace
from nonegrad.analysis.domain.values import ANY, Addr, Bound, Ref, Value
from nonegrad.analysis.machine import ALIASED, ESCAPED, REFILLED, RETAINING, Machine
from nonegrad.analysis.syntax import walking

FARTHEST = 3000


def escape(m: Machine, value: Value) -> None:
    """Hand a value out: everything reachable from it may be changed or kept."""
    pending = [value]
    seen: set[Addr] = set()
    leaves: set[Addr] = set()
    while pending and len(seen) < FARTHEST:
        for atom in pending.pop():
            if isinstance(atom, Bound):
                atom = atom.receiver
            if not isinstance(atom, Ref) or atom.addr in seen:
                continue
            addr = atom.addr
            seen.add(addr)
            thing = m.s.get(addr)
            match thing:
                case Tensor():
                    leaves |= hand_out(m, addr, thing)
                case Sequence(kind=kind):
                    pending.extend(thing.items)
                    if thing.rest is not None:
                        pending.append(thing.rest)
                    if kind in ("list", "set"):
                        m.s.set(addr, replace(thing, items=(), rest=ANY))
                case Mapping():
                    pending.extend(v for _, v in thing.entries)
                    if thing.rest is not None:
                        pending.append(thing.rest)
                    m.s.set(addr, Mapping((), ANY, thing.kind))
                case Instance():
                    pending.extend(v for _, v in thing.attributes)
                    if thing.rest is not None:
                        pending.append(thing.rest)
                    m.s.set(addr, opened(thing))
                case Optimizer(params=params):
                    pending.extend(params)
                    m.s.set(addr, replace(thing, open=True))
                case Opaque(parts=parts):
                    pending.extend(parts)
                case Partial(args=args):
                    pending.extend(args)
                case Function():
                    lost(m, closed_over(m, thing))
                case _:
                    pass
    if leaves:
        m.gather(ESCAPED, leaves)


def closed_over(m: Machine, function: Function) -> list[Value]:
    """The tensors around a function that its body names: whoever has it may compute with them."""
    found: list[Value] = []
    for part in walking.walk(function.node):
        if isinstance(part, ast.Attribute) and part.attr == "step":
            m.recorder.steps.blind = True
        frame = function.frame.holder(part.id) if isinstance(part, ast.Name) else None
        while frame is not None and isinstance(part, ast.Name):
            value = m.s.get((id(frame), part.id))
            if values.is_value(value):
                found.append(frozenset(Ref(addr) for addr, _ in m.tensors(value)))
                break
            frame = frame.parent
    return found


def opened(thing: Instance) -> Instance:
    """An object whose plain attributes may have been rebound; a module keeps its registrations."""
    if thing.is_module:
        return replace(thing, training=MAYBE, attributes=unhooked(thing.attributes))
    return replace(thing, open=True, attributes=tuple((k, ANY) for k, _ in thing.attributes))


def unhooked(attributes: tuple[tuple[str, Value], ...]) -> tuple[tuple[str, Value], ...]:
    """What a module holds, where its backward hooks may have been removed."""
    return tuple((k, values.BOOL if k == "(backward hooks)" else v) for k, v in attributes)


def hand_out(m: Machine, addr: Addr, tensor: Tensor) -> set[Addr]:
    """A tensor goes out: it may be written, switched, and used in a backward."""
    for counter_addr in tensor.counter:
        counter = m.at(counter_addr, Counter)
        if counter is not None and UNSEEN not in counter.version:
            m.s.set(counter_addr, replace(counter, version=counter.version | {UNSEEN}))
    leaves: set[Addr] = set()
    if tensor.is_leaf is not NO:
        leaves.add(addr)
        m.s.set(
            addr,
            replace(
                tensor,
                requires_grad=MAYBE if tensor.differentiable is not NO else tensor.requires_grad,
                is_leaf=MAYBE if tensor.requires_grad is not YES else tensor.is_leaf,
                fn=tensor.fn | {NOWHERE},
                grad=values.join(tensor.grad, ANY),
                escaped=True,
            ),
        )
    else:
        m.s.set(addr, replace(tensor, escaped=True))
    if tensor.is_leaf is not YES:
        found = reach(m, tensor.fn, definite=False)
        leaves |= set(found.leaves)
        for leaf in found.leaves:
            reached = m.tensor(leaf)
            if reached is not None and reached.grad_state is not MAYBE:
                m.s.set(leaf, replace(reached, grad=values.join(reached.grad, ANY)))
    return leaves


def lost(m: Machine, operands: list[Value]) -> Value:
    """Tensors go into an operator that the table does not know: what comes out is unknown, may
    share their data, and its backward may reach what theirs would."""
    leaves: set[Addr] = set()
    aliased: set[Addr] = set()
    for value in operands:
        for one in kinds.flat(m, value):
            for addr, tensor in m.tensors(one):
                aliased |= {addr, *tensor.base}
                for counter_addr in tensor.counter:
                    counter = m.at(counter_addr, Counter)
                    if counter is not None and UNSEEN not in counter.version:
                        m.s.set(counter_addr, replace(counter, version=counter.version | {UNSEEN}))
                if tensor.is_leaf is not NO:
                    leaves.add(addr)
                if tensor.is_leaf is not YES:
                    leaves |= set(reach(m, tensor.fn, definite=False).leaves)
    if leaves:
        m.gather(ESCAPED, leaves)
    if aliased:
        m.gather(ALIASED, aliased)
    return ANY


def overwrite(m: Machine, *, switched: bool = False) -> None:
    """Something unknown was written in place: it may be what was lost before, or a view of it.
    `switched`: its requires_grad, which a leaf in no graph lets nobody write otherwise."""
    aliased = m.group(ALIASED)
    counters = {one for addr in aliased if (t := m.tensor(addr)) for one in t.counter}
    sharing = {v for one in counters if (c := m.at(one, Counter)) for v in c.viewers}
    for addr in sorted({*aliased, *sharing}, key=values.age):
        tensor = m.tensor(addr)
        if tensor is None:
            continue
        if tensor.is_leaf is YES and tensor.requires_grad is YES:
            if switched:
                m.s.set(addr, replace(tensor, requires_grad=MAYBE))
            continue
        stays = tensor.requires_grad is YES and not switched
        unsure = replace(
            tensor,
            requires_grad=YES if stays else both(MAYBE, tensor.differentiable),
            is_leaf=NO if tensor.is_leaf is NO and not switched else MAYBE,
            fn=tensor.fn | {ANYWHERE, NOWHERE},
        )
        m.s.set(addr, unsure)


def fill(m: Machine, *, retained: bool = False) -> None:
    """The `.grad` of something unknown was set, or is to be `retained`: it may be what was lost."""
    handed = {addr for addr, tensor in m.s.objects(Tensor) if tensor.escaped}
    for addr in sorted({*m.group(ALIASED), *m.group(ESCAPED), *handed}, key=values.age):
        tensor = m.tensor(addr)
        if tensor is not None and retained and tensor.is_leaf is not YES:
            m.s.set(addr, replace(tensor, retains_grad=MAYBE))
            m.gather(RETAINING, [addr])
        elif tensor is not None and not retained and tensor.grad_state is not MAYBE:
            m.s.set(addr, replace(tensor, grad=ANY))


def refill(m: Machine) -> None:
    """The `.data` of something unknown was set: it may be what was lost, with other numbers now."""
    for addr in sorted({*m.group(ALIASED), *m.group(ESCAPED)}, key=values.age):
        tensor = m.tensor(addr)
        if tensor is not None:
            m.s.set(addr, replace(tensor, dtype=None, shape=None, contiguous=MAYBE))
            m.gather(REFILLED, [addr])


def take_up(m: Machine) -> None:
    """Tensors that became nameless in a join stay within reach of an unknown backward."""
    if values.DROPPED:
        dropped = list(dict.fromkeys(values.DROPPED))
        values.DROPPED.clear()
        lost(m, [values.ref(addr) for addr in dropped])


def disturb(m: Machine, node: ast.AST) -> None:
    """An unknown call may run a backward, or clear gradients, on what was handed out before."""
    take_up(m)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        m.recorder.blurred = m.recorder.blurred or "backward" in node.func.attr
        m.recorder.steps.unknown(node)
        if node.func.attr.endswith("_"):
            overwrite(m, switched=node.func.attr in ("requires_grad_", "detach_"))
        if node.func.attr == "retain_grad":
            fill(m, retained=True)
    retaining = [
        addr
        for addr in m.group(RETAINING)
        if (one := m.tensor(addr)) is not None and one.retains_grad is not NO
    ]
    escaped = m.s.get(ESCAPED)
    if isinstance(escaped, Group):
        retaining += m.s.stirred(escaped.members)
        m.s.calm = escaped.members
    for addr in sorted(retaining, key=values.age):
        tensor = m.tensor(addr)
        if tensor is not None and tensor.grad_state is not MAYBE:
            m.s.set(addr, replace(tensor, grad=ANY))


def unknown_tensor(m: Machine, node: ast.AST, label: str) -> Value:
    """A tensor of which nothing is known but that it is one."""
    counter = m.new(node, label + ":counter", Counter(frozenset({UNSEEN})))
    return m.make(
        node,
        label,
        Tensor(counter=frozenset({counter}), grad=ANY, is_parameter=MAYBE, escaped=True),
    )
