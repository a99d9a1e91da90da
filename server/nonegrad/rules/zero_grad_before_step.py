"""`zero_grad()` between `backward()` and `step()`.

## What it does
Finds a `zero_grad()` that comes between every `backward()` and the `step()` after it.

## Why it matters
The step finds no gradient and changes nothing. There is no error, and the loss stays where it is.

## Example
```python
import torch

w = torch.ones(3, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.1)
loss = (w**2).sum()
loss.backward()
optimizer.zero_grad()
optimizer.step()
```

## Use instead
```python
import torch

w = torch.ones(3, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.1)
loss = (w**2).sum()
optimizer.zero_grad()
loss.backward()
optimizer.step()
```

## Limits
Silent where some step finds a gradient.
"""

from __future__ import annotations

from collections.abc import Iterator

from nonegrad.analysis.record.facts import Untrained
from nonegrad.rules import untrained, wording
from nonegrad.rules.base import Finding, Rule
from nonegrad.text import Related, Rewrite


def check(fact: Untrained) -> Iterator[Finding]:
    """One finding for the zero_grad that comes too early."""
    if fact.reason != "zeroed" or fact.cause is None:
        return
    related = [Related(fact.step, "this step finds no gradient")]
    rewrites: tuple[Rewrite, ...] = ()
    if fact.backward is not None:
        related.insert(0, Related(fact.backward, "this backward() filled them"))
        title = "Move it before the backward()"
        rewrites = wording.moved(fact.cause.site, fact.backward, "before", title)
    yield Finding(
        RULE.name,
        "warning",
        "definite",
        fact.cause.site,
        f"{untrained.named(fact.names)} never trains: the gradient is cleared before each step."
        f" `{fact.cause.text}` stands between backward() and step().",
        tuple(related),
        rewrites,
    )


RULE = Rule(
    "zero-grad-before-step",
    "`zero_grad()` between `backward()` and `step()`",
    "warning",
    Untrained,
    check,
    __doc__ or "",
)
