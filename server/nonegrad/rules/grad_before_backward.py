"""Reading `.grad` before any backward().

## What it does
Finds reads of `w.grad` of a leaf that requires grad where no `backward()` has run yet.

## Why it matters
The `.grad` of a new leaf is None, not zeros: a `backward()` makes it. A read before that gives
None, and arithmetic with it raises a TypeError.

## Example
```python
import torch

w = torch.ones(3, requires_grad=True)
loss = (w * w).sum()
print(w.grad)
loss.backward()
```

## Use instead
```python
import torch

w = torch.ones(3, requires_grad=True)
loss = (w * w).sum()
loss.backward()
print(w.grad)
```

## Limits
Silent where some path leads through a `backward()`, and where the read only asks whether there is
a gradient (`w.grad is None`).
"""

from __future__ import annotations

from collections.abc import Iterator

from nonegrad.analysis.record.facts import GradRead
from nonegrad.rules import reads, wording
from nonegrad.rules.base import Finding, Rule
from nonegrad.text import Related, Rewrite


def check(read: GradRead) -> Iterator[Finding]:
    """One finding for each read of None."""
    if read.reason != "before-backward":
        return
    related: list[Related] = []
    rewrites: tuple[Rewrite, ...] = ()
    if read.retain_after is not None:
        related.append(Related(read.retain_after, "retain_grad() asks for the gradient here"))
    if read.filled_later is not None:
        row = read.filled_later.row
        related.append(Related(read.filled_later, f"this backward() fills `{read.owner}.grad`"))
        if row > read.site.row:
            title = f"Read it after the backward() on line {row}"
            rewrites = wording.moved(read.site, read.filled_later, "after", title)
    yield Finding(
        RULE.name,
        reads.loudness(read),
        "definite",
        read.site,
        f"`{read.owner}.grad` is None here: no backward() has run yet. A gradient is there only"
        f" after the backward() of a loss that depends on `{read.owner}`.{reads.used(read)}",
        tuple(related),
        (*rewrites, *reads.guarded(read)),
    )


RULE = Rule(
    "grad-before-backward",
    "`.grad` read before any backward()",
    "warning",
    GradRead,
    check,
    __doc__ or "",
)
