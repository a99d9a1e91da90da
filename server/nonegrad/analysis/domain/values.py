"""Abstract values: what a Python expression may be, as a small set of atoms.

A value is a frozenset of atoms and means: on every run it is one of these. `ANY` means nothing
is known. Sets stay small: too many constants widen to their kind, too many references to ANY,
so every chain of joins is finite.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field
from typing import TypeGuard

from nonegrad.analysis.domain.provenance import Why
from nonegrad.analysis.domain.truth import Truth, truth
from nonegrad.analysis.domain.value_class import value_class
from nonegrad.text import Site


class Addr:
    """One abstract object: an allocation at one syntax node in one calling context.

    A summary address stands for many concrete objects, and is only ever updated weakly.
    """

    __slots__ = ("key", "number", "older", "site", "stars", "summary", "value")
    made = 0

    def __init__(
        self,
        key: tuple[object, ...],
        *,
        summary: bool,
        stars: frozenset[int] = frozenset(),
        site: Site | None = None,
    ) -> None:
        Addr.made += 1
        self.number = Addr.made
        """Counts up: the order of creation, the same on every run."""
        self.key = key
        self.summary = summary
        self.stars = stars
        self.site = site
        self.older: Addr | None = None
        self.value: Value | None = None
        """The value that is this object, once somebody asked for it."""

    def __repr__(self) -> str:
        return f"Addr{self.key}{'*' if self.summary else ''}"


class Unknown:
    """Anything at all; there is one of it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "Unknown()"


@value_class
class Const:
    """One Python constant; `kind` keeps 1, 1.0 and True apart."""

    value: object
    kind: str


@value_class
class Scalar:
    """A number or string of a known kind whose value is not known."""

    kind: str
    why: Why | None = field(default=None, compare=False)


@value_class
class Sym:
    """A name that lives outside the analysed sources: `torch.nn.functional.relu`, `len`."""

    path: str


@value_class
class Ref:
    """A reference to an abstract object."""

    addr: Addr


@value_class
class Bound:
    """An attribute of an atom that is to be called: a method with its receiver.

    `function` is the user's function to enter, or None for a method torch or Python defines.
    """

    receiver: Atom
    name: str
    function: Atom | None = None


Atom = Unknown | Const | Scalar | Sym | Ref | Bound
Value = frozenset[Atom]

UNKNOWN = Unknown()
ANY: Value = frozenset({UNKNOWN})
NONE_ATOM = Const(None, "NoneType")
NONE: Value = frozenset({NONE_ATOM})
MANY_CONSTANTS = 6
MANY_ATOMS = 12


def is_value(found: object) -> TypeGuard[Value]:
    """Whether what lies in the store is the value of a variable: no object is a frozenset."""
    return isinstance(found, frozenset)


def const(value: object) -> Value:
    """The value that is exactly this constant."""
    return frozenset({Const(value, type(value).__name__)})


def scalar(kind: str, why: Why | None = None) -> Value:
    """Some number or string of a kind."""
    return frozenset({Scalar(kind, why)})


def sym(path: str) -> Value:
    """The value of an external name."""
    return frozenset({Sym(path)})


def ref(addr: Addr) -> Value:
    """The value that is one object."""
    value = addr.value
    if value is None:
        value = addr.value = frozenset({Ref(addr)})
    return value


SOME_NUMBER = "number"
"""The kind of what `item()` gives, of something that is not known."""
NUMPY_FLOAT = "np.float64"
"""The kind of what numpy's functions give of a plain number: a float whose tensor is float64."""
TRUE, FALSE = const(True), const(False)
BOOL = scalar("bool")


def verdict(*given: Value) -> Value:
    """True or False, as such values decide it: out of a number that left torch goes its story."""
    whys = (a.why for value in given for a in value if isinstance(a, Scalar) and a.why is not None)
    return scalar("bool", next(whys, None))


def join(a: Value, b: Value) -> Value:
    """The least value that covers both, within the limits."""
    if a is b or a == b:
        return a
    if UNKNOWN in a or UNKNOWN in b:
        drop(a)
        drop(b)
        return ANY
    return limit(a | b)


DROPPED: list[Addr] = []
"""Objects that a join with the unknown made nameless since the last statement: whatever stands
for them now may still lead to them. The machine takes them up."""


def drop(value: Value) -> None:
    """Note the objects of a value that is about to become unknown."""
    for atom in value:
        held = atom.receiver if isinstance(atom, Bound) else atom
        if isinstance(held, Ref):
            DROPPED.append(held.addr)


def join_all(values: Iterable[Value]) -> Value:
    """The join of many; of none it is the empty value."""
    result: Value = frozenset()
    for value in values:
        result = join(result, value)
    return result


def limit(value: Value) -> Value:
    """Widen a set that grew too large."""
    if UNKNOWN in value:
        return ANY
    if len(value) <= MANY_CONSTANTS:
        return value
    kinds = {atom.kind for atom in value if isinstance(atom, Const) and atom.kind != "NoneType"}
    widened: set[Atom] = {
        atom for atom in value if not isinstance(atom, Const) or atom.kind == "NoneType"
    }
    widened |= {Scalar(kind) for kind in kinds}
    if len(widened) > MANY_ATOMS:
        drop(value)
        return ANY
    return frozenset(widened)


def only(value: Value) -> Atom | None:
    """The single atom of a value, or None where there are several."""
    return next(iter(value)) if len(value) == 1 else None


def constant(value: Value) -> Const | None:
    """The constant a value certainly is, or None."""
    atom = only(value)
    return atom if isinstance(atom, Const) else None


def number(value: Value) -> int | None:
    """The int a value certainly is (bools aside), or None."""
    found = constant(value)
    return found.value if found and isinstance(found.value, int) and found.kind == "int" else None


def string(value: Value) -> str | None:
    """The str a value certainly is, or None."""
    found = constant(value)
    return found.value if found and isinstance(found.value, str) else None


def flag_of(value: Value | None, default: bool) -> Truth:
    """A boolean argument, or what it is where it is not given."""
    if value is None:
        return truth(default)
    known = constant(value)
    return truth(None if known is None else bool(known.value))


def references(value: Value) -> tuple[Addr, ...]:
    """The objects a value may be, in a stable order."""
    found = [atom.addr for atom in value if isinstance(atom, Ref)]
    return tuple(found) if len(found) < 2 else tuple(sorted(found, key=age))


def age(addr: Addr) -> int:
    """The place of an address in the order of creation."""
    return addr.number


def rank(atom: Atom) -> tuple[int, int, str]:
    """An order of atoms that is the same on every run."""
    match atom:
        case Ref(addr=addr):
            return 0, addr.number, ""
        case Bound(receiver=Ref(addr=addr), name=name):
            return 1, addr.number, name
        case Const(value=value, kind=kind):
            return 2, 0, f"{kind}:{value!r}"
        case Scalar(kind=kind):
            return 3, 0, kind
        case Sym(path=path):
            return 4, 0, path
        case _:
            return 5, 0, ""


def without_none(value: Value) -> Value:
    """The value where it is not None."""
    return value - NONE
