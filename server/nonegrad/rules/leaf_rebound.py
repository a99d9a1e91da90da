"""The name of a leaf bound to a computed tensor, its `.grad` read as before.

## What it does
Finds `w = w - lr * w.grad` and its kin: after the statement `w` is no longer the leaf, and the
next read of `w.grad` gives None.

## Why it matters
The first turn of the loop works. In the second one `w` is a computed tensor: its `.grad` is None,
and arithmetic with it raises "unsupported operand type(s) for *: 'float' and 'NoneType'".

## Example
```python
import torch

w = torch.ones(3, requires_grad=True)
for _ in range(2):
    (w * w).sum().backward()
    w = w - 0.1 * w.grad
```

## Use instead
```python
import torch

w = torch.ones(3, requires_grad=True)
for _ in range(2):
    (w * w).sum().backward()
    with torch.no_grad():
        w -= 0.1 * w.grad
```

Where a new leaf is wanted in every turn, as in PGD attacks: `x = (...).detach().requires_grad_()`.

## Limits
An error where the None is used at once, a warning where it is only read. Silent where the name may
still hold a leaf. An update in place keeps the gradient of the turn
before: clear it (`w.grad = None`), or gradients add up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from nonegrad.analysis.autograd import shapes
from nonegrad.analysis.record.facts import GradRead
from nonegrad.rules import reads
from nonegrad.rules.base import Finding, Rule
from nonegrad.text import Related, Rewrite, Site


def check(read: GradRead) -> Iterator[Finding]:
    """One finding for each rebinding that a read then meets."""
    if read.reason != "rebound" or read.definition is None:
        return
    tracked = read.tensor.requires_grad.known
    now = "a tensor that does not require grad" if tracked is False else "no longer the leaf"
    lost = "The name is bound to a computed tensor; the leaf that collects gradients is lost."
    if read.always:
        # A read that is None on every visit is told where it is read, for there the user looks.
        site, other = read.site, Related(read.definition, f"`{read.name}` is rebound here")
        message = (
            f"`{read.owner}.grad` is None: `{read.name}` is {now} since line"
            f" {read.definition.row}. {lost}"
        )
    else:
        site, other = read.definition, Related(read.site, f"`{read.owner}.grad` is None here")
        message = (
            f"`{read.name}` is {now} after this line, so `{read.owner}.grad` on line"
            f" {read.site.row} is None. {lost}"
        )
    leaf: tuple[Related, ...] = ()
    if read.leaf is not None and read.leaf.site != site:
        leaf = (Related(read.leaf.site, f"`{read.leaf.text}` makes the leaf"),)
    yield Finding(
        RULE.name,
        reads.loudness(read),
        "definite",
        site,
        message,
        (other, *leaf),
        cures(read, read.definition),
    )


def cures(read: GradRead, rebinding: Site) -> tuple[Rewrite, ...]:
    """The new values go into the old leaf, where they have its shape, or into a new one."""
    fresh = Rewrite(
        "fresh-leaf",
        rebinding,
        f"Make `{read.name}` a leaf again: `.detach().requires_grad_()`",
    )
    update = Rewrite(
        "update-in-place", rebinding, f"Update `{read.name}` in place under `torch.no_grad()`"
    )
    return (update, fresh) if keeps_shape(read) else (fresh, update)


def keeps_shape(read: GradRead) -> bool:
    """Whether nothing says that the new values have another shape: `F.interpolate(x, size)`."""
    called = CALLED.match(read.why.text) if read.why is not None else None
    return called is None or called[1] in shapes.FIRST | shapes.BROADCAST


CALLED = re.compile(r"(?:\w+\.)*(\w+)\(")


RULE = Rule(
    "leaf-rebound",
    "a leaf's name is bound to a computed tensor",
    "error",
    GradRead,
    check,
    __doc__ or "",
)
