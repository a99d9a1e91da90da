"""Attributes of tensors, and what assigning to them does."""

from __future__ import annotations

import ast

from nonegrad.analysis import escapes
from nonegrad.analysis.autograd import gradmode, operation, outputs, rebasing
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.counters import Counter
from nonegrad.analysis.domain.heap import NOWHERE, Node, Sequence, Tensor
from nonegrad.analysis.domain.objects import Opaque
from nonegrad.analysis.domain.provenance import Why, step
from nonegrad.analysis.domain.steps import Steps
from nonegrad.analysis.domain.truth import MAYBE, NO, YES, truth
from nonegrad.analysis.domain.value_class import replace
from nonegrad.analysis.domain.values import ANY, Addr, Bound, Ref, Value
from nonegrad.analysis.machine import REFILLED, Machine, Raised
from nonegrad.analysis.python import conditions
from nonegrad.analysis.record import hidden

TURNED = {
    "T": "PermuteBackward0",
    "mT": "TransposeBackward0",
    "H": "TransposeBackward0",
    "mH": "TransposeBackward0",
}
"""Attributes that are transposed views, and their nodes; H and mH of what is not complex."""
FLAGS = frozenset({"requires_grad", "is_leaf", "retains_grad"})


def attribute(m: Machine, addr: Addr, tensor: Tensor, name: str, node: ast.AST) -> Value:
    """TENSOR.name: state of autograd, shape, a view, or a method to call."""
    if name in FLAGS:
        known = getattr(tensor, name).known
        return values.BOOL if known is None else values.const(known)
    if name == "grad":
        m.recorder.grad_read(m, node, addr, tensor)
        return tensor.grad
    if name == "data":
        return alias(m, addr, tensor, node, "data")
    if name == "grad_fn":
        if tensor.is_leaf is YES:
            return values.NONE
        return ANY
    if name == "shape":
        return shape_value(m, tensor, node)
    if name == "ndim":
        return values.scalar("int") if tensor.shape is None else values.const(len(tensor.shape))
    if name == "dtype":
        return values.sym(f"torch.{tensor.dtype}") if tensor.dtype else ANY
    if name == "device":
        return m.make(node, "device", Opaque("device"))
    if name in ("layout", "names", "itemsize", "nbytes", "_version"):
        return values.scalar("int") if name in ("itemsize", "nbytes", "_version") else ANY
    if name in ("is_cuda", "is_sparse", "is_quantized", "is_mps", "is_meta"):
        return values.BOOL
    if name == "_base":
        return ANY
    if name in TURNED or name in ("real", "imag"):
        return turned(m, addr, tensor, name, node)
    return frozenset({Bound(Ref(addr), name)})


def turned(m: Machine, addr: Addr, tensor: Tensor, name: str, node: ast.AST) -> Value:
    """t.T and its kin: views of another shape; `real` of what is not complex is the tensor."""
    subject = values.ref(addr)
    plain = tensor.dtype is not None and not tensor.dtype.startswith("complex")
    if name == "real" and plain:
        return subject
    op = operation.lookup(m, "Tensor.t", [subject], {})
    if op is None or name in ("real", "imag") or not (plain or name in ("T", "mT")):
        return escapes.lost(m, [subject])
    op = replace(op, name=name, nodes=(TURNED[name],))
    return operation.apply(m, op, {"self": subject}, node, f"Tensor.{name}")


def shape_value(m: Machine, tensor: Tensor, node: ast.AST) -> Value:
    """A torch.Size."""
    if tensor.shape is None:
        return m.make(node, "size", Sequence("tuple", (), values.scalar("int")))
    sizes = tuple(
        values.scalar("int") if size is None else values.const(size) for size in tensor.shape
    )
    return m.make(node, "size", Sequence("tuple", sizes))


def alias(
    m: Machine, addr: Addr, tensor: Tensor, node: ast.AST, kind: str, what: str = "detach()"
) -> Value:
    """`.data` and `detach()`: the same data outside the graph. detach() shares the version
    counter, `.data` has one of its own. `what` it is that gives it, where it is none of them."""
    counters = tensor.counter
    if kind == "data":
        m.recorder.set_anew(addr, always=False)
        memory = min(tensor.counter, key=values.age, default=None)
        counters = frozenset({m.new(node, "counter:data", Counter(memory=memory))})
    what = "data" if kind == "data" else what
    cut = tensor.requires_grad is YES
    made = replace(
        tensor,
        requires_grad=NO,
        is_leaf=YES,
        retains_grad=NO,
        fn=frozenset(),
        counter=counters,
        base=frozenset(),
        view="no",
        views=frozenset(),
        grad=values.NONE,
        is_parameter=NO,
        # Of an inference tensor it is one too, but one that may be written to anywhere.
        inference=NO if tensor.inference is NO else MAYBE,
        escaped=tensor.escaped,
        why=step("detached", m.site(node), what, (tensor.why,), cut=cut),
    )
    if made.why is not None:
        m.recorder.cut_off(m, made.why, [(addr, tensor)])
    return m.make(node, kind, made)


def iterate(m: Machine, addr: Addr, tensor: Tensor, node: ast.AST) -> Steps:
    """Iterating over a tensor unbinds it."""
    op = operation.lookup(m, "Tensor.unbind", [values.ref(addr)], {})
    if op is None:
        return Steps((), ANY)
    result = operation.apply(m, op, {"self": values.ref(addr)}, node, "Tensor.unbind")
    atom = values.only(result)
    found = m.at(atom.addr, Sequence) if isinstance(atom, Ref) else None
    rest = found.element if found else ANY
    size = tensor.shape[0] or 0 if tensor.shape else 0
    if found and 0 < size <= FEW:
        return Steps(tuple(outputs.one_of(m, rest, node, place) for place in range(size)))
    return Steps((), rest, size)


FEW = 4
"""As many rows of a tensor are kept apart."""


def put_attribute(
    m: Machine, owner: Value, addr: Addr, tensor: Tensor, name: str, value: Value, node: ast.AST
) -> None:
    """TENSOR.name = value."""
    if name == "grad":
        kind = "zero_grad" if value == values.NONE else "grad"
        why = replace(step(kind, m.site(node), m.text(node)), moment=m.recorder.moment())
        m.change(owner, addr, replace(tensor, grad=value or ANY, grad_why=why))
    elif name == "requires_grad":
        found = values.constant(value)
        if tensor.is_leaf is NO and len(owner) == 1:
            # The attribute may be set on leaves only, whatever the value.
            m.recorder.non_leaf_switch(m, node, addr, tensor)
            raise Raised
        set_requires_grad(m, owner, addr, truth(None if found is None else bool(found.value)), node)
    elif name == "data":
        put_data(m, owner, addr, tensor, value, node)


def put_data(
    m: Machine, owner: Value, addr: Addr, tensor: Tensor, value: Value, node: ast.AST
) -> None:
    """`t.data = other`: other data under the same tensor; a leaf stays a leaf."""
    given = m.tensors(value)
    m.recorder.set_anew(addr)
    hidden.replaced(m, tensor, given, node)
    one = given[0][1] if len(given) == 1 and len(value) == 1 else None
    # Whether it is an inference tensor goes with the data; one in a graph then records nothing.
    inference = MAYBE if one is None else one.inference
    changed = replace(
        tensor,
        shape=None if one is None else one.shape,
        dtype=None if one is None else one.dtype,
        contiguous=MAYBE,
        inference=inference if tensor.requires_grad is NO or inference is NO else MAYBE,
        why=poured(m, tensor, given, node),
    )
    if changed.dtype != tensor.dtype or changed.shape != tensor.shape:
        m.gather(REFILLED, [addr])
    m.change(owner, addr, changed)


def poured(m: Machine, into: Tensor, given: list[tuple[Addr, Tensor]], node: ast.AST) -> Why | None:
    """The story of a tensor that gets the numbers of others, which stay behind in their graph."""
    tracked = [(addr, one) for addr, one in given if one.requires_grad is YES]
    if not tracked or tracked != given:
        return into.why
    stories = tuple(one.why for _, one in tracked)
    cut = step("poured", m.site(node), m.text(node), stories, cut=True)
    m.recorder.cut_off(m, cut, tracked)
    return step("op", m.site(node), m.text(node), (into.why, cut))


def pour_through(m: Machine, alias_node: ast.AST, given: Value) -> None:
    """`t.data[0] = other`, `t.data.copy_(other)`: the alias is written, and t gets the numbers."""
    match alias_node:
        case (
            ast.Attribute(value=owner, attr="data")
            | ast.Call(func=ast.Attribute(value=owner, attr="detach"))
        ):
            for addr, tensor in m.tensors(conditions.peek(m, owner)):
                plain = tensor.requires_grad is NO and tensor.is_parameter is NO
                if plain and m.grad_mode is YES:
                    why = poured(m, tensor, m.tensors(given), alias_node)
                    m.put(addr, replace(tensor, why=why))
        case _:
            pass


def set_requires_grad(m: Machine, owner: Value, addr: Addr, flag: object, node: ast.AST) -> None:
    """`t.requires_grad = flag` and `t.requires_grad_(flag)`: only a leaf may be switched."""
    tensor = m.tensor(addr)
    if tensor is None:
        return
    if flag is MAYBE:
        rebasing.loosen_views(m, addr, tensor)
        view = "maybe" if tensor.view == "nograd" else tensor.view
        m.change(owner, addr, replace(tensor, requires_grad=MAYBE, view=view))
        return
    integer = flag is YES and tensor.differentiable is NO
    inferred = flag is YES and tensor.inference is YES and gradmode.inference(m) is NO
    computed = flag is NO and tensor.is_leaf is NO and tensor.requires_grad is YES
    if computed and any((record := m.node(fn)) is None or not record.operator for fn in tensor.fn):
        # A view that finds its grad_fn anew has not looked for it yet, and takes any flag.
        m.change(owner, addr, replace(tensor, requires_grad=MAYBE, is_leaf=MAYBE))
        return
    if len(owner) > 1 and (integer or inferred or computed):
        # On the runs that go on, it was another tensor.
        return
    if integer:
        m.recorder.integer_requires_grad(m, node, addr, tensor)
        raise Raised
    if inferred:
        m.recorder.refused_write(m, node, addr, tensor, "inference")
        raise Raised
    if computed:
        m.recorder.non_leaf_switch(m, node, addr, tensor)
        raise Raised
    if flag is YES and tensor.view == "nograd":
        # A view without a graph that gets a flag of its own collects a gradient for itself.
        m.change(owner, addr, replace(tensor, view="maybe"))
        return
    if tensor.requires_grad is flag:
        return
    if flag is NO and tensor.base and (tensor.view == "nograd" or tensor.requires_grad is MAYBE):
        # A view without a graph goes on requiring grad where its base does, as do views of it.
        m.change(owner, addr, replace(tensor, requires_grad=MAYBE))
        return
    leaf = YES if tensor.requires_grad is NO else tensor.is_leaf
    if flag is NO:
        leaf = YES
    rebasing.loosen_views(m, addr, tensor)
    kind = "frozen" if flag is NO else "created"
    why = step(kind, m.site(node), m.text(node), (tensor.why,), cut=flag is NO)
    if flag is YES and tensor.requires_grad is NO:
        m.recorder.switched_on(m, node, addr, tensor.why)
    fn = frozenset[Addr]() if leaf is YES else tensor.fn
    m.change(
        owner,
        addr,
        replace(tensor, requires_grad=flag, is_leaf=leaf, fn=fn, why=why),
    )


def detach_in_place(m: Machine, owner: Value, addr: Addr, node: ast.AST) -> None:
    """`t.detach_()`: the same tensor, now a leaf that does not require grad; in inference mode
    nothing happens."""
    tensor = m.tensor(addr)
    if tensor is None or gradmode.inference(m) is YES:
        return
    if tensor.view in ("view", "multi") and tensor.requires_grad is YES:
        m.recorder.refused_write(m, node, addr, tensor, "detach-view")
        raise Raised
    cut = tensor.requires_grad is YES
    why = step("detached", m.site(node), "detach_()", (tensor.why,), cut=cut)
    m.change(
        owner,
        addr,
        replace(tensor, requires_grad=NO, is_leaf=YES, fn=frozenset(), why=why),
    )


def fn_name(m: Machine, tensor: Tensor) -> str | None:
    """`MulBackward0`, `none`, or None where it is not known."""
    if tensor.is_leaf is YES:
        return "none"
    if tensor.is_leaf is MAYBE or tensor.requires_grad is not YES:
        return None
    found: set[str | None] = set()
    for addr in tensor.fn - {NOWHERE}:
        record = m.at(addr, Node)
        found.add(record.name if record else None)
    return found.pop() if len(found) == 1 else None
