"""Functions of torch that are more than operators: grad modes, data loaders, mixed precision."""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from nonegrad.analysis.autograd import (
    checkpointing,
    conversions,
    factories,
    gradients,
    gradmode,
    inplace,
    kinds,
    leaves,
    operation,
)
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.objects import GradSwitch, Opaque
from nonegrad.analysis.domain.truth import MAYBE, NO, YES, Truth
from nonegrad.analysis.domain.values import ANY, Addr, Const, Ref, Value
from nonegrad.analysis.library import batches, functional, mixing, saving, stacking, transforms
from nonegrad.analysis.machine import DEFAULT_DTYPE, Machine
from nonegrad.analysis.nn import optimizers, wrappers
from nonegrad.analysis.python import calls

if TYPE_CHECKING:
    from nonegrad.analysis.autograd.leaves import Handler
    from nonegrad.analysis.python.calls import Arguments


def switch(mode: Truth, text: str, inference: Truth = NO) -> Handler:
    """no_grad(), enable_grad(), inference_mode()."""

    def run(m: Machine, given: Arguments, node: ast.AST) -> Value:
        on, inferring = mode, inference
        argument = given.get(0, "mode")
        if argument is not None and inference is YES:
            inferring = values.flag_of(argument, True)
            if m.tensors(argument) or not isinstance(values.only(argument), Const):
                inferring = MAYBE
            if inferring is NO:
                on = YES
        made = GradSwitch(on, inferring, site=m.site(node), text=text)
        value = m.make(node, "switch", made)
        atom = values.only(given.args[0]) if given.args else None
        if isinstance(atom, Ref) and inference is NO:
            return calls.decorate(m, made, given)
        return value

    return run


def set_grad_enabled(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """Switches at once; as a context it restores what was before."""
    flag = values.flag_of(given.get(0, "mode"), True)
    before = m.grad_mode
    text = "set_grad_enabled(False)" if flag is NO else "set_grad_enabled"
    made = GradSwitch(flag, before=before, site=m.site(node), text=text)
    gradmode.switch(m, made)
    return m.make(node, "switch", made)


def is_grad_enabled(m: Machine, given: Arguments, node: ast.AST) -> Value:
    known = m.grad_mode.known
    return values.BOOL if known is None else values.const(known)


def clip(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """clip_grad_norm_ and clip_grad_value_ change gradients in place, never parameters."""
    m.recorder.clips(m, kinds.flat(m, given.get(0, "parameters") or ANY))
    return factories.fresh(m, node, dtype=None)


def initialise(m: Machine, given: Arguments, node: ast.AST, name: str) -> Value:
    """torch.nn.init.*: in place, under no_grad."""
    target = given.get(0, "tensor") or ANY
    for addr, tensor in m.tensors(target):
        inplace.bump(m, addr, tensor, node, sure=len(target) == 1)
    return target


def dropout(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """F.dropout: with 0 < p < 1 and in training a product with a mask; else what the table says."""
    path = "torch.nn.functional.dropout"
    share = values.constant(given.get(1, "p") or values.const(0.5))
    training = values.flag_of(given.get(2, "training"), True)
    scattered = share is not None and isinstance(share.value, float) and 0.0 < share.value < 1.0
    writes = values.flag_of(given.get(3, "inplace"), False)
    if scattered and training is YES and writes is NO and given.args:
        return operation.call(m, "operator.mul", [given.args[0], values.scalar("float")], {}, node)
    return operation.call(m, path, given.args, given.kwargs, node) if given.plain else ANY


def scaler(m: Machine, given: Arguments, node: ast.AST) -> Value:
    # Where there is no accelerator it is off, whatever it is told.
    on = values.flag_of(given.kwargs.get("enabled"), True) is not NO
    return m.make(node, "scaler", Opaque("scaler", (values.const(on),)))


def plain_context(m: Machine, given: Arguments, node: ast.AST) -> Value:
    return m.make(node, "plain", Opaque("plain"))


def autocast(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """autocast changes dtypes and node names; what follows is made less certain by them."""
    enabled = values.flag_of(given.kwargs.get("enabled"), True)
    return m.make(node, "autocast", Opaque("plain" if enabled is NO else "autocast"))


def scale(m: Machine, addr: Addr, thing: Opaque, given: Arguments, node: ast.AST) -> Value:
    """GradScaler.scale(loss): a product in the graph, or the loss itself where scaling is off."""
    value = given.args[0] if given.args else ANY
    if thing.parts == (values.FALSE,):
        return value
    product = operation.call(m, "operator.mul", [value, values.scalar("float")], {}, node)
    return values.join(value, product)


def scaler_step(m: Machine, addr: Addr, thing: Opaque, given: Arguments, node: ast.AST) -> Value:
    """GradScaler.step(optimizer): the step, unless gradients overflowed."""
    for one in values.references(given.args[0]) if given.args else ():
        optimizers.step(m, one, node, sure=False)
    return ANY


def is_tensor(m: Machine, given: Arguments, node: ast.AST) -> Value:
    value = given.args[0] if given.args else ANY
    found = len(m.tensors(value))
    if found == len(value):
        return values.TRUE
    return values.FALSE if not found and values.UNKNOWN not in value else values.BOOL


def set_default_dtype(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """The dtype of what is made of Python's floats from here on."""
    target = conversions.asked(m, given, node)
    m.s.set(DEFAULT_DTYPE, values.const(target.dtype) if target.dtype else ANY)
    return values.NONE


def device(m: Machine, given: Arguments, node: ast.AST) -> Value:
    return m.make(node, "device", Opaque("device"))


def cuda_available(m: Machine, given: Arguments, node: ast.AST) -> Value:
    return values.BOOL


@cache
def handlers() -> dict[str, Handler]:
    """What runs each function, by its name; made when first asked for."""
    return {
        "torch.no_grad": switch(NO, "no_grad"), "torch.enable_grad": switch(YES, "enable_grad"),
        "torch.inference_mode": switch(NO, "inference_mode", YES),
        "torch.set_grad_enabled": set_grad_enabled, "torch.is_grad_enabled": is_grad_enabled,
        "torch.tensor": factories.from_data, "torch.as_tensor": leaves.as_tensor,
        "torch.asarray": leaves.as_tensor, "torch.Tensor": leaves.legacy(None),
        "torch.FloatTensor": leaves.legacy("float32"),
        "torch.DoubleTensor": leaves.legacy("float64"),
        "torch.LongTensor": leaves.legacy("int64"), "torch.IntTensor": leaves.legacy("int32"),
        "torch.BoolTensor": leaves.legacy("bool"), "torch.from_numpy": leaves.from_numpy,
        "torch.autograd.Variable": leaves.variable, "torch.nn.Parameter": leaves.parameter,
        "torch.autograd.backward": gradients.autograd_backward,
        "torch.autograd.grad": gradients.autograd_grad, "torch.nn.utils.clip_grad_norm_": clip,
        "torch.nn.utils.clip_grad_value_": clip, "torch.nn.utils.clip_grad.clip_grad_norm_": clip,
        "torch.utils.checkpoint.checkpoint": checkpointing.checkpoint,
        "torch.utils.data.DataLoader": batches.loader,
        "torch.utils.data.TensorDataset": batches.dataset,
        "torch.utils.data.Subset": batches.subset,
        "torch.utils.data.random_split": batches.split,
        "torch.cuda.amp.GradScaler": scaler, "torch.amp.GradScaler": scaler,
        "torch.cuda.amp.autocast": autocast, "torch.amp.autocast": autocast,
        "torch.autocast": autocast,
        "torch.autograd.set_detect_anomaly": plain_context,
        "torch.autograd.detect_anomaly": plain_context, "torch.is_tensor": is_tensor,
        "torch.distributions.kl_divergence": mixing.divergence,
        "torch.distributions.kl.kl_divergence": mixing.divergence,
        "torch.set_default_dtype": set_default_dtype,
        "torch.set_default_tensor_type": set_default_dtype, "torch.nn.functional.dropout": dropout,
        "torch.nn.DataParallel": wrappers.parallel,
        "torch.nn.parallel.DataParallel": wrappers.parallel,
        "torch.nn.parallel.DistributedDataParallel": wrappers.distributed,
        "torch.nn.parallel.distributed.DistributedDataParallel": wrappers.distributed,
        "torch.save": saving.save, "torch.load": saving.load, "io.BytesIO": saving.buffer,
        "torch.compile": wrappers.compiled, "torch.jit.script": wrappers.compiled,
        "torch.jit.trace": wrappers.compiled,
        "torch.func.vmap": transforms.vmap, "torch.vmap": transforms.vmap,
        transforms.MAPPED: transforms.mapped, transforms.DIFFERENTIATED: transforms.differentiated,
        "functorch.vmap": transforms.vmap, "functorch.grad": transforms.grad(value=False),
        "functorch.grad_and_value": transforms.grad(value=True),
        "torch.func.grad": transforms.grad(value=False),
        "torch.func.jacrev": transforms.grad(value=False),
        "torch.func.jacfwd": transforms.forwards,
        "torch.func.grad_and_value": transforms.grad(value=True),
        "torch.func.stack_module_state": stacking.stack_module_state,
        "torch.func.functional_call": functional.functional_call,
        "torch.nn.utils.stateless.functional_call": functional.functional_call,
        "torch.device": device, "torch.cuda.is_available": cuda_available,
        "contextlib.nullcontext": plain_context,
    }  # fmt: skip


Object = Callable[[Machine, Addr, Opaque, "Arguments", ast.AST], Value]
OPAQUE: dict[tuple[str, str], Object] = {
    ("scaler", "scale"): scale,
    ("scaler", "step"): scaler_step,
}
