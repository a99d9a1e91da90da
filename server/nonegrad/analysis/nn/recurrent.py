"""RNN, LSTM and GRU: their parameters, as many as the layers, directions and biases ask for, and
the shapes of what they give; those of other layers that give more than one tensor as well."""

from __future__ import annotations

from collections.abc import Mapping

from nonegrad.analysis.autograd import sizing
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.heap import Sequence, Shape
from nonegrad.analysis.domain.objects import Instance
from nonegrad.analysis.domain.truth import MAYBE, NO, YES
from nonegrad.analysis.domain.value_class import replace
from nonegrad.analysis.domain.values import Value
from nonegrad.analysis.machine import Machine

KINDS = frozenset({"RNN", "LSTM", "GRU"})
SETTINGS = ("hidden_size", "num_layers", "batch_first", "bidirectional", "proj_size")
"""What the shapes of the results depend on."""
LIKE_INPUT = frozenset(
    """MultiheadAttention TransformerEncoderLayer TransformerEncoder TransformerDecoderLayer
    TransformerDecoder""".split()
)
"""Layers whose first result has the shape of their first input."""
MOST = 16


def names(bound: Mapping[str, Value]) -> list[str] | None:
    """The names in the order of torch; None where the arguments do not tell them."""
    count = values.number(bound.get("num_layers", values.const(1)))
    projected = values.number(bound.get("proj_size", values.const(0)))
    bias = values.flag_of(bound.get("bias"), True)
    both_ways = values.flag_of(bound.get("bidirectional"), False)
    if count is None or count > MOST or projected is None or MAYBE in (bias, both_ways):
        return None
    kinds = ["weight_ih", "weight_hh"]
    kinds += ["bias_ih", "bias_hh"] if bias is YES else []
    kinds += ["weight_hr"] if projected else []
    ways = ("",) if both_ways is NO else ("", "_reverse")
    return [f"{kind}_l{level}{way}" for level in range(count) for way in ways for kind in kinds]


def size(m: Machine, name: str, thing: Instance, given: list[Value], made: Value) -> None:
    """Give the results of a layer the shapes that its settings tell."""
    fed = sizing.shape_of(m, given[0]) if given else None
    results = list(_flat(m, made))
    if not fed or not results:
        return
    shapes: tuple[Shape | None, ...] = ()
    if name in LIKE_INPUT:
        shapes = (fed,)
    elif name in ("RNNCell", "GRUCell", "LSTMCell"):
        shapes = ((*fed[:-1], _number(thing, "hidden_size", None)),) * 2
    elif name in KINDS and len(fed) in (2, 3):
        shapes = _of_sequence(thing, fed)
    for value, shape in zip(results, shapes, strict=False):
        for addr, tensor in m.tensors(value) if shape is not None else ():
            m.s.set(addr, replace(tensor, shape=shape))


def _of_sequence(thing: Instance, fed: Shape) -> tuple[Shape | None, ...]:
    """The output, the last hidden states, and the cell states of an LSTM."""
    hidden, projected = _number(thing, "hidden_size", None), _number(thing, "proj_size", 0)
    layers = _number(thing, "num_layers", 1)
    both_ways = values.flag_of(thing.get("bidirectional"), False)
    first = values.flag_of(thing.get("batch_first"), False)
    ways = None if both_ways is MAYBE else 2 if both_ways is YES else 1
    width = None if projected is None else projected or hidden
    wide = None if width is None or ways is None else width * ways
    deep = None if layers is None or ways is None else layers * ways
    batch = None if first is MAYBE else fed[0 if first is YES else 1]
    middle = (batch,) if len(fed) == 3 else ()
    return (*fed[:-1], wide), (deep, *middle, width), (deep, *middle, hidden)


def _number(thing: Instance, name: str, default: int | None) -> int | None:
    found = thing.get(name)
    return default if found is None else values.number(found)


def _flat(m: Machine, made: Value) -> list[Value]:
    """The tensors of a result in their order, those in tuples too."""
    atom = values.only(made)
    thing = m.at(atom.addr, Sequence) if isinstance(atom, values.Ref) else None
    if thing is None:
        return [made] if m.tensors(made) else []
    return [one for item in thing.items for one in _flat(m, item)]
