"""`backward()` on a tensor that has no graph.

## What it does
Finds `loss.backward()` and `torch.autograd.grad(loss, ...)` where nothing that `loss` was computed
from requires grad.

## Why it matters
PyTorch raises: "element 0 of tensors does not require grad and does not have a grad_fn". The line
it names is the backward; the cause is where the graph was never begun, or cut.

## Example
```python
import torch

x = torch.tensor([1.0, 2.0, 3.0])
y = x * 2
z = y.sum()
z.backward()
```

## Use instead
```python
import torch

x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
y = x * 2
z = y.sum()
z.backward()
```

## Limits
Silent where something unknown went into the loss.
"""

from __future__ import annotations

from collections.abc import Iterator

from nonegrad.analysis.facts import NoGraph
from nonegrad.rules import wording
from nonegrad.rules.base import Finding, Rule


def check(call: NoGraph) -> Iterator[Finding]:
    """One finding for each call that raises."""
    step = wording.cause(call.why)
    reason = f": {wording.said(step)} (line {step.site.row})" if step else ""
    yield Finding(
        RULE.name,
        "error",
        "definite",
        call.site,
        f"`{call.call}` raises, because `{call.owner}` does not require grad{reason}",
        wording.related(call.why, call.site),
        wording.cures(call.why),
    )


RULE = Rule(
    "backward-without-graph",
    "backward() on a tensor that has no graph",
    "error",
    NoGraph,
    check,
    __doc__ or "",
)
