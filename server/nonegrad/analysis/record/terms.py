"""Terms of a loss that change its number and nothing else: computed from what trains, but outside
the graph."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nonegrad.analysis.autograd import reaching, summands
from nonegrad.analysis.domain.heap import Tensor
from nonegrad.analysis.domain.provenance import Beside, Why, nearest, walk
from nonegrad.analysis.domain.values import Addr, Value
from nonegrad.text import Site

if TYPE_CHECKING:
    from nonegrad.analysis.machine import Machine

COUNTING = frozenset(
    """argmax argmin argsort bincount histc count_nonzero unique unique_consecutive nonzero
    searchsorted bucketize one_hot > < >= <= == != gt lt ge le eq ne greater less greater_equal
    less_equal not_equal isclose logical_and logical_or logical_not logical_xor to long int bool
    max min sort topk median mode kthvalue any all""".split()
)
"""Operators whose results depend on their inputs, and follow no small change of them."""
COMPARED = frozenset("== != eq ne not_equal isclose".split())
COPYING = frozenset({"clone", "cpu", "to"})
MOST = 40
"""How many terms of one loss are looked at."""


@dataclass(frozen=True, slots=True)
class IdleTerm:
    """A term of a loss that nothing trains through.

    `reason`: `derivative` (autograd.grad without create_graph gave it), `counted` (an operation
    without a derivative lies between), `weights` (it is computed from parameters, taken out of
    their graph).
    """

    names: tuple[str, ...]
    """The parameters that the loss trains by other terms."""
    reason: str
    cut: Why
    added: Site
    backward: Site
    used: Site | None = None
    """Where copies of weights are used that were made on purpose."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A term without a graph, in the loss of a backward."""

    term: Beside
    added: Site
    backward: Site
    reached: frozenset[Addr]
    others: frozenset[Site]
    """The cuts in the stories of the other terms."""
    beside: tuple[Beside, ...]
    """All terms without a graph of the loss."""


@dataclass
class Terms:
    """Collects cuts with what lies behind them, and the terms of losses."""

    behind: dict[Site, set[Addr]] = field(default_factory=dict[Site, set[Addr]])
    """The leaves behind each cut."""
    gradients: set[Site] = field(default_factory=set[Site])
    """Calls of autograd.grad whose gradients have no graph."""
    weights: dict[Site, bool] = field(default_factory=dict[Site, bool])
    """Cuts of what was computed from leaves that require grad, and of nothing else."""
    seen: dict[tuple[Site, Site], Seen] = field(default_factory=dict[tuple[Site, Site], Seen])
    always: dict[Site, set[Site]] = field(default_factory=dict[Site, set[Site]])
    """For each place that adds: the cuts whose terms it adds whenever a backward gets there."""

    def derived(self, m: Machine, node: ast.AST, outputs: Iterable[Value]) -> None:
        """autograd.grad gives plain numbers."""
        if not m.recording:
            return
        site = m.site(node)
        self.gradients.add(site)
        leaves = self.behind.setdefault(site, set())
        for value in outputs:
            for addr, tensor in m.tensors(value):
                leaves |= reaching.leaves_behind(m, addr, tensor)

    def derivative_of(self, leaf: Addr, loss: Why | None) -> Why | None:
        """The autograd.grad that gave a loss plain numbers for what a leaf leads to."""
        steps = (one for one in walk(loss) if one.site in self.gradients)
        return next((one for one in steps if leaf in self.behind[one.site]), None)

    def cut_off(self, m: Machine, why: Why, leaves: set[Addr], story: Iterable[Why | None]) -> None:
        """A step took what these leaves are behind out of the graph."""
        self.behind.setdefault(why.site, set()).update(leaves)
        if leaves and self.weights.get(why.site, True):
            own = (tensor.why for one in leaves if (tensor := m.tensor(one)) is not None)
            begun, made = beginnings(story), beginnings(own)
            self.weights[why.site] = bool(begun) and begun <= made

    def ends(self, step: Why) -> bool:
        """Whether a step of a story is where a graph ended."""
        return (step.cut and step.kind != "frozen") or step.site in self.gradients

    def ran(self, m: Machine, node: ast.AST, tensor: Tensor, found: reaching.Reach) -> None:
        """A backward went through the terms of a loss."""
        if not m.recording:
            return
        here: dict[Site, dict[Site, tuple[Beside, Why]]] = {}
        every: list[Beside] = []
        # Without a gradient a loss is one number, and so are its terms.
        seeded = isinstance(node, ast.Call) and bool(
            node.args or any(one.arg == "gradient" for one in node.keywords)
        )
        for addr, record, single in summands.added_up(m, tensor.fn):
            if record.site is None:
                continue
            met = here.setdefault(record.site, {})
            if not found.nodes.get(addr) or m.uncertain or found.anywhere:
                continue
            for term in record.beside[:MOST]:
                if not (term.single or (single and not seeded)):
                    continue
                ended = nearest(term.why, self.ends)
                every += [term] if ended else []
                met.update((cut.site, (term, cut)) for cut in ended)
        others: frozenset[Site] | None = None
        for added, met in here.items():
            self.always.setdefault(added, set(met)).intersection_update(met)
            for site, (term, _) in met.items():
                if others is None:
                    others = self.cuts_outside(tensor.why, every)
                leaves = found.leaves.items()
                reached = frozenset(leaf for leaf, sure in leaves if sure or leaf.summary)
                one = Seen(term, added, m.site(node), reached, others, tuple(every))
                self.seen.setdefault((added, site), one)

    def cuts_outside(self, why: Why | None, terms: list[Beside]) -> frozenset[Site]:
        """The cuts in a story, those of some of its terms left out."""
        left_out = {id(term.why) for term in terms}
        found: set[Site] = set()
        queue, done = [why] if why is not None else [], set[int]()
        while queue:
            step = queue.pop()
            if id(step) in done or id(step) in left_out:
                continue
            done.add(id(step))
            if self.ends(step):
                found.add(step.site)
            queue.extend(step.parents)
        return frozenset(found)

    def idle(self, held: set[Addr], cuts: dict[Addr, list[Why]]) -> list[tuple[Seen, Why, str]]:
        """The terms that were meant to train, each with the cut and the reason."""
        found: dict[Site, tuple[Seen, Why, str]] = {}
        for (added, _), seen in self.seen.items():
            ended = nearest(seen.term.why, self.ends)
            if not all(cut.site in self.always[added] for cut in ended):
                continue
            every = (
                self.reason(seen, term, cut, held, cuts)
                for term in seen.beside
                for cut in nearest(term.why, self.ends)
            )
            if "meant" in every:
                # What is detached by hand may well take away what another term adds.
                continue
            for cut in ended:
                reason = self.reason(seen, seen.term, cut, held, cuts)
                if reason:
                    found.setdefault(cut.site, (seen, cut, reason))
        return list(found.values())

    def reason(
        self, seen: Seen, term: Beside, cut: Why, held: set[Addr], cuts: dict[Addr, list[Why]]
    ) -> str:
        """Why a cut is none that was meant; `meant` where it may be; nothing where it does not
        matter, for nothing behind it trains."""
        leaves = self.behind.get(cut.site, set())
        trained = leaves & seen.reached
        if cut.site in self.gradients:
            return "derivative" if trained & held or (trained and not held) else ""
        if leaves and leaves.isdisjoint(held | seen.reached):
            return ""
        if not trained:
            return "meant"
        if cut.kind == "not_differentiable" and cut.held.endswith("_like"):
            return ""
        if cut.kind == "not_differentiable":
            compared = any(step.held in COMPARED for step in walk(term.why))
            meant = cut.held not in COUNTING or (compared and cut.site in seen.others)
            return "meant" if meant else "counted"
        alone = self.weights.get(cut.site, False) and not term.taken
        again = any(one.site in seen.others for leaf in leaves for one in cuts.get(leaf, ()))
        return "weights" if alone and not again else "meant"


def copy_used(story: Why, cut: Why) -> Site | None:
    """Where a copy is used first, if what was cut was copied at once, to be kept."""
    steps = walk(story)
    copies = [step for step in steps if cut in step.parents]
    if not all(step.held in COPYING for step in copies):
        return None
    return min((step.site for step in steps if set(copies) & set(step.parents)), default=None)


def beginnings(stories: Iterable[Why | None]) -> set[int]:
    """The steps that stories begin with."""
    return {id(step) for one in stories for step in walk(one) if not step.parents}
