"""Methods that give a tensor another dtype or device, or the same one back."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from nonegrad.analysis.autograd import kinds, moving, operation
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.counters import Counter
from nonegrad.analysis.domain.heap import Tensor
from nonegrad.analysis.domain.objects import Opaque
from nonegrad.analysis.domain.provenance import step
from nonegrad.analysis.domain.truth import MAYBE, NO, YES
from nonegrad.analysis.domain.value_class import replace, value_class
from nonegrad.analysis.domain.values import Addr, Atom, Value
from nonegrad.analysis.machine import Machine

if TYPE_CHECKING:
    from nonegrad.analysis.autograd.tensor_methods import Handler
    from nonegrad.analysis.python.calls import Arguments


LEGACY = {
    "Float": "float32", "Double": "float64", "Half": "float16", "BFloat16": "bfloat16",
    "Long": "int64", "Int": "int32", "Short": "int16", "Char": "int8", "Byte": "uint8",
    "Bool": "bool",
}  # fmt: skip
"""What torch called its dtypes first: `torch.DoubleTensor`, `torch.cuda.LongTensor`."""
DEVICE = re.compile(r"dev|cuda|gpu|cpu|rank", re.IGNORECASE)
"""What an expression is called that gives a device, where nothing else is known of it."""


@value_class
class Target:
    """What a conversion asks for. `known`: whether all of it is, so that the dtype stays where no
    other is named; `device`: whether it may move the tensor."""

    dtype: str | None = None
    device: bool = False
    known: bool = True

    def join(self, other: Target) -> Target:
        same = self.dtype == other.dtype
        known = self.known and other.known and same
        return Target(self.dtype if same else None, self.device or other.device, known)

    @property
    def integral(self) -> bool:
        """Whether it certainly is a dtype that cannot require grad."""
        return self.dtype is not None and Tensor(dtype=self.dtype).differentiable is NO

    def then(self, other: Target) -> Target:
        """What two arguments ask for together."""
        dtype = self.dtype or other.dtype
        return Target(dtype, self.device or other.device, self.known and other.known)


def cast(dtype: str) -> Handler:
    """float(), double(), long(): the same tensor where it already has the dtype."""

    def run(m: Machine, addr: Addr, tensor: Tensor, given: Arguments, node: ast.AST) -> Value:
        return converted(m, addr, tensor, Target(dtype), node)

    return run


def converted(
    m: Machine,
    addr: Addr,
    tensor: Tensor,
    target: Target,
    node: ast.AST,
    *,
    copy: bool = False,
    elsewhere: bool = False,
) -> Value:
    """The tensor as the target says; `elsewhere`: it certainly is on another device."""
    same = values.ref(addr)
    away = target.device or copy
    if target.dtype is not None and tensor.dtype == target.dtype and not away:
        return same
    to = values.sym(f"torch.{target.dtype or tensor.dtype or 'float32'}")
    moved = operation.call(m, "Tensor.to", [same, to], {}, node)
    moved = (moved - same) or moved
    for one, made in m.tensors(moved):
        if one is not addr:
            m.s.set(one, copied(m, addr, tensor, made, target, node))
    differs = target.dtype is not None and tensor.dtype not in (None, target.dtype)
    # What requires grad is no integer, so becoming one makes a copy.
    if differs or elsewhere or (target.integral and tensor.requires_grad is YES):
        return moved
    if away:
        moving.marked(m, moved, tensor)
    return values.join(same, moved)


def copied(
    m: Machine, addr: Addr, tensor: Tensor, made: Tensor, target: Target, node: ast.AST
) -> Tensor:
    """A converted copy: no view, and of the target's dtype. Integers are in no graph."""
    counter = m.new(node, "counter:to", Counter())
    if m.grad_mode is NO or target.integral:
        made = replace(made, requires_grad=NO, is_leaf=YES, fn=frozenset())
    elif target.dtype is None and not target.known and made.requires_grad is YES:
        # It may be converted to integers.
        made = replace(made, requires_grad=MAYBE, is_leaf=MAYBE)
    if target.integral and m.grad_mode is not NO and tensor.requires_grad is not NO:
        cut = tensor.requires_grad is YES and m.grad_mode is YES
        place = m.site(node), m.text(node)
        why = step("not_differentiable", *place, (tensor.why,), cut=cut, held="to")
        m.recorder.cut_off(m, why, [(addr, tensor)])
        made = replace(made, why=why)
    dtype = target.dtype or (tensor.dtype if target.known else None)
    return replace(made, dtype=dtype, counter=frozenset({counter}), base=frozenset(), view="no")


def asked(m: Machine, given: Arguments, node: ast.AST) -> Target:
    """What the arguments of to() and type() ask for."""
    target = Target(known=given.plain)
    written = node.args if isinstance(node, ast.Call) else []
    for place, value in enumerate(given.args):
        text = m.text(written[place]) if len(written) == len(given.args) else ""
        target = target.then(asked_by(m, value, named=bool(DEVICE.search(text))))
    for key in ("dtype", "device", "other"):
        if key in given.kwargs:
            target = target.then(asked_by(m, given.kwargs[key], named=key == "device"))
    return target


def asked_by(m: Machine, value: Value, *, named: bool) -> Target:
    """What one argument asks for; `named`: what it is called says that it is a device."""
    result: Target | None = None
    for atom in value:
        one = of_atom(m, atom, named=named)
        result = one if result is None else result.join(one)
    return result or Target(device=True, known=False)


def of_atom(m: Machine, atom: Atom, *, named: bool) -> Target:
    match atom:
        case values.Sym(path=path):
            dtype = kinds.dtype_name(path) or legacy(path)
            # What is left are memory formats.
            return Target(dtype, device=dtype is None or "cuda" in path)
        case values.Const(value=str(name)) if legacy(name):
            return Target(legacy(name), device="cuda" in name)
        case values.Const(kind="bool" | "NoneType"):
            return Target()
        case values.Const() | values.Scalar():
            return Target(device=True)
        case values.Ref(addr=addr):
            thing = m.s.get(addr)
            if isinstance(thing, Tensor):
                return Target(thing.dtype, device=True, known=thing.dtype is not None)
            return Target(device=True, known=isinstance(thing, Opaque) and thing.cls == "device")
        case _:
            return Target(device=True, known=named)


def legacy(path: str) -> str | None:
    """The dtype of `torch.FloatTensor` and its kin."""
    package, _, name = path.rpartition(".")
    if package not in ("torch", "torch.cuda") or not name.endswith("Tensor"):
        return None
    return LEGACY.get(name.removesuffix("Tensor"))


def move(m: Machine, addr: Addr, tensor: Tensor, given: Arguments, node: ast.AST) -> Value:
    """to(...), cpu(): the same tensor unless dtype or device change."""
    return to(m, addr, tensor, given, asked(m, given, node), node)


def to(
    m: Machine, addr: Addr, tensor: Tensor, given: Arguments, target: Target, node: ast.AST
) -> Value:
    """The tensor as the target says, or as a copy that the arguments ask for anyway."""
    copy = values.flag_of(given.kwargs.get("copy"), False) is not NO
    if target == Target() and not copy:
        return values.ref(addr)
    elsewhere = target.device and moving.other_device(m, tensor, given.every())
    return converted(m, addr, tensor, target, node, copy=copy, elsewhere=elsewhere)


def as_type(m: Machine, addr: Addr, tensor: Tensor, given: Arguments, node: ast.AST) -> Value:
    """type() names the type; type(dtype) converts."""
    if not given.args and not given.kwargs:
        return values.scalar("str")
    target = asked(m, given, node)
    return to(m, addr, tensor, given, replace(target, known=target.dtype is not None), node)


def cuda(m: Machine, addr: Addr, tensor: Tensor, given: Arguments, node: ast.AST) -> Value:
    """cuda() copies, unless the tensor is there already."""
    elsewhere = moving.other_device(m, tensor, [values.const("cuda")])
    return converted(m, addr, tensor, Target(device=True), node, elsewhere=elsewhere)
