"""`copy.deepcopy` of a tensor that is not a leaf, or of what holds one.

## What it does
Finds `copy.deepcopy(x)` where `x` is a computed tensor that requires grad, or a module, object,
list or dict in which such a tensor lies.

## Why it matters
deepcopy would have to copy the graph as well. PyTorch raises: "Only Tensors created explicitly by
the user (graph leaves) support the deepcopy protocol". Mostly it is a tensor that `forward` keeps
for later, an attention map or a feature, so that the same copy works before the first forward.

## Example
```python
import copy

import torch

w = torch.ones(3, requires_grad=True)
hidden = torch.tanh(w)
best = copy.deepcopy(hidden)
```

## Use instead
```python
import copy

import torch

w = torch.ones(3, requires_grad=True)
hidden = torch.tanh(w)
best = hidden.detach().clone()
```

## Limits
Silent where the tensor is a leaf on some runs, or lies there on some only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from nonegrad.analysis.record.facts import UntrackedCall
from nonegrad.rules.base import Finding, Rule
from nonegrad.text import Related, Rewrite


def check(call: UntrackedCall) -> Iterator[Finding]:
    """One finding for each copy that raises."""
    if call.call != "deepcopy":
        return
    made = call.why
    held = re.search(r"[.\[]", call.owner) is not None
    advice = "Keep it with `.detach()`, or clear it before the copy." if held else ""
    wanted = f"{call.owner}.detach().clone()"
    title = f"Copy the numbers: `{wanted}`"
    yield Finding(
        RULE.name,
        "error",
        "definite",
        call.site,
        f"copy.deepcopy raises: `{call.owner}` is not a leaf, and only leaves can be copied."
        f" {advice or f'`{wanted}` copies the numbers, without the graph.'}",
        (Related(made.site, f"`{made.text}` computes it"),) if made is not None else (),
        ()
        if held
        else (Rewrite("replace-expression", call.site, title, arguments=(("text", wanted),)),),
    )


RULE = Rule(
    "deepcopy-of-non-leaf",
    "`copy.deepcopy` of a tensor that is not a leaf",
    "error",
    UntrackedCall,
    check,
    __doc__ or "",
)
