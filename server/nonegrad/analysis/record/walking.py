"""From the state at a backward() to the graph that is kept of it."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nonegrad.analysis.autograd import reaching, tensors
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.heap import ANYWHERE, NOWHERE, Targets, Tensor
from nonegrad.analysis.domain.provenance import Why, walk
from nonegrad.analysis.domain.truth import MAYBE, NO, YES
from nonegrad.analysis.domain.values import Addr, Value
from nonegrad.analysis.machine import Machine
from nonegrad.analysis.record import leaf_names, peeking
from nonegrad.analysis.record.graphs import Gradient, Graph, Key, Kind, Vertex
from nonegrad.analysis.record.turns import Turns
from nonegrad.text import Site

if TYPE_CHECKING:
    from nonegrad.analysis.autograd.inputs import Wanted
    from nonegrad.analysis.record.drawing import Drawing

LONGEST = 60
UNKNOWN: Key = ("unknown",)
INPUT: Key = ("input",)


@dataclass(frozen=True, slots=True)
class Root:
    """What a backward() starts from; `what` and `why` where it is no tensor."""

    text: str
    value: Value
    what: str = ""
    why: Why | None = None


class Walk:
    """One visit: what was recorded, and the leaves; `stories` adds what went on without a graph."""

    def __init__(
        self,
        kept: Drawing,
        m: Machine,
        node: ast.AST,
        kind: Kind,
        roots: list[Root],
        inputs: Wanted,
    ) -> None:
        self.kept, self.m = kept, m
        self.asked, self.strange = (None, False) if inputs is None else (set(inputs[0]), inputs[1])
        self.graph = Graph(kind, m.site(node), m.text(node, LONGEST), m.frame.scope)
        self.turns = Turns(m)
        self.named = leaf_names.names(m)
        self.places: dict[Addr, Key] = {}
        self.reached: dict[Addr, bool] = {}
        self.anywhere = self.rough = False
        self.stories: list[tuple[Key, Why | None, bool]] = []
        """Of each root, and whether it has no graph at all."""
        for place, root in enumerate(roots):
            self.begin(("root", place), root)
        self.tracked = set(self.graph.vertices)
        """What a gradient comes through, or would."""
        self.unreached()
        self.graph.whole = not (self.anywhere or self.rough)

    # -- what was recorded -------------------------------------------------------------------------

    def begin(self, key: Key, root: Root) -> None:
        """One root and all that a backward() from it goes through."""
        m, graph = self.m, self.graph
        found = m.tensors(root.value)
        sure = len(found) == len(root.value) and bool(found) and not m.uncertain
        flags = {tensor.requires_grad.known for _, tensor in found}
        names = {tensors.fn_name(m, tensor) for _, tensor in found}
        graph.add(
            key,
            Vertex(
                "root",
                root.text,
                graph.site,
                next(iter(names)) if len(names) == 1 and names != {"none"} else None,
                False if root.what else next(iter(flags)) if len(flags) == 1 else None,
                reason=root.what,
                order=key,
            ),
        )
        starts: Targets = frozenset()
        for addr, tensor in found:
            if tensor.requires_grad is not NO:
                starts |= reaching.roots(addr, tensor)
        if len(found) < len(root.value - values.NONE) and not root.what:
            starts |= {ANYWHERE}
        sure = sure and all(tensor.requires_grad is YES for _, tensor in found)
        self.through(reaching.reach(m, starts, definite=sure), starts)
        self.connect(starts, key, sure=sure)
        for _, tensor in found:
            self.stories.append((key, tensor.why, tensor.requires_grad is NO))
        if root.what:
            self.stories.append((key, root.why, True))

    def through(self, found: reaching.Reach, starts: Targets) -> None:
        """The vertices of a walk, and the edges between them."""
        if self.graph.kind == "return":
            found = self.from_the_caller(found, starts)
        self.anywhere = self.anywhere or found.anywhere
        for addr, sure in found.leaves.items():
            self.reached[addr] = self.reached.get(addr, False) or sure
        plain = self.plain(starts)
        found.nodes = {addr: sure and addr in plain for addr, sure in found.nodes.items()}
        fresh = [addr for addr in found.nodes if addr not in self.places]
        for addr in fresh:
            self.places[addr] = key = self.turns.key(addr)
            record, sure = self.m.node(addr), found.nodes[addr]
            if record is not None:
                made = Vertex("op", self.code(record.site), record.site, record.name, True)
                made = replace(made, certain=sure, count=None if addr.summary else 1)
                made = replace(made, by=self.turns.via(addr), operator=record.operator)
                made = replace(made, order=self.turns.order(addr))
                self.graph.add(key, made)
        for addr, sure in found.leaves.items():
            self.leaf(addr, self.gradient(addr, sure))
        for addr in fresh:
            for place, edge in enumerate(self.edges(addr)):
                sure = found.nodes[addr] and not (is_rough(addr) and (place or not is_slices(addr)))
                self.connect(edge, self.places[addr], sure=sure)

    def edges(self, addr: Addr) -> tuple[Targets, ...]:
        """Where the gradient goes on from a node."""
        record = self.m.node(addr)
        return record.edges if record is not None else ()

    def plain(self, starts: Targets) -> set[Addr]:
        """The nodes that torch has as they are: a write to a view is one node for it, and what
        was written and how the view was taken are inside."""
        found: set[Addr] = set()
        queue = list(starts)
        for addr in queue:
            if addr not in found:
                found.add(addr)
                edges = self.edges(addr)
                rough = is_rough(addr)
                self.rough = self.rough or rough
                for edge in edges[: is_slices(addr)] if rough else edges:
                    queue += edge
        return found

    def from_the_caller(self, found: reaching.Reach, starts: Targets) -> reaching.Reach:
        """The part of a walk that the function itself recorded; all before it is one vertex."""
        own = reaching.Reach()
        queue = sorted(starts, key=values.age)
        for addr in queue:
            if addr in found.leaves:
                own.leaves[addr] = found.leaves[addr]
            elif addr is ANYWHERE:
                own.anywhere = True
            elif addr in found.nodes and not self.turns.inside(addr):
                self.places[addr] = self.caller()
            elif addr in found.nodes and addr not in own.nodes:
                own.nodes[addr] = found.nodes[addr]
                for edge in self.edges(addr):
                    queue += sorted(edge, key=values.age)
        return own

    def caller(self) -> Key:
        """The vertex of what a function was given."""
        self.graph.vertices.setdefault(INPUT, Vertex("input", "", count=None))
        return INPUT

    def near(self, addr: Addr) -> bool:
        """Whether a leaf is the function's own, where it is one that is drawn."""
        named = self.named.get(addr)
        first = "" if named is None else re.split(r"[.\[]", named.path, maxsplit=1)[0]
        return self.graph.kind != "return" or first in self.m.frame.names.bound

    def connect(self, targets: Targets, key: Key, *, sure: bool) -> None:
        """The edges of one input into a vertex."""
        for target in sorted(targets - {NOWHERE}, key=values.age):
            source = self.places.get(target)
            if source is None:
                unknown = Vertex("unknown", "", certain=False, count=None)
                self.graph.vertices.setdefault(UNKNOWN, unknown)
                source = UNKNOWN
            certain = sure and len(targets) == 1 and source is not UNKNOWN
            self.graph.lead(source, key, "gradient", certain)

    # -- leaves ------------------------------------------------------------------------------------

    def leaf(self, addr: Addr, told: tuple[Gradient, str]) -> Key:
        """The vertex of a leaf, made when it is first asked for."""
        if addr in self.places:
            return self.places[addr]
        named, tensor = self.named.get(addr), self.m.tensor(addr)
        why = tensor.why if tensor is not None else None
        if named is not None:
            name = named.path
        else:
            # It is called that elsewhere, or was in an earlier turn.
            site = why.site if why is not None else addr.site
            name = f"{self.kept.name_of(addr)} ({self.code(site)})"
        key = ("leaf", name) if named is not None else ("leaf", name, *self.turns.key(addr))
        self.places[addr] = key
        gradient, reason = told
        self.graph.add(
            key,
            Vertex(
                "leaf",
                name,
                why.site if why is not None else addr.site,
                None,
                tensor.requires_grad.known if tensor is not None else None,
                gradient,
                reason,
                self.reached.get(addr, True),
                None if addr.summary else 1,
                named.modules if named is not None else (),
                why.site if why is not None and why.kind == "frozen" else None,
                order=self.turns.order(addr),
            ),
        )
        return key

    def gradient(self, addr: Addr, sure: bool) -> tuple[Gradient, str]:
        """Whether a leaf that is reached gets its gradient."""
        tensor = self.m.tensor(addr)
        if self.asked is not None and addr not in self.asked:
            return ("perhaps", "unknown") if self.strange else ("no", "unasked")
        if tensor is None or tensor.requires_grad is NO:
            return "no", "dropped"
        return ("yes" if sure and tensor.requires_grad is YES else "perhaps"), ""

    def unreached(self) -> None:
        """The leaves within reach that this backward() does not get to."""
        stories = {step for _, why, _ in self.stories for step in walk(why)}
        for addr, named in self.named.items():
            tensor = self.m.tensor(addr)
            if tensor is None or addr in self.places or tensor.is_leaf is NO or not self.near(addr):
                continue
            if tensor.requires_grad is NO:
                frozen = tensor.why is not None and tensor.why.kind == "frozen"
                if (frozen and tensor.why in stories) or tensor.is_parameter is YES:
                    self.leaf(addr, ("no", "frozen" if frozen else "off"))
            elif tensor.requires_grad is YES and tensor.is_leaf is YES and named.path:
                self.leaf(addr, self.missed(addr, tensor, stories))
            elif tensor.requires_grad is MAYBE and tensor.is_parameter is YES:
                self.leaf(addr, ("perhaps", "unknown"))

    def missed(self, addr: Addr, tensor: Tensor, stories: set[Why]) -> tuple[Gradient, str]:
        """Why a leaf that requires grad gets none."""
        if self.anywhere or self.strange:
            return "perhaps", "unknown"
        if any(addr in leaves and why in stories for why, leaves in self.kept.behind.items()):
            return "no", "cut"
        return "no", "unasked" if self.asked is not None and addr not in self.asked else "unused"

    # -- places ------------------------------------------------------------------------------------

    def code(self, site: Site | None) -> str:
        """The code of a place, on one line."""
        if site is None:
            return ""
        text = " ".join(peeking.text_at(self.m, site).split())
        return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


SLICES = ("slices", "maybe slices")
ROUGH = (*SLICES, "view", "regenerated", "anew")
"""What the analysis calls nodes that it makes for writes to views, and for views of what was
written: torch has other ones there, that lead to the same leaves."""


def is_slices(addr: Addr) -> bool:
    """Whether a node stands for a write to a view: the first edge is that of what was viewed."""
    return any(label in addr.key for label in SLICES)


def is_rough(addr: Addr) -> bool:
    """Whether what follows a node is in torch within another one."""
    return any(label in addr.key for label in ROUGH)
