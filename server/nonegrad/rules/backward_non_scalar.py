"""`backward()` on a tensor of more than one number.

## What it does
Finds `t.backward()` without a gradient where `t` certainly holds more than one number.

## Why it matters
Only a single number has one gradient to begin with. PyTorch raises: "grad can be implicitly created
only for scalar outputs". Usual causes are a loss with `reduction="none"` and a forgotten `.sum()`
or `.mean()`.

## Example
```python
import torch

w = torch.ones(3, requires_grad=True)
loss = (w - 1) ** 2
loss.backward()
```

## Use instead
```python
import torch

w = torch.ones(3, requires_grad=True)
loss = (w - 1) ** 2
loss.sum().backward()
```

## Limits
Silent where the shape is not known. Whether the sum or the mean is meant only the author knows, so
neither edit is safe.
"""

from __future__ import annotations

from collections.abc import Iterator

from nonegrad.analysis.record.facts import NonScalarBackward
from nonegrad.rules.base import Finding, Rule
from nonegrad.text import Related, Rewrite


def check(call: NonScalarBackward) -> Iterator[Finding]:
    """One finding for each backward that raises."""
    made = call.why
    elsewhere = made is not None and made.site != call.site
    rewrites: tuple[Rewrite, ...] = ()
    if call.receiver is not None:
        rewrites = tuple(
            Rewrite(
                "append-call",
                call.receiver,
                f"Go back from the {word}: `.{name}()`; it changes the size of the gradient",
                arguments=(("text", f".{name}()"),),
            )
            for name, word in (("sum", "sum"), ("mean", "mean"))
        )
    yield Finding(
        RULE.name,
        "error",
        "definite",
        call.site,
        f"backward() raises: `{call.owner}` holds more than one number. Only a single number has a"
        " gradient to begin with: reduce it with .sum() or .mean(), or pass a gradient.",
        (Related(made.site, f"`{made.text}` makes it"),) if made and elsewhere else (),
        rewrites,
    )


RULE = Rule(
    "backward-non-scalar",
    "backward() on more than one number",
    "error",
    NonScalarBackward,
    check,
    __doc__ or "",
)
