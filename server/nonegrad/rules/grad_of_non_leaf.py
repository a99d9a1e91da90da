"""Reading `.grad` of a tensor that is not a leaf.

## What it does
Finds reads of `y.grad` where `y` was computed from tensors that require grad, and nobody asked it
to retain its gradient. Slices, views, casts and moves to a device compute a new tensor, too.

## Why it matters
Gradients flow through `y` to the leaves, but `backward()` keeps them in the `.grad` of leaves
only. The read gives None; PyTorch warns at run time that "the .grad attribute of a Tensor that is
not a leaf Tensor is being accessed", once, and goes on.

## Example
```python
import torch

x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
y = x[0:2]
(y * 2).sum().backward()
print(y.grad)
```

## Use instead
```python
import torch

x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
y = x[0:2]
y.retain_grad()
(y * 2).sum().backward()
print(y.grad)
```

Where the tensor was meant to be the leaf (`torch.ones(3, requires_grad=True).double()`), put the
flag at the end of the chain: `torch.ones(3).double().requires_grad_()`.

## Limits
Silent where the tensor may be a leaf on some runs, for instance after a `.to(device)` that may or
may not move it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from nonegrad.analysis.domain.provenance import Why, walk
from nonegrad.analysis.record.facts import GradRead
from nonegrad.rules import reads
from nonegrad.rules.base import Finding, Rule
from nonegrad.text import Related, Rewrite, Site

LEAF = re.compile(r"\.requires_grad_\((True)?\)$|requires_grad=True|\bParameter\(")
"""What makes a leaf that requires grad."""


def check(read: GradRead) -> Iterator[Finding]:
    """One finding for each read of None."""
    if read.reason != "non-leaf":
        return
    made = read.why
    comes = f" It comes from `{made.text}` on line {made.site.row}." if made else ""
    yield Finding(
        RULE.name,
        reads.loudness(read),
        "definite",
        read.site,
        f"`{read.owner}.grad` is None: `{read.owner}` is not a leaf.{comes} Gradients flow"
        " through it, but backward() keeps them on leaves only, unless retain_grad() asked for"
        f" this one before.{reads.used(read)}",
        (Related(made.site, f"`{read.owner}` is computed here"),) if made else (),
        _cures(read, made),
    )


def _cures(read: GradRead, made: Why | None) -> tuple[Rewrite, ...]:
    found: list[Rewrite] = []
    if made is not None and made.kind == "op" and _is_update(made):
        title = f"Make `{read.owner}` a new leaf: `.detach().requires_grad_()`"
        arguments = (("text", ".detach().requires_grad_()"),)
        found.append(Rewrite("append-call", made.site, title, arguments=arguments))
    if made is not None and any(LEAF.search(parent.text) for parent in made.parents):
        # Of the leaf itself, put back in its place: the rewrite looks whether that is so.
        title = f"Update in place: `{made.text}` makes no leaf"
        found.append(Rewrite("update-in-place", made.site, title))
    if read.definition is not None and read.name:
        if made is not None and _of_a_new_leaf(made):
            title = f"Make `{read.name}` the leaf: requires_grad at the end of the chain"
            alike = (("alike", "yes"),)
            found.append(Rewrite("move-requires-grad-last", made.site, title, arguments=alike))
        if not _bound_after(read, read.definition):
            title = f"Insert `{read.name}.retain_grad()` after line {read.definition.end_row}"
            arguments = (("name", read.name), ("where", "body"))
            found.append(
                Rewrite(
                    "insert-retain-grad", read.definition, title, safe=True, arguments=arguments
                )
            )
    return tuple(found)


def _bound_after(read: GradRead, definition: Site) -> bool:
    """Whether the name came after the backward, as that of a loop over tensors made before."""
    made, backward = read.why, read.backward
    if made is None or backward is None or backward.filename != definition.filename:
        return False
    return made.site.row < backward.row < definition.row


def _of_a_new_leaf(made: Why) -> bool:
    """Whether the expression itself makes the leaf that it then computes with, nameless."""
    return any(parent.kind == "created" and _inside(parent, made) for parent in made.parents)


def _is_update(made: Why) -> bool:
    """Whether the expression takes a step along a gradient: what comes of it is the next leaf."""
    return any(
        step.kind == "grad" or any(parent.kind == "grad" for parent in step.parents)
        for step in walk(made)
        if step is made or _inside(step, made)
    )


def _inside(inner: Why, outer: Why) -> bool:
    start = (inner.site.row, inner.site.column)
    end = (inner.site.end_row, inner.site.end_column)
    return (
        inner.site.filename == outer.site.filename
        and (outer.site.row, outer.site.column) <= start
        and end <= (outer.site.end_row, outer.site.end_column)
    )


RULE = Rule(
    "grad-of-non-leaf",
    "`.grad` of a tensor that is not a leaf",
    "warning",
    GradRead,
    check,
    __doc__ or "",
)
