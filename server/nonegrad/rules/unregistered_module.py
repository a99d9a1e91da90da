"""Layers in a plain list or dict of a module.

## What it does
Finds a list or dict of modules, set as an attribute of a module, whose parameters get gradients
while the optimizer over `parameters()` does not hold them.

## Why it matters
A module registers what is assigned to it directly, and looks into no list. `parameters()` leaves
the layers out: no optimizer trains them, `.to(device)` and `state_dict()` pass them by.

## Example
```python
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = [nn.Linear(2, 2), nn.Linear(2, 2)]
        self.head = nn.Linear(2, 1)

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return self.head(x)


net = Net()
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
loss = net(torch.ones(4, 2)).sum()
loss.backward()
optimizer.step()
print(net.state_dict().get("layers.0.weight"))
```

## Use instead
```python
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(2, 2), nn.Linear(2, 2)])
        self.head = nn.Linear(2, 1)

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return self.head(x)


net = Net()
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
loss = net(torch.ones(4, 2)).sum()
loss.backward()
optimizer.step()
print(net.state_dict().get("layers.0.weight"))
```

## Limits
Silent where an optimizer may hold the layers another way, and where the program reads their
gradients itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from nonegrad.analysis.record.facts import Unlisted
from nonegrad.rules.base import Finding, Rule
from nonegrad.text import Related, Rewrite


def check(fact: Unlisted) -> Iterator[Finding]:
    """One finding for each such attribute."""
    if fact.reason == "forgotten":
        yield from made_anew(fact)
    if fact.reason not in ("modules", "nested"):
        return
    container = container_of(fact)
    rewrites: tuple[Rewrite, ...] = ()
    if fact.reason == "modules" or fact.inner:
        title = f"Register the layers: `{container}(...)`"
        arguments = (("function", container),)
        whole = Rewrite("wrap-call", fact.made, title, arguments=arguments)
        rows = tuple(
            Rewrite("wrap-call", row, title, arguments=(("function", f"{fact.torch}{name}"),))
            for row, name in fact.inner
        )
        rewrites = (replace(whole, parts=rows),)
    yield from told(
        RULE.name,
        fact,
        f"The layers in `{fact.owner}` never train: a plain container registers nothing."
        f" parameters() leaves them out, so the optimizer does not hold them; `{container}` keeps"
        " them in the module.",
        rewrites,
    )


def container_of(fact: Unlisted) -> str:
    """What registers the modules, or the parameters, that stand in a plain list or dict."""
    kind = "Parameter" if fact.reason == "parameters" else "Module"
    form = "Dict" if fact.text.startswith(("{", "dict", "OrderedDict")) else "List"
    return f"{fact.torch}{kind}{form}"


def made_anew(fact: Unlisted) -> Iterator[Finding]:
    """A layer that lives for one call."""
    what = f"`{fact.text}`" if fact.text else "This layer"
    yield from told(
        RULE.name,
        fact,
        f"{what} never trains: each call of `{fact.owner}` makes a new one. It is forgotten after"
        " the call, and no optimizer can hold it; a layer that is to learn is an attribute of its"
        " module, set in `__init__`.",
        tuple(kept(fact)),
    )


def kept(fact: Unlisted) -> Iterator[Rewrite]:
    """The layer made once, as an attribute."""
    for home, name in fact.inner:
        title = f"Make it in `__init__`: `self.{name} = {fact.text}`"
        made = Rewrite(
            "insert-after", home, title, arguments=(("text", f"self.{name} = {fact.text}"),)
        )
        used = Rewrite(
            "replace-expression", fact.made, title, arguments=(("text", f"self.{name}"),)
        )
        yield replace(made, parts=(used,))


def told(
    rule: str, fact: Unlisted, message: str, rewrites: tuple[Rewrite, ...]
) -> Iterator[Finding]:
    """The finding at the line to edit; in another file of the program also where that one trains,
    for the module's own file tells nothing of an optimizer."""
    shown = [Related(fact.step, "this step changes nothing of them")]
    if fact.optimizer is not None:
        shown.insert(0, Related(fact.optimizer, "this optimizer does not hold them"))
    away = [Related(fact.made, f"this line of {Path(fact.made.filename).name}")]
    yield Finding(rule, "warning", "definite", fact.made, message, tuple(shown), rewrites)
    seen = {fact.made.filename}
    for at in [place.site for place in shown]:
        if at.filename not in seen:
            seen.add(at.filename)
            related = tuple(place for place in (*away, *shown) if place.site != at)
            where = f"In {Path(fact.made.filename).name}, line {fact.made.row}: "
            yield Finding(rule, "warning", "definite", at, where + message, related, rewrites)


RULE = Rule(
    "unregistered-module",
    "layers in a plain list or dict of a module",
    "warning",
    Unlisted,
    check,
    __doc__ or "",
)
