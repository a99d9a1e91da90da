"""The little that is known of shapes: whether a result is a single number, and contiguous.

Only what follows from the operator alone is said; anything else is None.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.heap import Shape
from nonegrad.analysis.domain.truth import MAYBE, YES, Truth
from nonegrad.analysis.domain.values import Value
from nonegrad.ops import Op

if TYPE_CHECKING:
    from nonegrad.analysis.autograd.inputs import Operands
    from nonegrad.analysis.machine import Machine

SAME = frozenset(
    """exp sin cos tan tanh sigmoid relu abs neg clone detach float double half sqrt rsqrt log
    log1p log2 log10 softplus dropout clamp clip round sign floor ceil gelu elu selu silu celu
    leaky_relu hardtanh softmax log_softmax cumsum cumprod nan_to_num masked_fill flip square
    reciprocal erf sinh cosh asin acos atan logsigmoid hardswish mish exp_ to type cpu cuda
    layer_norm batch_norm logical_not invert pos requires_grad_ contiguous bfloat16 long int
    bool""".split()
)
BROADCAST = frozenset(
    """add sub mul truediv div pow maximum minimum mod floordiv lt gt le ge eq ne and_ or_ xor
    where lerp fmod remainder atan2 multiply subtract divide iadd isub imul itruediv ipow add_
    mul_ sub_ div_ pow_ addcmul addcdiv""".split()
)
LAST_CHANGED = frozenset({"linear"})
RANK_KEPT = LAST_CHANGED | frozenset(
    """conv1d conv2d conv3d convtranspose1d convtranspose2d convtranspose3d conv_transpose1d
    conv_transpose2d maxpool1d maxpool2d maxpool3d avgpool1d avgpool2d avgpool3d max_pool1d
    max_pool2d avg_pool1d avg_pool2d adaptiveavgpool1d adaptiveavgpool2d adaptive_avg_pool2d
    batchnorm1d batchnorm2d batchnorm3d groupnorm instancenorm2d layernorm dropout1d dropout2d
    dropout3d leakyrelu relu6 hardtanh logsigmoid logsoftmax pad""".split()
)
"""Operators that keep the number of dimensions."""
REDUCED = frozenset("sum mean prod norm max min var std median amax amin logsumexp all any".split())
LOSSES = frozenset(
    """mse_loss l1_loss cross_entropy nll_loss binary_cross_entropy huber_loss smooth_l1_loss
    binary_cross_entropy_with_logits kl_div""".split()
)
FIELDS = {
    **dict.fromkeys(
        "max min median mode sort topk kthvalue cummax cummin".split(), ("values", "indices")
    ),
    "slogdet": ("sign", "logabsdet"),
    "qr": ("Q", "R"),
    "svd": ("U", "S", "V"),
    "eigh": ("eigenvalues", "eigenvectors"),
}


def fields(spelling: str) -> tuple[str, ...]:
    """The names of a result tuple's parts."""
    return FIELDS.get(spelling.rpartition(".")[2], ())


def parts(spelling: str, bound: dict[str, Value]) -> int | None:
    """How many tensors chunk gives, where the call says so."""
    if spelling.rpartition(".")[2] != "chunk":
        return None
    count = values.number(bound.get("chunks", values.ANY))
    return count if count is not None and 1 <= count <= 8 else None


def result(
    m: Machine, op: Op, spelling: str, operands: Operands, bound: dict[str, Value]
) -> Shape | None:
    """The shape of the first result."""
    layer = spelling.startswith("torch.nn.") and not spelling.startswith("torch.nn.functional.")
    name = spelling.rpartition(".")[2]
    name = name.lower() if layer else name
    first = operands.first()
    inputs = operands.all[:1] if layer else operands.all
    shapes = [tensor.shape for operand in inputs for _, tensor in operand.tensors]
    certain = all(operand.certain for operand in inputs)
    if name in REDUCED and (len(bound) == 1 or bound.keys() <= {"self", "p", "dtype"}):
        return ()
    if name in LOSSES and "reduction" not in bound and len(bound) <= 2:
        return ()
    if first is not None and name in RANK_KEPT:
        own = {tensor.shape for _, tensor in first.tensors}
        one = own.pop() if len(own) == 1 and first.certain else None
        if one:
            kept = len(one) - 1 if name in LAST_CHANGED else 0
            return (*one[:kept], *[None] * (len(one) - kept))
        return None
    if not certain or not shapes or any(shape is None for shape in shapes):
        return None
    known = [shape for shape in shapes if shape is not None]
    if name in SAME:
        return known[0]
    if name in BROADCAST:
        return broadcast(known)
    if name in ("t", "T", "H"):
        return known[0][::-1]
    if name in ("mT", "mH"):
        return (*known[0][:-2], *known[0][-2:][::-1])
    return None


def broadcast(shapes: list[Shape]) -> Shape | None:
    """The shape that shapes broadcast to."""
    longest = max(len(shape) for shape in shapes)
    result: list[int | None] = []
    for place in range(1, longest + 1):
        sizes = {shape[-place] for shape in shapes if len(shape) >= place}
        sizes.discard(1)
        if not sizes:
            result.append(1)
        else:
            result.append(sizes.pop() if len(sizes) == 1 else None)
    return tuple(reversed(result))


def contiguous(
    m: Machine, op: Op, spelling: str, operands: Operands, bound: dict[str, Value]
) -> Truth:
    """Whether the first result certainly lies in one piece."""
    name = spelling.rpartition(".")[2]
    every = all(t.contiguous is YES for operand in operands.all for _, t in operand.tensors)
    if op.view == "no":
        return YES if every else MAYBE
    if not every:
        return MAYBE
    if name in ("view", "reshape", "flatten", "unsqueeze", "squeeze", "contiguous", "ravel"):
        return YES
    first = operands.first()
    flat = first is not None and all(
        t.shape is not None and len(t.shape) == 1 for _, t in first.tensors
    )
    return YES if name == "getitem" and flat and "step" not in bound else MAYBE


def numel_is_one(shape: Shape | None) -> bool | None:
    """Whether a tensor of that shape holds exactly one number."""
    if shape is None:
        return None
    if any(size is not None and size != 1 for size in shape):
        return False
    return True if all(size == 1 for size in shape) else None
