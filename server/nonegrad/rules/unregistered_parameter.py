"""A tensor that is to be trained, as a plain attribute of a module.

## What it does
Finds a tensor that requires grad, or a list of such, set as an attribute of a module without
`nn.Parameter`, where it gets gradients while the optimizer over `parameters()` does not hold it.

## Why it matters
A module registers an `nn.Parameter` and takes every other tensor for a plain attribute. The
gradient arrives, and nobody uses it: the tensor stays as it was made.
`nn.Parameter(...).to(device)` is such a plain tensor as well: not the parameter, but a result
computed from it.

## Example
```python
import torch
from torch import nn


class Scale(nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = torch.ones(2, requires_grad=True)
        self.head = nn.Linear(2, 1)

    def forward(self, x):
        return self.head(x * self.scale)


net = Scale()
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
loss = net(torch.ones(4, 2)).sum()
loss.backward()
optimizer.step()
print(net.state_dict().get("scale"))
```

## Use instead
```python
import torch
from torch import nn


class Scale(nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(2, requires_grad=True))
        self.head = nn.Linear(2, 1)

    def forward(self, x):
        return self.head(x * self.scale)


net = Scale()
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
loss = net(torch.ones(4, 2)).sum()
loss.backward()
optimizer.step()
print(net.state_dict().get("scale"))
```

## Limits
Silent where an optimizer may hold the tensor another way, and where the program reads its gradient
itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from nonegrad.analysis.record.facts import Unlisted
from nonegrad.rules.base import Finding, Rule
from nonegrad.rules.unregistered_module import told
from nonegrad.text import Rewrite

TALES = {
    "tensor": "it is a plain tensor, no nn.Parameter.",
    "computed": "it is computed from a parameter, and is none itself.",
    "parameters": "a plain container registers nothing.",
}


def check(fact: Unlisted) -> Iterator[Finding]:
    """One finding for each such attribute."""
    tale = TALES.get(fact.reason)
    if tale is None:
        return
    yield from told(
        RULE.name,
        fact,
        f"`{fact.owner}` never trains: {tale} parameters() leaves it out, so the gradient it gets"
        " is not used by the optimizer.",
        cures(fact),
    )


def cures(fact: Unlisted) -> tuple[Rewrite, ...]:
    """What registers it."""
    if fact.reason == "computed":
        title = "Make the result the parameter"
        return (Rewrite("move-requires-grad-last", fact.made, title),)
    kind = "Parameter"
    if fact.reason == "parameters":
        kind = "ParameterDict" if fact.text.startswith(("{", "dict")) else "ParameterList"
    function = f"{fact.torch}{kind}"
    title = f"Register it: `{function}(...)`"
    return (Rewrite("wrap-call", fact.made, title, arguments=(("function", function),)),)


RULE = Rule(
    "unregistered-parameter",
    "a tensor to be trained that its module does not register",
    "warning",
    Unlisted,
    check,
    __doc__ or "",
)
