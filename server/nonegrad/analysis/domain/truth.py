"""Three-valued truth: what holds on every run, on none, or is not known."""

from __future__ import annotations

from enum import Enum


class Truth(Enum):
    """A flat lattice: NO and YES lie below MAYBE, which is their join."""

    NO = 0
    YES = 1
    MAYBE = 2

    @property
    def known(self) -> bool | None:
        """True, False, or None where it is not known."""
        return None if self is MAYBE else self is YES


NO, YES, MAYBE = Truth.NO, Truth.YES, Truth.MAYBE


def truth(value: bool | None) -> Truth:
    """The Truth of a bool; None is MAYBE."""
    return MAYBE if value is None else YES if value else NO


def join(a: Truth, b: Truth) -> Truth:
    """The least truth that covers both."""
    return a if a is b else MAYBE


def both(a: Truth, b: Truth) -> Truth:
    """Kleene's and."""
    if a is NO or b is NO:
        return NO
    return YES if a is YES and b is YES else MAYBE


def either(a: Truth, b: Truth) -> Truth:
    """Kleene's or."""
    if a is YES or b is YES:
        return YES
    return NO if a is NO and b is NO else MAYBE


def negate(a: Truth) -> Truth:
    """Kleene's not."""
    return MAYBE if a is MAYBE else NO if a is YES else YES
