"""The shapes of what is made of several tensors: products, lists put together, losses, layers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nonegrad.analysis.autograd import sizing
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.heap import Shape
from nonegrad.analysis.domain.values import Value

if TYPE_CHECKING:
    from nonegrad.analysis.autograd.inputs import Operands
    from nonegrad.analysis.machine import Machine

PRODUCTS = {
    **dict.fromkeys("matmul mm bmm mv dot vdot".split(), ("self", "")),
    "addmm": ("mat1", "mat2"),
    "baddbmm": ("batch1", "batch2"),
}
SECOND = ("other", "mat2", "vec", "tensor")
JOINED = frozenset("cat concat concatenate stack".split())
LOSSES = frozenset(
    """mse_loss l1_loss cross_entropy nll_loss binary_cross_entropy huber_loss smooth_l1_loss
    binary_cross_entropy_with_logits kl_div""".split()
)
CLASSES = frozenset("cross_entropy nll_loss".split())
LOSS_LAYERS = {
    "mseloss": "mse_loss",
    "l1loss": "l1_loss",
    "crossentropyloss": "cross_entropy",
    "nllloss": "nll_loss",
    "bceloss": "binary_cross_entropy",
    "bcewithlogitsloss": "binary_cross_entropy_with_logits",
    "huberloss": "huber_loss",
    "smoothl1loss": "smooth_l1_loss",
    "kldivloss": "kl_div",
}
SPATIAL = re.compile(r"(?:conv|pool|transpose|batchnorm)_?([123])d$")


def sides(m: Machine, name: str, bound: dict[str, Value]) -> tuple[Shape | None, Shape | None]:
    """The shapes of the two that are multiplied."""
    left, right = PRODUCTS[name]
    right = right or next((key for key in SECOND if key in bound), "")
    one, other = (sizing.shape_of(m, bound.get(key, values.ANY)) for key in (left, right))
    return one, other


def multiplied(a: Shape | None, b: Shape | None) -> Shape | None:
    """The shape of a matrix product, with its vectors and its batches."""
    if not a or not b:
        return None
    rows = a if len(a) > 1 else (1, *a)
    columns = b if len(b) > 1 else (*b, 1)
    batch = sizing.broadcast([rows[:-2], columns[:-2]]) if len(rows) + len(columns) > 4 else ()
    ends = (*rows[-2:-1],) if len(a) > 1 else ()
    return (*batch, *ends, *(columns[-1:] if len(b) > 1 else ()))


def summed(m: Machine, bound: dict[str, Value], operands: Operands) -> Shape | None:
    """einsum, where the equation is known: a letter for each dimension."""
    equation = values.string(bound.get("equation", values.ANY))
    if equation is None or "." in equation:
        return None
    given, arrow, out = equation.replace(" ", "").partition("->")
    if not arrow:
        out = "".join(sorted(one for one in set(given) if one != "," and given.count(one) == 1))
    sizes: dict[str, int | None] = {}
    parts = given.split(",")
    if len(parts) == len(operands.all):
        for letters, operand in zip(parts, operands.all, strict=True):
            own = sizing.shape_of(m, operand.value)
            if own is not None and len(own) == len(letters):
                found = zip(letters, own, strict=True)
                sizes |= {letter: size for letter, size in found if size not in (None, 1)}
    return tuple(sizes.get(letter) for letter in out)


def joined(m: Machine, name: str, bound: dict[str, Value], operands: Operands) -> Shape | None:
    """cat and stack: what all of the list agree on."""
    shapes = [sizing.shape_of(m, operand.value) for operand in operands.all]
    known = [shape for shape in shapes if shape is not None]
    if not known or len(known) < len(shapes) or len({len(shape) for shape in known}) > 1:
        return None
    rank = len(known[0])
    counted = sizing.items(m, bound.get("tensors", values.ANY)) is not None
    dim = values.number(bound["dim"]) if "dim" in bound else 0
    common: list[int | None] = [agreed([shape[at] for shape in known]) for at in range(rank)]
    if name == "stack":
        at = sizing.place(dim, rank + 1)
        if at is None:
            return (None,) * (rank + 1)
        return (*common[:at], len(known) if counted else None, *common[at:])
    at = sizing.place(dim, rank)
    if at is None:
        return (None,) * rank
    sizes = [shape[at] for shape in known]
    whole = [size for size in sizes if size is not None]
    common[at] = sum(whole) if counted and len(whole) == len(sizes) else None
    return tuple(common)


def agreed(sizes: list[int | None]) -> int | None:
    """What sizes that must be the same are."""
    return next((size for size in sizes if size is not None), None)


def lost(m: Machine, name: str, bound: dict[str, Value]) -> Shape | None:
    """A loss: one number, unless it is told not to reduce."""
    legacy = {"size_average", "reduce"} & bound.keys()
    reduction = values.string(bound["reduction"]) if "reduction" in bound else "mean"
    if legacy or reduction is None:
        return None
    if reduction != "none":
        return ()
    first, target = (sizing.shape_of(m, bound.get(key, values.ANY)) for key in ("self", "target"))
    if first is None or target is None:
        return None
    if name in CLASSES:
        return target if len(target) == len(first) - 1 else None
    return sizing.broadcast([first, target])


def asked_for(m: Machine, bound: dict[str, Value], one: Shape) -> Shape:
    """The sizes that an adaptive pool is to give: a number for all, or each; None keeps one."""
    given = bound.get("output_size", values.ANY)
    listed = sizing.items(m, given)
    wanted = (given,) * len(one) if listed is None else listed
    if len(wanted) != len(one):
        return (None,) * len(one)
    pairs = zip(wanted, one, strict=True)
    return tuple(was if size == values.NONE else values.number(size) for size, was in pairs)


def layered(m: Machine, name: str, one: Shape, bound: dict[str, Value]) -> Shape | None:
    """Linear maps, convolutions and pools: the batch stays, and the channels are the weight's."""
    weight = sizing.shape_of(m, bound.get("weight", values.ANY))
    if name == "linear":
        return (*one[:-1], weight[0] if weight is not None and len(weight) == 2 else None)
    if name == "embedding":
        return (*one, weight[1] if weight is not None and len(weight) == 2 else None)
    found = SPATIAL.search(name)
    if found is None or len(one) != int(found[1]) + 2:
        return (None,) * len(one)
    channels = one[1] if "pool" in name else None
    if name.startswith("adaptive"):
        return (*one[:2], *asked_for(m, bound, one[2:]))
    if "conv" in name and "transpose" not in name and weight:
        channels = weight[0]
    return (one[0], channels, *(None,) * (len(one) - 2))
