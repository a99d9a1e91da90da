"""`autograd.grad` by a tensor that does not require grad.

## What it does
Finds `torch.autograd.grad(outputs, x)` where `x` certainly does not require grad.

## Why it matters
Nothing is recorded of how the outputs came from such a tensor. PyTorch raises: "One of the
differentiated Tensors does not require grad".

## Example
```python
import torch

x = torch.ones(3)
w = torch.ones(3, requires_grad=True)
y = (x * w).sum()
print(torch.autograd.grad(y, x))
```

## Use instead
```python
import torch

x = torch.ones(3, requires_grad=True)
w = torch.ones(3, requires_grad=True)
y = (x * w).sum()
print(torch.autograd.grad(y, x))
```

## Limits
Silent where the tensor requires grad on some runs, or comes from an argument of unknown value.
"""

from __future__ import annotations

from collections.abc import Iterator

from nonegrad.analysis.domain.provenance import walk
from nonegrad.analysis.record.facts import Undifferentiated
from nonegrad.rules import wording
from nonegrad.rules.base import Finding, Rule
from nonegrad.text import Related, Rewrite


def check(call: Undifferentiated) -> Iterator[Finding]:
    """One finding for each call that raises."""
    if call.reason != "untracked":
        return
    step = wording.cause(call.why)
    handed = call.returned
    places = wording.related(call.why, call.site)
    cures = wording.cures(call.why, certain=True)
    if handed is not None and not (step is not None and step.cut):
        places = (*places, Related(handed, "a function hands it back here, without the flag"))
        title = "Ask for its gradient where it is handed back: `.requires_grad_()`"
        asked = Rewrite("append-call", handed, title, arguments=(("text", ".requires_grad_()"),))
        cures = (asked, *cures)
    if call.bound is not None and step is not None and step.cut and step.kind != "frozen":
        # What it was computed from may well be meant to stay outside the graph.
        flag = f"{call.owner}.requires_grad_()"
        title = f"Ask for its gradient where it is made: `{flag}`"
        cures = (
            Rewrite("insert-after", call.bound, title, arguments=(("text", flag),)),
            *cures,
        )
    if call.entry is not None and any(one.kind == "batch" for one in walk(call.why)):
        # The items of a dataset go through collation, perhaps in another process: the batch asks.
        title = f"Ask for its gradient: `{call.owner}.requires_grad_()`"
        text = (("text", f"{call.owner}.requires_grad_()"),)
        cures = (Rewrite("insert-before", call.entry, title, arguments=text),)
    yield Finding(
        RULE.name,
        "error",
        "definite",
        call.site,
        f"autograd.grad raises: `{call.owner}` does not require grad."
        f"{wording.told(step) if step else ''} Nothing is recorded of what comes from it.",
        places,
        cures,
    )


RULE = Rule(
    "autograd-grad-untracked",
    "autograd.grad by a tensor that does not require grad",
    "error",
    Undifferentiated,
    check,
    __doc__ or "",
)
