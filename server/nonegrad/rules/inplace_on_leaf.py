"""An in-place write that PyTorch refuses: to a leaf that requires grad, or to a view of one.

## What it does
Finds in-place writes, with grad mode on, to a leaf that requires grad or to a view of one.

## Why it matters
PyTorch raises at the line: "a leaf Variable that requires grad is being used in an in-place
operation". Rebinding (`w = w - ...`) silences the error and loses the leaf.

## Example
```python
import torch

w = torch.ones(3, requires_grad=True)
(w * w).sum().backward()
w -= 0.1 * w.grad
```

## Use instead
```python
import torch

w = torch.ones(3, requires_grad=True)
(w * w).sum().backward()
with torch.no_grad():
    w -= 0.1 * w.grad
```

## Limits
Silent where the tensor may not require grad, or may not be a leaf.
"""

from __future__ import annotations

from collections.abc import Iterator

from nonegrad.analysis.facts import RefusedWrite
from nonegrad.rules.base import Finding, Rule
from nonegrad.text import Related, Rewrite

REASONS = {
    "leaf": "`{target}` is a leaf that requires grad",
    "view-of-leaf": "`{target}` is (a view of) a leaf that requires grad",
    "multi-view": "`{target}` is one of several views that one operation gave",
    "nograd-view": "`{target}` is a view that was made while grad mode was off",
    "inference": "`{target}` was made in inference mode",
    "detach-view": "`{target}` is a view, and views cannot be detached in place",
}


def check(fact: RefusedWrite) -> Iterator[Finding]:
    """One finding for each write that raises."""
    reason = REASONS[fact.reason].format(target=fact.target)
    related = (
        (Related(fact.created.site, f"`{fact.created.text}` makes the leaf"),)
        if fact.created
        else ()
    )
    rewrites: tuple[Rewrite, ...] = ()
    if fact.reason in ("leaf", "view-of-leaf"):
        rewrites = (
            Rewrite("wrap-no-grad", fact.site, "Write under `torch.no_grad()`"),
            Rewrite(
                "clone-first",
                fact.site,
                f"Write to a clone of `{fact.target}`",
                arguments=(("name", fact.target.partition("[")[0]),),
            ),
        )
    yield Finding(
        RULE.name,
        "error",
        "definite",
        fact.site,
        f"`{fact.text}` raises, because {reason}",
        related,
        rewrites,
    )


RULE = Rule(
    "inplace-on-leaf",
    "an in-place write to a leaf that requires grad",
    "error",
    RefusedWrite,
    check,
    __doc__ or "",
)
