"""`optimizer.step()` in a program that never calls `backward()`.

## What it does
Finds a step of an optimizer whose parameters certainly have no gradient, in a program without any
`backward()`. A closure given to `step(closure)` counts as part of the program.

## Why it matters
A step changes the parameters by their gradients. Where there are none it does nothing, without an
error; the loss is printed, and stays what it was.

## Example
```python
import torch

w = torch.ones(3, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.1, momentum=0.9)
loss = (w**2).sum()
optimizer.step()
print(optimizer.state.get(w))
```

## Use instead
```python
import torch

w = torch.ones(3, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.1, momentum=0.9)
loss = (w**2).sum()
loss.backward()
optimizer.step()
print(optimizer.state.get(w))
```

## Limits
Silent where code that is not known may call `backward()` or set a gradient.
"""

from __future__ import annotations

from collections.abc import Iterator

from nonegrad.analysis.record.facts import Untrained
from nonegrad.rules import untrained
from nonegrad.rules.base import Finding, Rule
from nonegrad.text import Related, Rewrite


def check(fact: Untrained) -> Iterator[Finding]:
    """One finding for each step that has nothing to go by."""
    if fact.reason != "no-backward":
        return
    related: tuple[Related, ...] = ()
    if fact.backward is not None:
        related = (Related(fact.backward, "the closure ends here, without a backward()"),)
    rewrites: tuple[Rewrite, ...] = ()
    if fact.backward is not None and fact.closure_returns:
        call = f"{fact.closure_returns}.backward()"
        title = f"Insert `{call}` into the closure"
        rewrites = (Rewrite("insert-before", fact.backward, title, arguments=(("text", call),)),)
    yield Finding(
        RULE.name,
        "warning",
        "definite",
        fact.step,
        f"This step changes nothing: no backward() ever runs. {untrained.named(fact.names)}"
        f" {'has' if len(set(fact.names)) == 1 else 'have'} no gradient here.",
        related,
        rewrites,
    )


RULE = Rule(
    "step-without-backward",
    "`optimizer.step()` without any `backward()`",
    "warning",
    Untrained,
    check,
    __doc__ or "",
)
