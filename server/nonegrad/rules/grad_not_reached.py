"""Reading `.grad` of a leaf that no loss so far depends on.

## What it does
Finds reads of `w.grad` of a leaf that requires grad where a `backward()` has run, and none so far
led to this leaf.

## Why it matters
`backward()` fills the leaves its loss was computed from, and leaves the others alone: no error, no
zeros, just None. The usual causes are a loss that forgot a term, a parameter that `forward` does
not use, and a detach on the way.

## Example
```python
import torch

w = torch.ones(3, requires_grad=True)
b = torch.zeros(3, requires_grad=True)
loss = (w * 2).sum()
loss.backward()
print(b.grad)
```

## Use instead
```python
import torch

w = torch.ones(3, requires_grad=True)
b = torch.zeros(3, requires_grad=True)
loss = (w * 2 + b).sum()
loss.backward()
print(b.grad)
```

## Limits
Silent where some path leads to the leaf. What the loss should have depended on only its author
knows: there is no fix on offer.
"""

from __future__ import annotations

from collections.abc import Iterator

from nonegrad.analysis.record.facts import GradRead
from nonegrad.rules import reads, wording
from nonegrad.rules.base import Finding, Rule
from nonegrad.text import Related


def check(read: GradRead) -> Iterator[Finding]:
    """One finding for each read of None."""
    if read.reason != "not-reached":
        return
    related: list[Related] = []
    if read.backward is not None:
        related.append(Related(read.backward, f"this backward() does not lead to `{read.owner}`"))
    blame = ""
    if read.cut is not None:
        related[:0] = wording.cut_at(read.cut)
        blame = wording.told(read.cut, read.site)
    if read.why is not None and read.why.site != read.site:
        related.append(Related(read.why.site, f"`{read.owner}` is made here"))
    yield Finding(
        RULE.name,
        reads.loudness(read),
        "definite",
        read.site,
        f"`{read.owner}.grad` is None: no backward() so far reaches `{read.owner}`. It is a leaf"
        " that requires grad, but no loss whose backward() has run was computed from it."
        f"{blame}{reads.used(read)}",
        tuple(related),
        (wording.rejoined(read.cut) if read.cut is not None else ()) + reads.guarded(read),
    )


RULE = Rule(
    "grad-not-reached",
    "`.grad` of a leaf that no backward() reached",
    "warning",
    GradRead,
    check,
    __doc__ or "",
)
