"""nn.Module: what is registered, calling it, and the methods every module has."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nonegrad.analysis import escapes
from nonegrad.analysis.autograd import factories, moving
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.heap import Sequence
from nonegrad.analysis.domain.objects import Instance
from nonegrad.analysis.domain.truth import NO, YES, negate
from nonegrad.analysis.domain.value_class import replace
from nonegrad.analysis.domain.values import ANY, Addr, Bound, Ref, Sym, Value
from nonegrad.analysis.machine import Machine, Raised
from nonegrad.analysis.nn import (
    backward_hooks,
    layers,
    members,
    module_methods,
    registers,
    registry,
    wrappers,
)
from nonegrad.analysis.python import attributes, calls, classes
from nonegrad.ops import layer

if TYPE_CHECKING:
    from nonegrad.analysis.python.calls import Arguments


def make_layer(m: Machine, path: str, given: Arguments, node: ast.AST) -> Value:
    """torch.nn.Linear(...): a module that torch defines. What a lazy one finds out at its first
    call is a size."""
    base = path.replace(".Lazy", ".")
    row = layer(base.rpartition(".")[2]) if base != path else None
    if row is not None and row.init[:1] in (("in_features",), ("in_channels",), ("num_features",)):
        path, given = base, calls.replace_args(given, [values.scalar("int"), *given.args])
    addr = m.new(node, "module", Instance(Sym(path), is_module=True, site=m.site(node)))
    init_layer(m, addr, path, given, node)
    m.recorder.layer_made(m, addr, path.rpartition(".")[2], node)
    return values.ref(addr)


def from_pretrained(m: Machine, path: str, given: Arguments, node: ast.AST) -> Value:
    """torch.nn.Embedding.from_pretrained(t): the layer over a given weight, frozen unless asked."""
    frozen = values.flag_of(given.get(1, "freeze"), True)
    data = m.tensors(given.get(0, "embeddings") or ANY)
    like = data[0][1] if len(data) == 1 else None
    weight = factories.fresh(
        m,
        node,
        label="parameter:weight",
        requires_grad=negate(frozen),
        is_parameter=YES,
        dtype=like.dtype if like is not None else None,
        shape=like.shape if like is not None else None,
    )
    for one in values.references(weight):
        m.recorder.parameter_names.setdefault(one, "weight")
    layer = Instance(Sym(path.rpartition(".")[0]), is_module=True, site=m.site(node))
    return m.make(node, "module", layer.with_attribute("weight", weight, "parameter"))


def init_layer(m: Machine, addr: Addr, path: str, given: Arguments, node: ast.AST) -> None:
    """The `__init__` of a module class that torch defines."""
    name = path.rpartition(".")[2]
    instance = m.at(addr, Instance)
    if instance is None:
        return
    if not instance.is_module:
        m.put(addr, replace(instance, is_module=True))
    if name == "Module":
        return
    if name in members.CONTAINERS:
        members.fill(m, addr, name, given, node)
        return
    if name in wrappers.NAMES:
        wrappers.fill(m, addr, wrappers.NAMES[name], given)
        return
    layers.init(m, addr, name, given, node)


def attribute(m: Machine, addr: Addr, thing: Instance, name: str, node: ast.AST) -> Value:
    """module.name, where neither the instance nor its class has it."""
    if name == "training":
        known = thing.training.known
        return values.BOOL if known is None else values.const(known)
    if name in registers.ROLES:
        return m.make(node, name, registers.entries(addr, thing, name))
    if name in module_methods.handlers() or name in ("forward", "__call__"):
        return frozenset({Bound(Ref(addr), name)})
    if any(name in row.init for row in layers.rows_of(m, thing)):
        # An argument of the layer that was not given: its default.
        return ANY
    below = [value for key, value in thing.attributes if key.startswith(f"{name}.")]
    if below:
        # A submodule that is known by its parameters only.
        for value in below:
            escapes.escape(m, value)
        return ANY
    inner = wrappers.inside(thing)
    if inner is not None:
        return attributes.get(m, inner, name, node)
    return ANY if thing.open or thing.rest is not None else frozenset({Bound(Ref(addr), name)})


def put_attribute(
    m: Machine, owner: Value, addr: Addr, thing: Instance, name: str, value: Value, node: ast.AST
) -> None:
    """module.name = value: parameters and modules are registered, everything else is not."""
    inner = wrappers.inside(thing)
    if inner is not None:
        attributes.put(m, inner, name, value, node)
        return
    role = registry.role_of(m, value)
    before = thing.role(name)
    if before == "parameter" and role == "plain":
        found = m.tensors(value)
        accepted = [one for one, tensor in found if tensor.is_parameter is not NO]
        if found and len(found) == len(value) and not thing.open:
            if not accepted:
                m.recorder.parameter_replaced(m, node, addr, name, found[0][1])
                raise Raised
            # Where it goes on, it was one of those that are no plain tensor.
            value = values.join_all(values.ref(one) for one in accepted)
        role = "parameter" if value == values.NONE or accepted else "plain"
    if before == "buffer" and role == "plain":
        role = "buffer"
    m.recorder.attribute_set(m, node, addr, thing, name, value, role)
    moving.use(m, value, node, f"self.{name}", "attribute")
    for key in [key for key, _ in thing.attributes if key.startswith(f"{name}.")]:
        thing = thing.without(key)
    m.change(owner, addr, thing.with_attribute(name, value, role))


def call(m: Machine, addr: Addr, thing: Instance, given: Arguments, node: ast.AST) -> Value:
    """module(...): forward, with the hooks around it."""
    if classes.find_method(m, thing, "__call__") is not None:
        return classes.call_method_given(m, addr, "__call__", given, node)
    forward = classes.find_method(m, thing, "forward")
    own = thing.get("forward")
    given = backward_hooks.entering(m, thing, given, node)
    if own is not None:
        result = calls.call(m, own, given, node)
    elif forward is not None:
        result = calls.call(m, classes.bind_method(m, addr, forward, node), given, node)
    else:
        result = base_forward(m, addr, thing, given, node)
    result = run_hooks(m, addr, given, result, node)
    return backward_hooks.leaving(m, thing, result, node)


def run_hooks(m: Machine, addr: Addr, given: Arguments, result: Value, node: ast.AST) -> Value:
    """Forward hooks see the output, and may replace it."""
    instance = m.at(addr, Instance)
    hooks = instance.get("(forward hooks)") if instance else None
    if hooks is None:
        return result
    inputs = m.make(node, "hook inputs", Sequence("tuple", tuple(given.args), given.rest))
    for hook in registry.items(m, hooks):
        returned = calls.call(m, hook, calls.Arguments([values.ref(addr), inputs, result]), node)
        changed = values.without_none(returned)
        if changed and values.UNKNOWN not in changed:
            kept = returned >= values.NONE
            result = values.join(result, changed) if kept else changed
    return result


def base_forward(m: Machine, addr: Addr, thing: Instance, given: Arguments, node: ast.AST) -> Value:
    """forward of the first base that torch defines."""
    for atom in classes.lineage(m, thing.cls):
        if isinstance(atom, Sym) and atom.path.startswith("torch.nn."):
            return torch_forward(m, addr, atom.path, given, node)
        if atom == Sym(wrappers.COMPILED):
            return wrappers.forward(m, wrappers.COMPILED, thing, given, node)
    return calls.unknown(m, given, node)


def torch_forward(m: Machine, addr: Addr, path: str, given: Arguments, node: ast.AST) -> Value:
    """forward of a module class that torch defines."""
    name = path.rpartition(".")[2]
    thing = m.at(addr, Instance)
    if thing is None:
        return ANY
    if name == "Sequential":
        return run_sequence(m, thing, given, node)
    if name in wrappers.NAMES:
        return wrappers.forward(m, wrappers.NAMES[name], thing, given, node)
    if name in members.CONTAINERS or name == "Module":
        return calls.unknown(m, given, node) if thing.open else ANY
    return layers.forward(m, addr, thing, name, given, node)


def run_sequence(m: Machine, thing: Instance, given: Arguments, node: ast.AST) -> Value:
    """Sequential: each child on what the one before gave."""
    value = given.args[0] if given.args else ANY
    context = m.ctx
    for place, (name, child) in enumerate(thing.attributes):
        if thing.role(name) != "module":
            continue
        m.ctx = context.child((id(node), "child", place))
        value = calls.call(m, child, calls.Arguments([value]), node)
    if thing.rest is not None:
        m.ctx = context.child((id(node), "child"))
        rest = thing.rest
        once = calls.call(m, rest, calls.Arguments([value]), node)
        m.ctx = context.child((id(node), "children"))
        twice = calls.call(m, rest, calls.Arguments([values.join(value, once)]), node)
        value = values.join(value, values.join(once, twice))
    m.ctx = context
    return value


def method(
    m: Machine, addr: Addr, thing: Instance, name: str, given: Arguments, node: ast.AST
) -> Value:
    """module.name(...) for the methods every module has."""
    if name == "forward":
        return base_forward(m, addr, thing, given, node)
    if name == "__call__":
        return call(m, addr, thing, given, node)
    handler = module_methods.handlers().get(name)
    if handler is not None:
        return handler(m, addr, thing, given, node)
    for value in given.every():
        escapes.escape(m, value)
    if thing.open:
        escapes.escape(m, values.ref(addr))
    return ANY


def base_method(
    m: Machine, addr: Addr, path: str, name: str, given: Arguments, node: ast.AST
) -> Value:
    """super().name(...) that ends at a class of torch."""
    thing = m.at(addr, Instance)
    if thing is None:
        return ANY
    if name in ("forward", "__call__"):
        return torch_forward(m, addr, path, given, node)
    if name == "__setattr__" and len(given.args) == 2:
        key = values.string(given.args[0])
        if key is not None:
            put_attribute(m, values.ref(addr), addr, thing, key, given.args[1], node)
        return values.NONE
    if name == "__getattr__" and given.args:
        key = values.string(given.args[0])
        return (thing.get(key) if key else None) or ANY
    return method(m, addr, thing, name, given, node)


def child(m: Machine, addr: Addr, thing: Instance, index: Value, node: ast.AST) -> Value:
    """sequential[0], module_list[i], module_dict[key]"""
    key = values.constant(index)
    names = [name for name, _ in thing.attributes]
    if key is not None and isinstance(key.value, int) and not isinstance(key.value, bool):
        place = key.value
        if thing.rest is None and -len(names) <= place < len(names):
            return thing.attributes[place][1]
    if key is not None and isinstance(key.value, str):
        found = thing.get(key.value)
        if found is not None:
            return found
    every = [value for _, value in thing.attributes]
    if thing.rest is not None:
        every.append(thing.rest)
    if key is None and isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice):
        if isinstance(thing.cls, Sym) and not thing.open:
            return members.part(m, thing, node.slice, node)
        escapes.escape(m, values.ref(addr))
        return ANY
    return values.join_all(every) or ANY


def with_children(thing: Instance) -> Instance:
    """A module with nothing but its registered children, as its index sees it."""
    held = tuple(pair for pair in thing.attributes if thing.role(pair[0]) == "module")
    return replace(thing, attributes=held)


def set_child(
    m: Machine, addr: Addr, thing: Instance, index: Value, value: Value, node: ast.AST
) -> None:
    """sequential[0] = module, module_dict[key] = module"""
    key = values.constant(index)
    if key is not None and isinstance(key.value, int) and key.value < 0:
        names = [name for name, _ in with_children(thing).attributes]
        if thing.rest is None and not thing.open and -key.value <= len(names):
            members.put(m, addr, names[key.value], value, node)
            return
        members.fold(m, addr)
        key = None
    members.put(m, addr, None if key is None else str(key.value), value, node)
