"""An in-place write to a view that autograd does not follow.

## What it does
Finds in-place writes that PyTorch refuses because of the kind of view they go to: one of several
that `chunk`, `split`, `unbind` or a loop over a tensor gave, one that a full backward hook of a
module made of its output, one that was made while grad mode was off, or `detach_()` of any view.

## Why it matters
PyTorch raises: "Output 0 of SplitBackward0 is a view and is being modified inplace. This view is
the output of a function that returns multiple views. Such functions do not allow the output views
to be modified inplace."

## Example
```python
import torch

x = torch.ones(4, requires_grad=True)
y = x * 2
a, b = y.chunk(2)
a += 1
(a * b).sum().backward()
```

## Use instead
```python
import torch

x = torch.ones(4, requires_grad=True)
y = x * 2
a, b = y.chunk(2)
a = a + 1
(a * b).sum().backward()
```

## Limits
Silent where the tensor may be another one on some runs. After the rewrite the base keeps its old
values: `y` above would have changed with `a`.
"""

from __future__ import annotations

from collections.abc import Iterator

from nonegrad.analysis.record.facts import RefusedWrite
from nonegrad.rules.base import Finding, Rule
from nonegrad.text import Related, Rewrite

REASONS = {
    "multi-view": "`{target}` is one of several views that one operation gave.",
    "hook-view": "`{target}` comes through a full backward hook of a module, which made it a view.",
    "nograd-view": "`{target}` is a view that was made while grad mode was off.",
    "detach-view": "`{target}` is a view, and views cannot be detached in place.",
}


def check(fact: RefusedWrite) -> Iterator[Finding]:
    """One finding for each write that raises."""
    if fact.reason not in REASONS:
        return
    reason = REASONS[fact.reason].format(target=fact.target)
    related: tuple[Related, ...] = ()
    if fact.created is not None and fact.created.site != fact.site:
        related = (Related(fact.created.site, f"`{fact.created.text}` makes what it views"),)
    name = fact.target
    clone = Rewrite(
        "clone-first",
        fact.site,
        f"Write to a clone: insert `{name} = {name}.clone()` (the base keeps its values)",
        arguments=(("name", name),),
    )
    yield Finding(
        RULE.name,
        "error",
        "definite",
        fact.site,
        f"`{fact.text}` raises: {reason} Autograd cannot follow an in-place write to such a view.",
        related,
        (
            Rewrite(
                "rebind",
                fact.site,
                f"Make a new tensor instead of `{fact.text}` (the base keeps its values)",
            ),
            *((clone,) if name.replace(".", "").isidentifier() else ()),
        ),
    )


RULE = Rule(
    "inplace-on-view",
    "an in-place write to a view that autograd does not follow",
    "error",
    RefusedWrite,
    check,
    __doc__ or "",
)
