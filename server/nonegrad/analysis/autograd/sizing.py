"""How operators that change a shape change it: one function for each kind of them.

Only what follows from the operator and its arguments is said; anything else is None.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING

from nonegrad.analysis.autograd import kinds
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.heap import Sequence, Shape
from nonegrad.analysis.domain.truth import MAYBE, NO, YES
from nonegrad.analysis.domain.values import Ref, Value

if TYPE_CHECKING:
    from nonegrad.analysis.machine import Machine


@dataclass(frozen=True, slots=True)
class Asked:
    """One call of an operator on a tensor of a known shape."""

    m: Machine
    name: str
    shape: Shape
    bound: dict[str, Value]

    def of(self, key: str) -> Shape | None:
        """The shape of a tensor argument."""
        return shape_of(self.m, self.bound.get(key, values.ANY))

    def number(self, key: str, default: int | None = None) -> int | None:
        """An int argument, or what it is where it is not given."""
        return values.number(self.bound[key]) if key in self.bound else default

    def axis(self, key: str, default: int | None = None, more: int = 0) -> int | None:
        """A dimension, counted from the front."""
        return place(self.number(key, default), len(self.shape) + more)

    def sizes(self) -> list[int | None] | None:
        """Sizes that are given one by one or as a list."""
        given = [value for key, value in self.bound.items() if key != "self"]
        if len(given) == 1:
            listed = items(self.m, given[0])
            if listed is None and kinds.kind_of(self.m, given[0]) is not kinds.Kind.INT:
                return None
            given = given if listed is None else list(listed)
        return [values.number(value) for value in given]


def shape_of(m: Machine, value: Value) -> Shape | None:
    """The shape of what certainly is a tensor of one shape."""
    found = m.tensors(value)
    if len(found) != len(value) or not found:
        return None
    own = {tensor.shape for _, tensor in found}
    return own.pop() if len(own) == 1 else None


def items(m: Machine, value: Value) -> tuple[Value, ...] | None:
    """The items of what certainly is one list, if all of them are known."""
    atom = values.only(value)
    found = m.at(atom.addr, Sequence) if isinstance(atom, Ref) else None
    return found.items if found is not None and found.rest is None else None


def place(dim: int | None, rank: int) -> int | None:
    """A dimension counted from the front, if there is such a one."""
    if dim is None or not -rank <= dim < rank:
        return None
    return dim % rank


def put(shape: Shape, at: int, *sizes: int | None) -> Shape:
    """A shape with other sizes in the place of one dimension."""
    return (*shape[:at], *sizes, *shape[at + 1 :])


def numel(shape: Shape) -> int | None:
    """How many numbers a tensor holds."""
    known = [size for size in shape if size is not None]
    return prod(known) if len(known) == len(shape) else None


def broadcast(shapes: list[Shape]) -> Shape:
    """The shape that shapes broadcast to."""
    longest = max(len(shape) for shape in shapes)
    result: list[int | None] = []
    for at in range(1, longest + 1):
        sizes = {shape[-at] for shape in shapes if len(shape) >= at}
        sizes.discard(1)
        known = sizes - {None}
        # Beside a size that is not known, 1 or the same, the other one stands.
        result.append(known.pop() if len(known) == 1 else None if sizes else 1)
    return tuple(reversed(result))


def viewed(ask: Asked) -> Shape | None:
    """view, reshape: -1 is what is left."""
    sizes = ask.sizes()
    if sizes is None:
        return None
    known = [size for size in sizes if size is not None and size >= 0]
    total = numel(ask.shape)
    rest = None
    if total is not None and sizes.count(-1) == 1 and len(known) == len(sizes) - 1 and prod(known):
        rest = total // prod(known)
    return tuple(size if size is None or size >= 0 else rest for size in sizes)


def flattened(ask: Asked) -> Shape | None:
    if not ask.shape:
        return (1,)
    default = 1 if ask.name == "flattenlayer" else 0
    first, last = ask.axis("start_dim", default), ask.axis("end_dim", -1)
    if first is None or last is None or first > last:
        return None
    return (*ask.shape[:first], numel(ask.shape[first : last + 1]), *ask.shape[last + 1 :])


def unflattened(ask: Asked) -> Shape | None:
    at, sizes = ask.axis("dim"), items(ask.m, ask.bound.get("sizes", values.ANY))
    if at is None or sizes is None:
        return None
    found = [values.number(size) for size in sizes]
    return put(ask.shape, at, *(None if size == -1 else size for size in found))


def squeezed(ask: Asked) -> Shape | None:
    """squeeze: what is not known to be 1 or another size tells nothing of the result."""
    if "dim" not in ask.bound:
        return None if None in ask.shape else tuple(size for size in ask.shape if size != 1)
    at = ask.axis("dim")
    if at is None or ask.shape[at] is None:
        return None
    return put(ask.shape, at) if ask.shape[at] == 1 else ask.shape


def unsqueezed(ask: Asked) -> Shape | None:
    at = ask.axis("dim", more=1)
    return None if at is None else (*ask.shape[:at], 1, *ask.shape[at:])


def transposed(ask: Asked) -> Shape | None:
    pairs = (("dim0", "dim1"), ("axis0", "axis1"))
    keys = next((pair for pair in pairs if pair[0] in ask.bound), pairs[0])
    first, second = ask.axis(keys[0]), ask.axis(keys[1])
    if first is None or second is None:
        return (None,) * len(ask.shape)
    sizes = list(ask.shape)
    sizes[first], sizes[second] = sizes[second], sizes[first]
    return tuple(sizes)


def permuted(ask: Asked) -> Shape | None:
    dims = ask.sizes()
    if dims is None or len(dims) != len(ask.shape):
        return None
    found = [place(dim, len(ask.shape)) for dim in dims]
    return tuple(None if at is None else ask.shape[at] for at in found)


def expanded(ask: Asked) -> Shape | None:
    sizes = ask.sizes()
    if sizes is None or len(sizes) < len(ask.shape):
        return None
    old = (None,) * (len(sizes) - len(ask.shape)) + ask.shape
    pairs = zip(sizes, old, strict=True)
    return tuple(was if size == -1 else size for size, was in pairs)


def repeated(ask: Asked) -> Shape | None:
    times = ask.sizes()
    if times is None or len(times) < len(ask.shape):
        return None
    old = (1,) * (len(times) - len(ask.shape)) + ask.shape
    pairs = zip(times, old, strict=True)
    return tuple(None if n is None or was is None else n * was for n, was in pairs)


def reduced(ask: Asked) -> Shape | None:
    """sum, mean, max and their kin, over all dimensions or some of them."""
    if len([v for v in ask.bound.values() if ask.m.tensors(v)]) > 1:
        other = ask.of("other")
        return None if other is None else broadcast([ask.shape, other])
    default = -1 if ask.name in ("mode", "kthvalue") else None
    keep = values.flag_of(ask.bound.get("keepdim"), False)
    dim = ask.bound.get("dim", values.NONE if default is None else values.const(default))
    if keep is MAYBE:
        return None
    if dim == values.NONE:
        return (1,) * len(ask.shape) if keep is YES else ()
    listed = items(ask.m, dim)
    numbers = [values.number(one) for one in ([dim] if listed is None else listed)]
    found = {place(one, len(ask.shape)) for one in numbers}
    if None in found or not found:
        return None
    sizes = enumerate(ask.shape)
    if keep is NO:
        return tuple(size for at, size in sizes if at not in found)
    return tuple(1 if at in found else size for at, size in sizes)


def without_axis(ask: Asked) -> Shape | None:
    """select, unbind: one dimension less."""
    at = ask.axis("dim", 0)
    return (None,) * (len(ask.shape) - 1) if at is None else put(ask.shape, at)


def cut(ask: Asked) -> Shape | None:
    """narrow, index_select, topk, split, chunk and their kin: another size in one dimension."""
    if ask.name == "repeat_interleave" and ask.bound.get("dim", values.NONE) == values.NONE:
        return (None,)
    at = ask.axis("dim", -1 if ask.name == "topk" else 0)
    if at is None:
        return (None,) * len(ask.shape)
    whole, size = ask.shape[at], None
    if ask.name == "topk":
        size = ask.number("k")
    elif ask.name == "narrow":
        size = ask.number("length")
    elif ask.name == "index_select":
        index = ask.of("index")
        size = index[0] if index is not None and len(index) == 1 else None
    elif ask.name in ("chunk", "split"):
        count = ask.number("chunks" if ask.name == "chunk" else "split_size")
        if count and whole is not None and whole % count == 0:
            size = whole // count if ask.name == "chunk" else count
    return put(ask.shape, at, size)


def as_index(ask: Asked) -> Shape | None:
    return ask.of("index")


def as_other(ask: Asked) -> Shape | None:
    return ask.of("other")


def with_classes(ask: Asked) -> Shape | None:
    count = ask.number("num_classes")
    return (*ask.shape, count if count is not None and count > 0 else None)


def alike(ask: Asked) -> Shape | None:
    """cosine_similarity, pairwise_distance: of two that broadcast, without one dimension."""
    other = ask.of("x2")
    if other is None or "keepdim" in ask.bound:
        return None
    both = broadcast([ask.shape, other])
    at = place(ask.number("dim", 1 if ask.name == "cosine_similarity" else -1), len(both))
    return None if at is None else put(both, at)


RULES: dict[str, Callable[[Asked], Shape | None]] = {
    **dict.fromkeys("view reshape".split(), viewed),
    **dict.fromkeys("flatten ravel flattenlayer".split(), flattened),
    "unflatten": unflattened,
    "squeeze": squeezed,
    "unsqueeze": unsqueezed,
    **dict.fromkeys("transpose swapaxes swapdims".split(), transposed),
    "permute": permuted,
    **dict.fromkeys("expand broadcast_to".split(), expanded),
    "repeat": repeated,
    **dict.fromkeys(
        """sum mean prod norm max min var std median amax amin logsumexp all any argmax argmin
        nansum nanmean count_nonzero mode kthvalue vector_norm nanmedian""".split(),
        reduced,
    ),
    **dict.fromkeys("select unbind".split(), without_axis),
    **dict.fromkeys(
        "narrow index_select topk split chunk tensor_split repeat_interleave".split(), cut
    ),
    **dict.fromkeys("gather take".split(), as_index),
    **dict.fromkeys("view_as reshape_as expand_as".split(), as_other),
    "one_hot": with_classes,
    **dict.fromkeys("cosine_similarity pairwise_distance".split(), alike),
}
