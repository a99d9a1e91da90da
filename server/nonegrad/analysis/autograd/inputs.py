"""The tensors among the arguments of a call, and where the gradient of each goes on to."""

from __future__ import annotations

from nonegrad.analysis.autograd import kinds
from nonegrad.analysis.domain.heap import (
    ANYWHERE,
    NOWHERE,
    Shape,
    Targets,
    Tensor,
)
from nonegrad.analysis.domain.provenance import Why
from nonegrad.analysis.domain.truth import MAYBE, NO, Truth, both, either
from nonegrad.analysis.domain.truth import join as join_truth
from nonegrad.analysis.domain.value_class import replace, value_class
from nonegrad.analysis.domain.values import (
    NONE,
    UNKNOWN,
    Addr,
    Const,
    Ref,
    Scalar,
    Value,
    references,
)
from nonegrad.analysis.machine import Machine
from nonegrad.ops import Op


@value_class
class Operand:
    """One tensor argument: what it may be, and whether it certainly is a tensor."""

    param: str
    value: Value
    tensors: tuple[tuple[Addr, Tensor], ...]
    certain: bool
    missing: bool = False
    """Whether it may not be there: a list holds others, and perhaps none like it."""

    @property
    def requires_grad(self) -> Truth:
        """Whether any (of a list) or the one tensor requires grad."""
        result: Truth | None = NO if self.missing else None
        for _, tensor in self.tensors:
            one = tensor.requires_grad
            result = one if result is None else join_truth(result, one)
        if self.certain:
            return NO if result is None else result
        other = NO if self.or_numbers else MAYBE
        return other if result is None else join_truth(result, other)

    @property
    def shape(self) -> Shape | None:
        """The shape of what certainly is a tensor of one shape."""
        if not self.certain or not self.tensors:
            return None
        first = self.tensors[0][1].shape
        return first if all(tensor.shape == first for _, tensor in self.tensors[1:]) else None

    @property
    def or_numbers(self) -> bool:
        """Whether all that it may be besides tensors are plain numbers, which have no graph."""
        tensors = {Ref(addr) for addr, _ in self.tensors}
        return all(isinstance(atom, (Const, Scalar)) for atom in self.value - tensors)


@value_class
class Operands:
    """The tensor arguments of a call; a list of tensors is several operands of one parameter."""

    all: tuple[Operand, ...]
    others: tuple[Why, ...] = ()
    """The stories of what is no operand: numbers that came out of tensors, indices, masks."""

    def requires(self, params: frozenset[str]) -> Truth:
        """Whether one of the parameters requires grad."""
        result = NO
        for operand in self.all:
            if operand.param in params:
                result = either(result, operand.requires_grad)
        return result

    def linked(self, params: frozenset[str]) -> Truth:
        """Whether a gradient goes on into one of the parameters: a view that was made with grad
        mode off may require grad, and takes none."""
        result = NO
        for operand in self.all:
            if operand.param in params:
                loose = [tensor.view == "nograd" for _, tensor in operand.tensors]
                one = operand.requires_grad
                if any(loose):
                    one = NO if all(loose) and operand.certain else both(one, MAYBE)
                result = either(result, one)
        return result

    def first(self) -> Operand | None:
        return self.all[0] if self.all else None

    def whys(self) -> tuple[Why | None, ...]:
        tensors = tuple(t.why for operand in self.all for _, t in operand.tensors[:1])
        return (*tensors[: 4 - len(self.others[:1])], *self.others)


def operands_of(m: Machine, op: Op, bound: dict[str, Value]) -> Operands:
    """The tensors among the arguments."""
    found: list[Operand] = []
    others: list[Why | None] = []
    written = op.params[: len(bound)]
    ordered = bound if tuple(bound) == written else sorted(bound, key=lambda key: place(op, key))
    for key in ordered:
        # What a starred parameter takes has its name and a number.
        param = key.partition(" ")[0]
        if param in op.tensors or param in op.grads_through:
            several = kinds.flat(m, bound[key])
            found.extend(operand(m, param, one) for one in several)
            if len(several) > 1 and kinds.open_ended(m, bound[key]):
                found[-1] = replace(found[-1], missing=True)
        else:
            every = (t for one in kinds.flat(m, bound[key]) for _, t in m.tensors(one)[:1])
            others.extend(tensor.why for tensor in every)
        others.extend(atom.why for atom in bound[key] if isinstance(atom, Scalar))
    return Operands(tuple(found), tuple(why for why in others if why is not None))


def place(op: Op, key: str) -> int:
    """The place of a parameter in the order of the call."""
    param = key.partition(" ")[0]
    return op.params.index(param) if param in op.params else len(op.params)


def operand(m: Machine, param: str, value: Value) -> Operand:
    tensors = tuple(m.tensors(value))
    others = len(value) - len(tensors)
    return Operand(param, value, tensors, others == 0)


Wanted = tuple[list[Addr], bool] | None
"""The tensors that `inputs=` may name, and whether it is not known which; None for all."""


def wanted(m: Machine, inputs: Value | None) -> Wanted:
    """What a backward is asked for by its `inputs`."""
    if inputs is None or inputs == NONE:
        return None
    every = kinds.flat(m, inputs)
    unsure = any(UNKNOWN in one or len(one) > 1 for one in every)
    return [addr for one in every for addr in references(one)], unsure


def targets_of(operand: Operand) -> Targets:
    """Where the gradient of one operand goes on to."""
    found: set[Addr] = set()
    for addr, tensor in operand.tensors:
        found |= tensor_targets(addr, tensor)
    if not operand.certain:
        found.add(NOWHERE if operand.or_numbers else ANYWHERE)
    if operand.missing:
        found.add(NOWHERE)
    return frozenset(found or {NOWHERE})


def tensor_targets(addr: Addr, tensor: Tensor) -> set[Addr]:
    """The edge into one tensor: its node, itself for a leaf, nowhere without requires_grad."""
    if tensor.requires_grad is NO or tensor.view == "nograd":
        # A view made with grad mode off has nothing that would collect a gradient for it.
        return {NOWHERE}
    found: set[Addr] = set(tensor.fn)
    if tensor.is_leaf is not NO:
        found.add(addr)
    if tensor.requires_grad is MAYBE or (tensor.view == "maybe" and tensor.is_leaf is not NO):
        found.add(NOWHERE)
    return found
