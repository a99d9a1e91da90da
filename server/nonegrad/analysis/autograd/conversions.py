"""Methods that give a tensor another dtype or device, or the same one back."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nonegrad.analysis.autograd import kinds, moving, operation
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.counters import Counter
from nonegrad.analysis.domain.heap import Tensor
from nonegrad.analysis.domain.truth import NO, YES
from nonegrad.analysis.domain.value_class import replace
from nonegrad.analysis.domain.values import Addr, Value
from nonegrad.analysis.machine import Machine

if TYPE_CHECKING:
    from nonegrad.analysis.autograd.tensor_methods import Handler
    from nonegrad.analysis.python.calls import Arguments


def cast(target: str) -> Handler:
    """float(), double(), long(): the same tensor where it already has the dtype."""

    def run(m: Machine, addr: Addr, tensor: Tensor, given: Arguments, node: ast.AST) -> Value:
        return converted(m, addr, tensor, target, node)

    return run


def converted(
    m: Machine,
    addr: Addr,
    tensor: Tensor,
    target: str | None,
    node: ast.AST,
    *,
    device: bool = False,
    elsewhere: bool = False,
) -> Value:
    """The tensor as another dtype (None: not known which), perhaps on another device; `elsewhere`:
    certainly on another one."""
    same = values.ref(addr)
    if target is not None and tensor.dtype == target and not device:
        return same
    moved = operation.call(
        m, "Tensor.to", [same, values.sym(f"torch.{target or tensor.dtype or 'float32'}")], {}, node
    )
    moved = (moved - same) or moved
    for one, made in m.tensors(moved):
        if one is addr:
            continue
        fresh = copied(m, addr, tensor, made, one, target, node)
        m.s.set(one, fresh)
    certain_copy = target is not None and tensor.dtype is not None and tensor.dtype != target
    if certain_copy or elsewhere:
        return moved if moved != same else same
    if device:
        moving.marked(m, moved, tensor)
    return values.join(same, moved)


def copied(
    m: Machine,
    addr: Addr,
    tensor: Tensor,
    made: Tensor,
    one: Addr,
    target: str | None,
    node: ast.AST,
) -> Tensor:
    """A converted copy: no view, and of the target's dtype."""
    counter = m.new(node, "counter:to", Counter())
    if m.grad_mode is NO:
        made = replace(made, requires_grad=NO, is_leaf=YES, fn=frozenset())
    return replace(
        made,
        dtype=target or (tensor.dtype if target is None else None),
        counter=frozenset({counter}),
        base=frozenset(),
        view="no",
    )


def move(m: Machine, addr: Addr, tensor: Tensor, given: Arguments, node: ast.AST) -> Value:
    """to(...), cuda(), cpu(): the same tensor unless dtype or device change."""
    target: str | None = None
    device = False
    unknown = not given.plain
    copy = values.flag_of(given.kwargs.get("copy"), False) is not NO
    for value in [
        *given.args,
        *(v for k, v in given.kwargs.items() if k in ("dtype", "device", "other")),
    ]:
        atom = values.only(value)
        if isinstance(atom, values.Sym) and kinds.dtype_name(atom.path):
            target = kinds.dtype_name(atom.path)
        elif isinstance(atom, values.Const) and atom.kind in ("bool", "NoneType"):
            pass
        else:
            device = True
            if m.tensors(value):
                unknown = True
    if target is None and not device and not unknown and not copy:
        return values.ref(addr)
    if unknown:
        result = converted(m, addr, tensor, None, node, device=True)
        for one, made in m.tensors(result):
            if one is not addr:
                m.s.set(one, replace(made, dtype=None))
        return result
    elsewhere = device and moving.other_device(m, tensor, given.every())
    dtype = target or tensor.dtype
    return converted(m, addr, tensor, dtype, node, device=device or copy, elsewhere=elsewhere)


def as_type(m: Machine, addr: Addr, tensor: Tensor, given: Arguments, node: ast.AST) -> Value:
    """type() names the type; type(dtype) converts."""
    if not given.args and not given.kwargs:
        return values.scalar("str")
    return move(m, addr, tensor, given, node)


def cuda(m: Machine, addr: Addr, tensor: Tensor, given: Arguments, node: ast.AST) -> Value:
    """cuda() copies, unless the tensor is there already."""
    elsewhere = moving.other_device(m, tensor, [values.const("cuda")])
    return converted(m, addr, tensor, tensor.dtype, node, device=True, elsewhere=elsewhere)
