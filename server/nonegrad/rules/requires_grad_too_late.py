"""requires_grad switched on after the loss was computed.

## What it does
Finds `x.requires_grad_()` and `x.requires_grad = True` after the operations whose gradient is
wanted: the `backward()` raises, or `x.grad` stays None.

## Why it matters
Autograd records an operation while it runs, if one of its inputs requires grad then. What was
computed before has no memory of `x`, and switching the flag on does not change that.

## Example
```python
import torch

x = torch.ones(3)
y = (x * 2).sum()
x.requires_grad_()
y.backward()
```

## Use instead
```python
import torch

x = torch.ones(3)
x.requires_grad_()
y = (x * 2).sum()
y.backward()
```

## Limits
Silent where another graph leads to the leaf, and where the gradient may come on some runs.
"""

from __future__ import annotations

from collections.abc import Iterator

from nonegrad.analysis.record.missed import LateSwitch
from nonegrad.rules import wording
from nonegrad.rules.base import Finding, Rule
from nonegrad.text import Related, Rewrite


def check(late: LateSwitch) -> Iterator[Finding]:
    """One finding for each switch that comes too late for a loss."""
    shown = {
        "raises": (
            f"`{late.owner}.backward()` on line {late.shown.row} raises. `{late.owner}` was"
            " computed before, when nothing asked for a gradient."
        ),
        "read": (
            f"`{late.owner}.grad` on line {late.shown.row} is None. The loss was computed before,"
            " when this leaf asked for no gradient."
        ),
        "used": (
            f"`{late.owner}.grad` on line {late.shown.row} is None, and used at once, which raises."
            " The loss was computed before, when this leaf asked for no gradient."
        ),
        "idle": (
            f"`{late.owner}` never trains. The loss was computed before, when this leaf asked for"
            " no gradient."
        ),
    }[late.how]
    related = [Related(late.shown, "it shows here")]
    rewrites: tuple[Rewrite, ...] = ()
    if late.first is not None:
        related.insert(0, Related(late.first, "computed here, and not recorded"))
        title = f"Move it before line {late.first.row}, which computes with the tensor"
        rewrites = wording.moved(late.site, late.first, "before", title)
    yield Finding(
        RULE.name,
        "error" if late.how in ("raises", "used") else "warning",
        "definite",
        late.site,
        f"requires_grad comes too late: {shown}",
        tuple(related),
        rewrites,
    )


RULE = Rule(
    "requires-grad-too-late",
    "requires_grad switched on after the loss was computed",
    "error",
    LateSwitch,
    check,
    __doc__ or "",
)
