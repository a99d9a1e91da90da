"""Reading `.grad` after it was cleared.

## What it does
Finds reads of `w.grad` after `zero_grad()` or `w.grad = None` took away what `backward()` had
filled.

## Why it matters
Since PyTorch 2.0 `zero_grad()` sets gradients to None, not to zeros (`set_to_none=True`). Between
`backward()` and `step()` it throws the gradients away: the read gives None, and an optimizer
silently skips the parameter.

## Example
```python
import torch

w = torch.ones(3, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.1)
loss = (w * w).sum()
loss.backward()
optimizer.zero_grad()
print(w.grad)
```

## Use instead
```python
import torch

w = torch.ones(3, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.1)
loss = (w * w).sum()
optimizer.zero_grad()
loss.backward()
print(w.grad)
```

## Limits
Silent where another path leads to the read with a gradient, and after
`zero_grad(set_to_none=False)`, which leaves zeros.
"""

from __future__ import annotations

from collections.abc import Iterator

from nonegrad.analysis.record.facts import GradRead
from nonegrad.rules import reads, wording
from nonegrad.rules.base import Finding, Rule
from nonegrad.text import Related, Rewrite


def check(read: GradRead) -> Iterator[Finding]:
    """One finding for each read of None."""
    if read.reason != "zeroed":
        return
    related: list[Related] = []
    rewrites: tuple[Rewrite, ...] = ()
    by = ""
    if read.why is not None:
        by = f" `{read.why.text}` on line {read.why.site.row} sets gradients to None, not to zeros."
        related.append(Related(read.why.site, f"`{read.why.text}` clears the gradient here"))
        if read.backward is not None and read.backward < read.why.site:
            title = f"Clear the gradients before the backward() of line {read.backward.row}"
            rewrites = wording.moved(read.why.site, read.backward, "before", title)
        if read.why.site.filename == read.site.filename:
            place = (("read", f"{read.site.row}:{read.site.column}"),)
            first = "Move the backward() before what reads the gradients"
            rewrites += (Rewrite("backward-first", read.why.site, first, arguments=place),)
    if read.backward is not None:
        related.append(Related(read.backward, "the last backward() before the read"))
    yield Finding(
        RULE.name,
        reads.loudness(read),
        "definite",
        read.site,
        f"`{read.owner}.grad` is None here: it was cleared, and no backward() has filled it"
        f" since.{by}{reads.used(read)}",
        tuple(related),
        (*rewrites, *reads.guarded(read)),
    )


RULE = Rule(
    "grad-after-zero-grad",
    "`.grad` read after it was cleared",
    "warning",
    GradRead,
    check,
    __doc__ or "",
)
