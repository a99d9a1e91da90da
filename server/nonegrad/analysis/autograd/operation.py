"""What autograd does at one operator call: the result, its node, what the node keeps.

All knowledge about operators comes from `nonegrad.ops`; here is only what PyTorch does with it.
"""

from __future__ import annotations

import ast
from functools import lru_cache

from nonegrad.analysis import escapes
from nonegrad.analysis.autograd import (
    gradmode,
    inplace,
    inputs,
    kinds,
    naming,
    outputs,
    shapes,
    summands,
)
from nonegrad.analysis.autograd.inputs import Operand, Operands
from nonegrad.analysis.autograd.outputs import Recorded
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.heap import (
    Node,
    Saved,
    Sequence,
)
from nonegrad.analysis.domain.truth import MAYBE, NO, YES, Truth, both, either
from nonegrad.analysis.domain.value_class import replace
from nonegrad.analysis.domain.values import ANY, Addr, Atom, Value
from nonegrad.analysis.machine import AUTOCAST, Machine, Raised
from nonegrad.ops import Op, asks_for_ranks, find


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
        known_ranks(m, spelling, args),
    )


def known_ranks(m: Machine, spelling: str, args: list[Value]) -> tuple[int | None, ...]:
    """The ranks of the tensors, where all of them are known, for products that depend on them."""
    if not asks_for_ranks(spelling):
        return ()
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


def apply(m: Machine, op: Op, bound: dict[str, Value], node: ast.AST, spelling: str) -> Value:
    """Run one operator on bound arguments."""
    operands = inputs.operands_of(m, op, bound)
    if op.writes is not None:
        return inplace.write(m, op, operands, bound, node, spelling)
    subject = operands.first()
    if op.view == "same" and subject is not None:
        return subject.value
    if spelling.rpartition(".")[2] == "einsum" and sum(o.certain for o in operands.all) > 1:
        # Of one tensor it may be a view; what is computed of several is new.
        op = replace(op, view="no")
    results = len(op.returns) if op.returns not in ("L", "?", "") else 1
    if op.returns == "?" and spelling.rpartition(".")[2] in WIDENING and len(bound) == 1:
        # A list of tensors gives a list; anything else gives one.
        plain = [o for o in operands.all if o.certain and o.value in bound.values()]
        op = replace(op, returns="T") if plain else op
    if op.returns in ("N", "", "?"):
        return escapes.lost(m, list(bound.values())) if op.returns == "?" else ANY
    shared = make_node(m, op, operands, node, spelling)
    count = shapes.parts(spelling, bound) if op.returns == "L" else 1
    made = [
        outputs.result(m, op, operands, bound, node, spelling, shared, index, many=count is None)
        if letter in "TL"
        else ANY
        for index, letter in enumerate(op.returns)
    ]
    if op.returns == "L":
        if op.view == "maybe":
            several = values.join_all([made[0], *(o.value for o in operands.all)])
            return m.make(node, "results", Sequence("tuple", (), several))
        if count is None:
            return m.make(node, "results", Sequence("tuple", (), made[0]))
        parts = [made[0]] + [
            outputs.result(m, op, operands, bound, node, spelling, shared, i)
            for i in range(1, count)
        ]
        return m.make(node, "results", Sequence("tuple", tuple(parts)))
    if results == 1:
        another = subject is not None and shapes.differ(subject.tensors, m.tensors(made[0]))
        if op.view == "maybe" and subject and not another and may_be_same(op, subject):
            return values.join(subject.value, made[0])
        return made[0]
    fields = shapes.fields(spelling)
    return m.make(node, "results", Sequence("tuple", tuple(made), fields=fields))


WIDENING = frozenset({"atleast_1d", "atleast_2d", "atleast_3d"})
NEVER_SAME = frozenset({"reshape", "operator.getitem", "view_as", "expand_as"})


def may_be_same(op: Op, subject: Operand) -> bool:
    """Whether an operator that sometimes copies may also give its very input back."""
    name = op.name.rpartition(".")[2] if op.name not in NEVER_SAME else op.name
    if name in NEVER_SAME:
        return False
    several = all(t.shape is not None and len(t.shape) > 1 for _, t in subject.tensors)
    return not (several and name.lower() in ("flatten", "ravel"))


def make_node(m: Machine, op: Op, operands: Operands, node: ast.AST, spelling: str) -> Recorded:
    """Record the operation, where something requires grad and grad mode is on."""
    requires = both(m.grad_mode, flowing(op, operands))
    if requires is NO or not any(op.flows(i) is not False for i in range(len(op.returns))):
        return Recorded(None, NO)
    if gradmode.inference(m) is NO and any(
        t.inference is not NO for o in operands.all for _, t in o.tensors
    ):
        if requires is YES and normal(op, operands):
            refuse_inference(m, op, operands, node)
        else:
            # Inference tensors by themselves record nothing, not even outside of it.
            requires = both(requires, MAYBE)
    edges = tuple(
        inputs.targets_of(operand) for operand in operands.all if operand.param in op.grads_through
    )
    saved = saved_inputs(m, op, operands, requires)
    keeps = keeping(op, operands, saved)
    plain = m.s.get(AUTOCAST) in (None, values.FALSE) and laid_out(op, operands, spelling)
    # What torch records of a function that it maps over rows are operators on all rows.
    plain = plain and not m.recorder.wrapped
    if any(t.shape and 0 in t.shape for o in operands.all for _, t in o.tensors):
        # Some operators leave early where there is nothing to compute.
        plain, saved = False, tuple([replace(one, certain=False) for one in saved])
    record = Node(
        op.node(0) if plain else None,
        edges,
        saved,
        keeps,
        operator=naming.spoken(spelling),
        site=m.site(node),
        beside=summands.beside(naming.spoken(spelling), operands),
        flat=op.zero >= op.grads_through,
    )
    return Recorded(m.new(node, "fn", record), requires)


def normal(op: Op, operands: Operands) -> bool:
    """Whether a tensor brings a graph that certainly was not made in inference mode."""
    return any(
        operand.requires_grad is YES
        and operand.param in op.grads_through
        and all(t.inference is NO for _, t in operand.tensors)
        for operand in operands.all
    )


def laid_out(op: Op, operands: Operands, spelling: str) -> bool:
    """Whether the node is the one for an input in one piece (of a linear map), or for one of no
    more than two dimensions (of a loss of classes)."""
    if not operands.all:
        return True
    if op.node(0) == "NllLossBackward0":
        return all(t.shape is not None and len(t.shape) < 3 for _, t in operands.all[0].tensors)
    if spelling.rpartition(".")[2].lower() != "linear":
        return True
    return all(
        t.contiguous is YES or (t.shape is not None and len(t.shape) == 2)
        for _, t in operands.all[0].tensors
    )


def refuse_inference(m: Machine, op: Op, operands: Operands, node: ast.AST) -> None:
    """A tensor made in inference mode cannot be kept for backward: the call raises."""
    for saved in op.saved:
        needed = YES if saved.when is None else operands.linked(saved.when)
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


CONVERTING = frozenset({"float_power"})
"""Operators that keep a float64 copy of what they get, unless it already is float64."""


def saved_inputs(m: Machine, op: Op, operands: Operands, requires: Truth) -> tuple[Saved, ...]:
    """What the node keeps of its inputs."""
    found: list[Saved] = []
    for saved in op.saved:
        needed = YES if saved.when is None else operands.linked(saved.when)
        if needed is NO:
            continue
        for operand in operands.all:
            if operand.param != saved.param:
                continue
            counters = frozenset[Addr]().union(*(t.counter for _, t in operand.tensors))
            if counters:
                sure = saved.certain and op.name.partition(".")[0] not in CONVERTING
                sure = sure and needed is YES and operand.certain and not operand.missing
                sure = sure and requires is YES
                found.append(Saved(counters, m.version(counters), sure, saved.param))
    return tuple(found)


def with_unknown(m: Machine, node: ast.AST, spelling: str, a: Atom, b: Atom) -> Value:
    """A tensor and something unknown: a tensor comes out, if anything that this package knows."""
    return call(m, spelling, [frozenset({a}), frozenset({b})], {}, node)
