"""A custom Function whose `backward` reads what nobody has put on its context.

## What it does
Finds a subclass of `torch.autograd.Function` whose `backward` reads `ctx.NAME` on every run, where
neither `forward` nor `setup_context` sets it, and a `backward()` certainly gets there.

## Why it matters
The context is all that `backward` has of the forward pass: an attribute that was not set there does
not exist. Python raises an AttributeError in the middle of `backward()`, and no gradient arrives.

## Example
```python
import torch


class Scale(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, factor):
        return x * factor

    @staticmethod
    def backward(ctx, g):
        return g * ctx.factor, None


w = torch.ones(3, requires_grad=True)
Scale.apply(w, 2.0).sum().backward()
```

## Use instead
```python
import torch


class Scale(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, factor):
        ctx.factor = factor
        return x * factor

    @staticmethod
    def backward(ctx, g):
        return g * ctx.factor, None


w = torch.ones(3, requires_grad=True)
Scale.apply(w, 2.0).sum().backward()
```

## Limits
Silent where the context is handed to another function, where `backward` sets the attribute itself,
and where it reads it on some runs only.
"""

from __future__ import annotations

from collections.abc import Iterator

from nonegrad.analysis.record.facts import UnsetContext
from nonegrad.rules.base import Finding, Rule
from nonegrad.text import Related, Rewrite


def check(fact: UnsetContext) -> Iterator[Finding]:
    """One finding for each Function that makes a backward raise."""
    related = [Related(fact.forward, f"`{fact.text}` is not set here")]
    if fact.backward is not None:
        related.append(Related(fact.backward, "this backward() raises"))
    yield Finding(
        RULE.name,
        "error",
        "definite",
        fact.site,
        f"`{fact.name}.backward` reads `{fact.text}`, which nothing has set, and backward() raises."
        " Set it in forward.",
        tuple(related),
        tuple(_set(fact)),
    )


def _set(fact: UnsetContext) -> Iterator[Rewrite]:
    """What forward is given under that name is kept."""
    if fact.first is not None:
        text = f"{fact.text} = {fact.text.rpartition('.')[2]}"
        arguments = (("text", text),)
        yield Rewrite("insert-before", fact.first, f"Keep it: `{text}`", arguments=arguments)


RULE = Rule(
    "function-context-unset",
    "a custom Function that reads what its context does not have",
    "error",
    UnsetContext,
    check,
    __doc__ or "",
)
