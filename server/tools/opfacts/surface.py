"""The Python-visible surface of torch: every callable, and where its row is to be found."""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import torch

from opfacts.derive import Row

SPACES: dict[str, Any] = {
    "torch": torch,
    "Tensor": torch.Tensor,
    "torch.nn.functional": torch.nn.functional,
    "torch.linalg": torch.linalg,
    "torch.fft": torch.fft,
    "torch.special": torch.special,
    "torch.nn.init": torch.nn.init,
}
_PREFIX = {"torch.linalg": "linalg_", "torch.fft": "fft_", "torch.special": "special_"}
_CASTS = (
    "bfloat16", "bool", "byte", "cdouble", "cfloat", "char", "double", "float", "half", "int",
    "long", "short",
)  # fmt: skip
SIGNATURES = {
    "Tensor.to": "self, target=, dtype=, non_blocking=False, copy=False, *, device=, "
    "memory_format=",
    **{f"Tensor.{name}": "self, *, memory_format=" for name in _CASTS},
    "Tensor.cpu": "self, *, memory_format=",
    "Tensor.cuda": "self, device=, non_blocking=False, *, memory_format=",
    "Tensor.numpy": "self, *, force=False",
    "Tensor.nonzero": "self, *, as_tuple=False",
    "torch.nonzero": "self, *, as_tuple=False",
    "Tensor.type": "self, dtype=, non_blocking=False",
    "Tensor.contiguous": "self, *, memory_format=",
    "Tensor.copy_": "self, src, non_blocking=False",
    "Tensor.requires_grad_": "self, requires_grad=True",
    "Tensor.new_tensor": "self, data, *, dtype=, device=, requires_grad=False, layout=, "
    "pin_memory=",
    "Tensor.set_": "self, source=, storage_offset=, size=, stride=",
    **{
        f"Tensor.{name}": "self"
        for name in (
            "data_ptr",
            "dim",
            "element_size",
            "get_device",
            "is_shared",
            "ndimension",
            "nelement",
            "numel",
            "storage",
            "storage_offset",
            "tolist",
            "untyped_storage",
        )
    },
    "Tensor.size": "self, dim=",
    "Tensor.stride": "self, dim=",
    "Tensor.is_contiguous": "self, *, memory_format=",
    "Tensor.item": "self",
    "Tensor.apply_": "self, callable",
    "Tensor.map_": "self, tensor, callable",
    "torch.numel": "self",
    "torch.chain_matmul": "*matrices, out=",
    "torch.einsum": "equation, *operands",
    "torch.tensor": "data, *, dtype=, device=, requires_grad=False, pin_memory=",
    "torch.as_tensor": "data, dtype=, device=",
    "torch.asarray": "obj, *, dtype=, device=, copy=, requires_grad=False",
    "torch.from_numpy": "ndarray",
    "torch.range": "start=, end=, step=, *, dtype=, layout=, device=, requires_grad=False",
}
"""Bound by hand in C++, where neither the yaml nor `inspect` tells."""
_OPERATORS = {
    "add": "add", "sub": "sub", "mul": "mul", "truediv": "truediv", "floordiv": "floordiv",
    "mod": "mod", "pow": "pow", "matmul": "matmul", "and": "and_", "or": "or_", "xor": "xor",
    "lshift": "lshift", "rshift": "rshift",
}  # fmt: skip
_PLAIN = {
    "neg": "neg", "pos": "pos", "abs": "abs", "invert": "invert", "eq": "eq", "ne": "ne",
    "lt": "lt", "le": "le", "gt": "gt", "ge": "ge", "getitem": "getitem", "setitem": "setitem",
}  # fmt: skip


def callables() -> Iterator[tuple[str, Any]]:
    """Every public function and method that takes or makes tensors, by its full name."""
    for space, owner in SPACES.items():
        for name in sorted(dir(owner)):
            if name.startswith("_"):
                continue
            value = inspect.getattr_static(owner, name)
            if isinstance(value, staticmethod | classmethod):
                value = getattr(owner, name)
            if isinstance(value, type) or not callable(value):
                continue
            module = getattr(value, "__module__", None) or "torch"
            if space == "torch.nn.functional" and module in ("typing", "importlib"):
                continue
            yield f"{space}.{name}", value


def targets(rows: Mapping[str, Row]) -> dict[str, str]:
    """For each callable `aten SPACE BASE`, `same` or `swap SPELLING`, or `python`."""
    bound: dict[str, set[str]] = {}
    for key, row in rows.items():
        for space in row["on"].split(" "):
            bound.setdefault(space, set()).add(key.partition(".")[0])
    found = {spelling: _target(spelling, value, bound) for spelling, value in callables()}
    for word, operator in _OPERATORS.items():
        found[f"Tensor.__{word}__"] = f"same operator.{operator}"
        found[f"Tensor.__i{word}__"] = f"same operator.i{operator.rstrip('_')}"
        found[f"Tensor.__r{word}__"] = f"swap operator.{operator}"
    for word, operator in _PLAIN.items():
        found[f"Tensor.__{word}__"] = f"same operator.{operator}"
    return {k: v for k, v in found.items() if not k.startswith("Tensor.__") or _has(k)}


def _has(spelling: str) -> bool:
    return hasattr(torch.Tensor, spelling.partition(".")[2])


def target(spelling: str, rows: Mapping[str, Row]) -> str:
    """Where the row of one callable is to be found; see `targets`."""
    if spelling.startswith("operator."):
        return "python"
    return _all_targets(tuple(rows), rows).get(spelling, "python")


_REMEMBERED: dict[tuple[str, ...], dict[str, str]] = {}


def _all_targets(names: tuple[str, ...], rows: Mapping[str, Row]) -> dict[str, str]:
    if names not in _REMEMBERED:
        _REMEMBERED[names] = targets(rows)
    return _REMEMBERED[names]


def _target(spelling: str, value: Any, bound: Mapping[str, set[str]]) -> str:
    space, _, name = spelling.rpartition(".")
    if space == "Tensor":
        native = isinstance(value, types.MethodDescriptorType) and name in bound["Tensor"]
        return f"aten Tensor {name}" if native else "python"
    if not isinstance(value, types.BuiltinFunctionType):
        return "python"
    plain = value.__name__
    if space in _PREFIX:
        base = plain if plain.startswith(_PREFIX[space]) else _PREFIX[space] + plain
        home = space.rpartition(".")[2]
        return f"aten {home} {base}" if base in bound[home] else "python"
    if value is getattr(torch._C._nn, plain, None) and plain in bound["nn"]:
        return f"aten nn {plain}"
    if value is getattr(torch._C._VariableFunctions, plain, None) and plain in bound["torch"]:
        return f"aten torch {plain}"
    return f"aten torch {plain}" if plain in bound["torch"] else "python"


def function(spelling: str) -> Callable[..., Any]:
    """The callable of a spelling."""
    space, _, name = spelling.rpartition(".")
    if space == "operator":
        import operator

        return getattr(operator, name)
    return getattr(SPACES[space], name)


def signature(spelling: str) -> str:
    """The parameters of a callable written in Python, as the table writes them."""
    if spelling in SIGNATURES:
        return SIGNATURES[spelling]
    if spelling.startswith("operator."):
        return "self, other=" if spelling != "operator.setitem" else "self, index, value"
    value = function(spelling)
    shadow = getattr(torch.nn.functional, f"_{spelling.rpartition('.')[2]}", None)
    if "boolean_dispatch" in getattr(value, "__qualname__", "") and callable(shadow):
        value = shadow  # torch._jit_internal.boolean_dispatch hides the parameters
    try:
        return written(inspect.signature(value).parameters.values())
    except ValueError:
        return "self, *rest" if spelling.startswith("Tensor.") else "*rest"


def written(parameters: Iterable[inspect.Parameter]) -> str:
    """Parameters as the table writes them; a leading `input` is called `self`."""
    parts: list[str] = []
    for p in parameters:
        if p.kind is p.VAR_KEYWORD:
            continue
        if p.kind is p.KEYWORD_ONLY and not any("*" in q for q in parts):
            parts.append("*")
        name = "self" if p.name == "input" and "self" not in parts else p.name
        if p.kind is p.VAR_POSITIONAL:
            parts.append(f"*{name}")
        elif p.default is p.empty:
            parts.append(name)
        else:
            parts.append(f"{name}={p.default if isinstance(p.default, bool) else ''}")
    return ", ".join(parts)
