"""backward(): what it reaches through what was really recorded, what it fills and what it frees."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from nonegrad.analysis.autograd import inplace, kept, reaching, shapes
from nonegrad.analysis.autograd.inputs import Wanted
from nonegrad.analysis.autograd.reaching import Reach
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.counters import Counter
from nonegrad.analysis.domain.heap import ANYWHERE, NOWHERE, Tensor
from nonegrad.analysis.domain.provenance import GRAPH, step
from nonegrad.analysis.domain.truth import MAYBE, NO, YES, Truth
from nonegrad.analysis.domain.value_class import replace
from nonegrad.analysis.domain.values import ANY, NONE, Addr, Value
from nonegrad.analysis.machine import ESCAPED, REFILLED, RETAINING, Machine, Raised


def run(
    m: Machine,
    subject: Value,
    node: ast.AST,
    *,
    gradient: bool = False,
    retain: Truth = NO,
    inputs: Wanted = None,
    create: Truth = NO,
) -> Value:
    """`t.backward()`, or what `torch.autograd.backward` does for one of its tensors."""
    found = m.tensors(subject)
    chosen, strange = (None, False) if inputs is None else inputs
    if chosen is not None:
        retain_inputs(m, [*chosen, *(handed_out(m) if strange else ())])
    if len(found) != len(subject) or not found:
        for addr, tensor in found:
            fill(m, reaching.reach(m, reaching.roots(addr, tensor), definite=False), node)
        touch_escaped(m, node)
        return NONE
    addr, tensor = found[0]
    # Of several, those that have no graph raise, and it goes on with the others.
    found = [pair for pair in found if pair[1].requires_grad is not NO]
    if not found:
        m.recorder.no_graph(m, node, addr, tensor)
        raise Raised
    addr, tensor = found[0]
    sure = len(found) == len(subject) and all(t.requires_grad is YES for _, t in found)
    if not gradient and sure and all(shapes.numel_is_one(t.shape) is False for _, t in found):
        m.recorder.non_scalar(m, node, addr, tensor)
        raise Raised
    starts = frozenset[Addr]().union(*(reaching.roots(*pair) for pair in found))
    found_reach = reaching.reach(m, starts)
    if strange:
        # Whichever it is, it may be all there is of it, or nothing.
        found_reach, chosen = reaching.reach(m, starts, definite=False), None
    elif chosen is not None:
        found_reach = reaching.towards(m, found_reach, chosen)
    try:
        kept.check(m, found_reach, node, tensor, sure=sure)
    except Raised:
        # Torch comes this far only while it goes back: some gradients are there by then.
        loosen(m, found_reach.leaves)
        touch_retaining(m, {*found_reach.nodes})
        raise
    if sure and len(found) == 1 and tensor.view == "nograd":
        found_reach = reaching.reach(m, frozenset({addr}))
    if len(found) == 1 and tensor.requires_grad is MAYBE:
        # Going on from here means that it did require grad.
        m.change(subject, addr, replace(tensor, requires_grad=YES))
    fill(m, found_reach, node, chosen, create)
    if retain is not YES:
        free(m, found_reach, retain, node)
    m.recorder.backward(m, node, addr, tensor, found_reach)
    return NONE


def retain_inputs(m: Machine, inputs: list[Addr]) -> None:
    """backward(inputs=...) makes tensors that are no leaves retain their gradient."""
    for addr in inputs:
        tensor = m.tensor(addr)
        if tensor is not None and tensor.is_leaf is not YES:
            m.put(addr, replace(tensor, retains_grad=MAYBE, grad=values.join(tensor.grad, ANY)))
            m.gather(RETAINING, [addr])


def handed_out(m: Machine) -> list[Addr]:
    """The tensors that somebody else's code has been given."""
    found = m.s.objects(Tensor)
    return sorted((addr for addr, tensor in found if tensor.escaped), key=values.age)


def fill(
    m: Machine,
    found: Reach,
    node: ast.AST,
    inputs: list[Addr] | None = None,
    create: Truth = NO,
) -> None:
    """Give the leaves and the retaining tensors their gradients."""
    for addr, sure in found.leaves.items():
        leaf = m.tensor(addr)
        if leaf is None or leaf.requires_grad is NO:
            # Frozen since it was computed with: its gradient is dropped.
            continue
        if inputs is None or addr in inputs:
            give(m, addr, node, sure=sure and leaf.requires_grad is YES, create=create)
    for addr in m.group(RETAINING):
        tensor = m.tensor(addr)
        if tensor is None or tensor.retains_grad is NO:
            continue
        met = [found.nodes[one] for one in tensor.fn if one in found.nodes]
        if met and (inputs is None or addr in inputs):
            sure = all(met) and len(met) == len(tensor.fn) and tensor.retains_grad is YES
            give(m, addr, node, sure=sure, create=create)
    if found.anywhere:
        touch_escaped(m, node)


def touch_escaped(m: Machine, node: ast.AST) -> None:
    """A backward through an unknown graph may reach any leaf that was handed out."""
    m.recorder.blurred = True
    retaining = [
        addr
        for addr in m.group(RETAINING)
        if (one := m.tensor(addr)) is not None and one.retains_grad is not NO
    ]
    loosen(m, [*m.group(ESCAPED), *retaining])


def loosen(m: Machine, tensors: Iterable[Addr]) -> None:
    """Any of these tensors may have got a gradient."""
    for addr in tensors:
        tensor = m.tensor(addr)
        if tensor is not None and tensor.grad_state is not MAYBE:
            m.s.set(addr, replace(tensor, grad=values.join(tensor.grad, ANY)))


def touch_retaining(m: Machine, passed: set[Addr]) -> None:
    """autograd.grad leaves leaves alone, but tensors that retain their gradient may get one."""
    retaining = (
        addr
        for addr in m.group(RETAINING)
        if (one := m.tensor(addr)) is not None
        and one.retains_grad is not NO
        and (addr in passed or one.fn & passed)
    )
    loosen(m, retaining)


def give(m: Machine, addr: Addr, node: ast.AST, *, sure: bool, create: Truth) -> None:
    """Set or accumulate `.grad` of one tensor."""
    tensor = m.tensor(addr)
    if tensor is None:
        return
    if tensor.grad_state is not NO:
        accumulate(m, tensor, node)
    if tensor.grad_state is YES and create is NO:
        return
    made = gradient_of(m, addr, tensor, node, create)
    if tensor.grad_state is YES:
        m.put(addr, replace(tensor, grad=values.join(tensor.grad, made)))
        return
    grad = made if sure and not addr.summary else values.join(tensor.grad, made)
    if tensor.grad_state is MAYBE and sure and not addr.summary:
        grad = values.join(values.without_none(tensor.grad), made)
    m.put(addr, replace(tensor, grad=grad, grad_why=step("grad", m.site(node), m.text(node))))
    m.recorder.filled(m, addr, node)


def accumulate(m: Machine, tensor: Tensor, node: ast.AST) -> None:
    """What is there already is written in place: views of the same data find their grad_fn anew."""
    for addr, grad in m.tensors(tensor.grad):
        counters = [m.at(one, Counter) for one in grad.counter]
        if any(one is not None and one.viewers for one in counters):
            inplace.bump(m, addr, grad, node, sure=False)


def gradient_of(m: Machine, addr: Addr, tensor: Tensor, node: ast.AST, create: Truth) -> Value:
    """The tensor that becomes a `.grad`: a leaf that does not require grad, unless create_graph
    gives it a graph of its own, which is not followed."""
    label = f"grad:{addr.number}"
    counter = m.new(node, label + ":counter", Counter())
    same = addr not in m.members(REFILLED)
    grad = Tensor(
        requires_grad=NO if create is NO else MAYBE,
        is_leaf=YES if create is NO else MAYBE,
        fn=frozenset() if create is NO else frozenset({ANYWHERE, NOWHERE}),
        counter=frozenset({counter}),
        dtype=tensor.dtype if same else None,
        shape=tensor.shape if same else None,
        contiguous=MAYBE,
        why=step("grad", m.site(node), m.text(node), held="" if create is NO else GRAPH),
    )
    return m.make(node, label, grad)


def free(m: Machine, found: Reach, retain: Truth, node: ast.AST) -> None:
    """After backward the nodes have given up what they kept."""
    for addr, sure in found.nodes.items():
        record = m.node(addr)
        if record is None or record.freed is YES:
            continue
        freed = record.freed
        if record.keeps is not NO:
            freed = YES if sure and retain is NO and not addr.summary else MAYBE
        m.s.set(addr, replace(record, freed=freed, freed_at=m.site(node)))
