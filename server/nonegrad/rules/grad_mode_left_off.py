"""A return that leaves grad mode off.

## What it does
Finds a `return` between `torch.set_grad_enabled(False)` and the call that switches grad mode on
again, in a function after which a loss is computed and its `backward()` called.

## Why it matters
`torch.set_grad_enabled(False)` holds until it is undone. A return in between leaves it so for all
that comes after: the next loss has no graph, and its `backward()` raises, far from here.

## Example
```python
import torch

w = torch.ones(3, requires_grad=True)


def validate(batches):
    torch.set_grad_enabled(False)
    if len(batches) == 0:
        return None
    total = sum((w * x).sum().item() for x in batches)
    torch.set_grad_enabled(True)
    return total


for count in torch.arange(3).tolist():
    loss = (w * w).sum()
    loss.backward()
    validate([torch.ones(3)] * count)
```

## Use instead
```python
import torch

w = torch.ones(3, requires_grad=True)


def validate(batches):
    torch.set_grad_enabled(False)
    if len(batches) == 0:
        torch.set_grad_enabled(True)
        return None
    total = sum((w * x).sum().item() for x in batches)
    torch.set_grad_enabled(True)
    return total


for count in torch.arange(3).tolist():
    loss = (w * w).sum()
    loss.backward()
    validate([torch.ones(3)] * count)
```

Or, for all ways out at once, `@torch.no_grad()` above the function.

## Limits
Silent where no way out of the function switches grad mode on again, which may be what it is for,
where the caller does before the next loss, and where no backward certainly follows.
"""

from __future__ import annotations

from collections.abc import Iterator

from nonegrad.analysis.record.exits import LeftOff
from nonegrad.rules.base import Finding, Rule
from nonegrad.text import Related, Rewrite

OFF, ON = "(False)", "(True)"


def check(fact: LeftOff) -> Iterator[Finding]:
    """One finding for each such return."""
    cures: tuple[Rewrite, ...] = ()
    if fact.off_text.endswith(OFF):
        on = fact.off_text.removesuffix(OFF) + ON
        title = f"Insert `{on}`"
        cures = (Rewrite("insert-before", fact.site, title, arguments=(("text", on),)),)
    yield Finding(
        RULE.name,
        "warning",
        "definite",
        fact.site,
        f"This return leaves grad mode off, as `{fact.off_text}` has set it. Another way out undoes"
        " that, this one does not: nothing is recorded from here on, and the next backward(), on"
        f" line {fact.backward.row}, raises. `with torch.no_grad():` is undone on every way out.",
        (
            Related(fact.off, "grad mode is switched off here"),
            Related(fact.backward, "this backward() raises after it"),
        ),
        cures,
    )


RULE = Rule(
    "grad-mode-left-off",
    "a return that leaves grad mode off",
    "warning",
    LeftOff,
    check,
    __doc__ or "",
)
