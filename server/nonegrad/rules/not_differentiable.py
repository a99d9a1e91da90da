"""Parameters that reach the loss only through an operation without a derivative.

## What it does
Finds `argmax`, comparisons, conversions to integers and the like between parameters and the loss,
where an optimizer holds the parameters and none of its steps ever finds a gradient on them.

## Why it matters
The result of such an operation never requires grad: a small change of the parameter does not change
it at all. The count of right answers says how good a model is and nothing about how to better it.

## Example
```python
import torch

w = torch.ones(3, requires_grad=True)
v = torch.ones(3, requires_grad=True)
optimizer = torch.optim.SGD([w, v], lr=0.1)
hits = (w > 0.5).float()
loss = (hits * v).sum()
loss.backward()
optimizer.step()
```

## Use instead
```python
import torch

w = torch.ones(3, requires_grad=True)
v = torch.ones(3, requires_grad=True)
optimizer = torch.optim.SGD([w, v], lr=0.1)
margin = w - 0.5
hits = (margin > 0).float() + (margin - margin.detach())
loss = (hits * v).sum()
loss.backward()
optimizer.step()
```

## Limits
Silent where a gradient may come on some runs, where a part of the graph is not known, and where the
optimizer may hold other parameters.
What takes the place of the operation only the author knows. For a comparison that is made a number
the fix keeps the numbers, and gives them the gradient of the margin (a straight-through estimator);
a smooth stand-in such as `torch.sigmoid(10 * (w - 0.5))` changes the numbers as well.
"""

from __future__ import annotations

from collections.abc import Iterator

from nonegrad.analysis.record.facts import Untrained
from nonegrad.rules import untrained
from nonegrad.rules.base import Finding, Rule

TALE = (
    "`{text}` has no derivative. Its result never requires grad, and backward() ends here; a smooth"
    " stand-in lets the gradient through."
)


def check(fact: Untrained) -> Iterator[Finding]:
    """One finding for the parameters behind one such step."""
    yield from untrained.cut(fact, RULE.name, ("not_differentiable",), TALE)


RULE = Rule(
    "not-differentiable",
    "parameters behind an operation without a derivative",
    "warning",
    Untrained,
    check,
    __doc__ or "",
)
