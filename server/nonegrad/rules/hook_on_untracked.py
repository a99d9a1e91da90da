"""A hook, or `retain_grad()`, on a tensor that does not require grad.

## What it does
Finds `t.register_hook(...)` and `t.retain_grad()` where `t` certainly does not require grad.

## Why it matters
Both wait for a gradient, and no gradient ever comes to a tensor that does not require grad. PyTorch
raises at the call: "cannot register a hook on a tensor that doesn't require gradient", or "can't
retain_grad on Tensor that has requires_grad=False".

## Example
```python
import torch

x = torch.ones(3)
y = x * 2
y.retain_grad()
y.sum().backward()
```

## Use instead
```python
import torch

x = torch.ones(3, requires_grad=True)
y = x * 2
y.retain_grad()
y.sum().backward()
```

## Limits
Silent where the tensor requires grad on some runs, or comes from an argument of unknown value.
"""

from __future__ import annotations

from collections.abc import Iterator

from nonegrad.analysis.record.facts import UntrackedCall
from nonegrad.rules import wording
from nonegrad.rules.base import Finding, Rule

WAITS = {
    "retain_grad": "There is no gradient to retain.",
    "register_hook": "No gradient will ever pass for the hook to see.",
}


def check(call: UntrackedCall) -> Iterator[Finding]:
    """One finding for each call that raises."""
    waits = WAITS.get(call.call)
    if waits is None:
        return
    step = wording.cause(call.why)
    yield Finding(
        RULE.name,
        "error",
        "definite",
        call.site,
        f"`{call.owner}.{call.call}()` raises: `{call.owner}` does not require grad."
        f"{wording.told(step) if step else ''} {waits}",
        wording.related(call.why, call.site),
        wording.cures(call.why, certain=True),
    )


RULE = Rule(
    "hook-on-untracked",
    "a hook on a tensor that does not require grad",
    "error",
    UntrackedCall,
    check,
    __doc__ or "",
)
