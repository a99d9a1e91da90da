"""Reading `.grad` of a tensor that is not a leaf.

## What it does
Finds reads of `y.grad` where `y` was computed from tensors that require grad, and does not retain
its gradient.

## Why it matters
Gradients flow through `y` to the leaves, but PyTorch keeps them only on leaves: `y.grad` is None,
with a warning at run time at most.

## Example
```python
import torch

x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
y = x[0:2]
(y * 2).sum().backward()
print(y.grad)
```

## Use instead
```python
import torch

x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
y = x[0:2]
y.retain_grad()
(y * 2).sum().backward()
print(y.grad)
```

## Limits
Silent where the tensor may be a leaf on some runs.
"""

from __future__ import annotations

from collections.abc import Iterator

from nonegrad.analysis.facts import GradRead
from nonegrad.rules.base import Finding, Rule
from nonegrad.text import Related, Rewrite


def check(read: GradRead) -> Iterator[Finding]:
    """One finding for each read of None."""
    if read.reason != "non-leaf":
        return
    made = read.why
    step = f"`{made.text}`, line {made.site.row}" if made else "an operation"
    related = (Related(made.site, f"`{read.owner}` comes from here"),) if made else ()
    rewrites: tuple[Rewrite, ...] = ()
    if read.definition is not None and read.name:
        rewrites = (
            Rewrite(
                "insert-retain-grad",
                read.definition,
                f"Insert `{read.name}.retain_grad()` after line {read.definition.end_row}",
                safe=True,
                arguments=(("name", read.name),),
            ),
        )
    yield Finding(
        RULE.name,
        "warning",
        "definite",
        read.site,
        f"`{read.owner}.grad` is None, because `{read.owner}` is not a leaf (it comes from {step}):"
        " backward() keeps gradients of leaves only, unless retain_grad() asked for this one",
        related,
        rewrites,
    )


RULE = Rule(
    "grad-of-non-leaf",
    "`.grad` of a tensor that is not a leaf",
    "warning",
    GradRead,
    check,
    __doc__ or "",
)
