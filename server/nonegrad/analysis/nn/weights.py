"""The shapes of a layer's parameters, as its arguments tell them."""

from __future__ import annotations

from nonegrad.analysis.autograd import sizing
from nonegrad.analysis.domain import values
from nonegrad.analysis.domain.heap import Shape
from nonegrad.analysis.domain.values import ANY, Value
from nonegrad.analysis.machine import Machine

SIZES = {
    "Linear": {"weight": ("out_features", "in_features"), "bias": ("out_features",)},
    "Embedding": {"weight": ("num_embeddings", "embedding_dim")},
    "Conv1d": {"weight": ("out_channels", "", ""), "bias": ("out_channels",)},
    "Conv2d": {"weight": ("out_channels", "", "", ""), "bias": ("out_channels",)},
    "Conv3d": {"weight": ("out_channels", "", "", "", ""), "bias": ("out_channels",)},
    "ConvTranspose1d": {"weight": ("in_channels", "", ""), "bias": ("out_channels",)},
    "ConvTranspose2d": {"weight": ("in_channels", "", "", ""), "bias": ("out_channels",)},
    "BatchNorm1d": {"weight": ("num_features",), "bias": ("num_features",)},
    "BatchNorm2d": {"weight": ("num_features",), "bias": ("num_features",)},
    "BatchNorm3d": {"weight": ("num_features",), "bias": ("num_features",)},
    "GroupNorm": {"weight": ("num_channels",), "bias": ("num_channels",)},
}
"""Which arguments a parameter is as large as; an empty word for what another rule tells."""


def shape(m: Machine, layer: str, name: str, bound: dict[str, Value]) -> Shape | None:
    """The shape of one parameter."""
    if layer == "LayerNorm":
        normalized = bound.get("normalized_shape", ANY)
        listed = sizing.items(m, normalized)
        size = values.number(normalized)
        if listed is None:
            return None if size is None else (size,)
        return tuple(values.number(one) for one in listed)
    keys = SIZES.get(layer, {}).get(name)
    return None if keys is None else tuple(values.number(bound.get(key, ANY)) for key in keys)
