"""What hovers ask for: tensors as names showed them, and backward() calls with what they reached.

Recorded from settled states, like facts. A place visited more often than `MOST` times keeps its
first visits, and `partial` says that there was more to see.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nonegrad.analysis.autograd import tensors
from nonegrad.analysis.autograd.reaching import Reach
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.heap import Node, Tensor
from nonegrad.analysis.domain.objects import Instance
from nonegrad.analysis.domain.provenance import Why
from nonegrad.analysis.domain.truth import NO, YES
from nonegrad.analysis.domain.value_class import replace, value_class
from nonegrad.analysis.domain.values import Addr, Value
from nonegrad.text import Site

if TYPE_CHECKING:
    from nonegrad.analysis.domain.frames import Frame
    from nonegrad.analysis.machine import Machine

MOST = 4
MOST_NAMES = 300
CROWDED = 150
DEEPEST = 5


@value_class
class Sighting:
    """One tensor as a name or path showed it on one visit."""

    addr: Addr
    tensor: Tensor
    fn: str | None
    """The name of its grad_fn, `none` where it certainly has none."""
    backward: Site | None
    """The backward() that ran last before."""


@value_class
class Named:
    """A tensor that a name in scope leads to, at a backward()."""

    name: str
    tensor: Tensor
    outcome: str
    """`filled`, `perhaps`, `non-leaf`, `untracked` or `elsewhere` (a leaf of another graph)."""


@dataclass(frozen=True, slots=True)
class Passing:
    """One backward() that went through."""

    site: Site
    text: str
    why: Why | None
    named: tuple[Named, ...]
    unnamed: int
    """How many further leaves it reached that no name leads to."""
    whole: bool
    """Whether all of its graph is known."""


@dataclass(slots=True)
class Sightings:
    """Collects while the interpreter runs."""

    seen: dict[Site, list[Sighting]] = field(default_factory=dict[Site, list[Sighting]])
    partial: set[Site] = field(default_factory=set[Site])
    passings: dict[Site, Passing] = field(default_factory=dict[Site, Passing])
    through: dict[Addr, Site] = field(default_factory=dict[Addr, Site])
    """Tensors that are no leaves, and the first backward() that went through them."""
    updates: set[Site] = field(default_factory=set[Site])
    """In-place writes to leaves that require grad, with grad mode certainly off."""
    kept: dict[Site, Site | None] = field(default_factory=dict[Site, Site | None])
    """Statements `y = y + 1` whose in-place form would raise: what keeps the old value, or None
    where `y` is a leaf."""

    def bound(
        self, m: Machine, target: ast.expr, value: Value, statement: ast.AST, backward: Site | None
    ) -> None:
        """A name or path was bound; what an augmented assignment found there is past."""
        if isinstance(statement, ast.AugAssign):
            before = self.seen.get(m.site(target), [])
            addrs = values.references(value)
            before[:] = [one for one in before if one.addr not in addrs]
        self.saw(m, target, value, backward)
        self.rebound(m, target, statement)

    def saw(self, m: Machine, node: ast.expr, value: Value, backward: Site | None) -> None:
        """A name or path was read, and this is its value."""
        found = m.tensors(value)
        if not found:
            return
        site = m.site(node)
        kept = self.seen.get(site)
        if kept is None:
            kept = self.seen[site] = []
        if len(found) < len(value) and len(found) < len(value - values.NONE):
            self.partial.add(site)
        for addr, tensor in found:
            if seen_before(kept, addr, tensor):
                continue
            if len(kept) == MOST:
                self.partial.add(site)
                return
            kept.append(Sighting(addr, tensor, tensors.fn_name(m, tensor), backward))

    def rebound(self, m: Machine, target: ast.expr, statement: ast.AST) -> None:
        """A name was bound; `y = y + 1` may stand where `y += 1` must not."""
        match target, statement:
            case ast.Name(id=name), ast.Assign(value=ast.BinOp(left=ast.Name(id=same) as left)) if (
                name == same
            ):
                before = self.seen.get(m.site(left), [])
            case _:
                return
        if len(before) != 1 or m.grad_mode is not YES:
            return
        tensor = before[0].tensor
        if tensor.requires_grad is YES and tensor.is_leaf is YES:
            self.kept[m.site(statement)] = None
        elif tensor.requires_grad is YES and (keeper := maker_that_keeps(m, tensor)) is not None:
            self.kept[m.site(statement)] = keeper.site

    def updated(self, m: Machine, node: ast.AST, tensor: Tensor) -> None:
        """An in-place write went through; of interest is one to a leaf with grad mode off."""
        if m.grad_mode is NO and tensor.is_leaf is YES and tensor.requires_grad is YES:
            self.updates.add(m.site(node))

    def passed(self, m: Machine, node: ast.AST, tensor: Tensor, found: Reach) -> None:
        """backward() went through."""
        site = m.site(node)
        named = dict(paths(m))
        outcomes: list[Named] = []
        for addr, name in named.items():
            one = m.tensor(addr)
            if one is not None and one.differentiable is not NO:
                outcome = self.outcome(addr, one, found, site)
                if outcome:
                    outcomes.append(Named(name, one, outcome))
        unnamed = sum(1 for addr in found.leaves if addr not in named)
        now = Passing(site, m.text(node), tensor.why, tuple(outcomes), unnamed, not found.anywhere)
        before = self.passings.get(site)
        self.passings[site] = now if before is None else joined(before, now)

    def outcome(self, addr: Addr, tensor: Tensor, found: Reach, site: Site) -> str:
        """What a backward() did to one tensor; empty where that is not known."""
        if addr in found.leaves:
            return "filled" if found.leaves[addr] else "perhaps"
        if tensor.requires_grad is NO:
            return "untracked"
        if tensor.is_leaf is NO and any(fn in found.nodes for fn in tensor.fn):
            self.through.setdefault(addr, site)
            if tensor.retains_grad is not NO:
                return "filled" if tensor.retains_grad is YES else "perhaps"
            return "non-leaf"
        if tensor.requires_grad is YES and tensor.is_leaf is YES and not found.anywhere:
            return "elsewhere"
        return ""


def seen_before(kept: list[Sighting], addr: Addr, tensor: Tensor) -> bool:
    """Whether a tensor was seen before as it is now."""
    return any(one.addr is addr and (one.tensor is tensor or one.tensor == tensor) for one in kept)


def maker_that_keeps(m: Machine, tensor: Tensor) -> Node | None:
    """The operation that gave a tensor, where backward needs its result as it is."""
    now = m.version(tensor.counter)
    for fn in tensor.fn:
        record = m.node(fn)
        for saved in record.saved if record is not None else ():
            if saved.counter & tensor.counter and saved.version & now:
                return record
    return None


def joined(a: Passing, b: Passing) -> Passing:
    """One account of two visits: what differs happens on some of them."""
    before = {one.name: one for one in a.named}
    named: list[Named] = []
    for one in b.named:
        old = before.pop(one.name, None)
        same = old is not None and old.outcome == one.outcome
        filled = "filled" in (one.outcome, old.outcome if old else "")
        named.append(one if same or not filled else replace(one, outcome="perhaps"))
    named += before.values()
    return Passing(
        b.site, b.text, b.why, tuple(named), max(a.unnamed, b.unnamed), a.whole and b.whole
    )


def paths(m: Machine) -> Iterator[tuple[Addr, str]]:
    """The tensors that variables in scope lead to, each with the shortest way there."""
    queue: list[tuple[str, Value, int]] = []
    frame: Frame | None = m.frame
    hidden: set[str] = set()
    while frame is not None:
        if len(frame.names.bound) > CROWDED:
            # A scope with so many names is no place to read a list of all of them.
            break
        for name in sorted(frame.names.bound - hidden):
            value = m.s.get((id(frame), name))
            if values.is_value(value):
                queue.append((name, value, 0))
        hidden |= frame.names.bound
        frame = frame.parent
    seen: set[Addr] = set()
    for path, value, depth in queue:
        for addr in values.references(value):
            if addr in seen or len(seen) > MOST_NAMES:
                continue
            seen.add(addr)
            thing = m.s.get(addr)
            if isinstance(thing, Tensor) and not addr.summary:
                yield addr, path
            elif isinstance(thing, Instance) and depth < DEEPEST:
                queue += [(f"{path}.{name}", inner, depth + 1) for name, inner in thing.attributes]
