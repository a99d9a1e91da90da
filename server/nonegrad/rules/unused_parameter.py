"""Parameters that no loss depends on.

## What it does
Finds parameters that an optimizer holds, and from which no loss is computed: either nothing is
computed from them at all, or what is computed goes into no loss.

## Why it matters
Their gradient is None at every step, and the step leaves them as they are, without a word. Under
`DistributedDataParallel` the same parameters end the training with an error.

## Example
```python
import torch

w = torch.ones(3, requires_grad=True)
b = torch.ones(3, requires_grad=True)
optimizer = torch.optim.SGD([w, b], lr=0.1)
loss = (w * 2).sum()
loss.backward()
optimizer.step()
```

## Use instead
```python
import torch

w = torch.ones(3, requires_grad=True)
b = torch.ones(3, requires_grad=True)
optimizer = torch.optim.SGD([w, b], lr=0.1)
loss = (w * 2 + b).sum()
loss.backward()
optimizer.step()
```

## Limits
Silent where a gradient may come on some runs, where a part of the graph is not known, and where the
optimizer may hold other parameters. Whether the parameters or the loss is wrong only the author
knows: there is no fix on offer.
"""

from __future__ import annotations

from collections.abc import Iterator

from nonegrad.analysis.record.facts import Untrained
from nonegrad.rules import untrained
from nonegrad.rules.base import Finding, Rule
from nonegrad.text import Related


def check(fact: Untrained) -> Iterator[Finding]:
    """One finding for the parameters made at one place, or left out of one loss."""
    who = untrained.named(fact.names)
    has = "has" if len(set(fact.names)) == 1 else "have"
    if fact.parts and len(set(fact.names)) > untrained.FEW:
        count = f"{len(fact.names)} " if len(set(fact.names)) == len(fact.names) else ""
        who = f"The {count}parameters of {untrained.named(fact.parts)}"
    begin = f"{who} {has} no gradient at any step:"
    made = Related(fact.made, "made here") if fact.made is not None else None
    if fact.reason == "unused" and made is not None:
        site, more = made.site, ()
        tale = "nothing is computed from it. The optimizer holds it, and never changes it."
    elif fact.reason == "dropped" and fact.loss is not None:
        site, more = fact.loss.site, (made,) if made is not None else ()
        tale = "this loss leaves it out. What is computed from it goes into no loss."
    else:
        return
    if has == "have":
        tale = tale.replace("it.", "them.").replace(" it ", " them ").replace(" it,", " them,")
    for place in untrained.seen_from(site, fact):
        yield Finding(
            RULE.name,
            "warning",
            "definite",
            place,
            f"{begin} {tale}",
            (*more, *untrained.related(fact)),
        )


RULE = Rule(
    "unused-parameter",
    "parameters that no loss depends on",
    "warning",
    Untrained,
    check,
    __doc__ or "",
)
