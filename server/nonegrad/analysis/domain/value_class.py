"""Classes of values: frozen as the type checker sees them, and cheap to make and to change.

A frozen dataclass sets each field through `object.__setattr__`, which takes three times as long as
an assignment, and an analysis makes tens of thousands of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar, cast

T = TypeVar("T")

if TYPE_CHECKING:
    from typing_extensions import dataclass_transform
else:

    def dataclass_transform(**_: object):
        """What only the type checker asks for, in a Python that has it not."""
        return lambda decorator: decorator


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def value_class(cls: type[T]) -> type[T]:
    """A dataclass with slots that compares and hashes by its fields, and is never changed."""
    return dataclass(slots=True, unsafe_hash=True)(cls)


@dataclass_transform(frozen_default=True, eq_default=False, field_specifiers=(field,))
def identity_class(cls: type[T]) -> type[T]:
    """The same, where each instance equals itself alone."""
    return dataclass(slots=True, eq=False)(cls)


FIELDS: dict[type, tuple[dict[str, int], Callable[[object], tuple[Any, ...]]]] = {}
"""For each class that was asked about: the places of its fields, and what reads them all."""


def replace(thing: T, **changes: Any) -> T:
    """The same value but for some fields, as `dataclasses.replace` has it, and faster.

    Raises KeyError for a name that is no field.
    """
    cls = type(thing)
    known = FIELDS.get(cls)
    if known is None:
        known = FIELDS[cls] = fields_of(cls)
    places, read = known
    found = list(read(thing))
    for name, value in changes.items():
        found[places[name]] = value
    return cls(*found)


def fields_of(cls: type) -> tuple[dict[str, int], Callable[[object], tuple[Any, ...]]]:
    """The places of the fields of a dataclass, and what reads them all, in that order."""
    names: tuple[str, ...] = tuple(cast(Any, cls).__dataclass_fields__)
    if len(names) == 1:
        (name,) = names
        return {name: 0}, lambda thing: (getattr(thing, name),)
    return {name: place for place, name in enumerate(names)}, attrgetter(*names)
