"""Values and objects of the abstract domain, and what "may be" means for each."""

from __future__ import annotations

from hypothesis import strategies as st
from nonegrad.analysis.domain.heap import Mapping, Node, Saved, Sequence, Tensor
from nonegrad.analysis.domain.objects import Instance
from nonegrad.analysis.domain.truth import Truth
from nonegrad.analysis.domain.values import (
    ANY,
    NONE,
    UNKNOWN,
    Addr,
    Const,
    Ref,
    Scalar,
    Sym,
    Value,
)

ADDRESSES = [Addr(("place", n), summary=n > 5) for n in range(8)]
CLASS = Sym("torch.nn.Module")

truths = st.sampled_from(list(Truth))
addresses = st.sampled_from(ADDRESSES)
targets = st.frozensets(addresses, max_size=3)
atoms = st.one_of(
    addresses.map(Ref),
    st.integers(0, 9).map(lambda n: Const(n, "int")),
    st.sampled_from([Const(True, "bool"), Const(1.0, "float"), Const("a", "str")]),
    st.just(Const(None, "NoneType")),
    st.sampled_from(["int", "float", "str"]).map(Scalar),
    st.sampled_from(["torch.relu", "len"]).map(Sym),
    st.just(UNKNOWN),
)
values: st.SearchStrategy[Value] = st.frozensets(atoms, max_size=9).map(
    lambda found: ANY if UNKNOWN in found else found
)
grads = st.one_of(st.just(NONE), addresses.map(lambda a: frozenset({Ref(a)})), st.just(ANY))
shapes = st.none() | st.lists(st.none() | st.integers(0, 3), max_size=3).map(tuple)
tensors = st.builds(
    Tensor,
    requires_grad=truths,
    is_leaf=truths,
    retains_grad=truths,
    fn=targets,
    counter=targets,
    base=targets,
    view=st.sampled_from(["no", "view", "multi", "nograd", "maybe"]),
    grad=grads,
    dtype=st.sampled_from([None, "float32", "int64"]),
    shape=shapes,
    contiguous=truths,
    is_parameter=truths,
    inference=truths,
    views=targets,
    escaped=st.booleans(),
)
rests = st.none() | values.filter(bool)
sequences = st.builds(
    Sequence,
    kind=st.sampled_from(["list", "tuple"]),
    items=st.lists(values.filter(bool), max_size=3).map(tuple),
    rest=rests,
    taken=truths,
)
keys = st.sampled_from(["a", "b", "c", 1])
mappings = st.builds(
    Mapping,
    entries=st.dictionaries(keys, values.filter(bool), max_size=3).map(lambda d: tuple(d.items())),
    rest=rests,
)
instances = st.builds(
    Instance,
    cls=st.sampled_from([CLASS, Sym("Other")]),
    attributes=st.dictionaries(st.sampled_from("wxyz"), values.filter(bool), max_size=3).map(
        lambda d: tuple(d.items())
    ),
    is_module=st.booleans(),
    open=st.booleans(),
    training=truths,
)
saveds = st.builds(
    Saved,
    counter=targets,
    version=targets,
    certain=st.booleans(),
    role=st.sampled_from(["result", "self"]),
)
nodes = st.builds(
    Node,
    name=st.sampled_from([None, "MulBackward0", "AddBackward0"]),
    edges=st.lists(targets, max_size=3).map(tuple),
    saved=st.lists(saveds, max_size=3, unique=True).map(tuple),
    keeps=truths,
    freed=truths,
)


def truth_below(a: Truth, b: Truth) -> bool:
    """Whether all that `a` may be, `b` may be."""
    return b is Truth.MAYBE or a is b


def value_below(a: Value, b: Value) -> bool:
    """Whether every atom of `a` is covered in `b`: by itself, its kind, or ANY."""
    return UNKNOWN in b or all(
        atom in b or (isinstance(atom, Const) and Scalar(atom.kind) in b) for atom in a
    )


def tensor_below(a: Tensor, b: Tensor) -> bool:
    """Field by field; a dtype or size that is not known covers each."""
    same_rank = a.shape is not None and b.shape is not None and len(a.shape) == len(b.shape)
    return (
        truth_below(a.requires_grad, b.requires_grad)
        and truth_below(a.is_leaf, b.is_leaf)
        and truth_below(a.retains_grad, b.retains_grad)
        and truth_below(a.contiguous, b.contiguous)
        and truth_below(a.is_parameter, b.is_parameter)
        and truth_below(a.inference, b.inference)
        and a.fn <= b.fn
        and a.counter <= b.counter
        and a.base <= b.base
        and a.views <= b.views
        and b.view in (a.view, "maybe")
        and value_below(a.grad, b.grad)
        and b.dtype in (a.dtype, None)
        and b.escaped >= a.escaped
        and (
            b.shape is None
            or (same_rank and all(y in (x, None) for x, y in zip(a.shape, b.shape, strict=True)))
        )
    )


def sequence_below(a: Sequence, b: Sequence) -> bool:
    """Whether each list that `a` stands for is one that `b` stands for."""
    if len(b.items) > len(a.items):
        return False
    more = a.items[len(b.items) :] + ((a.rest,) if a.rest is not None else ())
    return (
        all(value_below(x, y) for x, y in zip(a.items, b.items, strict=False))
        and all(b.rest is not None and value_below(x, b.rest) for x in more)
        and truth_below(a.taken, b.taken)
    )


def mapping_below(a: Mapping, b: Mapping) -> bool:
    """Whether each dict that `a` stands for is one that `b` stands for."""
    mine, theirs = dict(a.entries), dict(b.entries)
    covered = all(
        value_below(value, theirs[key])
        if key in theirs
        else b.rest is not None and value_below(value, b.rest)
        for key, value in mine.items()
    )
    if a.rest is not None:
        covered = covered and b.rest is not None and value_below(a.rest, b.rest)
    return covered and set(theirs) <= set(mine)


def instance_below(a: Instance, b: Instance) -> bool:
    """What an attribute may be in `a` it may be in `b`; one `a` may hold unseen, `b` may too."""
    for name, value in a.attributes:
        found = b.get(name)
        if found is None or not value_below(value, found):
            return False
    for name, value in b.attributes:
        if a.get(name) is None and a.open and UNKNOWN not in value:
            return False
    return truth_below(a.training, b.training) and b.open >= a.open


def node_below(a: Node, b: Node) -> bool:
    """Whatever backward may meet behind `a`, it may meet behind `b`."""
    reach = frozenset[Addr]().union(*b.edges)
    edges = (
        all(x <= y for x, y in zip(a.edges, b.edges, strict=True))
        if len(a.edges) == len(b.edges)
        else all(x <= reach for x in a.edges)
    )
    kept = {(s.counter, s.version, s.role): s.certain for s in b.saved}
    known = {(s.counter, s.version, s.role): s.certain for s in a.saved}
    certain = all(known.get(key, False) for key, sure in kept.items() if sure)
    return (
        edges
        and set(known) <= set(kept)
        and certain
        and b.name in (a.name, None)
        and truth_below(a.keeps, b.keeps)
        and truth_below(a.freed, b.freed)
    )
