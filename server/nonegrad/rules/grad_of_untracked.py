"""Reading `.grad` of a tensor that does not require grad.

## What it does
Finds reads of `x.grad` where `x` certainly does not require grad.

## Why it matters
PyTorch records nothing for such a tensor, so no `backward()` ever fills its `.grad`: it is None,
without any warning.

## Example
```python
import torch

x = torch.ones(3)
w = torch.ones(3, requires_grad=True)
(x * w).sum().backward()
print(x.grad)
```

## Use instead
```python
import torch

x = torch.ones(3, requires_grad=True)
w = torch.ones(3, requires_grad=True)
(x * w).sum().backward()
print(x.grad)
```

## Limits
Silent where the tensor comes from an argument or from code that is not known.
"""

from __future__ import annotations

from collections.abc import Iterator

from nonegrad.analysis.facts import GradRead
from nonegrad.rules import wording
from nonegrad.rules.base import Finding, Rule


def check(read: GradRead) -> Iterator[Finding]:
    """One finding for each read of None."""
    if read.reason != "untracked":
        return
    step = wording.cause(read.why)
    reason = f": {wording.said(step)} on line {step.site.row}" if step else ""
    yield Finding(
        RULE.name,
        "warning",
        "definite",
        read.site,
        f"`{read.owner}.grad` is None, because `{read.owner}` does not require grad{reason}",
        wording.related(read.why, read.site),
        wording.cures(read.why),
    )


RULE = Rule(
    "grad-of-untracked",
    "`.grad` of a tensor that does not require grad",
    "warning",
    GradRead,
    check,
    __doc__ or "",
)
