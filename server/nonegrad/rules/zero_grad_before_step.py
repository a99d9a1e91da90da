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
from dataclasses import replace

from nonegrad.analysis.domain.provenance import Why
from nonegrad.analysis.record.facts import Untrained
from nonegrad.rules import untrained, wording
from nonegrad.rules.base import Finding, Rule
from nonegrad.text import Related, Rewrite


def check(fact: Untrained) -> Iterator[Finding]:
    """One finding for the zero_grad that comes too early."""
    if fact.reason != "zeroed" or fact.cause is None:
        return
    related = [Related(fact.step, "this step finds no gradient")]
    if fact.backward is not None:
        related.insert(0, Related(fact.backward, "this backward() filled them"))
    never = "never trains" if len(set(fact.names)) == 1 else "never train"
    yield Finding(
        RULE.name,
        "warning",
        "definite",
        fact.cause.site,
        f"{untrained.named(fact.names)} {never}: the gradient is cleared before each step."
        f" `{fact.cause.text}` stands between backward() and step().",
        tuple(related),
        tuple(cures(fact, fact.cause)),
    )


def cures(fact: Untrained, cause: Why) -> Iterator[Rewrite]:
    """The same call, before the backward(): in another function by the name that it has there."""
    if fact.backward is None:
        return
    yield from wording.moved(cause.site, fact.backward, "before", "Move it before the backward()")
    optimizer = fact.stepping.removesuffix(".step()")
    one_file = cause.site.filename == fact.backward.filename == fact.step.filename
    if optimizer != fact.stepping and one_file:
        title = "Clear the gradients before the backward() instead"
        away = Rewrite("delete-statement", cause.site, title)
        call = (("text", f"{optimizer}.zero_grad()"),)
        yield replace(away, parts=(Rewrite("insert-before", fact.backward, title, arguments=call),))


RULE = Rule(
    "zero-grad-before-step",
    "`zero_grad()` between `backward()` and `step()`",
    "warning",
    Untrained,
    check,
    __doc__ or "",
)
