"""Methods of tensors that do more than an operator: state of autograd, leaving torch."""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from nonegrad.analysis import escapes
from nonegrad.analysis.autograd import (
    backward,
    conversions,
    factories,
    inplace,
    inputs,
    operation,
    tensors,
)
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.heap import ANYWHERE, NOWHERE, Sequence, Tensor
from nonegrad.analysis.domain.objects import Array
from nonegrad.analysis.domain.provenance import Why, step
from nonegrad.analysis.domain.truth import MAYBE, NO, YES, either, negate
from nonegrad.analysis.domain.value_class import replace
from nonegrad.analysis.domain.values import ANY, Addr, Value
from nonegrad.analysis.machine import RETAINING, Machine, Raised
from nonegrad.analysis.python import calls

if TYPE_CHECKING:
    from nonegrad.analysis.python.calls import Arguments

Handler = Callable[[Machine, Addr, Tensor, "Arguments", ast.AST], Value]


def detach(m: Machine, addr: Addr, tensor: Tensor, given: Arguments, node: ast.AST) -> Value:
    return tensors.alias(m, addr, tensor, node, "detach")


def detach_(m: Machine, addr: Addr, tensor: Tensor, given: Arguments, node: ast.AST) -> Value:
    tensors.detach_in_place(m, values.ref(addr), addr, node)
    return values.ref(addr)


def requires_grad_(
    m: Machine, addr: Addr, tensor: Tensor, given: Arguments, node: ast.AST
) -> Value:
    switch = values.flag_of(given.get(0, "requires_grad"), True)
    tensors.set_requires_grad(m, values.ref(addr), addr, switch, node)
    return values.ref(addr)


def retain_grad(m: Machine, addr: Addr, tensor: Tensor, given: Arguments, node: ast.AST) -> Value:
    """Asks for `.grad` on a tensor that is no leaf; without requires_grad it raises."""
    if tensor.requires_grad is NO:
        m.recorder.untracked_call(m, node, addr, tensor, "retain_grad")
        raise Raised
    if tensor.is_leaf is YES:
        return values.NONE
    retains = YES if tensor.is_leaf is NO else MAYBE
    m.put(addr, replace(tensor, retains_grad=retains))
    m.gather(RETAINING, [addr])
    m.recorder.retained(m, addr, tensor, node)
    return values.NONE


def run_backward(m: Machine, addr: Addr, tensor: Tensor, given: Arguments, node: ast.AST) -> Value:
    return backward_of(m, values.ref(addr), given, node)


def backward_of(m: Machine, subject: Value, given: Arguments, node: ast.AST) -> Value:
    """backward() of one tensor, or of whichever of several it is."""
    retain = values.flag_of(given.get(1, "retain_graph"), False)
    if given.get(1, "retain_graph") in (None, values.NONE):
        retain = values.flag_of(given.get(2, "create_graph"), False)
    gradient = given.get(0, "gradient")
    wanted = inputs.wanted(m, given.get(3, "inputs"))
    m.recorder.leads(m, node, subject, wanted)
    has_gradient = (gradient is not None and gradient != values.NONE) or not given.plain
    return backward.run(
        m,
        subject,
        node,
        gradient=has_gradient,
        retain=retain,
        inputs=wanted,
        create=values.flag_of(given.get(2, "create_graph"), False),
    )


def leaving(m: Machine, addr: Addr, tensor: Tensor, node: ast.AST, how: str) -> Why:
    """The step in which a value leaves torch."""
    cut = tensor.requires_grad is YES
    why = step("left_torch", m.site(node), how, (tensor.why,), cut=cut)
    m.recorder.cut_off(m, why, [(addr, tensor)])
    return why


def to_number(m: Machine, addr: Addr, tensor: Tensor, given: Arguments, node: ast.AST) -> Value:
    """item(): a Python number."""
    return values.scalar(kind_of_number(tensor), leaving(m, addr, tensor, node, "item()"))


def kind_of_number(tensor: Tensor) -> str:
    """The kind of Python's numbers that a tensor gives."""
    if tensor.dtype is None:
        return "float"
    if tensor.dtype == "bool":
        return "bool"
    return "int" if "int" in tensor.dtype else "float"


def to_list(m: Machine, addr: Addr, tensor: Tensor, given: Arguments, node: ast.AST) -> Value:
    """tolist(): lists in lists, as deep as the tensor has dimensions, or one number."""
    why = leaving(m, addr, tensor, node, "tolist()")
    if tensor.shape is None:
        return ANY
    kind = values.SOME_NUMBER if tensor.dtype is None else kind_of_number(tensor)
    found = values.scalar(kind, why)
    for place in range(len(tensor.shape)):
        found = m.make(node, f"list{place}", Sequence("list", (), found))
    return found


def to_numpy(m: Machine, addr: Addr, tensor: Tensor, given: Arguments, node: ast.AST) -> Value:
    """numpy(): refuses a tensor that requires grad, where grad mode is on."""
    forced = values.flag_of(given.kwargs.get("force"), False)
    if tensor.requires_grad is YES and forced is NO and m.grad_mode is YES:
        m.recorder.untracked_call(m, node, addr, tensor, "numpy")
        raise Raised
    return m.make(
        node, "array", Array(tensor.dtype, leaving(m, addr, tensor, node, "numpy()"), sure=True)
    )


def number(m: Machine, addr: Addr, tensor: Tensor, given: Arguments, node: ast.AST) -> Value:
    return values.scalar("int")


def size(m: Machine, addr: Addr, tensor: Tensor, given: Arguments, node: ast.AST) -> Value:
    if given.args:
        place = values.number(given.args[0])
        if (
            tensor.shape is not None
            and place is not None
            and -len(tensor.shape) <= place < len(tensor.shape)
        ):
            known = tensor.shape[place]
            return values.scalar("int") if known is None else values.const(known)
        return values.scalar("int")
    return tensors.shape_value(m, tensor, node)


def boolean(m: Machine, addr: Addr, tensor: Tensor, given: Arguments, node: ast.AST) -> Value:
    return values.BOOL


def dim(m: Machine, addr: Addr, tensor: Tensor, given: Arguments, node: ast.AST) -> Value:
    return values.scalar("int") if tensor.shape is None else values.const(len(tensor.shape))


def contiguous(m: Machine, addr: Addr, tensor: Tensor, given: Arguments, node: ast.AST) -> Value:
    """The very same tensor where it already is contiguous."""
    if tensor.contiguous is YES:
        return values.ref(addr)
    copied = operation.call(m, "Tensor.clone", [values.ref(addr)], {}, node)
    return values.ref(addr) if copied == ANY else values.join(values.ref(addr), renamed(m, copied))


def renamed(m: Machine, value: Value, name: str | None = None) -> Value:
    """A copy made under another operator's name: the node's name is not claimed."""
    for _, tensor in m.tensors(value):
        for fn in tensor.fn:
            record = m.node(fn)
            if record is not None:
                m.s.set(fn, replace(record, name=name))
    return value


def reshape(m: Machine, addr: Addr, tensor: Tensor, given: Arguments, node: ast.AST) -> Value:
    """A view where the layout allows one, which a contiguous tensor always does."""
    if tensor.contiguous is YES and given.plain:
        return operation.call(m, "Tensor.view", [values.ref(addr), *given.args], given.kwargs, node)
    return operation.call(m, "Tensor.reshape", [values.ref(addr), *given.args], given.kwargs, node)


def hook(m: Machine, addr: Addr, tensor: Tensor, given: Arguments, node: ast.AST) -> Value:
    """register_hook: what the hook does happens at backward; what it may touch is handed out."""
    if tensor.requires_grad is NO:
        m.recorder.untracked_call(m, node, addr, tensor, "register_hook")
        raise Raised
    for value in given.every():
        m.perhaps(
            lambda value=value: calls.call(
                m, value, calls.Arguments([escapes.unknown_tensor(m, node, "hook")]), node
            )
        )
    return ANY


def new_tensor(m: Machine, addr: Addr, tensor: Tensor, given: Arguments, node: ast.AST) -> Value:
    return factories.from_data(m, given, node)


def resize_(m: Machine, addr: Addr, tensor: Tensor, given: Arguments, node: ast.AST) -> Value:
    """Another size of the same data: a write, unless it is the size there was."""
    inplace.bump(m, addr, tensor, node, sure=False)
    m.put(addr, replace(tensor, shape=None, contiguous=MAYBE))
    return values.ref(addr)


def set_(m: Machine, addr: Addr, tensor: Tensor, given: Arguments, node: ast.AST) -> Value:
    """Another storage: what comes of the graph has no name and no derivative."""
    refused = inplace.refuses(m, addr, tensor)
    if refused in ("leaf", "inference") and not addr.summary:
        m.recorder.refused_write(m, node, addr, tensor, refused)
        raise Raised
    inplace.forget(m, addr)
    for value in given.every():
        escapes.escape(m, value)
    now = m.tensor(addr) or tensor
    tracked = now.requires_grad if not given.args else either(now.requires_grad, MAYBE)
    made = replace(
        now,
        requires_grad=tracked,
        is_leaf=negate(tracked) if tensor.is_leaf is not YES or given.args else tensor.is_leaf,
        fn=frozenset({ANYWHERE, NOWHERE}),
        shape=None,
        dtype=tensor.dtype,
        contiguous=MAYBE,
    )
    m.put_weak(addr, made)
    return values.ref(addr)


def share(m: Machine, addr: Addr, tensor: Tensor, given: Arguments, node: ast.AST) -> Value:
    return values.ref(addr)


@cache
def handlers() -> dict[str, Handler]:
    """What runs each method, by its name; made when first asked for."""
    return {
        "detach": detach, "detach_": detach_, "requires_grad_": requires_grad_,
        "retain_grad": retain_grad, "backward": run_backward, "item": to_number, "tolist": to_list,
        "numpy": to_numpy, "numel": number, "nelement": number, "element_size": number,
        "size": size,
        "dim": dim, "ndimension": dim, "data_ptr": number, "storage_offset": number,
        "stride": number,
        "get_device": number, "is_contiguous": boolean, "is_floating_point": boolean,
        "is_complex": boolean, "equal": boolean, "allclose": boolean, "is_inference": boolean,
        "contiguous": contiguous, "reshape": reshape, "float": conversions.cast("float32"),
        "double": conversions.cast("float64"), "half": conversions.cast("float16"),
        "bfloat16": conversions.cast("bfloat16"), "long": conversions.cast("int64"),
        "int": conversions.cast("int32"), "bool": conversions.cast("bool"),
        "short": conversions.cast("int16"), "to": conversions.move, "cpu": conversions.move,
        "cuda": conversions.cuda, "type_as": conversions.move, "type": conversions.as_type,
        "register_hook": hook, "register_post_accumulate_grad_hook": hook, "new_tensor": new_tensor,
        "resize_": resize_, "set_": set_,
        "share_memory_": share, "pin_memory": share, "__len__": number, "is_set_to": boolean,
    }  # fmt: skip
