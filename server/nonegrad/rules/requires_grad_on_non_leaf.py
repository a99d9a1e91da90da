"""`requires_grad` switched on a tensor that is not a leaf.

## What it does
Finds `t.requires_grad = ...` and `t.requires_grad_(False)` where `t` was computed from tensors that
require grad.

## Why it matters
The flag of a computed tensor is no switch: it says that the tensor has a graph. PyTorch raises:
"you can only change requires_grad flags of leaf variables". To leave the graph there is `detach()`;
to keep the gradient of a computed tensor there is `retain_grad()`.

## Example
```python
import torch

w = torch.ones(3, requires_grad=True)
target = w * 2
target.requires_grad = False
```

## Use instead
```python
import torch

w = torch.ones(3, requires_grad=True)
target = w * 2
target = target.detach()
```

## Limits
Silent where the tensor is a leaf on some runs. `t.requires_grad_()` on a computed tensor changes
nothing and raises nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from nonegrad.analysis.record.facts import UntrackedCall
from nonegrad.rules.base import Finding, Rule
from nonegrad.text import Related, Rewrite


def check(call: UntrackedCall) -> Iterator[Finding]:
    """One finding for each switch that raises."""
    if call.call not in ("requires_grad", "requires_grad on"):
        return
    made = call.why
    elsewhere = made is not None and made.site != call.site
    owner = call.owner.removesuffix(".requires_grad")
    again = made is not None and made.site > call.site  # the turn of a loop before made it
    wanted = f"{owner} = {owner}.detach()"
    title = f"Take it out of the graph: `{wanted}`"
    advice = f"`{owner}.detach()` gives the same numbers outside the graph."
    if call.call == "requires_grad on":
        wanted = f"{owner}.retain_grad()"
        title = f"Keep its gradient: `{wanted}`"
        advice = f"It requires grad already; `{wanted}` keeps its gradient."
        if again:
            advice = "Detach what each turn hands on to the next."
    carried = f"Hand on a tensor without a graph: `.detach()` for the new `{owner}`"
    yield Finding(
        RULE.name,
        "error",
        "definite",
        call.site,
        f"Switching requires_grad raises: `{owner}` is not a leaf. It was computed from tensors"
        f" that require grad. {advice}",
        (Related(made.site, f"`{made.text}` computes it"),) if made and elsewhere else (),
        (
            Rewrite("append-call", made.site, carried, arguments=(("text", ".detach()"),))
            if made is not None and again
            else Rewrite("replace-statement", call.site, title, arguments=(("text", wanted),)),
        ),
    )


RULE = Rule(
    "requires-grad-on-non-leaf",
    "`requires_grad` switched on a tensor that is not a leaf",
    "error",
    UntrackedCall,
    check,
    __doc__ or "",
)
