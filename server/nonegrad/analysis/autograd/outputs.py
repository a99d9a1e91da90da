"""The result tensors of an operator call: flags, memory, dtype, and the story of each."""

from __future__ import annotations

import ast

from nonegrad.analysis.autograd import gradmode, kinds, naming, shapes
from nonegrad.analysis.autograd.inputs import Operand, Operands
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.counters import FIRST, UNSEEN, Counter
from nonegrad.analysis.domain.heap import Node, Saved, Targets, Tensor, differentiable
from nonegrad.analysis.domain.provenance import Why, step
from nonegrad.analysis.domain.truth import MAYBE, NO, YES, Truth, both, either, negate, truth
from nonegrad.analysis.domain.truth import join as join_truth
from nonegrad.analysis.domain.value_class import replace, value_class
from nonegrad.analysis.domain.values import Addr, Value
from nonegrad.analysis.machine import AUTOCAST, Machine
from nonegrad.ops import Op, promote, promote_any
from nonegrad.ops import result_dtype as dtype_result

VIEWED = (
    "View", "Squeeze", "Unsafe", "AsStrided", "Transpose", "Permute", "Select", "Slice", "Expand",
    "Conj", "ReshapeAlias", "Unsqueeze", "TBackward",
)  # fmt: skip
"""What the names of nodes that give views begin with; where a name is not known, it may be one."""

ANEW = Counter()


@value_class
class Recorded:
    """The node of a call, and whether there is one."""

    addr: Addr | None
    requires: Truth


def result(
    m: Machine,
    op: Op,
    operands: Operands,
    bound: dict[str, Value],
    node: ast.AST,
    spelling: str,
    recorded: Recorded,
    index: int,
    *,
    many: bool = False,
) -> Value:
    """One result tensor of a call; `many`: it stands for any number of them."""
    subject = operands.first()
    dtype = dtype_of(m, op, operands, bound, index)
    if m.s.get(AUTOCAST) not in (None, values.FALSE) and dtype != "int64":
        dtype = None
    nameless = index > 0 and op.node(0) is None and op.node(index) is None
    flows = MAYBE if nameless and op.flows(index) else truth(op.flows(index))
    requires = both(recorded.requires, flows)
    if differentiable(dtype) is NO:
        requires = NO
    fn: Targets = (
        frozenset({recorded.addr}) if recorded.addr and requires is not NO else frozenset()
    )
    if fn and index and (record := own_node(m, op, recorded)) is not None:
        fn = frozenset({m.new(node, f"fn{index}", record)})
    elif fn and op.node(index) != op.node(0):
        # Something follows inside the operator.
        name = None if m.recorder.wrapped else op.node(index)
        last = Node(name, (fn,), keeps=MAYBE, site=m.site(node))
        fn = frozenset({m.new(node, f"fn{index}", last)})
    is_view = op.view not in ("no", "same") and subject is not None and index < 64
    inferred = made_in_inference(m, op, subject if is_view else None)
    counter = m.new(node, f"counter{index}", ANEW)
    counters: frozenset[Addr] = frozenset({counter})
    base: frozenset[Addr] = frozenset()
    view = "no"
    if is_view and subject is not None and op.view != "same":
        own = frozenset[Addr]().union(*(t.counter for _, t in subject.tensors))
        counters = own if op.view != "maybe" else own | counters
        if not subject.certain or not own:
            counters = counters | {m.new(node, "unseen", Counter(frozenset({UNSEEN})))}
        base = base_of(subject)
        view = op.view
        if view == "view" and any(one.view == "multi" for _, one in subject.tensors):
            # Such a view hands its refusal of writes on.
            view = "multi" if all(one.view == "multi" for _, one in subject.tensors) else "maybe"
        if op.view != "maybe" and inferred is not NO:
            # A view of an inference tensor is one too, and never in a graph.
            requires = both(requires, negate(inferred))
            fn = frozenset() if requires is NO else fn
        mode = m.grad_mode
        if mode is not YES and op.view != "maybe":
            # A view of a tensor that requires grad keeps saying so under no_grad, without a graph.
            inherits = rooted(m, subject) if mode is NO else MAYBE
            inherits = both(inherits, negate(inferred))
            requires = join_truth(requires, inherits) if mode is MAYBE else inherits
            if inherits is not NO:
                view = "nograd" if mode is NO else "maybe"
        elif mode is not YES:
            requires = either(requires, both(subject.requires_grad, MAYBE))
    if not is_view and op.view == "no" and (op.node(index) or VIEWED[0]).startswith(VIEWED):
        # A view of something inside the operator: a write to it is recorded otherwise.
        view = "maybe"
    leaf = negate(requires)
    if view == "nograd":
        leaf = YES
    elif view == "maybe" and op.view in ("view", "multi") and requires is not NO:
        leaf = MAYBE
    if requires is MAYBE and recorded.addr is None and view != "nograd":
        leaf = YES if not fn and op.view != "maybe" else MAYBE
    why = tell(m, op, operands, node, spelling, requires)
    m.recorder.made(why, fn)
    made = Tensor(
        dtype=dtype,
        requires_grad=requires,
        is_leaf=leaf,
        fn=fn,
        counter=counters,
        base=base,
        view=view,
        shape=shapes.result(m, op, spelling, operands, bound),
        contiguous=shapes.contiguous(m, op, spelling, operands, bound),
        inference=inferred,
        why=why,
    )
    addr = m.new(node, "results" if many else f"result{index}", made)
    addr.summary = addr.summary or many
    shares = op.view in ("view", "multi") or (view == "maybe" and not is_view)
    note_view(m, addr, base, counters if shares else frozenset())
    if recorded.addr is not None:
        keep_results(m, op, recorded, counters, index)
    return values.ref(addr)


SLICED = frozenset({"tensor_split", "hsplit", "vsplit", "dsplit"})
"""Operators that give each of their results a node of its own."""


def own_node(m: Machine, op: Op, recorded: Recorded) -> Node | None:
    """The node of a later result, where it is not that of the first."""
    if recorded.addr is None or op.name.partition(".")[0] not in SLICED:
        return None
    return m.node(recorded.addr)


INDEXED = frozenset(
    """max min median nanmedian mode sort topk kthvalue cummax cummin unique aminmax
    unique_consecutive max_pool1d max_pool2d max_pool3d adaptive_max_pool1d adaptive_max_pool2d
    adaptive_max_pool3d fractional_max_pool2d fractional_max_pool3d""".split()
)
"""Operators whose results after the first are indices, where no gradient flows into them."""


def made_in_inference(m: Machine, op: Op, viewed: Operand | None) -> Truth:
    """Whether a result is an inference tensor: a view is one where its base is."""
    fresh = gradmode.inference(m)
    if viewed is None:
        return fresh
    result = fresh if op.view == "maybe" or not viewed.certain else None
    for _, tensor in viewed.tensors:
        result = tensor.inference if result is None else join_truth(result, tensor.inference)
    return fresh if result is None else result


def rooted(m: Machine, subject: Operand) -> Truth:
    """Whether a view without a node of its own requires grad: where the base of all does."""
    result: Truth | None = None
    for addr in base_of(subject):
        base = m.tensor(addr)
        one = base.requires_grad if base is not None else MAYBE
        result = one if result is None else join_truth(result, one)
    if result is YES and any(tensor.view == "maybe" for _, tensor in subject.tensors):
        # Of a view of something inside an operator, that has no flag of its own.
        result = MAYBE
    return MAYBE if result is None or not subject.certain else result


def base_of(subject: Operand) -> frozenset[Addr]:
    """The tensors at the root of a view."""
    found: set[Addr] = set()
    for addr, tensor in subject.tensors:
        found |= tensor.base or {addr}
        if tensor.view == "maybe":
            found.add(addr)
    return frozenset(found)


def note_view(m: Machine, view: Addr, base: frozenset[Addr], counters: frozenset[Addr]) -> None:
    """Make a view known to the tensors at its root, and to the counters that it shares."""
    for parent in base:
        owner = m.tensor(parent)
        if owner is not None:
            m.s.set(parent, replace(owner, views=owner.views | {view}))
    for one in counters:
        shared = m.at(one, Counter)
        if shared is not None:
            m.s.set(one, replace(shared, viewers=shared.viewers | {view}))


def one_of(m: Machine, several: Value, node: ast.AST, place: int) -> Value:
    """One of the views that an address stands for, where it is known to be none of the others."""
    addr = values.references(several)[0]
    tensor = m.tensor(addr)
    if tensor is None or not addr.summary or tensor.view not in ("view", "multi"):
        return several
    part = m.new(node, f"part{place}", tensor)
    note_view(m, part, tensor.base, tensor.counter)
    return values.ref(part)


def keep_results(
    m: Machine, op: Op, recorded: Recorded, counters: frozenset[Addr], index: int
) -> None:
    """Let the node keep a result, at the version it has now."""
    kept = dict(op.saves_result)
    record = m.node(recorded.addr) if recorded.addr else None
    if index in kept and record is not None and recorded.addr is not None:
        sure = kept[index] and recorded.requires is YES
        saved = Saved(counters, m.version(counters) or frozenset({FIRST}), sure, "result")
        m.s.set(recorded.addr, replace(record, saved=(*record.saved, saved)))


def dtype_of(
    m: Machine, op: Op, operands: Operands, bound: dict[str, Value], index: int = 0
) -> str | None:
    """The dtype of a result; those after the first are like it, or indices."""
    if op.flows(index) is None or (index >= len(op.differentiable) and op.returns != "L"):
        return None
    if index and op.node(0) is None and op.node(index) is None:
        # Of what torch has no derivative for, nothing tells the dtypes.
        return None
    if index and not op.flows(index):
        name = op.name.removeprefix("torch.").removeprefix("nn.functional.").removeprefix("Tensor.")
        return "int64" if name.partition(".")[0].removesuffix("_with_indices") in INDEXED else None
    if "dtype" in bound and bound["dtype"] != values.NONE:
        named = kinds.plain(m, bound["dtype"])
        return named if isinstance(named, str) else None
    shaped = all(t.shape for operand in operands.all for _, t in operand.tensors)
    tensors: dict[str, str | None] = {}
    for operand in operands.all:
        dtype = kinds.dtype_kind(operand.tensors, certain=operand.certain)
        if operand.param in tensors:
            # The tensors of a list are promoted together.
            before = tensors[operand.param]
            together = promote if shaped else promote_any
            dtype = together(before, dtype) if before and dtype else None
        tensors[operand.param] = dtype
    numbers = [
        kinds.kind_of(m, value)
        for key, value in bound.items()
        if key not in tensors and key in ("other", "self", "exponent", "value", "fill_value")
    ]
    known = kinds.default_dtype(m)
    found = {
        dtype_result(op.dtype, tensors, numbers, ranks_known=shaped, default=default)
        for default in ([known] if known else ["float32", "float64"])
    }
    return found.pop() if len(found) == 1 else None


def tell(
    m: Machine,
    op: Op,
    operands: Operands,
    node: ast.AST,
    spelling: str,
    requires: Truth,
) -> Why:
    """The story of a result."""
    site, text, name = m.site(node), m.text(node), naming.spoken(spelling)
    could = operands.requires(op.grads_through or op.tensors)
    off = m.grad_mode is NO and requires is NO
    where, via = (off and gradmode.mode_site(m)) or (None, None)
    if requires is NO and could is not NO:
        if off and (op.flows(0) is not False):
            why = step("no_grad", site, text, operands.whys(), where, cut=could is YES)
            why = replace(why, via=via)
        else:
            cut = could is YES
            why = step("not_differentiable", site, text, operands.whys(), cut=cut, held=name)
        m.recorder.cut_off(m, why, [one for o in operands.all for one in o.tensors])
        return why
    why = step("op", site, text, operands.whys(), where, held=name)
    return replace(why, via=via) if via is not None else why
