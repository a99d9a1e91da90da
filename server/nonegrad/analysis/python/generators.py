"""Generators: run at once, with what they yield kept where loops keep their variables.

While they are paused, grad mode is no matter of a frame, so a generator that yields inside a
with statement leaves its mode on for whoever goes through it.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from nonegrad.analysis.autograd import gradmode
from nonegrad.analysis.domain import joining, values
from nonegrad.analysis.domain.frames import Frame, Loop
from nonegrad.analysis.domain.heap import Sequence
from nonegrad.analysis.domain.objects import GradSwitch
from nonegrad.analysis.domain.store import State
from nonegrad.analysis.domain.truth import MAYBE
from nonegrad.analysis.domain.value_class import replace
from nonegrad.analysis.domain.values import ANY, Addr, Atom, Ref, Value
from nonegrad.analysis.machine import GRAD_MODE, Machine

YIELDED = "what was yielded"
"""The variable of a generator function that holds all that it yields; no name is written so."""


def begin(m: Machine, frame: Frame) -> None:
    """A generator function starts."""
    frame.waiting, frame.pauses = [], []
    frame.began = gradmode.current(m)
    m.s.set((id(frame), YIELDED), frozenset[Atom]())


def yielded(m: Machine, value: Value, pause: GradSwitch | None = None) -> Value:
    """yield VALUE: collected, or handed to the with statement that runs this generator.

    What `yield from` goes through may pause inside a with statement of its own.
    """
    frame = m.frame
    key = (id(frame), YIELDED)
    before = m.s.get(key)
    m.s.set(key, values.join(before, value) if values.is_value(before) else value)
    if pause is None and frame.switches:
        site = frame.switches[-1].site
        pause = GradSwitch(m.grad_mode, gradmode.inference(m), site=site)
    frame.pauses.append(pause)
    frame.waiting.append(m.s)
    m.s = m.s.fork()
    if m.on_yield and m.calls and m.on_yield[-1][0] is m.calls[-1]:
        m.on_yield[-1][1](value)
    return ANY


def never_ending(frame: Frame) -> None:
    """A generator without an end: who asks it goes on from one of its yields."""
    if frame.returns:
        return
    for state in frame.waiting:
        gradmode.restore_in(state, frame.began)
        frame.returns.append((state, values.NONE))


def made(m: Machine, frame: Frame, node: ast.AST) -> Value:
    """The generator that a call gives, as everything it yields."""
    found = m.s.get((id(frame), YIELDED))
    rest = found if values.is_value(found) and found else ANY
    paused = joined(frame.pauses)
    return m.make(node, "generator", Sequence("generator", (), rest, paused=paused))


def joined(pauses: Iterable[GradSwitch | None]) -> GradSwitch | None:
    """The mode of several pauses; None where none of them switches any."""
    every = set(pauses)
    known = [one for one in every if one is not None]
    if not known:
        return None
    return known[0] if len(every) == 1 else replace(known[0], mode=MAYBE, inference=MAYBE)


def paused_of(m: Machine, iterables: Iterable[Value]) -> GradSwitch | None:
    """The mode that going through some iterables leaves on, if one of them does."""
    found: set[GradSwitch | None] = set()
    for iterable in iterables:
        inner = {pause_of(m, atom.addr) if isinstance(atom, Ref) else None for atom in iterable}
        if inner != {None}:
            found |= inner
    return joined(found)


def pause_of(m: Machine, addr: Addr) -> GradSwitch | None:
    thing = m.at(addr, Sequence)
    return None if thing is None else thing.paused


def advanced(m: Machine, thing: Sequence) -> None:
    """next(): the mode stays on until the generator ends, wherever that is."""
    if thing.paused is not None and thing.paused.mode is not m.grad_mode:
        m.s.set(GRAD_MODE, MAYBE)


def is_held(node: ast.stmt | ast.expr) -> bool:
    """Whether what a loop goes through has a name, or is kept anywhere else."""
    iterable = node.iter if isinstance(node, (ast.For, ast.AsyncFor)) else node
    names = (ast.Name, ast.Attribute, ast.Subscript)
    arguments = iterable.args if isinstance(iterable, ast.Call) else []
    return any(isinstance(one, (*names, ast.Starred)) for one in (iterable, *arguments))


@dataclass
class Consumer:
    """A loop over a paused generator: each turn runs in the mode of the yield."""

    paused: GradSwitch
    held: bool
    """Whether a name keeps the generator, so that it stays paused when the loop is left."""
    loop: Loop
    saved: gradmode.Saved | None = None
    returns: int = 0
    disturbed: bool = False
    """Whether a turn has left another mode on, which the generator knows nothing of."""

    def wrap(self, m: Machine, turn: Callable[[Value], bool]) -> Callable[[Value], bool]:
        """The turn under the mode."""
        self.saved = gradmode.current(m)
        self.returns = len(m.frame.returns)

        def run(value: Value) -> bool:
            gradmode.switch(m, self.paused)
            if self.disturbed:
                m.s.set(GRAD_MODE, MAYBE)
            alive = turn(value)
            ends = [*self.loop.continues, *([m.s] if alive else [])]
            self.disturbed |= any(end.get(GRAD_MODE) is not self.paused.mode for end in ends)
            return alive

        return run

    def leave(self, m: Machine, done: list[State]) -> None:
        """The generator is used up or, with its loop, thrown away: it switches back."""
        if self.saved is None:
            return
        for place, state in enumerate(done):
            done[place] = state.fork()
            gradmode.restore_in(done[place], self.saved)
        for state in [*self.loop.breaks, *(s for s, _ in m.frame.returns[self.returns :])]:
            before = state.get(GRAD_MODE)
            gradmode.restore_in(state, self.saved)
            if self.held:
                mode = state.get(GRAD_MODE)
                state.set(GRAD_MODE, joining.join_objects(before, mode))
