"""Functions of torch that are more than operators: grad modes, leaves, autograd itself."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from nonegrad.analysis import (
    autograd,
    backward,
    calls,
    escapes,
    factories,
    gradmode,
    inplace,
    kinds,
    leaves,
    mixing,
    reaching,
    tensor_methods,
    values,
)
from nonegrad.analysis.heap import Sequence
from nonegrad.analysis.leaves import Handler
from nonegrad.analysis.machine import Machine, Raised
from nonegrad.analysis.objects import GradSwitch, Opaque
from nonegrad.analysis.provenance import step
from nonegrad.analysis.truth import MAYBE, NO, YES, Truth
from nonegrad.analysis.values import ANY, Addr, Const, Ref, Value

if TYPE_CHECKING:
    from nonegrad.analysis.calls import Arguments


def switch(mode: Truth, text: str, inference: Truth = NO) -> Handler:
    """no_grad(), enable_grad(), inference_mode()."""

    def run(m: Machine, given: Arguments, node: ast.AST) -> Value:
        on, inferring = mode, inference
        argument = given.get(0, "mode")
        if argument is not None and inference is YES:
            inferring = tensor_methods.flag_of(argument, True)
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
    flag = tensor_methods.flag_of(given.get(0, "mode"), True)
    before = m.grad_mode
    text = "set_grad_enabled(False)" if flag is NO else "set_grad_enabled"
    made = GradSwitch(flag, before=before, site=m.site(node), text=text)
    gradmode.switch(m, made)
    return m.make(node, "switch", made)


def is_grad_enabled(m: Machine, given: Arguments, node: ast.AST) -> Value:
    known = m.grad_mode.known
    return values.BOOL if known is None else values.const(known)


def autograd_backward(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """torch.autograd.backward(tensors)"""
    retain = tensor_methods.flag_of(given.get(2, "retain_graph"), False)
    gradient = given.get(1, "grad_tensors")
    for one in kinds.flat(m, given.args[0]) if given.args else []:
        backward.run(m, one, node, gradient=gradient is not None, retain=retain)
    return values.NONE


def autograd_grad(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """torch.autograd.grad(outputs, inputs): gradients as a tuple, `.grad` untouched."""
    outputs = given.get(0, "outputs") or ANY
    inputs = given.get(1, "inputs") or ANY
    create = tensor_methods.flag_of(given.kwargs.get("create_graph"), False)
    retain = tensor_methods.flag_of(given.kwargs.get("retain_graph"), create is YES)
    unused = given.kwargs.get("allow_unused")
    for one in kinds.flat(m, outputs):
        found = m.tensors(one)
        if len(found) != 1 or len(one) != 1:
            continue
        addr, tensor = found[0]
        if tensor.requires_grad is NO:
            m.recorder.no_graph(m, node, addr, tensor)
            raise Raised
        reached = reaching.reach(m, reaching.roots(addr, tensor))
        asked = [a for v in kinds.flat(m, inputs) for a in values.references(v)]
        reached = reaching.towards(m, reached, asked)
        stale = backward.stale_of(m, reached)
        if stale:
            m.recorder.stale(m, node, stale, tensor)
            if tensor.requires_grad is YES and any(s.definite for s in stale):
                raise Raised
        backward.check_freed(m, reached, node, sure=tensor.requires_grad is YES)
        if retain is not YES:
            backward.free(m, reached, retain, node)
    if create is not NO:
        escapes.lost(m, [outputs, inputs])
    atom = values.only(inputs)
    several = isinstance(atom, Ref) and isinstance(m.s.get(atom.addr), Sequence)
    grads: list[Value] = []
    for place, one in enumerate(kinds.flat(m, inputs)):
        made = gradient(m, one, node, place, create)
        grads.append(values.join(made, values.NONE) if unused not in (None, values.FALSE) else made)
    thing = m.at(atom.addr, Sequence) if several and isinstance(atom, Ref) else None
    if thing is not None and thing.rest is not None:
        return m.make(node, "grads", Sequence("tuple", (), values.join_all(grads) or ANY))
    return m.make(node, "grads", Sequence("tuple", tuple(grads)))


def gradient(m: Machine, of: Value, node: ast.AST, place: int, create: Truth) -> Value:
    """A gradient that autograd.grad returns; with create_graph it has a graph we do not follow."""
    if create is not NO:
        return escapes.unknown_tensor(m, node, f"grad{place}")
    found = m.tensors(of)
    dtype = found[0][1].dtype if len(found) == 1 else None
    shape = found[0][1].shape if len(found) == 1 else None
    why = step("grad", m.site(node), m.text(node))
    made = factories.fresh(m, node, label=f"grad{place}", dtype=dtype, shape=shape, why=why)
    for addr, tensor in m.tensors(made):
        m.s.set(addr, replace(tensor, contiguous=MAYBE))
    return made


def clip(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """clip_grad_norm_ and clip_grad_value_ change gradients in place, never parameters."""
    return factories.fresh(m, node, dtype=None)


def initialise(m: Machine, given: Arguments, node: ast.AST, name: str) -> Value:
    """torch.nn.init.*: in place, under no_grad."""
    target = given.get(0, "tensor") or ANY
    for addr, tensor in m.tensors(target):
        inplace.bump(m, addr, tensor, node, sure=len(target) == 1)
    return target


def checkpoint(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """checkpoint(f, *args): runs f; the reentrant form gives a graph only through its inputs."""
    if not given.args:
        return ANY
    reentrant = tensor_methods.flag_of(given.kwargs.get("use_reentrant"), False)
    inner = calls.Arguments(list(given.args[1:]), {}, given.rest)
    result = calls.call(m, given.args[0], inner, node)
    if reentrant is NO and "use_reentrant" in given.kwargs:
        return result
    requires = [t.requires_grad for v in given.args[1:] for _, t in m.tensors(v)]
    if reentrant is YES and requires and all(r is NO for r in requires):
        for addr, tensor in m.tensors(result):
            cut = tensor.requires_grad is YES
            why = step("checkpoint", m.site(node), "checkpoint", (tensor.why,), cut=cut)
            m.put(addr, replace(tensor, requires_grad=NO, is_leaf=YES, fn=frozenset(), why=why))
        return result
    return unnamed(m, result)


def unnamed(m: Machine, value: Value) -> Value:
    """The same tensors, with nothing claimed of their grad_fn."""
    for _, tensor in m.tensors(value):
        for fn in tensor.fn:
            record = m.node(fn)
            if record is not None:
                m.s.set(fn, replace(record, name=None))
    return value


def loader(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """DataLoader over tensors that do not require grad yields batches like them."""
    dataset = given.get(0, "dataset") or ANY
    atom = values.only(dataset)
    thing = m.at(atom.addr, Opaque) if isinstance(atom, Ref) else None
    if thing is not None and thing.cls == "dataset":
        batch: list[Value] = []
        for place, part in enumerate(thing.parts):
            found = m.tensors(part)
            if len(found) == 1 and found[0][1].requires_grad is NO:
                batch.append(
                    factories.fresh(m, node, label=f"batch{place}", dtype=found[0][1].dtype)
                )
            else:
                batch.append(ANY)
        made = m.make(node, "batch", Sequence("list", tuple(batch)))
        return m.make(node, "loader", Opaque("loader", (made,)))
    return m.make(node, "loader", Opaque("loader", (ANY,)))


def dataset(m: Machine, given: Arguments, node: ast.AST) -> Value:
    return m.make(node, "dataset", Opaque("dataset", tuple(given.args)))


def dropout(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """F.dropout: with 0 < p < 1 and in training a product with a mask; else what the table says."""
    path = "torch.nn.functional.dropout"
    share = values.constant(given.get(1, "p") or values.const(0.5))
    training = tensor_methods.flag_of(given.get(2, "training"), True)
    scattered = share is not None and isinstance(share.value, float) and 0.0 < share.value < 1.0
    writes = tensor_methods.flag_of(given.get(3, "inplace"), False)
    if scattered and training is YES and writes is NO and given.args:
        return autograd.call(m, "operator.mul", [given.args[0], values.scalar("float")], {}, node)
    return autograd.call(m, path, given.args, given.kwargs, node) if given.plain else ANY


def scaler(m: Machine, given: Arguments, node: ast.AST) -> Value:
    return m.make(node, "scaler", Opaque("scaler"))


def plain_context(m: Machine, given: Arguments, node: ast.AST) -> Value:
    return m.make(node, "plain", Opaque("plain"))


def autocast(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """autocast changes dtypes and node names; what follows is made less certain by them."""
    enabled = tensor_methods.flag_of(given.kwargs.get("enabled"), True)
    return m.make(node, "autocast", Opaque("plain" if enabled is NO else "autocast"))


def scale(m: Machine, addr: Addr, thing: Opaque, given: Arguments, node: ast.AST) -> Value:
    """GradScaler.scale(loss): a product in the graph, unless scaling is off."""
    value = given.args[0] if given.args else ANY
    return autograd.call(m, "operator.mul", [value, values.scalar("float")], {}, node)


def scaler_step(m: Machine, addr: Addr, thing: Opaque, given: Arguments, node: ast.AST) -> Value:
    """GradScaler.step(optimizer): the step, unless gradients overflowed."""
    from nonegrad.analysis import optimizers

    for one in values.references(given.args[0]) if given.args else ():
        optimizers.step(m, one, node, sure=False)
    return ANY


def is_tensor(m: Machine, given: Arguments, node: ast.AST) -> Value:
    value = given.args[0] if given.args else ANY
    found = len(m.tensors(value))
    if found == len(value):
        return values.TRUE
    return values.FALSE if not found and values.UNKNOWN not in value else values.BOOL


def hessian(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """torch.func and torch.autograd.functional: results we do not follow."""
    return calls.unknown(m, given, node)


def set_default_dtype(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """From here on nothing is said of dtypes that nobody names."""
    m.s.set(factories.DEFAULT_DTYPE, values.TRUE)
    return values.NONE


def cuda_available(m: Machine, given: Arguments, node: ast.AST) -> Value:
    return values.BOOL


HANDLERS: dict[str, Handler] = {
    "torch.no_grad": switch(NO, "no_grad"), "torch.enable_grad": switch(YES, "enable_grad"),
    "torch.inference_mode": switch(NO, "inference_mode", YES),
    "torch.set_grad_enabled": set_grad_enabled, "torch.is_grad_enabled": is_grad_enabled,
    "torch.tensor": factories.from_data, "torch.as_tensor": leaves.as_tensor,
    "torch.asarray": leaves.as_tensor, "torch.Tensor": leaves.legacy(None),
    "torch.FloatTensor": leaves.legacy("float32"), "torch.DoubleTensor": leaves.legacy("float64"),
    "torch.LongTensor": leaves.legacy("int64"), "torch.IntTensor": leaves.legacy("int32"),
    "torch.BoolTensor": leaves.legacy("bool"), "torch.from_numpy": leaves.from_numpy,
    "torch.autograd.Variable": leaves.variable, "torch.nn.Parameter": leaves.parameter,
    "torch.autograd.backward": autograd_backward, "torch.autograd.grad": autograd_grad,
    "torch.nn.utils.clip_grad_norm_": clip, "torch.nn.utils.clip_grad_value_": clip,
    "torch.nn.utils.clip_grad.clip_grad_norm_": clip,
    "torch.utils.checkpoint.checkpoint": checkpoint, "torch.utils.data.DataLoader": loader,
    "torch.utils.data.TensorDataset": dataset, "torch.cuda.amp.GradScaler": scaler,
    "torch.amp.GradScaler": scaler, "torch.cuda.amp.autocast": autocast,
    "torch.amp.autocast": autocast, "torch.autocast": autocast,
    "torch.autograd.set_detect_anomaly": plain_context,
    "torch.autograd.detect_anomaly": plain_context, "torch.is_tensor": is_tensor,
    "torch.distributions.kl_divergence": mixing.divergence,
    "torch.distributions.kl.kl_divergence": mixing.divergence,
    "torch.set_default_dtype": set_default_dtype,
    "torch.set_default_tensor_type": set_default_dtype, "torch.nn.functional.dropout": dropout,
    "torch.cuda.is_available": cuda_available, "contextlib.nullcontext": plain_context,
}  # fmt: skip

Object = Callable[[Machine, Addr, Opaque, "Arguments", ast.AST], Value]
OPAQUE: dict[tuple[str, str], Object] = {
    ("scaler", "scale"): scale,
    ("scaler", "step"): scaler_step,
}
