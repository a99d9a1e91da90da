"""Abstract objects: tensors, what autograd keeps of them, and Python's own containers.

Every object is frozen; a change is a new object at the same address. `join` gives the least
object that covers two, `rename` follows addresses that grew older at the end of a loop turn.
"""

from __future__ import annotations

from dataclasses import field
from typing import Literal

from nonegrad.analysis.domain import renaming
from nonegrad.analysis.domain.objects import GradSwitch
from nonegrad.analysis.domain.provenance import Beside, Why, told
from nonegrad.analysis.domain.renaming import Rename
from nonegrad.analysis.domain.truth import MAYBE, NO, YES, Truth
from nonegrad.analysis.domain.truth import join as join_truth
from nonegrad.analysis.domain.value_class import replace, value_class
from nonegrad.analysis.domain.values import ANY, NONE, UNKNOWN, Addr, Value
from nonegrad.analysis.domain.values import join as join_values
from nonegrad.text import Site

Shape = tuple[int | None, ...]

ANYWHERE = Addr(("anywhere",), summary=True)
"""The target of an edge into a graph that is not known."""
NOWHERE = Addr(("nowhere",), summary=True)
"""The target of an edge that perhaps is not there."""

Targets = frozenset[Addr]


def join_shapes(a: Shape | None, b: Shape | None) -> Shape | None:
    """The sizes both agree on, where they have as many."""
    if a is None or b is None or len(a) != len(b):
        return None
    return tuple(x if x == y else None for x, y in zip(a, b, strict=True))


@value_class
class Tensor:
    """One tensor as autograd sees it.

    `fn` holds the nodes its grad_fn may be (empty for a leaf, ANYWHERE for an unknown one);
    `counter` the version counters it may use; `base` the tensors it may be a view of. `grad` is
    the value of its `.grad`. `shape` has None for a size that is not known.
    """

    requires_grad: Truth = MAYBE
    is_leaf: Truth = MAYBE
    retains_grad: Truth = NO
    fn: Targets = frozenset({ANYWHERE})
    counter: frozenset[Addr] = frozenset()
    base: frozenset[Addr] = frozenset()
    view: Literal["no", "view", "multi", "nograd", "maybe"] = "no"
    grad: Value = NONE
    dtype: str | None = None
    shape: Shape | None = None
    contiguous: Truth = MAYBE
    is_parameter: Truth = NO
    inference: Truth = NO
    views: frozenset[Addr] = frozenset()
    escaped: bool = False
    why: Why | None = field(default=None, compare=False)
    grad_why: Why | None = field(default=None, compare=False)

    def join(self, other: Tensor) -> Tensor:
        shape = self.shape
        if shape != other.shape:
            shape = join_shapes(shape, other.shape)
        return Tensor(
            join_truth(self.requires_grad, other.requires_grad),
            join_truth(self.is_leaf, other.is_leaf),
            join_truth(self.retains_grad, other.retains_grad),
            self.fn | other.fn,
            self.counter | other.counter,
            self.base | other.base,
            self.view if self.view == other.view else "maybe",
            join_values(self.grad, other.grad),
            self.dtype if self.dtype == other.dtype else None,
            shape,
            join_truth(self.contiguous, other.contiguous),
            join_truth(self.is_parameter, other.is_parameter),
            join_truth(self.inference, other.inference),
            self.views | other.views,
            self.escaped or other.escaped,
            told(self.why, other.why),
            self.grad_why or other.grad_why,
        )

    def rename(self, to: Rename) -> Tensor:
        fn, counter = renaming.rename_set(self.fn, to), renaming.rename_set(self.counter, to)
        base, views = renaming.rename_set(self.base, to), renaming.rename_set(self.views, to)
        grad = renaming.rename_value(self.grad, to)
        same = fn is self.fn and counter is self.counter and base is self.base
        if same and views is self.views and grad is self.grad:
            return self
        return replace(self, fn=fn, counter=counter, base=base, views=views, grad=grad)

    @property
    def grad_state(self) -> Truth:
        """Whether `.grad` is set: YES, NO, or MAYBE."""
        if self.grad == NONE:
            return NO
        return MAYBE if UNKNOWN in self.grad or self.grad >= NONE else YES

    @property
    def differentiable(self) -> Truth:
        """Whether the dtype can require grad at all."""
        return differentiable(self.dtype)


def differentiable(dtype: str | None) -> Truth:
    """Whether tensors of a dtype can require grad at all."""
    real = dtype is not None and dtype.startswith(("float", "bfloat", "complex", "half"))
    return MAYBE if dtype is None else YES if real else NO


@value_class
class Spoilt:
    """A write past the version counter to what a node kept; `sure`: it certainly changed it."""

    site: Site
    sure: bool


@value_class
class Saved:
    """A tensor that a node keeps for backward, at the version it had; `certain`: on every run."""

    counter: frozenset[Addr]
    version: frozenset[Addr]
    certain: bool
    role: str
    """What it is to the operator: `result`, or the parameter's name."""
    spoilt: tuple[Spoilt, ...] = ()

    def rename(self, to: Rename) -> Saved:
        counter, version = (
            renaming.rename_set(self.counter, to),
            renaming.rename_set(self.version, to),
        )
        if counter is self.counter and version is self.version:
            return self
        return replace(self, counter=counter, version=version)


@value_class
class Node:
    """One recorded operation. `edges` has one set of alternatives an input; `keeps` says whether
    it keeps anything a second backward would miss; `beside` holds the terms without a graph."""

    name: str | None
    edges: tuple[Targets, ...]
    saved: tuple[Saved, ...] = ()
    keeps: Truth = NO
    freed: Truth = NO
    operator: str = field(default="", compare=False)
    site: Site | None = field(default=None, compare=False)
    why: Why | None = field(default=None, compare=False)
    freed_at: Site | None = field(default=None, compare=False)
    """The backward that went through it last."""
    beside: tuple[Beside, ...] = field(default=(), compare=False)
    flat: bool = field(default=False, compare=False)
    """Its derivative is zero everywhere."""

    def join(self, other: Node) -> Node:
        if len(self.edges) == len(other.edges):
            edges = tuple(a | b for a, b in zip(self.edges, other.edges, strict=True))
        else:
            every: Targets = frozenset({NOWHERE}).union(*self.edges, *other.edges)
            edges = (every,)
        saved = self.saved
        if saved != other.saved:
            certain = frozenset(self.saved) & frozenset(other.saved)
            both = dict.fromkeys(self.saved + other.saved)
            saved = tuple(s if s in certain else replace(s, certain=False) for s in both)
            saved = tuple(dict.fromkeys(saved))[:24]
        return Node(
            self.name if self.name == other.name else None,
            edges,
            saved,
            join_truth(self.keeps, other.keeps),
            join_truth(self.freed, other.freed),
            self.operator,
            self.site,
            self.why,
            self.freed_at or other.freed_at,
            self.beside if other.beside else (),
            self.flat and other.flat,
        )

    def rename(self, to: Rename) -> Node:
        edges = tuple([renaming.rename_set(edge, to) for edge in self.edges])
        saved = tuple(dict.fromkeys([saved.rename(to) for saved in self.saved]))
        if edges == self.edges and saved == self.saved:
            return self
        return replace(self, edges=edges, saved=saved)


@value_class
class Sequence:
    """A list, tuple, set, generator or iterator: known items first, then any number of `rest`.

    `taken` says whether an iterator has been used up, `opening` what the first of `rest` are,
    where there are any: as it was made, not of what was joined.
    """

    kind: str
    items: tuple[Value, ...] = ()
    rest: Value | None = None
    taken: Truth = NO
    fields: tuple[str, ...] = ()
    opening: tuple[Value, ...] = ()
    paused: GradSwitch | None = None
    """The grad mode that a generator leaves on while it is paused, if it does."""

    def join(self, other: Sequence) -> Sequence:
        short = min(len(self.items), len(other.items))
        rest = self.rest
        if other.rest is not None:
            rest = other.rest if rest is None else join_values(rest, other.rest)
        items = tuple(join_values(self.items[i], other.items[i]) for i in range(short))
        for value in self.items[short:] + other.items[short:]:
            rest = value if rest is None else join_values(rest, value)
        fields = self.fields if self.fields == other.fields else ()
        kind = self.kind if self.kind == other.kind else "sequence"
        paused = self.paused
        if paused != other.paused and (one := paused or other.paused) is not None:
            paused = replace(one, mode=MAYBE, inference=MAYBE)
        taken = join_truth(self.taken, other.taken)
        return Sequence(kind, items, rest, taken, fields, paused=paused)

    def rename(self, to: Rename) -> Sequence:
        return replace(
            self,
            items=tuple(renaming.rename_value(item, to) for item in self.items),
            rest=None if self.rest is None else renaming.rename_value(self.rest, to),
            opening=tuple(renaming.rename_value(item, to) for item in self.opening),
        )

    @property
    def element(self) -> Value:
        """The join of everything in it; ANY for what is certainly empty or not known."""
        result: Value = self.rest if self.rest is not None else frozenset()
        for item in self.items:
            result = join_values(result, item)
        return result or ANY


@value_class
class Mapping:
    """A dict: known entries in order, and the join of entries whose key is not known."""

    entries: tuple[tuple[object, Value], ...] = ()
    rest: Value | None = None
    kind: str = "dict"
    factory: Value | None = None
    """What a defaultdict calls for a key that is missing."""
    of: Value | None = None
    """The module whose `_parameters` it is."""

    def join(self, other: Mapping) -> Mapping:
        mine, theirs = dict(self.entries), dict(other.entries)
        rest = self.rest
        if other.rest is not None:
            rest = other.rest if rest is None else join_values(rest, other.rest)
        entries: dict[object, Value] = {}
        for key in {**mine, **theirs}:
            if key in mine and key in theirs:
                entries[key] = join_values(mine[key], theirs[key])
            else:
                lone = mine.get(key) or theirs.get(key) or ANY
                rest = lone if rest is None else join_values(rest, lone)
        factory = self.factory if self.factory == other.factory else ANY
        of = self.of if self.of == other.of else join_values(self.of or ANY, other.of or ANY)
        return Mapping(tuple(entries.items()), rest, self.kind, factory, of)

    def rename(self, to: Rename) -> Mapping:
        return replace(
            self,
            entries=tuple((key, renaming.rename_value(value, to)) for key, value in self.entries),
            rest=None if self.rest is None else renaming.rename_value(self.rest, to),
            factory=None if self.factory is None else renaming.rename_value(self.factory, to),
            of=None if self.of is None else renaming.rename_value(self.of, to),
        )

    @property
    def is_dict(self) -> bool:
        """Whether it is a dict of Python's, and no object that is kept as one."""
        return self.kind not in ("ctx", "parser")

    @property
    def element(self) -> Value:
        """The join of every entry."""
        result: Value = self.rest if self.rest is not None else frozenset()
        for _, value in self.entries:
            result = join_values(result, value)
        return result or ANY
