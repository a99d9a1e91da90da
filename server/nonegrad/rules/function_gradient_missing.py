"""A custom Function whose `backward` returns the wrong number of gradients.

## What it does
Finds a subclass of `torch.autograd.Function` whose `backward` returns more or fewer gradients than
`forward` takes inputs, where a `backward()` certainly gets to it.

## Why it matters
Each input of `forward` needs its place in what `backward` returns, also a number that has no
gradient. PyTorch raises: "returned an incorrect number of gradients".

## Example
```python
import torch


class Scale(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, factor):
        ctx.factor = factor
        return x * factor

    @staticmethod
    def backward(ctx, g):
        return g * ctx.factor


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
Silent where `backward` returns something other than a tuple or an expression written out, and where
its returns differ. A None at the end that is too many is allowed, and what `apply` is not given of
the inputs of `forward` that have a default is not counted.
"""

from __future__ import annotations

from collections.abc import Iterator

from nonegrad.analysis.record.facts import WrongGradients
from nonegrad.rules.base import Finding, Rule
from nonegrad.text import Related, Rewrite


def check(fact: WrongGradients) -> Iterator[Finding]:
    """One finding for each Function that makes a backward raise."""
    related = [Related(fact.forward, f"forward takes {fact.wanted} inputs")]
    returns = f"returns {fact.returned} of {fact.wanted} gradients"
    if not fact.returned:
        returns = f"has no return, where {fact.wanted} gradients are due"
    if fact.backward is not None:
        related.append(Related(fact.backward, "this backward() raises"))
    rewrites: tuple[Rewrite, ...] = ()
    if fact.text and fact.returned < fact.wanted:
        nones = ", ".join(["None"] * (fact.wanted - fact.returned))
        title = f"Return `{nones}` for the inputs that are left"
        rewrites = (
            Rewrite(
                "replace-statement",
                fact.site,
                title,
                arguments=(("text", f"{fact.text}, {nones}"),),
            ),
        )
    yield Finding(
        RULE.name,
        "error",
        "definite",
        fact.site,
        f"`{fact.name}.backward` {returns}, and backward() raises. Every input of forward needs its"
        " gradient here, or None.",
        tuple(related),
        rewrites,
    )


RULE = Rule(
    "function-gradient-missing",
    "a custom Function with the wrong number of gradients",
    "error",
    WrongGradients,
    check,
    __doc__ or "",
)
