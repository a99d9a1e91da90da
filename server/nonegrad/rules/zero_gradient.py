"""A step whose derivative is zero everywhere: all that lies before it gets zeros.

## What it does
Finds `round`, `sign`, `floor`, `bernoulli` and their kin between a loss and leaves that no other
way leads to, in every backward that gets to them.

## Why it matters
The step is recorded, backward() goes through it, and `.grad` is filled: with zeros, for a step
function is flat wherever it has a slope at all. Nothing raises and nothing is None, and the
optimizer moves the parameters not at all, or by weight decay alone.

## Example
```python
import torch

levels = torch.tensor([0.2, 0.7, 1.6], requires_grad=True)
target = torch.tensor([1.0, 1.0, 1.0])
quantized = torch.round(levels)
((quantized - target) ** 2).sum().backward()
print(levels.grad if levels.grad.any() else None)
```

## Use instead
```python
import torch

levels = torch.tensor([0.2, 0.7, 1.6], requires_grad=True)
target = torch.tensor([1.0, 1.0, 1.0])
quantized = levels + (torch.round(levels) - levels).detach()
((quantized - target) ** 2).sum().backward()
print(levels.grad if levels.grad.any() else None)
```

## Limits
Silent where one backward brings a leaf more than zeros, and where a part of the graph is not known.
That a product with zeros or a dead unit flattens a gradient depends on the numbers, and is not
looked for.
"""

from __future__ import annotations

from collections.abc import Iterator

from nonegrad.analysis.record.missed import Flattened
from nonegrad.rules import untrained
from nonegrad.rules.base import Finding, Rule
from nonegrad.text import Related, Rewrite

DRAWS = frozenset({"bernoulli"})
"""What draws at random: a relaxed draw has a gradient."""


def check(fact: Flattened) -> Iterator[Finding]:
    """One finding for each step that lets nothing through."""
    who = untrained.named(fact.names)
    drawn = fact.operator in DRAWS
    cure = "Draw a relaxed sample" if drawn else "Pass the gradient straight through"
    yield Finding(
        RULE.name,
        "warning",
        "definite",
        fact.site,
        f"The derivative of `{fact.operator}` is zero everywhere, so backward() gives {who} zeros"
        f" and nothing else. {cure}, or compute the loss without it.",
        (Related(fact.backward, "this backward() brings zeros"),),
        (Rewrite("straight-through", fact.site, "Pass the gradient straight through"),),
    )


RULE = Rule(
    "zero-gradient",
    "a step that lets only zeros through",
    "warning",
    Flattened,
    check,
    __doc__ or "",
)
