"""An in-place write to a tensor that backward still needs.

## What it does
Finds in-place writes to a tensor whose value an operation kept for its backward.

## Why it matters
`backward()` raises: "one of the variables needed for gradient computation has been modified by an
inplace operation". It names neither the write nor, mostly, the operation that kept the value.

## Example
```python
import torch

x = torch.ones(3, requires_grad=True)
y = x.exp()
y += 1
y.sum().backward()
```

## Use instead
```python
import torch

x = torch.ones(3, requires_grad=True)
y = x.exp()
y = y + 1
y.sum().backward()
```

## Limits
An error only where a backward that certainly raises is in sight; information where the value is
kept, and whether a backward follows is not known.
"""

from __future__ import annotations

from collections.abc import Iterator

from nonegrad.analysis.facts import Overwritten
from nonegrad.rules.base import Finding, Rule
from nonegrad.text import Related, Rewrite


def check(fact: Overwritten) -> Iterator[Finding]:
    """One finding for each write."""
    kept = "its result" if fact.role == "result" else f"`{fact.target}`"
    where = f" (line {fact.kept_by.row})" if fact.kept_by else ""
    related: list[Related] = []
    if fact.kept_by is not None:
        related.append(Related(fact.kept_by, f"`{fact.operator}` keeps {kept} for backward here"))
    raises = "backward() raises"
    if fact.backward is not None:
        related.append(Related(fact.backward, "backward() raises here" if fact.definite else "backward() is here"))
        if not fact.definite:
            raises = "backward() raises on some runs"
    yield Finding(
        RULE.name,
        "error" if fact.definite else "information",
        "definite" if fact.definite else "possible",
        fact.write,
        f"`{fact.text}` overwrites what `{fact.operator}`{where} keeps for backward: {raises}",
        tuple(related),
        (
            Rewrite(
                "rebind",
                fact.write,
                f"Write to a new tensor instead of `{fact.text}`",
                arguments=(("retain", place(fact)),) if fact.retain else (),
            ),
        ),
    )


def place(fact: Overwritten) -> str:
    """Where the retain_grad() stands that the rewrite must move."""
    return f"{fact.retain.row}:{fact.retain.column}" if fact.retain else ""


RULE = Rule(
    "inplace-on-saved",
    "an in-place write to what backward needs",
    "error",
    Overwritten,
    check,
    __doc__ or "",
)
