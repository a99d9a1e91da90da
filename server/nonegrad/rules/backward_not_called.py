"""`loss.backward`, `optimizer.step` or `optimizer.zero_grad` without the parentheses.

## What it does
Finds statements that only look such a method up.

## Why it matters
Python evaluates the name and throws the result away: no error, no gradient, no step. The loss
stays where it is, and `.grad` stays None.

## Example
```python
import torch

w = torch.ones(3, requires_grad=True)
loss = (w * w).sum()
loss.backward
```

## Use instead
```python
import torch

w = torch.ones(3, requires_grad=True)
loss = (w * w).sum()
loss.backward()
```

## Limits
Silent where the method is handed on (`hook = loss.backward`), and in files that do not import
torch.
"""

from __future__ import annotations

from collections.abc import Iterator

from nonegrad.rules.base import Finding, Rule
from nonegrad.rules.shape import Shape


def check(shape: Shape) -> Iterator[Finding]:
    """One finding for each method that is not called."""
    if shape.rule != RULE.name:
        return
    yield Finding(RULE.name, "warning", "definite", shape.site, shape.message, (), shape.rewrites)


RULE = Rule(
    "backward-not-called",
    "backward, step or zero_grad looked up and not called",
    "warning",
    Shape,
    check,
    __doc__ or "",
)
