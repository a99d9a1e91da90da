"""An in-place write to a leaf that requires grad, or to a view of one.

## What it does
Finds in-place writes, with grad mode on, to a leaf that requires grad: `w -= lr * w.grad`,
`w[0] = 1`, `w.add_(1)`, `w.view(-1).mul_(2)`.

## Why it matters
PyTorch raises at the line: "a leaf Variable that requires grad is being used in an in-place
operation", or "a view of a leaf Variable". A leaf is where gradients end; recording a write to it
would make it a result. Rebinding (`w = w - ...`) silences the error and loses the leaf: the next
`w.grad` is None.

## Example
```python
import torch

w = torch.ones(3, requires_grad=True)
(w * w).sum().backward()
w -= 0.1 * w.grad
```

## Use instead
```python
import torch

w = torch.ones(3, requires_grad=True)
(w * w).sum().backward()
with torch.no_grad():
    w -= 0.1 * w.grad
```

Where the write belongs to what is differentiated, write to a copy: `y = w.clone()`.

## Limits
Silent where the tensor may not require grad, or may not be a leaf.
"""

from __future__ import annotations

from collections.abc import Iterator

from nonegrad.analysis.record.facts import RefusedWrite
from nonegrad.rules.base import Finding, Rule
from nonegrad.text import Related, Rewrite

REASONS = {
    "leaf": "`{target}` is a leaf that requires grad.",
    "view-of-leaf": "`{target}` is a view of a leaf that requires grad.",
}


def check(fact: RefusedWrite) -> Iterator[Finding]:
    """One finding for each write that raises."""
    if fact.reason not in REASONS:
        return
    reason = REASONS[fact.reason].format(target=fact.target)
    related: tuple[Related, ...] = ()
    if fact.created is not None and fact.created.site != fact.site:
        related = (Related(fact.created.site, f"`{fact.created.text}` makes the leaf"),)
    yield Finding(
        RULE.name,
        "error",
        "definite",
        fact.site,
        f"`{fact.text}` raises: {reason} Autograd cannot record a write to where gradients end:"
        " update it under torch.no_grad(), or write to a clone of it.",
        related,
        tuple(_cures(fact)),
    )


def _cures(fact: RefusedWrite) -> Iterator[Rewrite]:
    """An update by the gradient is meant to be outside the graph; of other writes nobody knows,
    but what is written from a graph is meant to stay in it."""
    if "inplace=True" in fact.text:
        yield Rewrite("rebind", fact.site, "Compute a new tensor: without `inplace=True`")
        return
    update = ".grad" in fact.text
    name = fact.target.rpartition("[")[0] if fact.reason == "view-of-leaf" else fact.target
    if fact.tracked and not update:
        if name == fact.target and name.isidentifier():
            yield Rewrite("rebind", fact.site, f"Make a new tensor instead of `{fact.text}`")
    else:
        arguments = (("alike", "writes"),)
        title = "Write under `torch.no_grad()`"
        yield Rewrite("wrap-no-grad", fact.site, title, safe=update, arguments=arguments)
    if fact.created is not None and "Parameter" in fact.created.text and not fact.tracked:
        return
    if name.isidentifier():
        title = f"Write to a clone: insert `{name} = {name}.clone()` (`{name}` is no leaf after it)"
        arguments = (("name", name), ("read", "no"))
        yield Rewrite("clone-first", fact.site, title, arguments=arguments)


RULE = Rule(
    "inplace-on-leaf",
    "an in-place write to a leaf that requires grad",
    "error",
    RefusedWrite,
    check,
    __doc__ or "",
)
