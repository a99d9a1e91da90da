"""The terms of a sum: those without a graph are kept with the step that adds them; and the way
back from a loss to the steps that add its terms."""

from __future__ import annotations

from collections.abc import Iterator

from nonegrad.analysis.autograd import shapes
from nonegrad.analysis.autograd.inputs import Operands
from nonegrad.analysis.domain.heap import NOWHERE, Beside, Node, Targets
from nonegrad.analysis.domain.truth import NO
from nonegrad.analysis.domain.values import Addr
from nonegrad.analysis.machine import Machine

SUBTRACTING = frozenset("- -= sub sub_ subtract".split())
ADDING = SUBTRACTING | frozenset("+ += add add_ stack".split())
"""Operators, as they are spoken of, whose inputs are terms."""
SCALING = frozenset("* *= mul mul_ multiply".split())
DIVIDING = frozenset("/ /= div div_ divide true_divide".split())
REDUCING = frozenset("mean sum stack".split())
PASSING = REDUCING | frozenset(
    "neg squeeze unsqueeze view reshape flatten to clone float double contiguous".split()
)
"""What gives all of its input the same gradient, whatever the numbers are."""


def beside(operator: str, operands: Operands) -> tuple[Beside, ...]:
    """The terms that bring no graph to a step that adds, and may be one number."""
    if operator not in ADDING:
        return ()
    found: list[Beside] = []
    for place, operand in enumerate(operands.all):
        if operand.requires_grad is NO:
            taken = bool(place) and operator in SUBTRACTING
            found += [
                Beside(tensor.why, taken, single)
                for _, tensor in operand.tensors
                if tensor.why and (single := shapes.numel_is_one(tensor.shape)) is not False
            ]
    found += [Beside(why, operator in SUBTRACTING) for why in operands.others]
    return tuple(found)


def added_up(m: Machine, roots: Targets) -> Iterator[tuple[Addr, Node, bool]]:
    """The steps that add the terms of a loss: between them and the loss nothing depends on what
    the numbers are. With each, whether what it gives has as many numbers as the loss."""
    seen: set[Addr] = set()
    queue = [(addr, True) for addr in roots]
    while queue:
        addr, single = queue.pop()
        record = m.node(addr)
        if record is None or addr in seen:
            continue
        seen.add(addr)
        single = single and record.operator not in REDUCING
        if record.operator in ADDING:
            yield addr, record, single
        elif not passes(record):
            continue
        queue += [(target, single) for edge in record.edges for target in edge]


def passes(record: Node) -> bool:
    """Whether the gradient of a step does not depend on what it is given."""
    lively = [edge - {NOWHERE} for edge in record.edges]
    if record.operator in SCALING:
        return sum(map(bool, lively)) == 1
    if record.operator in DIVIDING:
        # Of `2 / x` the x is kept, of `x / 2` nothing.
        kept = {saved.role for saved in record.saved}
        return bool(lively and lively[0]) and not any(lively[1:]) and not kept & {"self", "result"}
    return record.operator in PASSING
