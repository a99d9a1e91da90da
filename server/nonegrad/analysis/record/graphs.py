"""The autograd graphs of a program, as `nonegrad graph` draws them: what is kept of each visit of a
backward() or a return, and how several visits of one place become one graph.

An edge runs the way the values went, from a leaf to the loss; gradients go against it.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field, replace
from typing import Literal

from nonegrad.text import Site

Key = tuple[Hashable, ...]
"""What makes two vertices one, over the turns of a loop and the visits of a place."""
Kind = Literal["backward", "grad", "return"]
Gradient = Literal["yes", "no", "perhaps"]


@dataclass(frozen=True, slots=True)
class Vertex:
    """A leaf, a recorded operation, a place where the way is cut, the loss, what the caller of a
    function gave (`input`), or what is not known.

    `certain`: it is there on every run that gets to the place. A step that is not recorded is an
    `op` whose `requires_grad` is False.
    """

    kind: Literal["leaf", "op", "cut", "root", "input", "unknown"]
    text: str
    """The name of a leaf or of the loss, the code of a step."""
    site: Site | None = None
    grad_fn: str | None = None
    requires_grad: bool | None = None
    gradient: Gradient | None = None
    """For a leaf: whether this backward() gives it a gradient."""
    reason: str = ""
    """Why a leaf has none: `frozen`, `untracked`, `cut`, `unused`, `dropped`, `unasked`, `unknown`.
    For a cut the kind of its step, as provenance names it."""
    certain: bool = True
    count: int | None = 1
    """How many there are of it: a step in a loop is drawn once. None where that is not known."""
    modules: tuple[str, ...] = ()
    """The modules that hold a leaf, the outermost first."""
    by: Site | None = None
    """For a cut, where grad mode was switched; for a leaf, what froze it; for an operation, the
    call from here in which it ran."""
    operator: str = ""
    """The operator of a recorded operation, as users write it."""
    order: tuple[object, ...] = ()
    """Tells it from others of its place, the same on every run."""

    def join(self, other: Vertex) -> Vertex:
        """One vertex for two visits: what differs is not known."""
        gradient = self.gradient
        if gradient != other.gradient:
            gradient = None if None in (gradient, other.gradient) else "perhaps"
        known = self.requires_grad == other.requires_grad
        return replace(
            self,
            grad_fn=self.grad_fn if self.grad_fn == other.grad_fn else None,
            requires_grad=self.requires_grad if known else None,
            gradient=gradient,
            reason=self.reason if self.reason == other.reason or self.kind == "cut" else "",
            certain=self.certain and other.certain,
            count=self.count if self.count == other.count else None,
        )


@dataclass(frozen=True, slots=True)
class Edge:
    """`gradient`: what backward() goes along. `values`: numbers that went on without a graph,
    perhaps over steps that are not drawn, on one of the ways there are."""

    kind: Literal["gradient", "values"]
    certain: bool


@dataclass(slots=True)
class Graph:
    """One backward(), autograd.grad() or return, over all visits. `whole`: what is drawn is all
    there can be."""

    kind: Kind
    site: Site
    text: str
    scope: str
    within: frozenset[str] = frozenset()
    """The functions of the file that were running."""
    whole: bool = True
    vertices: dict[Key, Vertex] = field(default_factory=dict[Key, Vertex])
    edges: dict[tuple[Key, Key], Edge] = field(default_factory=dict[tuple[Key, Key], Edge])

    def add(self, key: Key, vertex: Vertex) -> None:
        """One more vertex of this visit: of those with one key, one is drawn."""
        known = self.vertices.get(key)
        if known is None:
            self.vertices[key] = vertex
            return
        counts = (known.count, vertex.count)
        count = None if None in counts else sum(one for one in counts if one is not None)
        certain = known.certain or vertex.certain
        self.vertices[key] = replace(known.join(vertex), certain=certain, count=count)

    def lead(
        self, source: Key, target: Key, kind: Literal["gradient", "values"], sure: bool
    ) -> None:
        """One more edge of this visit."""
        known = self.edges.get((source, target))
        if known is not None:
            kind = "gradient" if "gradient" in (kind, known.kind) else "values"
            sure = sure or known.certain
        self.edges[source, target] = Edge(kind, sure)

    def join(self, other: Graph) -> None:
        """Take in another visit: what only one of them has is there on some runs."""
        self.whole = self.whole and other.whole
        self.within |= other.within
        for key, vertex in other.vertices.items():
            known = self.vertices.get(key)
            alone = replace(vertex, certain=False, gradient=on_some(vertex))
            self.vertices[key] = alone if known is None else known.join(vertex)
        for key in self.vertices.keys() - other.vertices.keys():
            vertex = self.vertices[key]
            self.vertices[key] = replace(vertex, certain=False, gradient=on_some(vertex))
        for pair, edge in other.edges.items():
            known = self.edges.get(pair)
            sure = known is not None and known.certain and edge.certain
            kind = "gradient" if known is not None and known.kind == "gradient" else edge.kind
            self.edges[pair] = Edge(kind, sure)
        for pair in self.edges.keys() - other.edges.keys():
            self.edges[pair] = replace(self.edges[pair], certain=False)


KINDS = ("root", "op", "input", "unknown", "cut", "leaf")


def numbered(graph: Graph) -> dict[Key, str]:
    """The vertices by names that are the same on every run: `n1` is the first loss."""

    def rank(key: Key) -> tuple[object, ...]:
        vertex = graph.vertices[key]
        made = (vertex.site or ("", 0), str(vertex.order), vertex.grad_fn or "", vertex.text)
        return (KINDS.index(vertex.kind), *made)

    return {key: f"n{place}" for place, key in enumerate(sorted(graph.vertices, key=rank), 1)}


def on_some(vertex: Vertex) -> Gradient | None:
    """Whether a leaf that only some visits know by its name gets its gradient: where they do not,
    it may have had another name."""
    return None if vertex.gradient is None else "perhaps"
