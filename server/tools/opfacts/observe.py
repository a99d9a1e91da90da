"""One call under torch, watched: what is saved, what comes back, what is written."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

Path = tuple[Any, ...]
FAILURES = (
    RuntimeError, TypeError, ValueError, IndexError, NotImplementedError, AttributeError,
    AssertionError,
)  # fmt: skip
"""What torch raises at a call that cannot be made like that."""


@dataclass(frozen=True)
class Call:
    """A callable and the arguments of one sample."""

    spelling: str
    function: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    signature: str = ""
    """Of what is called, where its name does not tell."""
    words: Mapping[str, str] = field(default_factory=dict)
    """What else the outcome may depend on."""


@dataclass(frozen=True)
class Result:
    """One tensor that came back."""

    path: Path
    requires_grad: bool
    node: str | None
    dtype: str
    saved: bool
    shared: str
    """no, view, multi, same, or memory (shares it without being a view)."""


@dataclass(frozen=True)
class Observation:
    """One run of a call with gradients wanted for some arguments only."""

    wanted: frozenset[Path]
    saved: frozenset[Path]
    results: tuple[Result, ...]
    written: frozenset[Path]
    shape: str
    zero: frozenset[Path]
    refused: bool


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, torch.Tensor]]:
    """Every tensor in nested lists, tuples and dicts, with the way to it."""
    if isinstance(value, torch.Tensor):
        yield path, value
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from leaves(item, (*path, index))
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from leaves(item, (*path, name))


def replaced(value: Any, new: Mapping[Path, torch.Tensor], path: Path = ()) -> Any:
    """The same nest with other tensors in it."""
    if isinstance(value, torch.Tensor):
        return new.get(path, value)
    if isinstance(value, (list, tuple)):
        items = [replaced(item, new, (*path, i)) for i, item in enumerate(value)]
        if hasattr(value, "_fields"):
            return type(value)(*items)
        return type(value)(items) if type(value) in (list, tuple) else value
    if isinstance(value, dict):
        return {name: replaced(item, new, (*path, name)) for name, item in value.items()}
    return value


def tensors_of(call: Call) -> dict[Path, torch.Tensor]:
    """The tensors among the arguments; a path starts with the position or the keyword."""
    found = dict(leaves(list(call.args)))
    found.update(leaves(dict(call.kwargs)))
    return found


def can_require_grad(tensor: torch.Tensor) -> bool:
    """Whether autograd differentiates with respect to tensors of this kind."""
    return tensor.dtype.is_floating_point or tensor.dtype.is_complex


def observe(call: Call, wanted: frozenset[Path], awkward: bool = False) -> Observation:
    """Run once. `awkward` gives it tensors that do not lie contiguous in memory."""
    inputs: dict[Path, torch.Tensor] = {}
    for path, tensor in tensors_of(call).items():
        plain = _awkward(tensor.detach()) if awkward else tensor.detach().clone()
        inputs[path] = plain.requires_grad_(True).clone() if path in wanted else plain
    versions = {path: tensor._version for path, tensor in inputs.items()}
    nodes = {path: tensor.grad_fn for path, tensor in inputs.items()}
    packed: list[torch.Tensor] = []

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        packed.append(tensor)
        return tensor

    args = replaced(list(call.args), inputs)
    kwargs = replaced(dict(call.kwargs), inputs)
    with (
        torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        output = call.function(*args, **kwargs)
    written = frozenset(p for p, t in inputs.items() if t._version != versions[p])
    outputs = list(leaves(output)) if not isinstance(output, torch.Tensor) else [((), output)]
    zero, refused = _backward(inputs, wanted, [t for _, t in outputs])
    saved = frozenset(p for p, t in inputs.items() if p not in written and _kept(t, packed))
    return Observation(
        wanted=wanted,
        saved=saved,
        results=tuple(_result(path, t, inputs, nodes, packed) for path, t in outputs),
        written=written,
        shape=_shape(output),
        zero=zero,
        refused=refused,
    )


def _awkward(tensor: torch.Tensor) -> torch.Tensor:
    if tensor.dim() < 2 or tensor.layout is not torch.strided:
        return tensor.clone()
    strides = torch.empty(tensor.transpose(-1, -2).shape).transpose(-1, -2).stride()
    fresh = torch.empty_strided(tensor.shape, strides, dtype=tensor.dtype)  # not a view
    return fresh.copy_(tensor)


def _shape(output: Any) -> str:
    if isinstance(output, torch.Tensor):
        return "T"
    if not any(True for _ in leaves(output)):
        return "N"
    if isinstance(output, list) or (isinstance(output, tuple) and len(output) == 1):
        return "L"
    if isinstance(output, tuple):
        letters = "".join(_shape(item) for item in output)
        return letters if len(letters) == len(output) else "?"
    return "N"


def _kept(tensor: torch.Tensor, packed: Sequence[torch.Tensor]) -> bool:
    """Whether a node would notice a write to the tensor: same memory, same version counter."""
    same = [p for p in packed if _memory(p) is not None and _memory(p) == _memory(tensor)]
    before = [p._version for p in same]
    if same:
        torch.autograd.graph.increment_version(tensor)
    return any(p._version != version for p, version in zip(same, before, strict=True))


def _memory(tensor: torch.Tensor) -> int | None:
    if tensor.layout is not torch.strided:
        return None
    return tensor.untyped_storage()._cdata


def _result(
    path: Path,
    tensor: torch.Tensor,
    inputs: Mapping[Path, torch.Tensor],
    nodes: Mapping[Path, Any],
    packed: Sequence[torch.Tensor],
) -> Result:
    shared = _shared(tensor, inputs)
    untouched = any(tensor is inputs[p] and tensor.grad_fn is nodes[p] for p in inputs)
    fresh = shared in ("no", "memory") or (shared == "same" and not untouched)
    return Result(
        path=path,
        requires_grad=tensor.requires_grad,
        node=None if untouched or tensor.grad_fn is None else tensor.grad_fn.name(),
        dtype=str(tensor.dtype).removeprefix("torch."),
        saved=fresh and _kept(tensor, packed),
        shared=shared,
    )


def _shared(tensor: torch.Tensor, inputs: Mapping[Path, torch.Tensor]) -> str:
    if any(tensor is other for other in inputs.values()):
        return "same"
    memory = _memory(tensor)
    if memory is None or all(_memory(other) != memory for other in inputs.values()):
        return "no"
    if not tensor._is_view():
        return "memory"
    several = torch._C._autograd.CreationMeta.MULTI_OUTPUT_NODE
    meta = torch._C._autograd._get_creation_meta(tensor)
    return "multi" if meta == several else "view"


def _backward(
    inputs: Mapping[Path, torch.Tensor], wanted: frozenset[Path], outputs: Sequence[torch.Tensor]
) -> tuple[frozenset[Path], bool]:
    """The arguments whose gradient is zero all over, and whether torch has no derivative."""
    roots = [t for t in outputs if t.requires_grad and t.layout is torch.strided]
    if not roots:
        return frozenset(), False
    paths = sorted(wanted, key=str)
    sources = [inputs[p] for p in paths]
    try:
        grads = torch.autograd.grad(
            roots,
            sources,
            [torch.randn_like(t) for t in roots],
            retain_graph=True,
            allow_unused=True,
        )
    except RuntimeError as error:
        return frozenset(), "is not implemented" in str(error)
    zero = {
        p
        for p, g in zip(paths, grads, strict=True)
        if g is not None and g.layout is torch.strided and g.numel() and not g.any()
    }
    return frozenset(zero), False
