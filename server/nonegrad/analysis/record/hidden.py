"""Writes that autograd does not see: through `.data`, past the version counter.

What a node kept is then another number than it was, and backward() computes with it without a word.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from nonegrad.analysis.domain.counters import Counter
from nonegrad.analysis.domain.heap import Node, Spoilt, Tensor
from nonegrad.analysis.domain.truth import NO, YES
from nonegrad.analysis.domain.value_class import replace
from nonegrad.analysis.domain.values import Addr
from nonegrad.analysis.record import describe
from nonegrad.analysis.record.facts import HiddenWrite

if TYPE_CHECKING:
    from nonegrad.analysis.autograd.reaching import Reach
    from nonegrad.analysis.machine import Machine

PERHAPS_THE_SAME = re.compile(
    r"\.(clamp|clip|round|relu|abs|floor|ceil|trunc|nan_to_num|masked_|index_|scatter|where)\w*\("
)
"""Writes after which the numbers may be what they were."""


def wrote(m: Machine, counter: Counter, node: ast.AST, *, sure: bool) -> None:
    """Something was written through an alias that has a counter of its own."""
    if counter.memory is None:
        return
    spoil(m, counter.memory, node, sure=sure and not PERHAPS_THE_SAME.search(m.text(node, 200)))
    below = m.at(counter.memory, Counter)
    if below is not None:
        wrote(m, below, node, sure=sure)


def replaced(m: Machine, tensor: Tensor, value: list[tuple[Addr, Tensor]], node: ast.AST) -> None:
    """`t.data = other`: what kept a leaf itself now sees the other numbers."""
    own = {m.at(one, Counter) for _, given in value for one in given.counter}
    memories = {counter.memory for counter in own if counter is not None}
    if not memories & tensor.counter:
        for memory in tensor.counter:
            spoil(m, memory, node, sure=False, outputs=False)


def spoil(m: Machine, memory: Addr, node: ast.AST, *, sure: bool, outputs: bool = True) -> None:
    """Mark what the nodes that still have a backward before them kept of the memory."""
    if not m.recording:
        return
    keeping = [
        (addr, thing)
        for addr, thing in m.s.objects(Node)
        if thing.freed is not YES and any(memory in one.counter for one in thing.saved)
    ]
    if not keeping:
        return
    tracked = any(
        memory in one.counter and one.requires_grad is YES for _, one in m.s.objects(Tensor)
    )
    for addr, thing in keeping:
        saved = tuple(
            replace(
                one,
                spoilt=(
                    *one.spoilt,
                    Spoilt(m.site(node), sure and tracked and one.counter == frozenset({memory})),
                )[:2],
            )
            if memory in one.counter and (outputs or one.role != "result")
            else one
            for one in thing.saved
        )
        if saved != thing.saved:
            m.s.set(addr, replace(thing, saved=saved))


def check(m: Machine, found: Reach, node: ast.AST, *, sure: bool) -> None:
    """A backward goes through what was kept and has other numbers since."""
    for addr, definite in found.nodes.items():
        record = m.node(addr)
        if record is None or record.freed is not NO:
            continue
        for one in record.saved:
            if len(one.spoilt) != 1:
                # Written twice, it may well be as it was.
                continue
            spoilt = one.spoilt[0]
            certain = sure and definite and one.certain and spoilt.sure and not addr.summary
            fact = HiddenWrite(
                spoilt.site,
                describe.cut(m, spoilt.site),
                record.site,
                record.operator,
                one.role,
                m.site(node),
                certain,
            )
            m.recorder.hidden_write(m, fact)
