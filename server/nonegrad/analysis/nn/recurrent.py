"""The parameters of RNN, LSTM and GRU: as many as the layers, directions and biases ask for."""

from __future__ import annotations

from collections.abc import Mapping

from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.truth import MAYBE, NO, YES
from nonegrad.analysis.domain.values import Value

KINDS = frozenset({"RNN", "LSTM", "GRU"})
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
