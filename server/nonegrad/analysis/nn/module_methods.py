"""The methods every module has."""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from nonegrad.analysis.autograd import inplace, kinds, tensors
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.heap import Mapping, Sequence
from nonegrad.analysis.domain.objects import Instance
from nonegrad.analysis.domain.truth import MAYBE, NO, YES, Truth
from nonegrad.analysis.domain.value_class import replace
from nonegrad.analysis.domain.values import ANY, Addr, Value
from nonegrad.analysis.machine import REFILLED, Machine
from nonegrad.analysis.nn import backward_hooks, by_name, module_lists, optimizers, registry
from nonegrad.analysis.python import calls

if TYPE_CHECKING:
    from nonegrad.analysis.python.calls import Arguments

Handler = Callable[[Machine, Addr, Instance, "Arguments", ast.AST], Value]


def parameters(m: Machine, addr: Addr, thing: Instance, given: Arguments, node: ast.AST) -> Value:
    recurse = values.flag_of(given.get(0, "recurse"), True) is not NO
    found = registry.holdings(m, addr, recurse=recurse)
    m.recorder.listed_as(m, found)
    return registry.generator(m, node, [v for _, v in found.parameters], registry.rest_of(found))


def named_parameters(
    m: Machine, addr: Addr, thing: Instance, given: Arguments, node: ast.AST
) -> Value:
    found = registry.holdings(m, addr)
    m.recorder.listed_as(m, found)
    return pairs(m, node, found.parameters, registry.rest_of(found))


def buffers(m: Machine, addr: Addr, thing: Instance, given: Arguments, node: ast.AST) -> Value:
    found = registry.holdings(m, addr)
    rest = ANY if found.open or found.rest_modules is not None else None
    return registry.generator(m, node, [v for _, v in found.buffers], rest)


def named_buffers(
    m: Machine, addr: Addr, thing: Instance, given: Arguments, node: ast.AST
) -> Value:
    found = registry.holdings(m, addr)
    return pairs(m, node, found.buffers, ANY if found.open else None)


def pairs(m: Machine, node: ast.AST, found: list[tuple[str, Value]], rest: Value | None) -> Value:
    """(name, value) tuples."""
    made = [
        m.make(node, f"pair:{name}", Sequence("tuple", (values.const(name), value)))
        for name, value in found
    ]
    more = None
    if rest is not None:
        more = m.make(node, "pair", Sequence("tuple", (values.scalar("str"), rest)))
    return registry.generator(m, node, made, more)


def children(m: Machine, addr: Addr, thing: Instance, given: Arguments, node: ast.AST) -> Value:
    found = [value for name, value in thing.attributes if thing.role(name) == "module"]
    return registry.generator(m, node, found, ANY if thing.open else thing.rest)


def named_children(
    m: Machine, addr: Addr, thing: Instance, given: Arguments, node: ast.AST
) -> Value:
    found = [(name, v) for name, v in thing.attributes if thing.role(name) == "module"]
    return pairs(m, node, found, ANY if thing.open else thing.rest)


def modules(m: Machine, addr: Addr, thing: Instance, given: Arguments, node: ast.AST) -> Value:
    found = registry.holdings(m, addr)
    rest = ANY if found.open else found.rest_modules
    return registry.generator(m, node, [v for _, v in found.modules], rest)


def named_modules(
    m: Machine, addr: Addr, thing: Instance, given: Arguments, node: ast.AST
) -> Value:
    found = registry.holdings(m, addr)
    return pairs(m, node, found.modules, ANY if found.open else found.rest_modules)


def state_dict(m: Machine, addr: Addr, thing: Instance, given: Arguments, node: ast.AST) -> Value:
    """Detached aliases of parameters and buffers."""
    found = registry.holdings(m, addr)
    entries: list[tuple[object, Value]] = []
    text = m.text(node)
    for name, value in [*found.parameters, *found.buffers]:
        seen = m.tensors(value)
        if len(seen) == 1 and len(value) == 1:
            one, tensor = seen[0]
            entries.append((name, tensors.alias(m, one, tensor, node, "detach", text)))
        else:
            entries.append((name, ANY))
    rest = ANY if found.open or found.rest is not None else None
    return m.make(node, "state", Mapping(tuple(entries), rest))


def load_state_dict(
    m: Machine, addr: Addr, thing: Instance, given: Arguments, node: ast.AST
) -> Value:
    """Copies into the parameters under no_grad."""
    found = registry.holdings(m, addr)
    state = values.only(given.get(0, "state_dict") or ANY)
    loaded = m.at(state.addr, Mapping) if isinstance(state, values.Ref) else None
    entries = dict(loaded.entries) if loaded is not None else {}
    for value in found.every_parameter():
        for one, tensor in m.tensors(value):
            m.recorder.set_anew(one)
            inplace.bump(m, one, tensor, node, sure=len(value) == 1)
    for name, value in found.parameters:
        given_here = m.tensors(entries.get(name, frozenset()))
        for one, tensor in m.tensors(value):
            why = tensors.poured(m, tensor, given_here, node)
            if why is not tensor.why:
                m.change(value, one, replace(tensor, why=why))
    return ANY


def train(m: Machine, addr: Addr, thing: Instance, given: Arguments, node: ast.AST) -> Value:
    set_mode(m, addr, values.flag_of(given.get(0, "mode"), True))
    return values.ref(addr)


def evaluate(m: Machine, addr: Addr, thing: Instance, given: Arguments, node: ast.AST) -> Value:
    set_mode(m, addr, NO)
    return values.ref(addr)


def set_mode(m: Machine, addr: Addr, mode: Truth) -> None:
    """Training or evaluation, for the module and all below it."""
    found = registry.holdings(m, addr)
    for _, value in found.modules:
        for one in values.references(value):
            thing = m.at(one, Instance)
            if thing is not None:
                m.change(value, one, replace(thing, training=mode))
    for one in values.references(found.rest_modules or frozenset()):
        thing = m.at(one, Instance)
        if thing is not None:
            m.s.set(one, replace(thing, training=mode if not one.summary else MAYBE))


def requires_grad_(
    m: Machine, addr: Addr, thing: Instance, given: Arguments, node: ast.AST
) -> Value:
    switch = values.flag_of(given.get(0, "requires_grad"), True)
    for value in registry.holdings(m, addr).every_parameter():
        for one, _ in m.tensors(value):
            tensors.set_requires_grad(m, value, one, switch, node)
    return values.ref(addr)


def zero_grad(m: Machine, addr: Addr, thing: Instance, given: Arguments, node: ast.AST) -> Value:
    to_none = values.flag_of(given.get(0, "set_to_none"), True)
    for value in registry.holdings(m, addr).every_parameter():
        m.recorder.cleared.update(values.references(value))
        optimizers.clear(m, value, to_none, node)
    return values.NONE


def same(m: Machine, addr: Addr, thing: Instance, given: Arguments, node: ast.AST) -> Value:
    """to, cuda, cpu, ...: moves in place, parameters stay the objects they are."""
    dtype = None
    for value in given.every():
        named = kinds.plain(m, value)
        atom = values.only(value)
        if isinstance(atom, values.Sym) and isinstance(named, str):
            dtype = named
    if dtype is not None:
        set_dtype(m, addr, dtype)
    return values.ref(addr)


def cast(dtype: str) -> Handler:
    """double(), float(), half() of a module."""

    def run(m: Machine, addr: Addr, thing: Instance, given: Arguments, node: ast.AST) -> Value:
        set_dtype(m, addr, dtype)
        return values.ref(addr)

    return run


def set_dtype(m: Machine, addr: Addr, dtype: str) -> None:
    for value in registry.holdings(m, addr).every_parameter():
        for one, tensor in m.tensors(value):
            if tensor.differentiable is YES:
                if dtype != tensor.dtype:
                    m.gather(REFILLED, [one])
                m.change(value, one, replace(tensor, dtype=dtype))


def apply(m: Machine, addr: Addr, thing: Instance, given: Arguments, node: ast.AST) -> Value:
    """module.apply(f): f on every submodule, then on itself."""
    found = registry.holdings(m, addr)
    context = m.ctx
    for place, (_, value) in enumerate(reversed(found.modules)):
        m.ctx = context.child((id(node), "apply", place))
        if given.args:
            calls.call(m, given.args[0], calls.Arguments([value]), node)
    if found.rest_modules is not None and given.args:
        rest = found.rest_modules
        m.ctx = context.child((id(node), "apply"))
        m.perhaps(lambda: calls.call(m, given.args[0], calls.Arguments([rest]), node))
    m.ctx = context
    return values.ref(addr)


def register_buffer(
    m: Machine, addr: Addr, thing: Instance, given: Arguments, node: ast.AST
) -> Value:
    name = values.string(given.get(0, "name") or ANY)
    value = given.get(1, "tensor")
    if name is not None and value is not None:
        registry.register(m, addr, name, value, "buffer")
        m.recorder.registered(m, name, value)
        m.recorder.keeps(m, node, name, value)
    return values.NONE


def register_parameter(
    m: Machine, addr: Addr, thing: Instance, given: Arguments, node: ast.AST
) -> Value:
    name = values.string(given.get(0, "name") or ANY)
    value = given.get(1, "param")
    if name is not None and value is not None:
        registry.register(m, addr, name, value, "parameter")
        m.recorder.registered(m, name, value)
    elif value is not None:
        registry.add_rest(m, addr, value)
    return values.NONE


def add_module(m: Machine, addr: Addr, thing: Instance, given: Arguments, node: ast.AST) -> Value:
    name = values.string(given.get(0, "name") or ANY)
    value = given.get(1, "module")
    if value is not None and name is not None:
        registry.register(m, addr, name, value, "module")
    elif value is not None:
        registry.add_rest(m, addr, value)
    return values.NONE


def forward_hook(m: Machine, addr: Addr, thing: Instance, given: Arguments, node: ast.AST) -> Value:
    """Kept on the module, and run at every call."""
    hook = given.get(0, "hook")
    if hook is None:
        return ANY
    before = thing.get("(forward hooks)")
    known = registry.items(m, before) if before is not None else ()
    made = m.make(node, "hooks", Sequence("list", (*known, hook)))
    m.put(addr, thing.with_attribute("(forward hooks)", made))
    return ANY


def other_hook(m: Machine, addr: Addr, thing: Instance, given: Arguments, node: ast.AST) -> Value:
    """Backward hooks and forward pre-hooks: what they may touch is handed out."""
    return calls.unknown(m, given, node)


@cache
def handlers() -> dict[str, Handler]:
    """What runs each method, by its name; made when first asked for."""
    return {
        "parameters": parameters, "named_parameters": named_parameters, "buffers": buffers,
        "named_buffers": named_buffers, "children": children, "named_children": named_children,
        "modules": modules, "named_modules": named_modules, "state_dict": state_dict,
        "load_state_dict": load_state_dict, "train": train, "eval": evaluate,
        "requires_grad_": requires_grad_, "zero_grad": zero_grad, "to": same, "cuda": same,
        "cpu": same,
        "share_memory": same, "double": cast("float64"), "float": cast("float32"),
        "half": cast("float16"), "bfloat16": cast("bfloat16"), "apply": apply,
        "register_buffer": register_buffer, "register_parameter": register_parameter,
        "add_module": add_module, "register_module": add_module,
        "register_forward_hook": forward_hook,
        "register_forward_pre_hook": other_hook, "register_backward_hook": other_hook,
        "register_full_backward_hook": backward_hooks.register,
        "register_full_backward_pre_hook": backward_hooks.register, "append": module_lists.append,
        "extend": module_lists.extend, "items": module_lists.items, "keys": module_lists.keys,
        "values": module_lists.values_of, "__len__": module_lists.length,
        "insert": module_lists.insert,
        "update": module_lists.update, "setdefault": module_lists.setdefault,
        "pop": module_lists.take_out, "popitem": module_lists.take_out,
        "clear": module_lists.take_out, "get_submodule": by_name.get_submodule,
        "get_parameter": by_name.get_parameter, "get_buffer": by_name.get_buffer,
    }  # fmt: skip
