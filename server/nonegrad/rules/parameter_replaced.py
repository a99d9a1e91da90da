"""A plain tensor assigned over a registered parameter.

## What it does
Finds `module.weight = tensor` where `weight` is a registered `nn.Parameter` and `tensor` is none.

## Why it matters
A module does not let go of a parameter in silence. PyTorch raises a TypeError: "cannot assign ...
as parameter 'weight' (torch.nn.Parameter or None expected)". Wrapping the new tensor in
`nn.Parameter` would silence the error, but cut the graph it was computed in, and an optimizer made
before goes on with the old parameter. New numbers are copied under `torch.no_grad()`; a weight that
is computed in each step is a plain attribute of another name.

## Example
```python
import torch
from torch import nn

layer = nn.Linear(2, 2)
layer.weight = torch.eye(2)
```

## Use instead
```python
import torch
from torch import nn

layer = nn.Linear(2, 2)
with torch.no_grad():
    layer.weight.copy_(torch.eye(2))
```

## Limits
Silent where the attribute is no parameter on some runs.
"""

from __future__ import annotations

from collections.abc import Iterator

from nonegrad.analysis.record.facts import ParameterReplaced
from nonegrad.rules.base import Finding, Rule
from nonegrad.text import Related, Rewrite


def check(replaced: ParameterReplaced) -> Iterator[Finding]:
    """One finding for each assignment that raises."""
    made = replaced.why
    elsewhere = made is not None and made.site.row != replaced.site.row
    rewrites: list[Rewrite] = []
    if replaced.target and replaced.value:
        copied = f"{replaced.target}.copy_({replaced.value})"
        rewrites.append(
            Rewrite(
                "replace-statement",
                replaced.site,
                "Copy the numbers into the parameter under `torch.no_grad()`",
                arguments=(("text", f"with torch.no_grad():\n    {copied}"),),
            )
        )
    if replaced.value_site is not None:
        rewrites.append(
            Rewrite(
                "wrap-call",
                replaced.value_site,
                "Make it a new parameter; it leaves the graph it was computed in",
                arguments=(("function", "torch.nn.Parameter"),),
            )
        )
    yield Finding(
        RULE.name,
        "error",
        "definite",
        replaced.site,
        f"This raises a TypeError: `{replaced.name}` is a registered parameter. A plain tensor"
        " cannot take its place; an nn.Parameter, or None, can.",
        (Related(made.site, f"`{made.text}` makes the tensor"),) if made and elsewhere else (),
        tuple(rewrites),
    )


RULE = Rule(
    "parameter-replaced",
    "a plain tensor assigned over a parameter",
    "error",
    ParameterReplaced,
    check,
    __doc__ or "",
)
