"""requires_grad on a tensor of integers or booleans.

## What it does
Finds `requires_grad=True`, `requires_grad_()`, `x.requires_grad = True` and `nn.Parameter(x)` on
tensors whose dtype is an integer or bool.

## Why it matters
PyTorch raises: "Only Tensors of floating point and complex dtype can require gradients". It is
enough to write `[1, 2, 3]` where `[1., 2., 3.]` was meant.

## Example
```python
import torch

x = torch.tensor([1, 2, 3], requires_grad=True)
```

## Use instead
```python
import torch

x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
```

## Limits
Silent where the dtype is not known.
"""

from __future__ import annotations

from collections.abc import Iterator

from nonegrad.analysis.record.facts import IntegerLeaf
from nonegrad.rules.base import Finding, Rule
from nonegrad.text import Rewrite


def check(fact: IntegerLeaf) -> Iterator[Finding]:
    """One finding for each raise."""
    dtype = f"this one is {fact.dtype}" if fact.dtype else "this one holds integers"
    yield Finding(
        RULE.name,
        "error",
        "definite",
        fact.site,
        f"`{fact.text}` raises: integers cannot require grad. Only floating point and complex"
        f" tensors can, and {dtype}.",
        (),
        (Rewrite("make-float", fact.site, "Make it a float tensor (its dtype changes)"),),
    )


RULE = Rule(
    "requires-grad-on-integer",
    "requires_grad on integers",
    "error",
    IntegerLeaf,
    check,
    __doc__ or "",
)
