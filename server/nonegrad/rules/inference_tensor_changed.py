"""A tensor made in inference mode, changed outside of it.

## What it does
Finds in-place writes to tensors that were made in `torch.inference_mode()`, and requires_grad set
on them, after the mode has ended.

## Why it matters
Inference tensors have no version counter, for speed; autograd can never use them. PyTorch raises:
"Inplace update to inference tensor outside InferenceMode is not allowed", or "Setting
requires_grad=True on inference tensor outside InferenceMode is not allowed".

## Example
```python
import torch

with torch.inference_mode():
    features = torch.ones(3)
features += 1
```

## Use instead
```python
import torch

with torch.inference_mode():
    features = torch.ones(3)
features = features.clone()
features += 1
```

`torch.no_grad()` in the place of `torch.inference_mode()` makes ordinary tensors.

## Limits
Silent where the tensor may be an ordinary one on some runs.
"""

from __future__ import annotations

from collections.abc import Iterator

from nonegrad.analysis.record.facts import RefusedWrite
from nonegrad.rules.base import Finding, Rule
from nonegrad.text import Related, Rewrite


def check(fact: RefusedWrite) -> Iterator[Finding]:
    """One finding for each statement that raises."""
    if fact.reason not in ("inference", "inference-saved"):
        return
    saved = fact.reason == "inference-saved"
    related: tuple[Related, ...] = ()
    if fact.created is not None and fact.created.site != fact.site:
        related = (Related(fact.created.site, "the inference tensor is made here"),)
    name = fact.target.removesuffix(".requires_grad").partition("[")[0]
    yield Finding(
        RULE.name,
        "error",
        "definite",
        fact.site,
        f"`{fact.text}` raises: a tensor made in inference mode goes into it, and backward would"
        " have to keep that one, which PyTorch refuses. no_grad makes ordinary tensors."
        if saved
        else f"`{fact.text}` raises: `{name}` was made in inference mode. Outside of it such a"
        " tensor can be read, but neither written in place nor made to require grad; a clone can.",
        related,
        tuple(_cures(fact, name, saved=saved)),
    )


def _cures(fact: RefusedWrite, name: str, *, saved: bool) -> Iterator[Rewrite]:
    if not saved:
        title = f"Go on with an ordinary tensor: insert `{name} = {name}.clone()`"
        yield Rewrite("clone-first", fact.site, title, arguments=(("name", name),))
    place = fact.mode or (fact.created.site if fact.created is not None else None)
    if place is not None:
        title = "Make ordinary tensors: `no_grad` instead of `inference_mode`"
        yield Rewrite("inference-to-no-grad", place, title)


RULE = Rule(
    "inference-tensor-changed",
    "an inference tensor changed outside inference mode",
    "error",
    RefusedWrite,
    check,
    __doc__ or "",
)
