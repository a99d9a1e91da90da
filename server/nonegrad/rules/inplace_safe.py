"""An in-place write to a tensor of the graph that does no harm, and why.

## What it does
Marks, as a hint, in-place writes to a tensor that is in a graph where no operation saved the value
that is overwritten.

## Why it matters
People rewrite such lines out of fear. Nothing is lost: the write is recorded, and gradients flow
through it. The rewrite to a new tensor is on offer, as a matter of taste.

## Example
```python
import torch

x = torch.ones(3, requires_grad=True)
y = x * 2
y += 1
y.sum().backward()
```

## Use instead
```python
import torch

x = torch.ones(3, requires_grad=True)
y = x * 2
y = y + 1
y.sum().backward()
```

Both give `x.grad` the same value. After `y.retain_grad()` they differ: `y += 1` keeps the gradient
of `y`, `y = y + 1` would lose it, so the rewrite moves the `retain_grad()` behind the new line.

## Limits
Says nothing of tensors that are not certainly in a graph.
"""

from __future__ import annotations

from collections.abc import Iterator

from nonegrad.analysis.record.facts import SafeWrite
from nonegrad.rules.base import Finding, Rule
from nonegrad.rules.inplace_on_saved import rebinding, waiting


def check(fact: SafeWrite) -> Iterator[Finding]:
    """A hint for each write that is safe; what is saved is the business of `inplace-on-saved`."""
    if fact.saved_by is not None:
        yield from waiting(fact)
        return
    made = f"`{fact.made_by}` did not save its result" if fact.made_by else "nothing saved it"
    kept = (
        " It also keeps the gradient that retain_grad() asked for, where a new tensor would not."
        if fact.retain
        else ""
    )
    yield Finding(
        RULE.name,
        "hint",
        "definite",
        fact.site,
        f"`{fact.text}` is safe: no backward needs the old value. {made[:1].upper()}{made[1:]}, and"
        f" autograd records the write.{kept}",
        (),
        (rebinding(fact.site, fact, "refactor.rewrite"),),
    )


RULE = Rule(
    "inplace-safe",
    "an in-place write that does no harm",
    "hint",
    SafeWrite,
    check,
    __doc__ or "",
)
