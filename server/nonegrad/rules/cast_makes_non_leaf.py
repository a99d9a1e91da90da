"""A leaf that a move to a device replaces by a copy.

## What it does
Finds `torch.zeros(3, requires_grad=True).to(device)` and `nn.Parameter(...).to(device)` where the
device is not known, and what comes out is used as a leaf: its `.grad` is read, an optimizer is
given it, or a module is to hold it as a parameter.

## Why it matters
`.to()` gives the very tensor back where it is on the device already, and elsewhere a copy. The copy
is computed, so it is no leaf: its `.grad` stays None, no optimizer takes it, and a module does not
register it. So the program is right on the laptop, and wrong on the machine with the GPU.

## Example
```python
import torch

device = torch.device("cuda" if torch.cuda.is_available() else "meta")
z = torch.zeros(3, requires_grad=True).to(device)
(z * z).sum().backward()
print(z.grad)
```

## Use instead
```python
import torch

device = torch.device("cuda" if torch.cuda.is_available() else "meta")
z = torch.zeros(3).to(device).requires_grad_()
(z * z).sum().backward()
print(z.grad)
```

## Limits
Possible, and so no more than information. Where the copy is certain, for the dtype changes or for
`.cuda()` follows a factory, `grad-of-non-leaf` and `optimizer-on-non-leaf` say so. Silent where the
program asks itself whether `.grad` is None.
"""

from __future__ import annotations

from collections.abc import Iterator

from nonegrad.analysis.record.facts import MovedLeaf
from nonegrad.rules.base import Finding, Rule
from nonegrad.text import Related, Rewrite

TALES = {
    "grad": "`{name}.grad`, which line {row} reads, is None",
    "optimizer": "the optimizer on line {row} does not take it",
    "attribute": "parameters() leaves it out",
}


def check(fact: MovedLeaf) -> Iterator[Finding]:
    """One finding for each move."""
    tale = TALES[fact.how].format(name=fact.name, row=fact.use.row)
    own = fact.move.filename == fact.use.filename
    places = [Related(fact.move, "this move makes the copy")] if not own else []
    if own and fact.use != fact.move:
        places.append(Related(fact.use, "it is used as a leaf here"))
    yield Finding(
        RULE.name,
        "information",
        "possible",
        fact.move if own else fact.use,
        f"`{fact.name or fact.text}` is no leaf where the device is another one. There"
        f" `{fact.text}` makes a copy, and {tale}. Move first, and ask for the gradient last.",
        tuple(places),
        _cures(fact),
    )


def _cures(fact: MovedLeaf) -> tuple[Rewrite, ...]:
    inside = fact.made is not None and fact.move.row <= fact.made.row <= fact.move.end_row
    title = "Ask for the gradient after the move"
    last = Rewrite("move-requires-grad-last", fact.move, title)
    again = Rewrite(
        "append-call",
        fact.move,
        "Make what the move gives a leaf: `.detach().requires_grad_()`",
        arguments=(("text", ".detach().requires_grad_()"),),
    )
    return (last,) if inside else (again,)


RULE = Rule(
    "cast-makes-non-leaf",
    "a leaf that a move to a device makes a copy of",
    "information",
    MovedLeaf,
    check,
    __doc__ or "",
)
