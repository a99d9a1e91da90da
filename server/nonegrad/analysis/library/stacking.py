"""torch.func.stack_module_state: the parameters of an ensemble as new leaves."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nonegrad.analysis.autograd import factories
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.heap import Mapping, Sequence, Tensor
from nonegrad.analysis.domain.truth import join as join_truth
from nonegrad.analysis.domain.values import ANY, Addr, Ref, Value
from nonegrad.analysis.machine import Machine
from nonegrad.analysis.nn import registry
from nonegrad.analysis.python import calls

if TYPE_CHECKING:
    from nonegrad.analysis.python.calls import Arguments


def stack_module_state(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """(parameters, buffers) of several modules, stacked: new leaves, which the modules do not
    know."""
    source = given.get(0, "models")
    atom = values.only(source) if source is not None else None
    models = m.at(atom.addr, Sequence) if isinstance(atom, Ref) else None
    if models is None:
        return calls.unknown(m, given, node)
    several = [*models.items, *([] if models.rest is None else [models.rest])]
    found = [registry.holdings(m, one) for v in several for one in values.references(v)]
    if not found or any(one.open or one.rest is not None for one in found):
        return ANY
    count = len(models.items) if models.rest is None else None
    parts: list[Value] = []
    for kind in ("parameters", "buffers"):
        entries: list[tuple[object, Value]] = []
        rows = [getattr(one, kind) for one in found]
        for place, (name, _) in enumerate(rows[0]):
            same = [row[place][1] for row in rows if place < len(row) and row[place][0] == name]
            tensors = [pair for one in same for pair in m.tensors(one)]
            if len(same) != len(rows) or not tensors:
                return ANY
            entries.append((name, stacked(m, name, tensors, count, node)))
        parts.append(m.make(node, f"stacked:{kind}", Mapping(tuple(entries))))
    return m.make(node, "stacked", Sequence("tuple", tuple(parts)))


def stacked(
    m: Machine,
    name: str,
    tensors: list[tuple[Addr, Tensor]],
    count: int | None,
    node: ast.AST,
) -> Value:
    """One new leaf, which requires grad as all of them do."""
    requires, shape = tensors[0][1].requires_grad, tensors[0][1].shape
    dtype = tensors[0][1].dtype
    for _, one in tensors[1:]:
        requires = join_truth(requires, one.requires_grad)
        shape = shape if shape == one.shape else None
        dtype = dtype if dtype == one.dtype else None
    made = factories.fresh(
        m,
        node,
        label=f"stacked:{name}",
        requires_grad=requires,
        dtype=dtype,
        shape=None if shape is None else (count, *shape),
    )
    for addr in values.references(made):
        m.recorder.parameter_names.setdefault(addr, name)
        m.recorder.copies[addr] = tensors[0][0]
    return made
