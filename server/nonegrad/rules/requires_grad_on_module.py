"""`requires_grad` set on a module.

## What it does
Finds `model.head.requires_grad = True` (or `False`) on a module whose parameters are as they were
before when a `backward()` comes.

## Why it matters
A module has no flag of its own. Python adds a plain attribute to it, which PyTorch never reads: a
backbone that was to be frozen trains, and a head that was to be unfrozen does not. The method
`requires_grad_()` switches all parameters of a module.

## Example
```python
import torch
from torch import nn

model = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))
model[0].requires_grad = False
model(torch.ones(4, 2)).sum().backward()
frozen = model[0].weight.grad is None
print(frozen or None)
```

## Use instead
```python
import torch
from torch import nn

model = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))
model[0].requires_grad_(False)
model(torch.ones(4, 2)).sum().backward()
frozen = model[0].weight.grad is None
print(frozen or None)
```

## Limits
Silent where the program reads such a flag, where a class keeps one of its own
(`self.requires_grad`), and where the parameters are as they were to be in any case.
"""

from __future__ import annotations

from collections.abc import Iterator

from nonegrad.analysis.record.missed import ModuleFlag
from nonegrad.rules.base import Finding, Rule
from nonegrad.text import Rewrite


def check(fact: ModuleFlag) -> Iterator[Finding]:
    """One finding for each such statement."""
    call = f"{fact.owner}.requires_grad_({fact.wanted})"
    still = "still do not require grad" if fact.wanted else "still require grad"
    yield Finding(
        RULE.name,
        "warning",
        "definite",
        fact.site,
        f"This switches nothing: `{fact.owner}` is a module, and gets a plain attribute. Its"
        f" parameters {still}: call `requires_grad_({fact.wanted})`.",
        (),
        (
            Rewrite(
                "replace-statement",
                fact.site,
                f"Switch its parameters: `{call}`",
                arguments=(("text", call),),
            ),
        ),
    )


RULE = Rule(
    "requires-grad-on-module",
    "requires_grad set on a module",
    "warning",
    ModuleFlag,
    check,
    __doc__ or "",
)
