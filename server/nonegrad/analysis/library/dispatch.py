"""Calls into libraries: torch by its table and by the special cases, Python's own functions, and
everything else by whether it is known to leave tensors alone."""

from __future__ import annotations

import ast
from functools import cache
from typing import TYPE_CHECKING

from nonegrad.analysis import escapes
from nonegrad.analysis.autograd import factories, inplace, operation, tensor_methods
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.heap import Sequence, Tensor
from nonegrad.analysis.domain.objects import Opaque
from nonegrad.analysis.domain.value_class import replace
from nonegrad.analysis.domain.values import ANY, Addr, Value
from nonegrad.analysis.library import arrays, mixing, pythonlib, special
from nonegrad.analysis.machine import Machine
from nonegrad.analysis.nn import backward_hooks, modules, optimizers, wrappers
from nonegrad.analysis.python import calls, generators, iteration
from nonegrad.ops import exists

if TYPE_CHECKING:
    from nonegrad.analysis.python.calls import Arguments

HARMLESS = frozenset(
    """math random os sys time json re pathlib argparse logging warnings datetime pickle csv glob
    string typing dataclasses enum abc matplotlib numpy scipy sklearn pandas wandb tensorboard
    tensorboardX inspect io statistics heapq bisect traceback gc platform types operator shutil
    tempfile unittest pytest hashlib torchvision PIL yaml subprocess""".split()
)
"""Libraries that do not change the tensors they are given."""

TORCH_HARMLESS = frozenset(
    """torch.manual_seed torch.cuda torch.backends torch.set_num_threads torch.save torch.random
    torch.set_default_dtype torch.set_printoptions torch.get_default_dtype torch.initial_seed
    torch.seed torch.is_tensor torch.use_deterministic_algorithms torch.autograd.profiler
    torch.profiler torch.version torch.device torch.Size torch.finfo torch.iinfo torch.Generator
    torch.utils.tensorboard torch.mps torch.get_rng_state torch.set_rng_state
    torch.autograd.set_detect_anomaly torch.autograd.detect_anomaly torch.numel torch.equal
    torch.allclose torch.is_floating_point torch.is_complex torch.testing torch.jit torch._C
    torch.set_float32_matmul_precision torch.compiler torch.__version__""".split()
)


def call(m: Machine, path: str, given: Arguments, node: ast.AST) -> Value:
    """PATH(ARGUMENTS) for the full name of a library function or class."""
    handler = special.handlers().get(path) or pythonlib.handlers().get(path)
    if handler is not None:
        return handler(m, given, node)
    top = path.partition(".")[0]
    if top == "torch":
        return call_torch(m, path, given, node)
    if top == "numpy":
        return arrays.call(m, path, given, node)
    if top in HARMLESS or "." not in path:
        return pythonlib.plain(m, path, given, node)
    return calls.unknown(m, given, node)


def call_torch(m: Machine, path: str, given: Arguments, node: ast.AST) -> Value:
    """torch.*: modules, optimizers, factories, operators."""
    if path.startswith("torch.Tensor.") and given.args:
        name = path.rpartition(".")[2]
        return m.each(
            given.args[0],
            lambda atom: calls.call(
                m,
                frozenset({values.Bound(atom, name)}),
                calls.replace_args(given, given.args[1:]),
                node,
            ),
        )
    name = path.rpartition(".")[2]
    if name == "from_pretrained" and path.startswith("torch.nn.Embedding"):
        return modules.from_pretrained(m, path, given, node)
    if path.startswith("torch.nn.") and path.count(".") == 2 and name[:1].isupper():
        return modules.make_layer(m, path, given, node)
    if path.startswith("torch.optim.") and name[:1].isupper():
        if "lr_scheduler" in path or "swa_utils" in path:
            return m.make(node, "scheduler", Opaque("scheduler", tuple(given.every())))
        return optimizers.make_optimizer(m, path, given, node)
    if path.startswith("torch.distributions.") and name[:1].isupper():
        return mixing.distribution(m, path, given, node)
    if path.startswith("torch.nn.init."):
        return special.initialise(m, given, node, name)
    if leaves_alone(path):
        return pythonlib.plain(m, path, given, node)
    if not given.plain:
        return escapes.lost(m, given.every())
    if m.tensors(given.kwargs.get("out", values.NONE)):
        return written_out(m, given, node)
    op = operation.lookup(m, path, given.args, given.kwargs)
    if op is None:
        if not exists(path):
            return calls.unknown(m, given, node)
        return escapes.lost(m, given.every())
    if op.factory or op.accepts_requires_grad:
        return factories.make(m, op, path, given, node)
    return operation.apply(m, op, operation.kinds.bind(op, given.args, given.kwargs), node, path)


@cache
def leaves_alone(path: str) -> bool:
    """Whether a function of torch does not change the tensors it is given."""
    return any(path == known or path.startswith(known + ".") for known in TORCH_HARMLESS)


def written_out(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """f(..., out=t): a write to t of numbers that are not known, and in no graph: torch refuses it
    where there would have to be one."""
    out = given.kwargs["out"]
    for addr, tensor in m.tensors(out):
        # It takes the size of what is written.
        m.change(out, addr, replace(tensor, shape=None))
    written = operation.call(m, "Tensor.fill_", [out, values.scalar("float")], {}, node)
    return out if written == out else escapes.lost(m, given.every())


def tensor_method(
    m: Machine, addr: Addr, tensor: Tensor, name: str, given: Arguments, node: ast.AST
) -> Value:
    """TENSOR.name(ARGUMENTS)"""
    handler = tensor_methods.handlers().get(name)
    if handler is not None:
        return handler(m, addr, tensor, given, node)
    receiver = values.ref(addr)
    if not given.plain:
        return escapes.lost(m, [receiver, *given.every()])
    path = f"Tensor.{name}"
    op = operation.lookup(m, path, [receiver, *given.args], given.kwargs)
    if op is None:
        if name.endswith("_") and not name.startswith("_"):
            inplace.forget(m, addr)
            return receiver
        with_self = calls.replace_args(given, [receiver, *given.args])
        if exists(path):
            return escapes.lost(m, with_self.every())
        return calls.unknown(m, with_self, node)
    bound = operation.kinds.bind(op, [receiver, *given.args], given.kwargs)
    if op.factory or op.accepts_requires_grad:
        return factories.make(m, op, path, given, node)
    return operation.apply(m, op, bound, node, path)


def joint_backward(m: Machine, subject: Value, given: Arguments, node: ast.AST) -> Value:
    """TENSOR.backward(ARGUMENTS) of whichever of several tensors it is."""
    return tensor_methods.backward_of(m, subject, given, node)


def call_opaque(m: Machine, addr: Addr, thing: Opaque, given: Arguments, node: ast.AST) -> Value:
    """Calling an object of a library."""
    if thing.cls == "transparent":
        return given.args[0] if given.args else ANY
    if thing.cls == "super":
        return ANY
    return calls.unknown(m, given, node)


def opaque_method(
    m: Machine, addr: Addr, thing: Opaque, name: str, given: Arguments, node: ast.AST
) -> Value:
    """A method of an object of a library."""
    if mixing.is_distribution(thing):
        return mixing.distribution_method(m, addr, thing, name, given, node)
    if thing.cls == arrays.GENERATOR:
        return arrays.drawn(m, name, given, node)
    if thing.cls == backward_hooks.HANDLE and name == "remove":
        return backward_hooks.remove(m, addr, thing, given, node)
    handler = special.OPAQUE.get((thing.cls, name))
    if handler is not None:
        return handler(m, addr, thing, given, node)
    if thing.cls in ("scheduler", "plain", "loader", "scaler"):
        return ANY
    return calls.unknown(m, given, node)


def next_of(m: Machine, iterator: Value, node: ast.AST) -> Value:
    """next(iterator)"""
    atom = values.only(iterator)
    thing = m.at(atom.addr, Sequence) if isinstance(atom, values.Ref) else None
    if thing is not None and isinstance(atom, values.Ref):
        generators.advanced(m, thing)
        if thing.items:
            m.put(atom.addr, replace(thing, items=thing.items[1:]))
            return thing.items[0]
        return thing.rest if thing.rest is not None else ANY
    found = iteration.steps(m, iterator, node)
    other = () if found.rest is None else (found.one(),)
    return values.join_all((*found.known, *other)) or ANY


@cache
def bases(path: str) -> frozenset[str]:
    """The classes above a library's class that isinstance may be asked about."""
    name = path.rpartition(".")[2]
    if path in wrappers.HELD:
        return frozenset({"torch.nn.Module"})
    if path.startswith("torch.nn.") and path.count(".") == 2 and name[:1].isupper():
        above = {"torch.nn.Module"}
        if name in ("Sequential", "ModuleList", "ModuleDict"):
            above.add(f"torch.nn.{name}")
        if name.startswith(("Conv", "LazyConv")):
            above.add("torch.nn.modules.conv._ConvNd")
        return frozenset(above)
    if path.startswith(("lightning.", "pytorch_lightning.")) and name == "LightningModule":
        return frozenset({"torch.nn.Module"})
    return frozenset()


__all__ = ["call", "call_opaque", "next_of", "opaque_method", "tensor_method"]
