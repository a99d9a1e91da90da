"""What autograd does at one operator call: the result, its node, what the node keeps.

All knowledge about operators comes from `nonegrad.ops`; here is only what PyTorch does with it.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from functools import lru_cache

from nonegrad.analysis import escapes, gradmode, inplace, kinds, shapes, values
from nonegrad.analysis.heap import (
    ANYWHERE,
    FIRST,
    NOWHERE,
    UNSEEN,
    Counter,
    Node,
    Saved,
    Sequence,
    Targets,
    Tensor,
)
from nonegrad.analysis.machine import AUTOCAST, Machine, Raised
from nonegrad.analysis.provenance import Why, step
from nonegrad.analysis.truth import MAYBE, NO, YES, Truth, both, either, negate, truth
from nonegrad.analysis.truth import join as join_truth
from nonegrad.analysis.values import ANY, Addr, Atom, Scalar, Value
from nonegrad.ops import Op, find, promote, promote_any
from nonegrad.ops import result_dtype as dtype_result


@dataclass(frozen=True, slots=True)
class Operand:
    """One tensor argument: what it may be, and whether it certainly is a tensor."""

    param: str
    value: Value
    tensors: tuple[tuple[Addr, Tensor], ...]
    certain: bool

    @property
    def requires_grad(self) -> Truth:
        """Whether any (of a list) or the one tensor requires grad."""
        result: Truth | None = None
        for _, tensor in self.tensors:
            one = tensor.requires_grad
            result = one if result is None else join_truth(result, one)
        if result is None:
            return MAYBE if not self.certain else NO
        return result if self.certain else join_truth(result, MAYBE)


@dataclass(frozen=True, slots=True)
class Operands:
    """The tensor arguments of a call; a list of tensors is several operands of one parameter."""

    all: tuple[Operand, ...]
    numbers: tuple[Why, ...] = ()
    """The stories of numbers that came out of tensors."""

    def requires(self, params: frozenset[str]) -> Truth:
        """Whether one of the parameters requires grad."""
        result = NO
        for operand in self.all:
            if operand.param in params:
                result = either(result, operand.requires_grad)
        return result

    def first(self) -> Operand | None:
        return self.all[0] if self.all else None

    def whys(self) -> tuple[Why | None, ...]:
        tensors = tuple(t.why for operand in self.all for _, t in operand.tensors[:1])
        return (*tensors[: 4 - len(self.numbers[:1])], *self.numbers)


def call(
    m: Machine,
    spelling: str,
    args: list[Value],
    kwargs: dict[str, Value],
    node: ast.AST,
    *,
    training: bool | None = True,
) -> Value:
    """Call a torch operator by its full name; ANY where the table does not know it."""
    op = lookup(m, spelling, args, kwargs, training=training)
    if op is None:
        return escapes.lost(m, [*args, *kwargs.values()])
    bound = kinds.bind(op, args, kwargs)
    return apply(m, op, bound, node, spelling)


def lookup(
    m: Machine,
    spelling: str,
    args: list[Value],
    kwargs: dict[str, Value],
    *,
    training: bool | None = True,
) -> Op | None:
    """The row for these arguments."""
    inplace_flag = kwargs.get("inplace") == values.TRUE
    if "training" in kwargs:
        known = values.constant(kwargs["training"])
        training = bool(known.value) if known else None
    return row(
        spelling,
        tuple([kinds.kind_of(m, arg) for arg in args]),
        tuple([(key, kinds.kind_of(m, arg)) for key, arg in kwargs.items()]),
        inplace_flag,
        training,
        known_ranks(m, args),
    )


def known_ranks(m: Machine, args: list[Value]) -> tuple[int | None, ...]:
    """The ranks of the tensors, where all of them are known: some products depend on them."""
    ranks = [kinds.rank(m, arg) for arg in args]
    unknown = any(r is None and m.tensors(a) for r, a in zip(ranks, args, strict=True))
    return () if unknown else tuple(ranks)


@lru_cache(maxsize=4096)
def row(
    spelling: str,
    args: tuple[kinds.Kind, ...],
    kwargs: tuple[tuple[str, kinds.Kind], ...],
    inplace: bool,
    training: bool | None,
    ranks: tuple[int | None, ...],
) -> Op | None:
    """The table's answer, kept: programs make the same kinds of calls over and over."""
    return find(spelling, args, dict(kwargs), inplace=inplace, training=training, ranks=ranks)


def operands_of(m: Machine, op: Op, bound: dict[str, Value]) -> Operands:
    """The tensors among the arguments."""
    found: list[Operand] = []
    for key in sorted(bound, key=lambda key: place(op, key)):
        # What a starred parameter takes has its name and a number.
        param = key.partition(" ")[0]
        if param not in op.tensors and param not in op.grads_through:
            continue
        found.extend(operand(m, param, one) for one in kinds.flat(m, bound[key]))
    numbers = (atom.why for value in bound.values() for atom in value if isinstance(atom, Scalar))
    return Operands(tuple(found), tuple(why for why in numbers if why is not None))


def place(op: Op, key: str) -> int:
    """The place of a parameter in the order of the call."""
    param = key.partition(" ")[0]
    return op.params.index(param) if param in op.params else len(op.params)


def operand(m: Machine, param: str, value: Value) -> Operand:
    tensors = tuple(m.tensors(value))
    others = len(value) - len(tensors)
    return Operand(param, value, tensors, others == 0)


def apply(m: Machine, op: Op, bound: dict[str, Value], node: ast.AST, spelling: str) -> Value:
    """Run one operator on bound arguments."""
    operands = operands_of(m, op, bound)
    if op.writes is not None:
        return inplace.write(m, op, operands, bound, node, spelling)
    subject = operands.first()
    if op.view == "same" and subject is not None:
        return subject.value
    results = len(op.returns) if op.returns not in ("L", "?", "") else 1
    if op.returns in ("N", "", "?"):
        return escapes.lost(m, list(bound.values())) if op.returns == "?" else ANY
    shared = make_node(m, op, operands, node, spelling)
    made = [
        result(m, op, operands, bound, node, spelling, shared, index) if letter in "TL" else ANY
        for index, letter in enumerate(op.returns)
    ]
    if op.returns == "L":
        count = shapes.parts(spelling, bound)
        if op.view == "maybe":
            several = values.join_all([made[0], *(o.value for o in operands.all)])
            return m.make(node, "results", Sequence("tuple", (), several))
        if count is None:
            return m.make(node, "results", Sequence("tuple", (), made[0]))
        parts = [made[0]] + [
            result(m, op, operands, bound, node, spelling, shared, i) for i in range(1, count)
        ]
        return m.make(node, "results", Sequence("tuple", tuple(parts)))
    if results == 1:
        if op.view == "maybe" and subject is not None and may_be_same(op, subject):
            return values.join(subject.value, made[0])
        return made[0]
    fields = shapes.fields(spelling)
    return m.make(node, "results", Sequence("tuple", tuple(made), fields=fields))


VIEWED = (
    "View", "Squeeze", "Unsafe", "AsStrided", "Transpose", "Permute", "Select", "Slice", "Expand",
    "Conj", "ReshapeAlias", "Unsqueeze", "TBackward",
)  # fmt: skip
"""What the names of nodes that give views begin with; where a name is not known, it may be one."""
NEVER_SAME = frozenset({"reshape", "operator.getitem", "view_as", "expand_as"})


def may_be_same(op: Op, subject: Operand) -> bool:
    """Whether an operator that sometimes copies may also give its very input back."""
    name = op.name.rpartition(".")[2] if op.name not in NEVER_SAME else op.name
    if name in NEVER_SAME:
        return False
    several = all(t.shape is not None and len(t.shape) > 1 for _, t in subject.tensors)
    return not (several and name.lower() in ("flatten", "ravel"))


@dataclass(frozen=True, slots=True)
class Recorded:
    """The node of a call, and whether there is one."""

    addr: Addr | None
    requires: Truth


def make_node(m: Machine, op: Op, operands: Operands, node: ast.AST, spelling: str) -> Recorded:
    """Record the operation, where something requires grad and grad mode is on."""
    requires = both(m.grad_mode, flowing(op, operands))
    if requires is NO or not any(op.flows(i) is not False for i in range(len(op.returns))):
        return Recorded(None, NO)
    if requires is YES and gradmode.inference(m) is NO:
        refuse_inference(m, op, operands, node)
    edges = tuple(
        targets_of(operand) for operand in operands.all if operand.param in op.grads_through
    )
    saved = saved_inputs(m, op, operands, requires)
    keeps = keeping(op, operands, saved)
    plain = m.s.get(AUTOCAST) in (None, values.FALSE)
    record = Node(
        op.node(0) if plain else None,
        edges,
        saved,
        keeps,
        operator=spoken(spelling),
        site=m.site(node),
    )
    return Recorded(m.new(node, "fn", record), requires)


def refuse_inference(m: Machine, op: Op, operands: Operands, node: ast.AST) -> None:
    """A tensor made in inference mode cannot be kept for backward: the call raises."""
    for saved in op.saved:
        needed = YES if saved.when is None else operands.requires(saved.when)
        if not saved.certain or needed is not YES:
            continue
        for operand in operands.all:
            made = [tensor for _, tensor in operand.tensors]
            if (
                operand.param == saved.param
                and operand.certain
                and made
                and all(tensor.inference is YES for tensor in made)
            ):
                addr, tensor = operand.tensors[0]
                m.recorder.refused_write(m, node, addr, tensor, "inference-saved")
                raise Raised


def flowing(op: Op, operands: Operands) -> Truth:
    """Whether gradient flows into the results at all."""
    requires = operands.requires(op.grads_through)
    if op.grads_surely is not None and requires is YES:
        requires = either(MAYBE, operands.requires(op.grads_surely))
    lists = [o for o in operands.all if o.param in op.grads_through]
    if op.returns == "L" and len(lists) > 1 and requires is YES:
        # Each result belongs to one input (broadcast_tensors, meshgrid).
        requires = YES if all(o.requires_grad is YES for o in lists) else MAYBE
    return requires


HIDING = frozenset({"mul", "div", "multiply", "divide", "true_divide", "imul", "itruediv"})
KEEPING_NOTHING = frozenset(
    """add sub neg mean view clone cat select stack to sum cumsum flip sign round slice unsqueeze
    squeeze getitem iadd isub t transpose permute expand detach alias""".split()
)


def keeping(op: Op, operands: Operands, saved: tuple[Saved, ...]) -> Truth:
    """Whether the node keeps what a second backward would miss.

    A plain number next to a tensor is kept too by mul and div: torch wraps it into a tensor.
    """
    base = op.name.removeprefix("operator.").split(".")[0].strip("_")
    base = {"truediv": "div"}.get(base, base)
    if any(s.certain for s in saved) or any(sure for _, sure in op.saves_result):
        return YES
    if base in HIDING and len(operands.all) < 2:
        return YES
    return NO if base in KEEPING_NOTHING and not saved and not op.saves_result else MAYBE


def spoken(spelling: str) -> str:
    """The operator as users write it: `exp`, `relu`, `+`."""
    name = spelling.rpartition(".")[2]
    if spelling.startswith("operator."):
        return SYMBOLS.get(name, name)
    return name


SYMBOLS = {
    "add": "+", "sub": "-", "mul": "*", "truediv": "/", "floordiv": "//", "mod": "%", "pow": "**",
    "matmul": "@", "neg": "-", "iadd": "+=", "isub": "-=", "imul": "*=", "itruediv": "/=",
    "ipow": "**=", "imod": "%=", "ifloordiv": "//=", "imatmul": "@=", "getitem": "indexing",
    "setitem": "index assignment", "gt": ">", "lt": "<", "ge": ">=", "le": "<=", "eq": "==",
    "ne": "!=", "and_": "&", "or_": "|", "xor": "^", "invert": "~",
}  # fmt: skip


def targets_of(operand: Operand) -> Targets:
    """Where the gradient of one operand goes on to."""
    found: set[Addr] = set()
    for addr, tensor in operand.tensors:
        found |= tensor_targets(addr, tensor)
    if not operand.certain:
        found.add(ANYWHERE)
    return frozenset(found or {NOWHERE})


def tensor_targets(addr: Addr, tensor: Tensor) -> set[Addr]:
    """The edge into one tensor: its node, itself for a leaf, nowhere without requires_grad."""
    if tensor.requires_grad is NO:
        return {NOWHERE}
    found: set[Addr] = set(tensor.fn)
    if tensor.is_leaf is not NO:
        found.add(addr)
    if tensor.requires_grad is MAYBE:
        found.add(NOWHERE)
    return found


def saved_inputs(m: Machine, op: Op, operands: Operands, requires: Truth) -> tuple[Saved, ...]:
    """What the node keeps of its inputs."""
    found: list[Saved] = []
    for saved in op.saved:
        needed = YES if saved.when is None else operands.requires(saved.when)
        if needed is NO:
            continue
        for operand in operands.all:
            if operand.param != saved.param:
                continue
            counters = frozenset[Addr]().union(*(t.counter for _, t in operand.tensors))
            if counters:
                sure = saved.certain and needed is YES and operand.certain and requires is YES
                found.append(Saved(counters, m.version(counters), sure, saved.param))
    return tuple(found)


def result(
    m: Machine,
    op: Op,
    operands: Operands,
    bound: dict[str, Value],
    node: ast.AST,
    spelling: str,
    recorded: Recorded,
    index: int,
) -> Value:
    """One result tensor of a call."""
    subject = operands.first()
    dtype = dtype_of(m, op, operands, bound) if index == 0 or op.flows(index) else "int64"
    if m.s.get(AUTOCAST) not in (None, values.FALSE) and dtype != "int64":
        dtype = None
    flows = truth(op.flows(index))
    requires = both(recorded.requires, flows)
    tensor = Tensor(dtype=dtype, shape=None, contiguous=YES)
    if tensor.differentiable is NO:
        requires = NO
    elif tensor.differentiable is MAYBE and requires is YES and flows is YES:
        requires = YES
    fn: Targets = (
        frozenset({recorded.addr}) if recorded.addr and requires is not NO else frozenset()
    )
    is_view = op.view in ("view", "multi", "maybe") and subject is not None and index < 64
    memory = None
    counter = m.new(node, f"counter{index}", Counter(memory=memory))
    counters: frozenset[Addr] = frozenset({counter})
    base: frozenset[Addr] = frozenset()
    view = "no"
    if is_view and subject is not None:
        own = frozenset[Addr]().union(*(t.counter for _, t in subject.tensors))
        counters = own if op.view != "maybe" else own | counters
        if not subject.certain or not own:
            counters = counters | {m.new(node, "unseen", Counter(frozenset({UNSEEN})))}
        base = base_of(subject)
        view = op.view
        if m.grad_mode is not YES and op.view != "maybe":
            # A view of a tensor that requires grad keeps saying so under no_grad, without a graph.
            inherits = subject.requires_grad if m.grad_mode is NO else MAYBE
            if gradmode.inference(m) is not NO and any(
                t.inference is not NO for _, t in subject.tensors
            ):
                inherits = both(inherits, MAYBE) if gradmode.inference(m) is MAYBE else NO
            requires = join_truth(requires, inherits) if m.grad_mode is MAYBE else inherits
            view = "nograd" if inherits is not NO else view
        elif m.grad_mode is not YES:
            requires = either(requires, both(subject.requires_grad, MAYBE))
    if not is_view and op.view == "no" and (op.node(index) or VIEWED[0]).startswith(VIEWED):
        # A view of something inside the operator: a write to it is recorded otherwise.
        view = "maybe"
    leaf = negate(requires)
    if view == "nograd":
        leaf = YES if m.grad_mode is NO else MAYBE
    if requires is MAYBE and recorded.addr is None and view != "nograd":
        leaf = YES if not fn and op.view != "maybe" else MAYBE
    why = tell(m, op, operands, node, spelling, requires, recorded)
    made = replace(
        tensor,
        requires_grad=requires,
        is_leaf=leaf,
        fn=fn,
        counter=counters,
        base=base,
        view=view,
        shape=shapes.result(m, op, spelling, operands, bound),
        contiguous=shapes.contiguous(m, op, spelling, operands, bound),
        inference=both(gradmode.inference(m), truth(view == "no" or None)),
        why=why,
    )
    addr = m.new(node, f"result{index}", made)
    for parent in base:
        owner = m.tensor(parent)
        if owner is not None:
            m.s.set(parent, replace(owner, views=owner.views | {addr}))
    if op.view in ("view", "multi"):
        for one in counters:
            shared = m.at(one, Counter)
            if shared is not None:
                m.s.set(one, replace(shared, viewers=shared.viewers | {addr}))
    if recorded.addr is not None:
        keep_results(m, op, recorded, counters, index)
    return values.ref(addr)


def base_of(subject: Operand) -> frozenset[Addr]:
    """The tensors at the root of a view."""
    found: set[Addr] = set()
    for addr, tensor in subject.tensors:
        found |= tensor.base or {addr}
    return frozenset(found)


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


def dtype_of(m: Machine, op: Op, operands: Operands, bound: dict[str, Value]) -> str | None:
    """The dtype of the first result."""
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
    return dtype_result(op.dtype, tensors, numbers, ranks_known=shaped)


def tell(
    m: Machine,
    op: Op,
    operands: Operands,
    node: ast.AST,
    spelling: str,
    requires: Truth,
    recorded: Recorded,
) -> Why:
    """The story of a result."""
    site, text = m.site(node), m.text(node)
    could = operands.requires(op.grads_through or op.tensors)
    if requires is NO and could is not NO:
        if m.grad_mode is NO and (op.flows(0) is not False):
            mode = gradmode.mode_site(m)
            where = mode[0] if mode else None
            why = step("no_grad", site, text, operands.whys(), where, cut=could is YES)
        else:
            why = step("not_differentiable", site, text, operands.whys(), cut=could is YES)
        m.recorder.cut_off(m, why, [one for o in operands.all for one in o.tensors])
        return why
    return step("op", site, text, operands.whys())


def with_unknown(m: Machine, node: ast.AST, spelling: str, a: Atom, b: Atom) -> Value:
    """A tensor and something unknown: a tensor comes out, if anything that this package knows."""
    return call(m, spelling, [frozenset({a}), frozenset({b})], {}, node)
