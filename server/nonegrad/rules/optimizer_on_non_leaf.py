"""An optimizer over a tensor that is not a leaf.

## What it does
Finds an optimizer that is given a tensor computed from others that require grad.

## Why it matters
An optimizer changes the tensors it holds and reads their `.grad`; a computed tensor has none and is
computed anew. PyTorch raises: "can't optimize a non-leaf Tensor". The usual cause is an operation
on the new leaf: `torch.randn(3, requires_grad=True).cuda()`, `nn.Parameter(x).double()`,
`torch.randn(3, requires_grad=True) * 0.1` give a result that is not the leaf.

## Example
```python
import torch

w = torch.randn(3, requires_grad=True).double()
optimizer = torch.optim.SGD([w], lr=0.1)
```

## Use instead
```python
import torch

w = torch.randn(3).double().requires_grad_()
optimizer = torch.optim.SGD([w], lr=0.1)
```

## Limits
Silent where the tensor is a leaf on some runs: `.to(device)` and `.double()` give the leaf itself
back where nothing has to change.
"""

from __future__ import annotations

from collections.abc import Iterator

from nonegrad.analysis.domain.provenance import Why
from nonegrad.analysis.record.facts import OptimizerRefusal
from nonegrad.rules.base import Finding, Rule
from nonegrad.text import Related, Rewrite


def check(refusal: OptimizerRefusal) -> Iterator[Finding]:
    """One finding for each tensor that an optimizer refuses."""
    made = refusal.why
    if refusal.reason != "non-leaf":
        return
    place = made.site if made is not None else refusal.site
    text = f"`{made.text}`" if made is not None else "the tensor"
    yield Finding(
        RULE.name,
        "error",
        "definite",
        place,
        f"{text} is no leaf, and the optimizer on line {refusal.site.row} raises. It is computed"
        " from a tensor that requires grad, and an optimizer takes leaves only.",
        (Related(refusal.site, "the optimizer raises here"),) if place != refusal.site else (),
        cures(made),
    )


def cures(made: Why | None) -> tuple[Rewrite, ...]:
    """The leaf at the end of the chain that makes it."""
    if made is None or made.kind == "argument":
        return ()
    title = "Make the result the leaf: requires_grad at the end of the chain"
    return (
        Rewrite("move-requires-grad-last", made.site, title),
        Rewrite(
            "append-call",
            made.site,
            "Begin a leaf of its own here: `.detach().requires_grad_()`",
            arguments=(("text", ".detach().requires_grad_()"),),
        ),
    )


RULE = Rule(
    "optimizer-on-non-leaf",
    "an optimizer over a tensor that is not a leaf",
    "error",
    OptimizerRefusal,
    check,
    __doc__ or "",
)
