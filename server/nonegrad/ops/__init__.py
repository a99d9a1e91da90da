"""Knowledge about torch's operators: generated rows, and the one reader of them."""

from nonegrad.ops.row import Kind, Op, Saved, View, merge
from nonegrad.ops.store import torch_version
from nonegrad.ops.table import exists, find

__all__ = ["Kind", "Op", "Saved", "View", "exists", "find", "merge", "torch_version"]
