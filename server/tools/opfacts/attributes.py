"""The attributes of a tensor: which are tensors, and whose memory and graph those share."""

from __future__ import annotations

import inspect
import warnings

import torch

from opfacts.derive import Row
from opfacts.observe import Call, observe


def rows() -> dict[str, Row]:
    """One row for each public attribute that is not a method."""
    found: dict[str, Row] = {}
    for name in sorted(dir(torch.Tensor)):
        value = inspect.getattr_static(torch.Tensor, name)
        if not name.startswith("_") and not callable(value):
            found[name] = _row(name)
    return found


def _row(name: str) -> Row:
    seen = []
    for dtype in (torch.float64, torch.complex128):
        tensor = torch.rand(2, 2, dtype=torch.float64).to(dtype)
        call = Call(f"Tensor.{name}", lambda x: getattr(x, name), (tensor,))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                seen.append(observe(call, frozenset({(0,)})))
            except RuntimeError:
                continue
    results = [s.results[0] for s in seen if s.results]
    if not results:
        return {"tensor": False}
    shared = {r.shared for r in results}
    nodes = {r.node for r in results}
    return {
        "tensor": True,
        "requires_grad": all(r.requires_grad for r in results),
        "view": shared.pop() if len(shared) == 1 else "maybe",
        "node": nodes.pop() if len(nodes) == 1 else None,
    }
