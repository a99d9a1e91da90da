"""Grad mode as part of the state: what switches it, and what switches it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.objects import GradSwitch
from nonegrad.analysis.domain.store import State
from nonegrad.analysis.domain.truth import NO, YES, Truth
from nonegrad.analysis.machine import GRAD_MODE, GRAD_SITE, INFERENCE, Machine
from nonegrad.text import Site

if TYPE_CHECKING:
    from nonegrad.analysis.domain.frames import Frame

Saved = tuple[object, object, object]
KEYS = (GRAD_MODE, GRAD_SITE, INFERENCE)


def switch(m: Machine, to: GradSwitch, frame: Frame | None = None) -> Saved:
    """Switch, for what `frame` runs (else the one being run), and give what to restore."""
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
        m.s.set(GRAD_SITE, (to.site, id(frame or m.frame)))
    return saved


def current(m: Machine) -> Saved:
    """What to restore to come back to where grad mode is now."""
    return m.s.get(GRAD_MODE), m.s.get(GRAD_SITE), m.s.get(INFERENCE)


def restore(m: Machine, saved: Saved) -> None:
    """Switch back."""
    restore_in(m.s, saved)


def restore_in(state: State, saved: Saved) -> None:
    """Switch back in a state that jumped out."""
    for key, value in zip(KEYS, saved, strict=True):
        if value is not None:
            state.set(key, value)


def mode_site(m: Machine) -> tuple[Site, Site | None] | None:
    """Where grad mode was last switched off, and the call under it that leads here, if one does."""
    found = m.s.get(GRAD_SITE)
    if not isinstance(found, tuple):
        return None
    site, holder = cast("tuple[Site, int]", found)
    frame = m.frame
    via: Site | None = None
    while frame.caller is not None and id(frame) != holder:
        frame, via = frame.caller, frame.called_at
    return site, via if id(frame) == holder else None


def inference(m: Machine) -> Truth:
    """Whether inference mode is on."""
    found = m.s.get(INFERENCE)
    if found is values.FALSE:
        return NO
    if found == values.TRUE:
        return YES
    return NO if found == values.FALSE else Truth.MAYBE
