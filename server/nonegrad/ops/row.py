"""What one row of the operator table says."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Literal

View = Literal["no", "view", "multi", "maybe", "same"]


class Kind(Enum):
    """What an argument is, as far as a reader of the source can tell."""

    TENSOR = "tensor"
    TENSORS = "tensors"
    """A list or tuple of tensors."""
    INT = "int"
    FLOAT = "float"
    BOOL = "bool"
    COMPLEX = "complex"
    STR = "str"
    NONE = "none"
    DTYPE = "dtype"
    NUMBERS = "numbers"
    """A list, tuple or size of numbers."""
    OTHER = "other"
    """Certainly none of the above: a device, a generator, a function, ..."""
    UNKNOWN = "unknown"
    SLICE = "slice"
    """In an index: a slice that takes everything or not, which is not known."""
    CUT_SLICE = "cut slice"
    """In an index: start other than 0, negative stop, or step other than 1; never everything."""
    FULL_SLICE = "full slice"
    """In an index: `:`."""
    ELLIPSIS = "ellipsis"
    MASK = "mask"
    """In an index: a tensor of bool."""
    INDEXES = "indexes"
    """In an index: a tensor of integers that has at least one dimension."""


@dataclass(frozen=True, slots=True)
class Saved:
    """An input that the node keeps for its backward.

    `when` names the parameters of which one must require grad for it to be kept; None: kept
    whenever a node is made. Not `certain`: only on some runs.
    """

    param: str
    when: frozenset[str] | None = None
    certain: bool = True


@dataclass(frozen=True, slots=True)
class Op:
    """What autograd does at one call; the parameters are named as in `params`."""

    name: str
    params: tuple[str, ...] = ()
    """In the order of the call; `self` is the input, and `input` another name of it."""
    keyword_only: frozenset[str] = frozenset()
    tensors: frozenset[str] = frozenset()
    saved: tuple[Saved, ...] = ()
    saves_result: tuple[tuple[int, bool], ...] = ()
    """Index of a result that is kept for backward, and whether on every run."""
    grads_through: frozenset[str] = frozenset()
    grads_surely: frozenset[str] | None = None
    """Where several rows are possible: the parameters through which gradient flows in all of them;
    None: in `grads_through`."""
    nodes: tuple[str | None, ...] = (None,)
    """`grad_fn.name()` of each result that requires grad; None: not always the same, or unknown."""
    differentiable: tuple[bool | None, ...] = (True,)
    """Per result: requires grad when a parameter of `grads_through` does; None: not known."""
    returns: str = "T"
    """One letter a result: T tensor, L list or tuple of tensors, N none of these; '?' unknown."""
    writes: str | None = None
    """The parameter that is changed in place and returned."""
    writes_certain: bool = True
    writes_also: frozenset[str] = frozenset()
    """Parameters changed in place besides (running statistics)."""
    view: View = "no"
    dtype: str | None = None
    """How the dtype of result 0 comes about, see `nonegrad.ops.dtypes`; None: unknown."""
    zero: frozenset[str] = field(default_factory=lambda: frozenset[str]())
    """Parameters whose gradient is zero everywhere."""
    random: bool = False
    factory: bool = False
    accepts_requires_grad: bool = False
    no_backward: bool = False
    """Backward raises, for torch has no derivative."""

    def node(self, result: int = 0) -> str | None:
        """The grad_fn name of one result; a list of results shares the last one named."""
        return self.nodes[min(result, len(self.nodes) - 1)] if self.nodes else None

    def sure(self) -> frozenset[str]:
        """The parameters through which gradient certainly flows."""
        return self.grads_through if self.grads_surely is None else self.grads_surely

    def flows(self, result: int = 0) -> bool | None:
        """Whether gradient flows into one result; a list of results shares the last answer."""
        if not self.differentiable:
            return False
        return self.differentiable[min(result, len(self.differentiable) - 1)]


def merge(rows: list[Op]) -> Op:
    """What holds whichever of the rows the call turns out to be."""
    merged = rows[0]
    for row in rows[1:]:
        merged = _both(merged, row)
    return merged


def _both(a: Op, b: Op) -> Op:
    if a == b:
        return a
    width = max(len(a.differentiable), len(b.differentiable), 1)
    same_shape = a.returns == b.returns
    same_sources = a.grads_through == b.grads_through and a.sure() == b.sure()
    return Op(
        name=a.name if a.name == b.name else f"{a.name}|{b.name}",
        params=a.params,
        keyword_only=a.keyword_only | b.keyword_only,
        tensors=a.tensors | b.tensors,
        saved=_saved(a.saved, b.saved),
        saves_result=_kept(a.saves_result, b.saves_result),
        grads_through=a.grads_through | b.grads_through,
        grads_surely=None if same_sources else a.sure() & b.sure(),
        nodes=tuple(
            a.node(i) if same_shape and a.node(i) == b.node(i) else None for i in range(width)
        ),
        differentiable=tuple(
            a.flows(i) if same_shape and a.flows(i) == b.flows(i) else None for i in range(width)
        ),
        returns=a.returns if same_shape else "?",
        writes=a.writes or b.writes,
        writes_certain=a.writes == b.writes and a.writes_certain and b.writes_certain,
        writes_also=a.writes_also | b.writes_also,
        view=a.view if a.view == b.view else "maybe",
        dtype=a.dtype if a.dtype == b.dtype else None,
        zero=a.zero & b.zero,
        random=a.random or b.random,
        factory=a.factory and b.factory,
        accepts_requires_grad=a.accepts_requires_grad or b.accepts_requires_grad,
        no_backward=a.no_backward and b.no_backward,
    )


def _saved(a: tuple[Saved, ...], b: tuple[Saved, ...]) -> tuple[Saved, ...]:
    ours = {s.param: s for s in a}
    theirs = {s.param: s for s in b}
    merged: list[Saved] = []
    for name in sorted(ours.keys() | theirs.keys()):
        one, other = ours.get(name), theirs.get(name)
        if one is not None and other is not None:
            when = None if one.when is None or other.when is None else one.when | other.when
            merged.append(Saved(name, when, one == other and one.certain))
        else:
            present = one or other
            assert present is not None
            merged.append(Saved(name, present.when, False))
    return tuple(merged)


def _kept(
    a: tuple[tuple[int, bool], ...], b: tuple[tuple[int, bool], ...]
) -> tuple[tuple[int, bool], ...]:
    ours, theirs = dict(a), dict(b)
    indexes = sorted(ours.keys() | theirs.keys())
    return tuple((i, ours.get(i, False) and theirs.get(i, False)) for i in indexes)
