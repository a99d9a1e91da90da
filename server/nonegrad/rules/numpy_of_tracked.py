"""`numpy()` on a tensor that requires grad.

## What it does
Finds `t.numpy()` where `t` certainly requires grad.

## Why it matters
A numpy array has no graph. PyTorch will not drop the gradient in silence and raises: "Can't call
numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead." Where the numbers are
only shown or stored, `detach()` says so. Where the loss is computed from the array, `detach()`
silences the error and no gradient comes back: that computation has to stay in torch.

## Example
```python
import torch

w = torch.ones(3, requires_grad=True)
y = w * 2
print(y.numpy())
```

## Use instead
```python
import torch

w = torch.ones(3, requires_grad=True)
y = w * 2
print(y.detach().numpy())
```

## Limits
Silent where the tensor requires grad on some runs only.
"""

from __future__ import annotations

from collections.abc import Iterator

from nonegrad.analysis.record.facts import UntrackedCall
from nonegrad.rules.base import Finding, Rule
from nonegrad.text import Related, Rewrite


def check(call: UntrackedCall) -> Iterator[Finding]:
    """One finding for each call that raises."""
    if call.call != "numpy":
        return
    made = call.why
    elsewhere = made is not None and made.site != call.site
    rewrites: tuple[Rewrite, ...] = ()
    if call.receiver is not None:
        rewrites = (
            Rewrite(
                "append-call",
                call.receiver,
                "Take the numbers out of the graph: `.detach()` before `.numpy()`",
                safe=True,
                arguments=(("text", ".detach()"),),
            ),
        )
    yield Finding(
        RULE.name,
        "error",
        "definite",
        call.site,
        f"`{call.owner}.numpy()` raises: `{call.owner}` requires grad, and an array has no graph."
        " `.detach()` before it takes the numbers alone; what is computed from them has no"
        " gradient.",
        (Related(made.site, f"`{made.text}` makes it"),) if made and elsewhere else (),
        rewrites,
    )


RULE = Rule(
    "numpy-of-tracked",
    "`numpy()` on a tensor that requires grad",
    "error",
    UntrackedCall,
    check,
    __doc__ or "",
)
