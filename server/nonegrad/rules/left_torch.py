"""Parameters that reach the loss only as plain numbers or arrays.

## What it does
Finds `item()`, `float()`, `tolist()`, `numpy()` and the like between parameters and the loss, where
an optimizer holds the parameters and none of its steps ever finds a gradient on them.

## Why it matters
A Python number has no graph. What is computed from it is right and knows nothing of the parameters.

## Example
```python
import torch

w = torch.ones(3, requires_grad=True)
v = torch.ones(3, requires_grad=True)
optimizer = torch.optim.SGD([w, v], lr=0.1)
size = w.norm().item()
loss = (size * v).sum()
loss.backward()
optimizer.step()
```

## Use instead
```python
import torch

w = torch.ones(3, requires_grad=True)
v = torch.ones(3, requires_grad=True)
optimizer = torch.optim.SGD([w, v], lr=0.1)
size = w.norm()
loss = (size * v).sum()
loss.backward()
optimizer.step()
```

## Limits
Silent where a gradient may come on some runs, where a part of the graph is not known, and where the
optimizer may hold other parameters.
"""

from __future__ import annotations

from collections.abc import Iterator

from nonegrad.analysis.record.facts import Untrained
from nonegrad.rules import untrained
from nonegrad.rules.base import Finding, Rule

TALE = "`{text}` gives plain numbers. They have no graph, and backward() ends here."


def check(fact: Untrained) -> Iterator[Finding]:
    """One finding for the parameters behind one such step."""
    yield from untrained.cut(fact, RULE.name, ("left_torch",), TALE)


RULE = Rule(
    "left-torch",
    "parameters that reach the loss as plain numbers",
    "warning",
    Untrained,
    check,
    __doc__ or "",
)
