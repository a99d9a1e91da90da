"""Leaves made from what is there: nn.Parameter, Variable, as_tensor, from_numpy, torch.Tensor."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING

from nonegrad.analysis.autograd import factories, kinds, tensors
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.objects import Array
from nonegrad.analysis.domain.provenance import Why, step
from nonegrad.analysis.domain.truth import NO, YES, Truth
from nonegrad.analysis.domain.value_class import replace
from nonegrad.analysis.domain.values import ANY, Ref, Value
from nonegrad.analysis.machine import Machine, Raised

if TYPE_CHECKING:
    from nonegrad.analysis.python.calls import Arguments


Handler = Callable[[Machine, "Arguments", ast.AST], Value]


def legacy(dtype: str | None) -> Handler:
    """torch.Tensor(...), torch.FloatTensor(...): sizes or data, never with requires_grad."""

    def run(m: Machine, given: Arguments, node: ast.AST) -> Value:
        found = m.tensors(given.args[0]) if given.args else []
        if found:
            addr, tensor = found[0]
            return tensors.alias(m, addr, tensor, node, "detach")
        named = kinds.default_dtype(m) if dtype is None else dtype
        numbers = bool(given.args) and kinds.kind_of(m, given.args[0]) is kinds.Kind.INT
        shape = factories.shape_of(m, "empty", given) if numbers else None
        if not numbers and given.args and any(factories.stories(m, given.args[0])):
            return factories.copied(m, given.args[0], node, NO, named, shape)
        return factories.fresh(m, node, dtype=named, shape=shape)

    return run


def as_tensor(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """A tensor as it is, other data copied or shared, outside any graph."""
    data = given.get(0, "data") or ANY
    found = m.tensors(data)
    if found and len(found) == len(data) and not {"dtype", "device"} & given.kwargs.keys():
        return data
    return ANY if found else factories.from_data(m, given, node)


def from_numpy(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """Shares the array's memory, outside any graph."""
    data = given.args[0] if given.args else ANY
    atom = values.only(data)
    array = m.at(atom.addr, Array) if isinstance(atom, Ref) else None
    whys = (array.why,) if array is not None and isinstance(array.why, Why) else ()
    why = step("retensored" if whys else "created", m.site(node), m.text(node), whys)
    return factories.fresh(m, node, dtype=array.dtype if array else None, why=why)


def variable(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """Variable(t, requires_grad=...): an alias of t outside its graph when the flag is given."""
    data = given.get(0, "data") or ANY
    if "requires_grad" not in given.kwargs and len(given.args) < 2:
        return m.each(data, lambda atom: alias_of(m, frozenset({atom}), NO, node))
    flag = values.flag_of(given.get(1, "requires_grad"), False)
    return m.each(data, lambda atom: alias_of(m, frozenset({atom}), flag, node))


def alias_of(m: Machine, data: Value, flag: Truth, node: ast.AST) -> Value:
    found = m.tensors(data)
    if not found:
        return ANY
    addr, tensor = found[0]
    if flag is NO and tensor.requires_grad is not NO:
        return data if tensor.is_leaf is not YES else ANY
    made = tensors.alias(m, addr, tensor, node, "data")
    for one, _ in m.tensors(made):
        tensors.set_requires_grad(m, made, one, flag, node)
    return made


def parameter(m: Machine, given: Arguments, node: ast.AST) -> Value:
    """nn.Parameter(t): a new leaf over the data of t, which requires grad."""
    data = given.get(0, "data")
    flag = values.flag_of(given.get(1, "requires_grad"), True)
    if data is None:
        return factories.fresh(m, node, requires_grad=flag, is_parameter=YES, shape=(0,))

    def one(atom: values.Atom) -> Value:
        value = frozenset({atom})
        found = m.tensors(value)
        if not found:
            made = factories.fresh(m, node, requires_grad=flag, is_parameter=YES, dtype=None)
            return made if isinstance(atom, values.Unknown) else ANY
        addr, tensor = found[0]
        if flag is YES and tensor.differentiable is NO:
            m.recorder.integer_requires_grad(m, node, addr, tensor)
            raise Raised
        cut = tensor.requires_grad is YES and tensor.is_leaf is NO
        kind = "retensored" if cut else "created"
        why = step(kind, m.site(node), m.text(node), (tensor.why,), cut=cut)
        m.recorder.cut_off(m, why, [(addr, tensor)] if cut else [])
        made = replace(
            tensor,
            requires_grad=flag,
            is_leaf=YES,
            retains_grad=NO,
            fn=frozenset(),
            base=frozenset(),
            view="no",
            views=frozenset(),
            grad=values.NONE,
            is_parameter=YES,
            why=why,
        )
        result = m.make(node, "parameter", made)
        own = tensor.why is None or tensor.why.kind != "detached"
        if flag is YES and own and tensor.is_parameter is not YES:
            for place in values.references(result):
                m.recorder.explicit[place] = m.site(node)
        return result

    return m.each(data, one)
