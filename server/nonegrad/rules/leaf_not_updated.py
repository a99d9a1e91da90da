"""An update that is bound to a leaf's name, and never read.

## What it does
Finds `p = p - lr * p.grad` and its kin where `p` is the variable of a loop over leaves, or an
argument of the function, and nothing reads it afterwards.

## Why it matters
Assignment is about names. `p` is bound to a new tensor, and the leaf, which the model holds, keeps
its numbers: every step computes an update and throws it away. Nothing raises, and nothing trains.

## Example
```python
import torch
from torch import nn

model = nn.Linear(3, 1)
start = model.weight.detach().clone()
for _ in range(3):
    model.zero_grad()
    model(torch.ones(4, 3)).sum().backward()
    for p in model.parameters():
        p = p - 0.1 * p.grad
trained = None if torch.equal(start, model.weight) else model.weight
print(trained)
```

## Use instead
```python
import torch
from torch import nn

model = nn.Linear(3, 1)
start = model.weight.detach().clone()
for _ in range(3):
    model.zero_grad()
    model(torch.ones(4, 3)).sum().backward()
    for p in model.parameters():
        with torch.no_grad():
            p -= 0.1 * p.grad
trained = None if torch.equal(start, model.weight) else model.weight
print(trained)
```

## Limits
Silent where the name may be read later, and where the value may write into the leaf itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from nonegrad.analysis.record.missed import LostUpdate
from nonegrad.rules.base import Finding, Rule
from nonegrad.text import Related, Rewrite


def check(fact: LostUpdate) -> Iterator[Finding]:
    """One finding for each such assignment."""
    what = "This updates nothing" if fact.by_gradient else "This changes nothing"
    title = f"Update `{fact.name}` in place under `torch.no_grad()`"
    yield Finding(
        RULE.name,
        "warning",
        "definite",
        fact.site,
        f"{what}: `{fact.name}` is only a name, bound to a new tensor that is never read. The leaf"
        " keeps its numbers; write into it in place.",
        (Related(fact.made, "the leaf is made here"),) if fact.made is not None else (),
        (Rewrite("update-in-place", fact.site, title),),
    )


RULE = Rule(
    "leaf-not-updated",
    "an update bound to a leaf's name, and never read",
    "warning",
    LostUpdate,
    check,
    __doc__ or "",
)
