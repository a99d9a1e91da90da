"""The little that is known of shapes: whether a result is a single number, and contiguous.

Only what follows from the operator alone is said; anything else is None.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from nonegrad.analysis.autograd import products, sizing
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.heap import Shape, Tensor
from nonegrad.analysis.domain.truth import MAYBE, YES, Truth
from nonegrad.analysis.domain.values import Addr, Value
from nonegrad.ops import Op

if TYPE_CHECKING:
    from nonegrad.analysis.autograd.inputs import Operands
    from nonegrad.analysis.machine import Machine

FIRST = frozenset(
    """exp sin cos tan tanh sigmoid relu abs neg clone detach float double half sqrt rsqrt log
    log1p log2 log10 softplus dropout round sign floor ceil gelu elu selu silu celu leaky_relu
    hardtanh softmax log_softmax cumsum cumprod nan_to_num flip square reciprocal erf sinh cosh asin
    acos atan logsigmoid hardswish mish exp_ to type cpu cuda layer_norm batch_norm logical_not
    invert pos requires_grad_ contiguous bfloat16 long int bool logit erfc erfinv expm1 exp2 lgamma
    digamma frac trunc sigmoid_ relu_ tanh_ hardsigmoid tanhshrink softshrink hardshrink threshold
    relu6 prelu rrelu softsign softmin gumbel_softmax isnan isinf isfinite byte short char alias
    fill_diagonal tril triu roll sort argsort cummax cummin logcumsumexp renorm normalize group_norm
    instance_norm alpha_dropout feature_alpha_dropout dropout1d dropout2d dropout3d scatter
    scatter_add index_add index_copy index_fill scatter_reduce index_put type_as positive negative
    absolute rad2deg deg2rad inverse inv cholesky matrix_exp matrix_power leakyrelu logsoftmax
    batchnorm1d batchnorm2d batchnorm3d groupnorm instancenorm1d instancenorm2d instancenorm3d
    layernorm alphadropout identity softmax2d rmsnorm rms_norm bernoulli""".split()
)
"""Operators whose result has the shape of their first tensor."""
BROADCAST = frozenset(
    """add sub mul truediv div pow maximum minimum mod floordiv lt gt le ge eq ne and_ or_ xor
    where lerp fmod remainder atan2 multiply subtract divide iadd isub imul itruediv ipow add_
    mul_ sub_ div_ pow_ addcmul addcdiv clamp clip masked_fill rsub true_divide floor_divide hypot
    copysign logaddexp logaddexp2 xlogy float_power logical_and logical_or logical_xor fmax fmin
    greater less greater_equal less_equal not_equal arctan2 bitwise_and bitwise_or""".split()
)
RANK_KEPT = frozenset(
    """linear conv1d conv2d conv3d convtranspose1d convtranspose2d convtranspose3d conv_transpose1d
    conv_transpose2d conv_transpose3d maxpool1d maxpool2d maxpool3d avgpool1d avgpool2d avgpool3d
    max_pool1d max_pool2d max_pool3d avg_pool1d avg_pool2d avg_pool3d adaptiveavgpool1d
    adaptiveavgpool2d adaptiveavgpool3d adaptive_avg_pool1d adaptive_avg_pool2d
    adaptive_avg_pool3d adaptivemaxpool1d adaptivemaxpool2d adaptive_max_pool1d
    adaptive_max_pool2d pad embedding""".split()
)
"""Operators that keep the number of dimensions; an embedding adds one."""
WHOLE = frozenset("sum mean prod norm max min var std median amax amin logsumexp all any".split())
"""Operators that make one number of everything, whatever its shape is."""
FIELDS = {
    **dict.fromkeys(
        "max min median mode sort topk kthvalue cummax cummin".split(), ("values", "indices")
    ),
    "slogdet": ("sign", "logabsdet"),
    "qr": ("Q", "R"),
    "svd": ("U", "S", "V"),
    "eigh": ("eigenvalues", "eigenvectors"),
}


AS_NUMPY = {"axis": "dim", "keepdims": "keepdim"}
"""numpy's names of arguments, and torch's own."""

Tensors = Sequence[tuple[Addr, Tensor]]


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
    if "out" in bound or (name == "where" and len(bound) == 1):
        return None
    if not bound.keys().isdisjoint(AS_NUMPY):
        bound = {AS_NUMPY.get(key, key): value for key, value in bound.items()}
    loss = products.LOSS_LAYERS.get(name) if layer else name
    if loss in products.LOSSES:
        return products.lost(m, loss, bound)
    if name in products.JOINED:
        return products.joined(m, name, bound, operands)
    if name == "einsum":
        return products.summed(m, bound, operands)
    first = operands.first()
    all_of_it = len(bound) == 1 or bound.keys() <= {"self", "p", "dtype"}
    if first is not None and name in WHOLE and all_of_it:
        return ()
    if name in products.PRODUCTS:
        return products.multiplied(*products.sides(m, name, bound))
    one = first.shape if first is not None else None
    if one is None:
        return None
    if name in FIRST:
        return one
    if name in RANK_KEPT:
        return products.layered(m, name, one, bound) if one or name == "embedding" else None
    if name in BROADCAST:
        inputs = operands.all[:1] if layer else operands.all
        shapes = [operand.shape for operand in inputs]
        known = [shape for shape in shapes if shape is not None]
        return sizing.broadcast(known) if len(known) == len(shapes) else None
    if name in ("t", "T", "H"):
        return one[::-1]
    if name in ("mT", "mH"):
        return (*one[:-2], *one[-2:][::-1])
    name = "flattenlayer" if layer and name == "flatten" else name
    rule = sizing.RULES.get(name)
    return None if rule is None else rule(sizing.Asked(m, name, one, bound))


def differ(before: Tensors, after: Tensors) -> bool:
    """Whether tensors certainly have other shapes than those they were made of."""
    return all(
        one.shape is not None
        and other.shape is not None
        and (
            len(one.shape) != len(other.shape)
            or any(
                a != b and None not in (a, b) for a, b in zip(one.shape, other.shape, strict=True)
            )
        )
        for _, one in before
        for _, other in after
    )


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
