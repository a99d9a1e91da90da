"""A custom Function whose `backward` returns None for parameters that are to train.

## What it does
Finds a subclass of `torch.autograd.Function` whose `backward` gives None for an input, where
parameters that an optimizer holds go in there, and none of its steps ever finds a gradient on them.
A `backward` that forgot its `return` gives None as well.

## Why it matters
None stands for "no gradient", and autograd takes it without a word. What was computed on the way to
that input gets nothing: the loss goes down where other parameters train, and these stay as they
were made. A learned scale, threshold or temperature is the usual victim.

## Example
```python
import torch


class Scaled(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, scale):
        ctx.save_for_backward(x, scale)
        return (x / scale).round() * scale

    @staticmethod
    def backward(ctx, g):
        return g, None


w = torch.ones(3, requires_grad=True)
scale = torch.ones(1, requires_grad=True)
optimizer = torch.optim.SGD([w, scale], lr=0.1)
loss = Scaled.apply(w, scale).sum()
loss.backward()
optimizer.step()
```

## Use instead
```python
import torch


class Scaled(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, scale):
        ctx.save_for_backward(x, scale)
        return (x / scale).round() * scale

    @staticmethod
    def backward(ctx, g):
        x, scale = ctx.saved_tensors
        return g, (g * ((x / scale).round() - x / scale)).sum().reshape(1)


w = torch.ones(3, requires_grad=True)
scale = torch.ones(1, requires_grad=True)
optimizer = torch.optim.SGD([w, scale], lr=0.1)
loss = Scaled.apply(w, scale).sum()
loss.backward()
optimizer.step()
```

## Limits
Silent where the None is returned on some ways through `backward` only, where a gradient may come
another way, and where the optimizer may hold other parameters. What the derivative is only the
author knows: a fix is on offer only where a `return` is missing at the end.
"""

from __future__ import annotations

from collections.abc import Iterator

from nonegrad.analysis.record.facts import Untrained
from nonegrad.rules import untrained
from nonegrad.rules.base import Finding, Rule

TALE = (
    "`{text}` gives None for it. What comes from it goes in there, and backward() ends here: return"
    " the derivative by that input, too."
)
FORGOTTEN = (
    "`{text}` ends without a `return`, and so gives None for it. What comes from it goes in there,"
    " and backward() ends here."
)


def check(fact: Untrained) -> Iterator[Finding]:
    """One finding for the parameters that go into such an input."""
    one = len(set(fact.names)) == 1
    tale = FORGOTTEN if fact.cause is not None and fact.cause.held else TALE
    tale = tale if one else tale.replace(" it.", " them.").replace("from it", "from them")
    yield from untrained.cut(fact, RULE.name, ("no_gradient",), tale)


RULE = Rule(
    "function-returns-none",
    "a custom Function that returns None for parameters that train",
    "warning",
    Untrained,
    check,
    __doc__ or "",
)
