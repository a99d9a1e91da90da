"""An in-place write to a tensor of the graph that does no harm, and why.

## What it does
Marks, as a hint, in-place writes to a tensor that is in a graph where no operation kept the value
that is overwritten.

## Why it matters
People rewrite such lines out of fear. Nothing is lost: the write is recorded, and gradients flow
through it. The rewrite to a new tensor is on offer, as a matter of taste.

## Example
```python
import torch

x = torch.ones(3, requires_grad=True)
y = x * 2
y += 1
y.sum().backward()
```

## Use instead
```python
import torch

x = torch.ones(3, requires_grad=True)
y = x * 2
y = y + 1
y.sum().backward()
```

## Limits
Says nothing of tensors that are not certainly in a graph.
"""

from __future__ import annotations

from collections.abc import Iterator

from nonegrad.analysis.facts import SafeWrite
from nonegrad.rules.base import Finding, Rule
from nonegrad.text import Related, Rewrite


def check(fact: SafeWrite) -> Iterator[Finding]:
    """A hint for each write that is safe; information where something kept the value."""
    arguments = ()
    if fact.retain is not None:
        arguments = (("retain", f"{fact.retain.row}:{fact.retain.column}"),)
    if fact.saved_by is not None:
        yield Finding(
            "inplace-on-saved",
            "information",
            "possible",
            fact.site,
            f"`{fact.text}` overwrites a value that line {fact.saved_by.row} keeps for backward:"
            " a backward() through it raises",
            (Related(fact.saved_by, "the value is kept here"),),
            (
                Rewrite(
                    "rebind",
                    fact.site,
                    f"Write to a new tensor instead of `{fact.text}`",
                    arguments=arguments,
                ),
            ),
        )
        return
    made = f"`{fact.made_by}` does not keep it" if fact.made_by else "nothing keeps it"
    yield Finding(
        RULE.name,
        "hint",
        "definite",
        fact.site,
        f"`{fact.text}` is safe here: no backward needs the old value of `{fact.target}` ({made})",
        (),
        (
            Rewrite(
                "rebind",
                fact.site,
                f"Rewrite `{fact.text}` to make a new tensor",
                kind="refactor.rewrite",
                arguments=arguments,
            ),
        ),
    )


RULE = Rule(
    "inplace-safe",
    "an in-place write that does no harm",
    "hint",
    SafeWrite,
    check,
    __doc__ or "",
)
