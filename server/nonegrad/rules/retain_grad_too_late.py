"""retain_grad() after the backward() that it was meant for.

## What it does
Finds reads of `y.grad` of a computed tensor that are None because `y.retain_grad()` ran only after
the `backward()`.

## Why it matters
`retain_grad()` puts a hook on the tensor that keeps the gradient when it comes by. After
`backward()` it comes by no more: the call does nothing, and says nothing.

## Example
```python
import torch

x = torch.ones(3, requires_grad=True)
y = x * 2
y.sum().backward()
y.retain_grad()
print(y.grad)
```

## Use instead
```python
import torch

x = torch.ones(3, requires_grad=True)
y = x * 2
y.retain_grad()
y.sum().backward()
print(y.grad)
```

## Limits
Silent where another `backward()` through the tensor may follow before the read.
"""

from __future__ import annotations

from collections.abc import Iterator

from nonegrad.analysis.record.facts import GradRead
from nonegrad.rules import wording
from nonegrad.rules.base import Finding, Rule
from nonegrad.text import Related


def check(read: GradRead) -> Iterator[Finding]:
    """One finding for each call of retain_grad() that came too late for a read."""
    if read.reason != "retained-too-late" or read.retain_after is None:
        return
    related: list[Related] = []
    rewrites = ()
    past = ""
    if read.backward is not None:
        related.append(Related(read.backward, "the gradient comes by here, and nobody keeps it"))
        past = f" The gradient came by in the backward() on line {read.backward.row}."
        title = f"Move it before the backward() on line {read.backward.row}"
        rewrites = wording.moved(read.retain_after, read.backward, "before", title)
    related.append(Related(read.site, f"`{read.owner}.grad` is None here"))
    yield Finding(
        RULE.name,
        "warning",
        "definite",
        read.retain_after,
        f"retain_grad() comes too late: `{read.owner}.grad` on line {read.site.row} is None.{past}",
        tuple(related),
        rewrites,
    )


RULE = Rule(
    "retain-grad-too-late",
    "retain_grad() after the backward() it was meant for",
    "warning",
    GradRead,
    check,
    __doc__ or "",
)
