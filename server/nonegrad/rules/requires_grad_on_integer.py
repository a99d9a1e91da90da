"""requires_grad on a tensor of integers.

## What it does
Finds `requires_grad=True` on tensors whose dtype is an integer or bool.

## Why it matters
PyTorch raises: "Only Tensors of floating point and complex dtype can require gradients".

## Example
```python
import torch

x = torch.tensor([1, 2, 3], requires_grad=True)
```

## Use instead
```python
import torch

x = torch.tensor([1, 2, 3], dtype=torch.float32, requires_grad=True)
```

## Limits
Silent where the dtype is not known.
"""

from __future__ import annotations

from collections.abc import Iterator

from nonegrad.analysis.facts import IntegerLeaf
from nonegrad.rules.base import Finding, Rule
from nonegrad.text import Rewrite


def check(fact: IntegerLeaf) -> Iterator[Finding]:
    """One finding for each raise."""
    yield Finding(
        RULE.name,
        "error",
        "definite",
        fact.site,
        f"`{fact.text}` raises, because only floating point tensors can require grad,"
        f" and this one is {fact.dtype or 'integer'}",
        (),
        (Rewrite("add-requires-grad", fact.site, "Make it a float tensor"),),
    )


RULE = Rule(
    "requires-grad-on-integer",
    "requires_grad on integers",
    "error",
    IntegerLeaf,
    check,
    __doc__ or "",
)
