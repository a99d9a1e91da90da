"""Following addresses that grew older at the end of a loop turn."""

from __future__ import annotations

from typing import Protocol

from nonegrad.analysis.domain.value_class import replace
from nonegrad.analysis.domain.values import Addr, Atom, Bound, Ref, Value


class Rename(Protocol):
    """Where each address is found now."""

    @property
    def young(self) -> frozenset[Addr]:
        """The addresses that grow older; all others stay."""
        ...

    def __call__(self, addr: Addr) -> Addr: ...


def rename_value(value: Value, to: Rename) -> Value:
    """The value with every reference followed to its older address."""
    changed = False
    atoms: list[Atom] = []
    for atom in value:
        new: Atom = atom
        if isinstance(atom, Ref):
            older = to(atom.addr)
            new = atom if older is atom.addr else Ref(older)
        elif isinstance(atom, Bound) and isinstance(atom.receiver, Ref):
            older = to(atom.receiver.addr)
            new = atom if older is atom.receiver.addr else replace(atom, receiver=Ref(older))
        changed = changed or new is not atom
        atoms.append(new)
    return frozenset(atoms) if changed else value


def rename_set(found: frozenset[Addr], to: Rename) -> frozenset[Addr]:
    """The set itself where no address in it grew older: most do not, and turns are many."""
    if to.young.isdisjoint(found):
        return found
    return frozenset([to(one) for one in found])
