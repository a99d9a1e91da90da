"""Which nodes and leaves a backward reaches from its roots."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from nonegrad.analysis.domain.heap import (
    ANYWHERE,
    NOWHERE,
    Node,
    Targets,
    Tensor,
)
from nonegrad.analysis.domain.truth import MAYBE, YES
from nonegrad.analysis.domain.values import Addr
from nonegrad.analysis.machine import Machine


@dataclass(slots=True)
class Reach:
    """What a walk through the graph met: True where on every run, False where perhaps."""

    nodes: dict[Addr, bool] = field(default_factory=dict[Addr, bool])
    leaves: dict[Addr, bool] = field(default_factory=dict[Addr, bool])
    anywhere: bool = False


def reach(m: Machine, roots: Targets, *, definite: bool = True) -> Reach:
    """Walk from the roots; a choice between targets makes each of them a perhaps."""
    found = Reach()
    stack: list[tuple[Addr, bool]] = [(addr, definite and len(roots) == 1) for addr in roots]
    while stack:
        addr, sure = stack.pop()
        if addr is NOWHERE:
            continue
        if addr is ANYWHERE:
            found.anywhere = True
            continue
        sure = sure and not addr.summary
        thing = m.s.get(addr)
        if isinstance(thing, Tensor):
            found.leaves[addr] = found.leaves.get(addr, False) or sure
            continue
        if not isinstance(thing, Node):
            found.anywhere = True
            continue
        before = found.nodes.get(addr)
        if before is not None and (before or not sure):
            continue
        m.spend()
        found.nodes[addr] = sure
        for edge in thing.edges:
            stack.extend((target, sure and len(edge) == 1) for target in edge)
    sure_of_all = all(found.leaves.values()) and all(found.nodes.values())
    if definite and not sure_of_all and len(found.nodes) < MANY:
        for addr in certain(m, found, roots):
            (found.nodes if addr in found.nodes else found.leaves)[addr] = True
    return found


MANY = 2000


FEW = 400


def certain(m: Machine, found: Reach, roots: Targets) -> frozenset[Addr]:
    """What every alternative leads through or to: union over the inputs of a node, intersection
    over what one input may be; of a large graph the leaves alone.

    The greatest fixpoint: where folded turns make a circle, a real graph has none, so its ways
    leave the circle by another alternative. A node that is not in `leads` yet is no obstacle.
    Without circles one pass is enough, for what a node leads to stands before it.
    """
    # Sets of nodes and leaves as bits of a number: what is of no interest has none.
    counted = [*found.leaves, *(found.nodes if len(found.nodes) < FEW else ())]
    bits = {addr: 1 << place for place, addr in enumerate(counted) if not addr.summary}
    leads: dict[Addr, int] = {}

    def through(targets: Targets) -> int | None:
        result: int | None = None
        for target in targets:
            one = leads.get(target) if target in found.nodes else bits.get(target, 0)
            if one is not None:
                result = one if result is None else result & one
        return result

    def everything(addr: Addr) -> int | None:
        record = m.node(addr)
        result = bits.get(addr, 0)
        for edge in record.edges if record is not None else ():
            one = through(edge)
            if one is None:
                return None
            result |= one
        return result

    order, circles = inside_out(m, found.nodes)
    for _ in range(PASSES):
        changed = False
        for addr in order:
            now = everything(addr)
            if now is not None and now != leads.get(addr):
                leads[addr], changed = now, True
        if not changed or not circles:
            reached = through(roots) or 0
            return frozenset(addr for addr, bit in bits.items() if reached & bit)
    return frozenset()


PASSES = 60


def inside_out(m: Machine, nodes: Iterable[Addr]) -> tuple[list[Addr], bool]:
    """The nodes in an order in which those that a node leads to stand before it, as far as there
    are no circles; and whether there are some."""
    within = dict.fromkeys(nodes, False)
    order: list[Addr] = []
    on_the_way: set[Addr] = set()
    circles = False
    for root in within:
        stack: list[tuple[Addr, bool]] = [(root, False)]
        while stack:
            addr, over = stack.pop()
            if over:
                on_the_way.discard(addr)
                order.append(addr)
                continue
            if within[addr]:
                continue
            within[addr] = True
            on_the_way.add(addr)
            stack.append((addr, True))
            record = m.node(addr)
            for edge in record.edges if record is not None else ():
                for target in edge:
                    circles = circles or target in on_the_way
                    if within.get(target) is False:
                        stack.append((target, False))
    return order, circles


def roots(addr: Addr, tensor: Tensor) -> Targets:
    if tensor.is_leaf is YES:
        return frozenset({addr})
    roots = tensor.fn - {NOWHERE} or frozenset({NOWHERE})
    return roots | {addr} if tensor.is_leaf is MAYBE else roots


def towards(m: Machine, found: Reach, inputs: list[Addr]) -> Reach:
    """The part of a walk that a backward with `inputs` really runs: what lies before them."""
    goals: set[Addr] = set(inputs)
    for addr in inputs:
        tensor = m.tensor(addr)
        if tensor is not None:
            goals |= tensor.fn
    leads: set[Addr] = set()
    certain: set[Addr] = set()
    order = list(reversed(found.nodes))
    for _ in range(30):
        before = len(leads), len(certain)
        for addr in order:
            record = m.node(addr)
            for edge in record.edges if record is not None else ():
                if edge & (goals | leads):
                    leads.add(addr)
                    if edge <= goals | certain:
                        certain.add(addr)
        if before == (len(leads), len(certain)):
            break
    return Reach(
        {
            addr: sure and addr in certain
            for addr, sure in found.nodes.items()
            if addr in leads - goals
        },
        {addr: sure for addr, sure in found.leaves.items() if addr in goals},
        found.anywhere,
    )


def leaves_behind(m: Machine, addr: Addr, tensor: Tensor) -> set[Addr]:
    """The leaves whose gradient would come through a tensor, those of its base too."""
    found = {addr} if tensor.is_leaf is YES else set(reach(m, tensor.fn).leaves)
    if tensor.view == "nograd":
        for base in tensor.base:
            below = m.tensor(base)
            if below is not None and base != addr:
                found |= leaves_behind(m, base, below)
    return found


def leads_anywhere(m: Machine, leaf: Addr) -> bool:
    """Whether anything was recorded from a leaf."""
    state = m.s
    while state is not None:
        for thing in state.delta.values():
            if isinstance(thing, Node) and any(leaf in edge for edge in thing.edges):
                return True
        state = state.parent
    return False
