"""The layers of torch.nn: how they are made, what they hold, and what calling them does."""

from __future__ import annotations

import inspect
import itertools
import re
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import nn
from torch.func import functional_call

from opfacts.calls import bench
from opfacts.derive import Row
from opfacts.observe import Call
from opfacts.surface import written

_WRITTEN = """
Dropout(0.5) | a ; Dropout() | cube ; Dropout1d(0.5) | signal ; Dropout2d(0.5) | image
Dropout3d(0.5) | volume ; AlphaDropout(0.5) | a ; FeatureAlphaDropout(0.5) | image
Flatten() | cube ; Flatten() | a ; Identity() | a ; ChannelShuffle(2) | image
CosineSimilarity() | a, b ; PairwiseDistance() | a, b ; Fold((4, 4), 2, stride=2) | folded
Unfold(2) | image ; Hardsigmoid() | a ; RReLU() | a ; Upsample(scale_factor=2) | image
Upsample(scale_factor=2, mode='bilinear') | image ; UpsamplingBilinear2d(scale_factor=2) | image
UpsamplingNearest2d(scale_factor=2) | image ; PixelShuffle(2) | image ; PixelUnshuffle(2) | image
Unflatten(1, (1, 3)) | a ; TripletMarginLoss() | a, b, c ; EmbeddingBag(5, 3) | pairs
TripletMarginWithDistanceLoss() | a, b, c ; AdaptiveLogSoftmaxWithLoss(3, 4, [2]) | a, at3
Linear(3, 2) | a ; Linear(3, 2, bias=False) | a ; Linear(3, 2) | cube ; Linear(3, 2) | row
Linear(3, 2, bias=False) | cube ; BatchNorm1d(3) | a ; BatchNorm1d(3, affine=False) | a
BatchNorm2d(4) | image ; BatchNorm2d(4, track_running_stats=False) | image
LSTM(3, 2) | cube ; LSTM(3, 2, batch_first=True) | cube ; LSTM(3, 2, num_layers=2) | cube
GRU(3, 2) | cube ; RNN(3, 2) | cube ; LSTM(3, 2) | a ; GRU(3, 2) | a
Embedding(5, 3) | at ; Embedding(5, 3) | pairs ; Embedding(5, 3, padding_idx=0) | pairs
Sequential(nn.Linear(3, 2)) | a ; Softmax2d() | image ; MaxPool2d(2) | image
MaxPool2d(2, return_indices=True) | image ; MaxPool1d(2) | signal ; AvgPool2d(2) | image
MaxPool1d(2, return_indices=True) | signal ; MultiheadAttention(4, 2) | tokens, tokens, tokens
MultiheadAttention(4, 2, batch_first=True) | tokens, tokens, tokens
Dropout(0.5, inplace=True) | a ; Dropout2d(0.5, inplace=True) | image ; RReLU(inplace=True) | a
Hardsigmoid(inplace=True) | a ; AlphaDropout(0.5, inplace=True) | a
Dropout1d(0.5, inplace=True) | signal ; Dropout3d(0.5, inplace=True) | volume
"""


def classes() -> dict[str, type[nn.Module]]:
    """Every module class of torch.nn."""
    found = {name: getattr(nn, name) for name in sorted(dir(nn))}
    return {
        name: value
        for name, value in found.items()
        if isinstance(value, type) and issubclass(value, nn.Module)
    }


def optimizers() -> dict[str, Row]:
    """Every optimizer class with the parameters of its constructor."""
    names = [n for n in dir(torch.optim) if isinstance(getattr(torch.optim, n), type)]
    return {f"optim.{n}": {"init": _constructor(getattr(torch.optim, n))} for n in names}


def _constructor(cls: type) -> str:
    parameters = list(inspect.signature(cls).parameters.values())
    if issubclass(cls, nn.RNNBase) and cls is not nn.RNNBase:
        # Its own constructor takes anything and hands it on.
        base = inspect.signature(nn.RNNBase).parameters.values()
        parameters = [p for p in base if p.name != "mode"]
    return written(parameters)


class Made:
    """One module with the arguments of one forward call."""

    def __init__(self, cls: type[nn.Module], init: tuple[tuple, dict], forward: tuple) -> None:
        self.cls, self.init, self.forward = cls, init, forward
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.module = cls(*init[0], **init[1])
            if hasattr(self.module, "initialize_parameters"):
                with torch.no_grad():
                    self.module(*(t.float() for t in forward[0]))
            self.module = self.module.double()

    def flags(self) -> dict[str, str]:
        """The booleans of the constructor, as given or by default."""
        names = [p for p in _constructor(self.cls).split(", ") if p not in ("*",)]
        given = dict(zip((n.partition("=")[0] for n in names), self.init[0], strict=False))
        given |= self.init[1]
        found: dict[str, str] = {}
        for name, _, default in (n.partition("=") for n in names):
            value = str(given.get(name, default))
            if default in ("True", "False") and value in ("True", "False"):
                found[name] = value
        return found


def made() -> Iterator[Made]:
    """Modules to call: torch's own samples, and those written above."""
    from torch.testing._internal.common_modules import module_db

    torch.manual_seed(0)
    for entry in module_db:
        if entry.module_cls.__name__ not in classes() or entry.module_cls.__module__.find("ao") > 0:
            continue
        drawn = entry.module_inputs_func(
            entry, device="cpu", dtype=torch.float64, requires_grad=False, training=True
        )
        for sample in itertools.islice(drawn, 8):
            init, forward = sample.constructor_input, sample.forward_input
            if forward is None:
                continue
            given = (forward.args, forward.kwargs)
            yield Made(entry.module_cls, (init.args, init.kwargs), given)
            if "inplace=False" in _constructor(entry.module_cls) and "inplace" not in init.kwargs:
                yield Made(entry.module_cls, (init.args, init.kwargs | {"inplace": True}), given)
    yield from _written()


def _written() -> Iterator[Made]:
    tensors = bench() | {
        "pairs": torch.tensor([[0, 2], [1, 3]]),
        "tokens": torch.rand(2, 3, 4, dtype=torch.float64),
        "folded": torch.rand(1, 16, 4, dtype=torch.float64),
    }
    for line in _WRITTEN.replace("\n", ";").split(";"):
        if not line.strip():
            continue
        init, _, names = line.partition("|")
        name, _, rest = init.strip().partition("(")
        args, kwargs = eval(f"(lambda *a, **k: (a, k))({rest}", {"nn": nn})
        forward = tuple(tensors[n.strip()] for n in names.split(","))
        yield Made(classes()[name], (args, kwargs), (forward, {}))


def calls(modules: list[Made]) -> Iterator[Call]:
    """Each module called in training and in evaluation."""
    for one in modules:
        for training in (True, False):
            yield _call(one, training)


def _call(one: Made, training: bool) -> Call:
    module = one.module
    own = dict(module.named_parameters()) | dict(module.named_buffers())
    floating = {n: t.detach() for n, t in own.items()}
    plain = {n: t for n, t in floating.items() if "." not in n and len(own) < 9}
    rest = {n: t for n, t in floating.items() if n not in plain}

    def run(*args: Any, **kwargs: Any) -> Any:
        state = {n: kwargs.pop(n) for n in plain} | kwargs.pop("parameters", {})
        module.train(training)
        return functional_call(module, state, args, kwargs)

    state: dict[str, Any] = dict(plain) | ({"parameters": rest} if rest else {})
    flags = {f"init:{name}": value for name, value in one.flags().items()}
    return Call(
        spelling=f"torch.nn.{one.cls.__name__}",
        function=run,
        args=tuple(one.forward[0]),
        kwargs=dict(one.forward[1]) | state,
        signature=_forward(one.cls, [*state, *_named(one.cls)]),
        words={"training": str(training)} | flags,
    )


def _named(cls: type) -> list[str]:
    flags = [p for p in _constructor(cls).split(", ") if p.endswith(("=True", "=False"))]
    return ["training=True", *(f"init:{f}" for f in flags)]


def _forward(cls: type, also: list[str]) -> str:
    parameters = list(inspect.signature(cls.forward).parameters.values())[1:]
    text = written(parameters)
    taken = {p.partition("=")[0].lstrip("*") for p in text.split(", ")}
    more = [n if "=" in n else f"{n}=" for n in also if n.partition("=")[0] not in taken]
    star = [] if "*" in text else ["*"]
    return ", ".join([text, *star, *dict.fromkeys(more)])


def rows(modules: list[Made]) -> dict[str, Row]:
    """How each layer is made and what it holds."""
    found: dict[str, Row] = {}
    for name, cls in classes().items():
        of_class = [m for m in modules if m.cls is cls]
        row: Row = {"init": _constructor(cls)}
        parameters = _present(of_class, lambda m: dict(m.named_parameters()))
        if parameters:
            row["parameters"] = parameters
        buffers = _present(of_class, lambda m: dict(m.named_buffers()))
        if buffers:
            row["buffers"] = buffers
        children = sorted({n for m in of_class for n, _ in m.module.named_children()})
        if children:
            row["submodules"] = children
        source = inspect.getsource(cls.forward)
        called = re.search(r"return F\.(\w+)\(", source)
        if called:
            row["functional"] = f"torch.nn.functional.{called.group(1)}"
        shapes = sorted({_structure(m) for m in of_class})
        if shapes:
            row["returns"] = shapes
        found[name] = row
    return found


def _present(modules: list[Made], names: Any) -> Mapping[str, str]:
    """Each parameter: `always`, the constructor flag that decides, or `maybe`."""
    has = [(set(names(m.module)), m.flags()) for m in modules]
    found: dict[str, str] = {}
    for name in _in_order([list(names(m.module)) for m in modules]):
        if all(name in own for own, _ in has):
            found[name] = "always"
            continue
        deciding = [
            flag
            for flag in sorted({f for _, flags in has for f in flags})
            if all((name in own) == (flags.get(flag) == "True") for own, flags in has)
        ]
        found[name] = deciding[0] if deciding else "maybe"
    return found


def _in_order(lists: list[list[str]]) -> list[str]:
    """All names, in the order in which torch lists them."""
    merged: list[str] = []
    for names in sorted(lists, key=len, reverse=True):
        place = 0
        for name in names:
            if name not in merged:
                merged.insert(place, name)
            place = merged.index(name) + 1
    return merged


def _structure(one: Made) -> str:
    args, kwargs = one.forward
    one.module.train(True)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        copied = [a.clone() if isinstance(a, torch.Tensor) else a for a in args]
        return _letters(one.module(*copied, **kwargs))


def _letters(value: Any) -> str:
    if isinstance(value, torch.Tensor):
        return "T"
    if isinstance(value, (list, tuple)):
        return f"({''.join(map(_letters, value))})"
    return "N"
