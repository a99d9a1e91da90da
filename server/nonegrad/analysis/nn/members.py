"""What torch's containers of modules and of parameters take in and let go."""

from __future__ import annotations

import ast

from nonegrad.analysis import escapes
from nonegrad.analysis.autograd import leaves
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.heap import Sequence, Tensor
from nonegrad.analysis.domain.objects import Instance
from nonegrad.analysis.domain.truth import NO
from nonegrad.analysis.domain.value_class import replace
from nonegrad.analysis.domain.values import ANY, Addr, Ref, Value
from nonegrad.analysis.machine import Machine
from nonegrad.analysis.nn import registry
from nonegrad.analysis.python import calls, classes, containers

PARAMETERS = frozenset({"ParameterList", "ParameterDict"})
CONTAINERS = PARAMETERS | {"Sequential", "ModuleList", "ModuleDict"}


def holds(m: Machine, thing: Instance) -> bool:
    """Whether an object is such a container."""
    return classes.container(m, thing) in CONTAINERS


def names(m: Machine, thing: Instance) -> frozenset[str] | None:
    """The keys of a dict of modules or parameters, where all of them are known."""
    if classes.container(m, thing) not in ("ModuleDict", "ParameterDict"):
        return None
    if thing.open or thing.rest is not None:
        return None
    return frozenset(name for name, role in thing.roles if role in ("module", "parameter"))


def fill(m: Machine, addr: Addr, name: str, given: calls.Arguments, node: ast.AST) -> None:
    """The children a container is made with."""
    if name == "Sequential" and not (
        len(given.args) == 1 and registry.is_mapping(m, given.args[0])
    ):
        for place, child in enumerate(given.args):
            put(m, addr, str(place), child, node)
        if given.rest is not None:
            put(m, addr, None, given.rest, node)
        return
    if given.args:
        put_all(m, addr, given.args[0], node)


def put_all(m: Machine, addr: Addr, source: Value, node: ast.AST) -> None:
    """The children that a list, a dict or an iterable of pairs holds."""
    for name, value in registry.named_items(m, source, node):
        put(m, addr, name, value, node)


def put(m: Machine, addr: Addr, name: str | None, value: Value, node: ast.AST) -> None:
    """One child under its name; None where their number is not known."""
    thing = m.at(addr, Instance)
    if thing is None:
        return
    role: str | None = "module"  # Anything else is refused.
    if classes.container(m, thing) in PARAMETERS:
        context = m.ctx
        m.ctx = context.child((id(node), "entry", name))
        value = parameter(m, value, node)
        m.ctx = context
        role = None
        if values.UNKNOWN in value:
            m.put(addr, replace(thing, open=True))
    if name is None:
        registry.add_rest(m, addr, value)
    else:
        m.recorder.child_put(m, node, addr, name, value)
        registry.register(m, addr, name, value, role)


def parameter(m: Machine, value: Value, node: ast.AST) -> Value:
    """What a ParameterList keeps: a tensor that is no parameter yet becomes one."""
    things = [m.s.get(atom.addr) if isinstance(atom, Ref) else None for atom in value]
    if any(isinstance(thing, Tensor) and thing.is_parameter is not NO for thing in things):
        same = all(isinstance(thing, Tensor) and thing.is_parameter is not NO for thing in things)
        return value if same else lost(m, value)
    if things and all(isinstance(thing, Tensor) for thing in things):
        return leaves.parameter(m, calls.Arguments([value]), node)
    return lost(m, value) if any(isinstance(thing, Tensor) for thing in things) else value


def lost(m: Machine, value: Value) -> Value:
    """It may be kept as it is, or be made a parameter."""
    escapes.escape(m, value)
    return values.ANY


def fold(m: Machine, addr: Addr) -> None:
    """Children may go, or move to other places: which stand where is no longer known."""
    thing = m.at(addr, Instance)
    if thing is None or not holds(m, thing):
        return
    roles = ("module", "parameter")
    held = [value for name, value in thing.attributes if thing.role(name) in roles]
    kept = tuple(pair for pair in thing.attributes if thing.role(pair[0]) not in roles)
    names = tuple(pair for pair in thing.roles if pair[1] not in roles)
    rest = values.join_all(held if thing.rest is None else [*held, thing.rest])
    if held:
        m.put(addr, replace(thing, attributes=kept, roles=names, rest=rest))


def part(m: Machine, thing: Instance, bounds: ast.Slice, node: ast.AST) -> Value:
    """sequential[a:b], module_list[a:b]: a container of the same modules."""
    held = [value for name, value in thing.attributes if thing.role(name) == "module"]
    listed = containers.sliced(m, Sequence("list", tuple(held), thing.rest), bounds, node)
    found = next((one for addr in values.references(listed) if (one := m.at(addr, Sequence))), None)
    if found is None:
        return ANY
    names = [str(place) for place in range(len(found.items))]
    made = Instance(
        thing.cls,
        tuple(zip(names, found.items, strict=True)),
        tuple((name, "module") for name in names),
        is_module=True,
        training=thing.training,
        rest=found.rest,
        site=m.site(node),
    )
    return m.make(node, "part", made)
