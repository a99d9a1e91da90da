"""Parameters copied into a new tensor on their way to the loss.

## What it does
Finds `torch.tensor(...)`, `nn.Parameter(...)` and other factories that are given results computed
from parameters, where an optimizer holds the parameters and none of its steps ever finds a gradient
on them.

## Why it matters
A factory copies the numbers. The new tensor is the beginning of a new graph, and the one in which
the numbers were computed is left behind. `torch.stack` and `torch.cat` join tensors and keep it.

## Example
```python
import torch

w = torch.ones(3, requires_grad=True)
v = torch.ones(3, requires_grad=True)
optimizer = torch.optim.SGD([w, v], lr=0.1)
scale = torch.tensor(w.exp())
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

TALE = (
    "`{text}` copies the values. The new tensor has no graph, and backward() ends here;"
    " torch.stack or torch.cat joins tensors within it."
)


def check(fact: Untrained) -> Iterator[Finding]:
    """One finding for the parameters behind one such step."""
    yield from untrained.cut(fact, RULE.name, ("retensored",), TALE)


RULE = Rule(
    "retensored",
    "parameters copied into a new tensor",
    "warning",
    Untrained,
    check,
    __doc__ or "",
)
