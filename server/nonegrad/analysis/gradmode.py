"""Grad mode as part of the state: what switches it, and what switches it back."""

from __future__ import annotations

from typing import cast

from nonegrad.analysis import values
from nonegrad.analysis.machine import GRAD_MODE, GRAD_SITE, INFERENCE, Machine
from nonegrad.analysis.objects import GradSwitch
from nonegrad.analysis.store import State
from nonegrad.analysis.truth import NO, YES, Truth
from nonegrad.text import Site

Saved = tuple[object, object, object]


def switch(m: Machine, to: GradSwitch) -> Saved:
    """Switch, and give what to restore."""
    saved = (to.before or m.s.get(GRAD_MODE), m.s.get(GRAD_SITE), m.s.get(INFERENCE))
    if to.inference is YES:
        m.s.set(GRAD_MODE, NO)
        m.s.set(INFERENCE, values.TRUE)
    elif to.inference is NO and to.text.startswith("inference"):
        m.s.set(GRAD_MODE, YES)
        m.s.set(INFERENCE, values.FALSE)
    elif m.s.get(INFERENCE) != values.TRUE:
        # enable_grad does not undo inference mode: still no graph.
        m.s.set(GRAD_MODE, to.mode)
    if to.site is not None and m.grad_mode is not YES:
        m.s.set(GRAD_SITE, (to.site, to.text))
    return saved


def restore(m: Machine, saved: Saved) -> None:
    """Switch back."""
    restore_in(m.s, saved)


def restore_in(state: State, saved: Saved) -> None:
    """Switch back in a state that jumped out."""
    for key, value in zip((GRAD_MODE, GRAD_SITE, INFERENCE), saved, strict=True):
        if value is not None:
            state.set(key, value)


def mode_site(m: Machine) -> tuple[Site, str] | None:
    """Where grad mode was last switched off, and by what."""
    found = m.s.get(GRAD_SITE)
    return cast("tuple[Site, str]", found) if isinstance(found, tuple) else None


def inference(m: Machine) -> Truth:
    """Whether inference mode is on."""
    found = m.s.get(INFERENCE)
    if found == values.TRUE:
        return YES
    return NO if found == values.FALSE else Truth.MAYBE
