"""The dicts in which a module keeps what is registered: `_parameters`, `_buffers`, `_modules`.

Programs reach into them to let a computed tensor stand where a parameter was (weight drop, MAML).
Torch looks there before it refuses a plain tensor, so what is taken out must be gone here too.
"""

from __future__ import annotations

from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.heap import Mapping
from nonegrad.analysis.domain.objects import Instance
from nonegrad.analysis.domain.value_class import replace
from nonegrad.analysis.domain.values import ANY, Addr, Value
from nonegrad.analysis.machine import Machine

ROLES = {"_parameters": "parameter", "_buffers": "buffer", "_modules": "module"}


def entries(addr: Addr, thing: Instance, name: str) -> Mapping:
    """The dict as it is now: what is written to it goes to the module as well."""
    held = tuple((key, v) for key, v in thing.attributes if thing.role(key) == ROLES[name])
    rest = ANY if thing.open else thing.rest if name == "_modules" else None
    return Mapping(held, rest, name, of=values.ref(addr))


def put(m: Machine, register: Mapping, key: Value, value: Value) -> None:
    """module._parameters[KEY] = VALUE, whatever the value is."""
    name = values.string(key)
    for addr, thing in modules_of(m, register):
        if name is None:
            m.put(addr, torn(thing, register))
        else:
            changed = thing.with_attribute(name, value, ROLES[register.kind])
            m.change(register.of or ANY, addr, changed)


def delete(m: Machine, register: Mapping, key: Value) -> None:
    """del module._parameters[KEY]: a plain attribute of that name may be there."""
    name = values.string(key)
    for addr, thing in modules_of(m, register):
        if name is None:
            m.put(addr, torn(thing, register))
        else:
            m.change(register.of or ANY, addr, thing.with_attribute(name, ANY))


def tear(m: Machine, register: Mapping) -> None:
    """Something else happens to the dict: what is registered is no longer known."""
    for addr, thing in modules_of(m, register):
        m.put(addr, torn(thing, register))


def modules_of(m: Machine, register: Mapping) -> list[tuple[Addr, Instance]]:
    """The modules that a dict may belong to; of any other dict none."""
    found = values.references(register.of or frozenset())
    return [(addr, thing) for addr in found if (thing := m.at(addr, Instance)) is not None]


def torn(thing: Instance, register: Mapping) -> Instance:
    """The module, of which any of the attributes that a dict held may be gone or another."""
    role = ROLES[register.kind]
    changed = replace(thing, open=True)
    for name, _ in thing.attributes:
        if thing.role(name) == role:
            changed = changed.with_attribute(name, ANY)
    return changed
