"""A name of a leaf is bound to a computed tensor, and its `.grad` is read as before.

## What it does
Finds `w = w - lr * w.grad` and its kin: after the statement `w` is no longer the leaf, and the
next read of `w.grad` gives None.

## Why it matters
The first step of the loop works. In the second one `w` is a computed tensor: its `.grad` is None,
and arithmetic with it raises a TypeError.

## Example
```python
import torch

w = torch.ones(3, requires_grad=True)
for _ in range(2):
    (w * w).sum().backward()
    w = w - 0.1 * w.grad
```

## Use instead
```python
import torch

w = torch.ones(3, requires_grad=True)
for _ in range(2):
    (w * w).sum().backward()
    with torch.no_grad():
        w -= 0.1 * w.grad
```

## Limits
Silent where the name may still hold a leaf.
"""

from __future__ import annotations

from collections.abc import Iterator

from nonegrad.analysis.facts import GradRead
from nonegrad.rules.base import Finding, Rule
from nonegrad.text import Related, Rewrite


def check(read: GradRead) -> Iterator[Finding]:
    """One finding for each rebinding that a read then meets."""
    if read.reason != "rebound" or read.definition is None:
        return
    after = (
        "is a computed tensor" if read.tensor.requires_grad.known else "does not require grad"
    )
    yield Finding(
        RULE.name,
        "warning",
        "definite",
        read.definition,
        f"`{read.name}` was a leaf and {after} after this line, so `{read.owner}.grad`"
        f" on line {read.site.row} is None",
        (Related(read.site, f"`{read.owner}.grad` is read here"),),
        (
            Rewrite(
                "update-in-place",
                read.definition,
                f"Update `{read.name}` in place under `torch.no_grad()`",
                arguments=(("name", read.name),),
            ),
        ),
    )


RULE = Rule(
    "leaf-rebound",
    "a leaf's name is bound to a computed tensor",
    "warning",
    GradRead,
    check,
    __doc__ or "",
)
