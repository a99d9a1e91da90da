"""An optimizer over tensors that never require grad.

## What it does
Finds tensors that an optimizer steps on and that require grad at none of its steps: given to it one
by one, or as all that it holds.

## Why it matters
An optimizer takes a tensor that does not require grad without a word. No gradient ever comes to
it, and the step passes it by. A flag was forgotten, or a loop that freezes a body froze the head
as well.

## Example
```python
import torch

w = torch.ones(3, requires_grad=True)
b = torch.zeros(3)
optimizer = torch.optim.SGD([w, b], lr=0.1, momentum=0.9)
loss = (w * 2 + b).sum()
loss.backward()
optimizer.step()
print(optimizer.state.get(b))
```

## Use instead
```python
import torch

w = torch.ones(3, requires_grad=True)
b = torch.zeros(3, requires_grad=True)
optimizer = torch.optim.SGD([w, b], lr=0.1, momentum=0.9)
loss = (w * 2 + b).sum()
loss.backward()
optimizer.step()
print(optimizer.state.get(b))
```

## Limits
Frozen parameters among others in `Adam(model.parameters())` are everyday code, and silent. So are
tensors that are switched on before some step, and those whose gradient the program sets itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from nonegrad.analysis.record.missed import Frozen
from nonegrad.rules import untrained
from nonegrad.rules.base import Finding, Rule
from nonegrad.text import Related, Rewrite


def check(fact: Frozen) -> Iterator[Finding]:
    """One finding for the tensors that are frozen at one place."""
    if fact.cause is None:
        return
    one = len(set(fact.names)) == 1
    who = untrained.named(fact.names)
    tale = f"`{fact.text}` freezes {'it' if one else 'them'}" if fact.frozen else ""
    tale = tale or f"{'it does' if one else 'they do'} not require grad"
    held = "it" if one else "them"
    rest = f"The optimizer holds {held}, and never changes {held}."
    if fact.reason == "all":
        rest = f"The optimizer holds nothing but {held}, and its steps change nothing."
    optimizer = (Related(fact.optimizer, "given to the optimizer here"),) if fact.optimizer else ()
    yield Finding(
        RULE.name,
        "warning",
        "definite",
        fact.cause,
        f"{who} never {'trains' if one else 'train'}: {tale}. {rest}",
        (*optimizer, Related(fact.step, f"this step does not change {held}")),
        cures(fact),
    )


def cures(fact: Frozen) -> tuple[Rewrite, ...]:
    """The flag, where it is missing."""
    if fact.cause is None:
        return ()
    if fact.frozen:
        return (Rewrite("unfreeze", fact.cause, f"Remove `{fact.text}`"),)
    off = "requires_grad" in fact.text
    name = "remove-keyword" if off else "add-requires-grad"
    title = f"Remove `requires_grad=False` from `{fact.text}`"
    title = title if off else f"Add `requires_grad=True` to `{fact.text}`"
    arguments = (("keyword", "requires_grad"),) if off else ()
    return (Rewrite(name, fact.cause, title, arguments=arguments),)


RULE = Rule(
    "frozen-parameter",
    "an optimizer over tensors that never require grad",
    "warning",
    Frozen,
    check,
    __doc__ or "",
)
