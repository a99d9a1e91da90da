"""Every call that is measured."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Iterator
from functools import cache
from typing import Any

import torch

from opfacts import calls, python_calls, surface
from opfacts.observe import Call, leaves

_PREFERRED = (
    torch.float64, torch.float32, torch.bfloat16, torch.complex128, torch.int64, torch.bool,
)  # fmt: skip
_BIG = 40_000
UNSTABLE = ("torch.nn.functional.linear_cross_entropy",)
"""What is saved depends on how the work is cut in chunks; better unknown."""
_MOVED = {"view": "maybe", "node": None}
OTHER_DEVICES = {
    "Tensor.cpu": _MOVED,
    "Tensor.to copy=False": _MOVED,
    "detach": {"view": "view"},
}
"""What a machine without an accelerator, or the way of looking, cannot show."""


def all_calls(limit: int = 120) -> Iterator[Call]:
    """The calls written here, and torch's own samples of its operators."""
    torch.set_num_threads(1)
    yield from calls.syntax()
    yield from python_calls.all_calls()
    for operator in operators():
        drawn = samples(operator, limit)
        for spelling in spellings(operator):
            if spelling in UNSTABLE:
                continue
            function = surface.function(spelling)
            for sample in drawn:
                if spelling.startswith("Tensor.") and not isinstance(sample.input, torch.Tensor):
                    continue
                yield Call(spelling, function, (sample.input, *sample.args), sample.kwargs)


@cache
def operators() -> tuple[Any, ...]:
    """torch's own list of operators with samples."""
    from torch.testing._internal.common_methods_invocations import op_db

    return tuple(op_db)


def spellings(operator: Any) -> list[str]:
    """The public names under which an operator of that list can be called."""
    found: dict[str, None] = {}
    for name in (operator.name, *(alias.name for alias in operator.aliases)):
        if name.startswith("_"):
            continue
        candidates = [f"torch.{name}", f"Tensor.{name}"]
        if operator.inplace_variant is not None:
            candidates.append(f"Tensor.{name}_")
        for spelling in candidates:
            space, _, last = spelling.rpartition(".")
            if space in surface.SPACES and callable(getattr(surface.SPACES[space], last, None)):
                found[spelling] = None
    return list(found)


def samples(operator: Any, limit: int) -> tuple[Any, ...]:
    """Small samples, spread over what the operator's list yields."""
    dtype = _dtype(operator)
    if dtype is None:
        return ()
    torch.manual_seed(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        drawn = operator.sample_inputs("cpu", dtype, requires_grad=False)
        every = list(itertools.islice(drawn, 300))
    small = [
        s
        for s in every
        if all(0 < t.numel() < _BIG for _, t in leaves([s.input, list(s.args), s.kwargs]))
    ]
    step = max(1.0, len(small) / limit)
    return tuple(small[int(i * step)] for i in range(min(limit, len(small))))


def _dtype(operator: Any) -> torch.dtype | None:
    backward = operator.supported_backward_dtypes("cpu") if operator.supports_autograd else set()
    for pool in (backward, operator.supported_dtypes("cpu")):
        for dtype in _PREFERRED:
            if dtype in pool:
                return dtype
    return None
