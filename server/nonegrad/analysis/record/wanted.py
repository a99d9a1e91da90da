"""Tensors that an optimizer was given to change, and that do not ask for a gradient."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from nonegrad.analysis.domain.objects import Optimizer
from nonegrad.analysis.domain.provenance import Why, walk
from nonegrad.analysis.domain.truth import NO, YES
from nonegrad.analysis.domain.values import Addr
from nonegrad.analysis.record import peeking
from nonegrad.analysis.record.parts import Wanted
from nonegrad.text import Site

if TYPE_CHECKING:
    from nonegrad.analysis.machine import Machine

Names = dict[Addr, tuple[str, Site]]


def without_flag(
    m: Machine, optimizers: Iterable[Optimizer], names: Names, loss: Why | None
) -> Wanted | None:
    """A plain tensor in the story of a loss that an optimizer holds, and that requires no grad."""
    story = {id(step) for step in walk(loss)}
    for optimizer in optimizers:
        for param in optimizer.params:
            for addr, tensor in m.tensors(param):
                plain = tensor.is_parameter is NO and tensor.requires_grad is NO
                if tensor.why is not None and tensor.why.kind == "frozen":
                    continue
                if not plain or tensor.is_leaf is not YES or id(tensor.why) not in story:
                    continue
                name, bound = names.get(addr, ("", None))
                if bound is None or optimizer.site is None:
                    continue
                if peeking.plainly_bound(m, name, bound):
                    return Wanted(name, bound, optimizer.site)
    return None
