"""`requires_grad` misspelled, compared or not called.

## What it does
Finds names that were certainly meant to be `requires_grad`: `torch.ones(3, require_grad=True)`,
`x.require_grad = True`, `x.requires_grad_ = True`; the method that is looked up and not called
(`x.requires_grad_`); and `p.requires_grad == False` where `=` was meant.

## Why it matters
As a keyword the wrong name raises a TypeError. As an attribute it is silent: Python adds the new
attribute to the tensor, PyTorch never reads it, and the flag stays as it was. A backbone that was
to be frozen trains; an input that was to collect gradients has `.grad` None.

## Example
```python
import torch

x = torch.ones(3)
x.require_grad = True
w = torch.ones(3, requires_grad=True)
(x * w).sum().backward()
```

## Use instead
```python
import torch

x = torch.ones(3)
x.requires_grad = True
w = torch.ones(3, requires_grad=True)
(x * w).sum().backward()
```

## Limits
An attribute that the file itself reads somewhere is somebody's own, and left alone. Of keywords
only those of PyTorch's own functions are looked at.
"""

from __future__ import annotations

from collections.abc import Iterator

from nonegrad.rules.base import Finding, Rule
from nonegrad.rules.shape import Shape


def check(shape: Shape) -> Iterator[Finding]:
    """One finding for each wrong name."""
    if shape.rule != RULE.name:
        return
    yield Finding(
        RULE.name,
        "error" if shape.raises else "warning",
        "definite",
        shape.site,
        shape.message,
        (),
        shape.rewrites,
    )


RULE = Rule(
    "requires-grad-misspelled",
    "requires_grad misspelled, compared or not called",
    "warning",
    Shape,
    check,
    __doc__ or "",
)
