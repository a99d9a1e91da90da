"""An optimizer that never steps, while another one does.

## What it does
Finds an optimizer of which no `step()` ever runs, though its parameters have gradients when another
optimizer steps, and nothing else changes them.

## Why it matters
`backward()` fills the gradients of all parameters, and each `step()` changes those of its own
optimizer. Where the one that steps is the wrong one, or one of several is forgotten, its parameters
stay as they were made, without an error.

## Example
```python
import torch
from torch import nn

body, head = nn.Linear(2, 3), nn.Linear(3, 1)
first = torch.optim.SGD(body.parameters(), lr=0.1, momentum=0.9)
second = torch.optim.SGD(head.parameters(), lr=0.1, momentum=0.9)
loss = head(body(torch.ones(4, 2))).sum()
loss.backward()
first.step()
first.step()
print(second.state.get(head.weight))
```

## Use instead
```python
import torch
from torch import nn

body, head = nn.Linear(2, 3), nn.Linear(3, 1)
first = torch.optim.SGD(body.parameters(), lr=0.1, momentum=0.9)
second = torch.optim.SGD(head.parameters(), lr=0.1, momentum=0.9)
loss = head(body(torch.ones(4, 2))).sum()
loss.backward()
first.step()
second.step()
print(second.state.get(head.weight))
```

## Limits
Silent where somebody else's code was given the optimizer, where something unknown steps, and where
another optimizer, or the program itself, changes the parameters.
"""

from __future__ import annotations

from collections.abc import Iterator

from nonegrad.analysis.record.missed import Unstepped
from nonegrad.rules import untrained
from nonegrad.rules.base import Finding, Rule
from nonegrad.text import Related, Rewrite


def check(fact: Unstepped) -> Iterator[Finding]:
    """One finding for each such optimizer."""
    who = untrained.named(fact.names)
    one = len(set(fact.names)) == 1
    never = f"{who} never {'trains' if one else 'train'}"
    if fact.second:
        yield Finding(
            RULE.name,
            "warning",
            "definite",
            fact.step,
            f"The same optimizer steps a second time after one backward(). {never}: the optimizer"
            f" that holds {'it' if one else 'them'} never steps.",
            (Related(fact.optimizer, "this optimizer never steps"),),
            cures(fact, "replace-statement"),
        )
        return
    yield Finding(
        RULE.name,
        "warning",
        "definite",
        fact.optimizer,
        f"This optimizer never steps: {never}. Backward() gives"
        f" {'it a gradient' if one else 'them gradients'}, and only another optimizer steps.",
        (Related(fact.step, "another optimizer steps here, with gradients for both"),),
        cures(fact, "insert-after"),
    )


def cures(fact: Unstepped, form: str) -> tuple[Rewrite, ...]:
    """The step that is missing, after the other one or in the place of its second."""
    if not fact.call:
        return ()
    begin = "Insert" if form == "insert-after" else "Step the other one:"
    return (Rewrite(form, fact.step, f"{begin} `{fact.call}`", arguments=(("text", fact.call),)),)


RULE = Rule(
    "optimizer-never-steps",
    "an optimizer that never steps",
    "warning",
    Unstepped,
    check,
    __doc__ or "",
)
