"""Parameters that reach the loss only through a `detach()`.

## What it does
Finds `detach()`, `.data` and `detach_()` between parameters and the loss, and `autograd.grad` that
has no `create_graph=True`, where an optimizer holds the parameters and none of its steps ever finds
a gradient on them.

## Why it matters
A detached tensor has the same numbers and no graph. The loss is right, it even goes down where
other parameters train, and these stay as they were made: no error, no warning.

## Example
```python
import torch

w = torch.ones(3, requires_grad=True)
v = torch.ones(3, requires_grad=True)
optimizer = torch.optim.SGD([w, v], lr=0.1)
features = w.exp()
loss = (features.detach() * v).sum()
loss.backward()
optimizer.step()
```

## Use instead
```python
import torch

w = torch.ones(3, requires_grad=True)
v = torch.ones(3, requires_grad=True)
optimizer = torch.optim.SGD([w, v], lr=0.1)
features = w.exp()
loss = (features * v).sum()
loss.backward()
optimizer.step()
```

## Limits
Silent where a gradient may come on some runs, where a part of the graph is not known, and where the
optimizer may hold other parameters.
Where the detach is meant, the parameters behind it need no place in the optimizer. Weights that a
network computes are no parameters of another one: `functional_call` and `F.linear` take them.
"""

from __future__ import annotations

from collections.abc import Iterator

from nonegrad.analysis.record.facts import Untrained
from nonegrad.rules import untrained
from nonegrad.rules.base import Finding, Rule

TALE = (
    "`{text}` takes what is computed from it out of the graph. The loss sees the numbers, and"
    " backward() ends here."
)

DERIVED = (
    "the way to the loss leads through a gradient, and `{text}` gives that without a graph: it has"
    " no `create_graph=True`."
)


def check(fact: Untrained) -> Iterator[Finding]:
    """One finding for the parameters behind one such step."""
    tale = DERIVED if fact.cause is not None and fact.cause.kind == "grad" else TALE
    yield from untrained.cut(fact, RULE.name, ("detached", "poured", "grad"), tale)


RULE = Rule(
    "detached-from-loss",
    "parameters detached from the loss",
    "warning",
    Untrained,
    check,
    __doc__ or "",
)
