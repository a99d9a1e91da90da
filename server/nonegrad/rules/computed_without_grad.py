"""Parameters used while grad mode is off.

## What it does
Finds a computation under `torch.no_grad()`, `inference_mode()` or `set_grad_enabled(False)` between
parameters and the loss, where an optimizer holds the parameters and none of its steps ever finds a
gradient on them.

## Why it matters
While grad mode is off nothing is recorded, so the loss does not know what it was computed from.
Where other parameters train, nothing shows but that these stay as they were made.

## Example
```python
import torch

w = torch.ones(3, requires_grad=True)
v = torch.ones(3, requires_grad=True)
optimizer = torch.optim.SGD([w, v], lr=0.1)
with torch.no_grad():
    scale = w.exp()
loss = (scale * v).sum()
loss.backward()
optimizer.step()
```

## Use instead
```python
import torch

w = torch.ones(3, requires_grad=True)
v = torch.ones(3, requires_grad=True)
optimizer = torch.optim.SGD([w, v], lr=0.1)
scale = w.exp()
loss = (scale * v).sum()
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

TALE = "`{text}` is computed while grad mode is off. Nothing is recorded, and backward() ends here."


def check(fact: Untrained) -> Iterator[Finding]:
    """One finding for the parameters behind one such step."""
    yield from untrained.cut(fact, RULE.name, ("no_grad",), TALE)


RULE = Rule(
    "computed-without-grad",
    "parameters used while grad mode is off",
    "warning",
    Untrained,
    check,
    __doc__ or "",
)
