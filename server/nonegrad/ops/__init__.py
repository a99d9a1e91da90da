"""Knowledge about torch's operators: generated rows, and the one reader of them."""

from nonegrad.ops.dtypes import promote, promote_any, promote_number
from nonegrad.ops.dtypes import result as result_dtype
from nonegrad.ops.layers import (
    Attribute,
    Held,
    Layer,
    attribute,
    call_layer,
    layer,
    optimizer,
)
from nonegrad.ops.row import Kind, Op, Saved, View, merge
from nonegrad.ops.store import torch_version
from nonegrad.ops.table import asks_for_ranks, exists, find

__all__ = [
    "Attribute",
    "Held",
    "Kind",
    "Layer",
    "Op",
    "Saved",
    "View",
    "asks_for_ranks",
    "attribute",
    "call_layer",
    "exists",
    "find",
    "layer",
    "merge",
    "optimizer",
    "promote",
    "promote_any",
    "promote_number",
    "result_dtype",
    "torch_version",
]
