"""Reading `.grad` of a tensor that does not require grad.

## What it does
Finds reads of `x.grad` where `x` certainly does not require grad.

## Why it matters
Autograd records nothing for a tensor that does not require grad, so no `backward()` ever fills its
`.grad`. The read gives None, without an error and without a warning; what fails is the next line
that computes with it, or nothing at all.

## Example
```python
import torch

x = torch.ones(3)
w = torch.ones(3, requires_grad=True)
(x * w).sum().backward()
print(x.grad)
```

## Use instead
```python
import torch

x = torch.ones(3, requires_grad=True)
w = torch.ones(3, requires_grad=True)
(x * w).sum().backward()
print(x.grad)
```

Where the tensor is computed from others, `.requires_grad_()` behind the computation makes the
result a leaf of its own.

## Limits
Silent where the tensor comes from an argument of unknown value or from code that is not known,
and where it requires grad on some runs.
"""

from __future__ import annotations

from collections.abc import Iterator

from nonegrad.analysis.record.facts import GradRead
from nonegrad.rules import reads, wording
from nonegrad.rules.base import Finding, Rule
from nonegrad.text import Related, Rewrite


def check(read: GradRead) -> Iterator[Finding]:
    """One finding for each read of None."""
    if read.reason != "untracked":
        return
    step = wording.cause(read.why)
    related = wording.related(read.why, read.site)
    if read.plain is not None and all(place.site != read.plain for place in related):
        related = (*related, Related(read.plain, "set here, and not registered as a parameter"))
    yield Finding(
        RULE.name,
        reads.loudness(read),
        "definite",
        read.site,
        f"`{read.owner}.grad` is None: `{read.owner}` does not require grad."
        f"{wording.told(step) if step else ''} Autograd records nothing for such a tensor, so no"
        f" backward() fills its gradient.{reads.used(read)}",
        related,
        _cures(read),
    )


def _cures(read: GradRead) -> tuple[Rewrite, ...]:
    """The flag where the tensor was made; the tensor as a leaf of its own where it is computed."""
    why = read.why
    if read.plain is not None and read.torch:
        function = f"{read.torch}Parameter"
        title = f"Register it: `{function}(...)`"
        arguments = (("function", function), ("alike", "yes"))
        return (Rewrite("wrap-call", read.plain, title, arguments=arguments),)
    if why is not None and why.kind == "created":
        return wording.cures(why)
    own: tuple[Rewrite, ...] = ()
    if read.definition is not None and read.name:
        title = f"Make `{read.name}` a leaf that requires grad"
        own = (Rewrite("add-requires-grad", read.definition, title),)
    return (*own, *wording.cures(why))


RULE = Rule(
    "grad-of-untracked",
    "`.grad` of a tensor that does not require grad",
    "warning",
    GradRead,
    check,
    __doc__ or "",
)
