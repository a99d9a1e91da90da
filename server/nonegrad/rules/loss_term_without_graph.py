"""A term of the loss that nothing trains through.

## What it does
Finds a number that is added to a loss, is computed from parameters that the loss trains, and has no
graph: `autograd.grad` without `create_graph=True` gave it, an operation without a derivative lies
between, such as `argmax` or a comparison, or it is a penalty on weights that were taken out of
their graph by `.data`, `state_dict()` and the like.

## Why it matters
The term is in the number that is printed, and in no gradient: backward() gives the same with it and
without it. The other terms train, so that nothing shows.

## Example
```python
import torch

w = torch.ones(3, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.1)
penalty = w.data.norm()
loss = (w * 2).sum() + 0.1 * penalty
loss.backward()
optimizer.step()
print(penalty.grad_fn)
```

## Use instead
```python
import torch

w = torch.ones(3, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.1)
penalty = w.norm()
loss = (w * 2).sum() + 0.1 * penalty
loss.backward()
optimizer.step()
print(penalty.grad_fn)
```

## Limits
Silent where the term is multiplied with what trains, where what a network computed is detached by
hand, as targets, baselines and values for a log are, where the same numbers go into another term as
well, and where a part of the graph is not known.
"""

from __future__ import annotations

from collections.abc import Iterator

from nonegrad.analysis.record.terms import IdleTerm
from nonegrad.rules import untrained, wording
from nonegrad.rules.base import Finding, Rule
from nonegrad.text import Related, Rewrite

TALES = {
    "derivative": "`{text}` gives plain numbers without `create_graph=True`.",
    "counted": "`{text}` has no derivative, its result never requires grad.",
    "weights": "`{text}` takes the numbers and leaves the graph behind.",
    "no_grad": "`{text}` is computed while grad mode is off, so nothing is recorded.",
}
COPIES = "it is computed from copies alone, which `{text}` on line {line} takes out of the graph."


def check(fact: IdleTerm) -> Iterator[Finding]:
    """One finding for each step that leaves such a term without a graph."""
    text = wording.shown(fact.cut)
    places = [Related(fact.added, "added to the loss here")]
    if fact.cut.mode is not None:
        places.append(Related(fact.cut.mode, "grad mode is switched off here"))
    places.append(Related(fact.backward, "this backward() passes it by"))
    tale = TALES["no_grad" if fact.cut.kind == "no_grad" else fact.reason].format(text=text)
    where = fact.used or fact.cut.mode or fact.cut.site
    if fact.used is not None:
        tale = COPIES.format(text=text, line=fact.cut.site.row)
        places.insert(0, Related(fact.cut.site, "the copies are made here"))
    for site in dict.fromkeys((where, fact.backward)):
        if site is fact.backward and site.filename == where.filename:
            continue
        yield Finding(
            RULE.name,
            "warning",
            "definite",
            site,
            f"A term of the loss trains nothing: {tale} It changes the number, and not the gradient"
            f" of {untrained.named(fact.names)}.",
            tuple(place for place in places if place.site != site),
            cures(fact),
        )


def cures(fact: IdleTerm) -> tuple[Rewrite, ...]:
    """What gives the term its graph."""
    if fact.reason == "derivative":
        title = "Let the gradient have a graph: `create_graph=True`"
        arguments = (("keyword", "create_graph"), ("value", "True"))
        return (Rewrite("add-keyword", fact.cut.site, title, arguments=arguments),)
    return wording.rejoined(fact.cut) if fact.reason == "weights" and fact.used is None else ()


RULE = Rule(
    "loss-term-without-graph",
    "a term of the loss that nothing trains through",
    "warning",
    IdleTerm,
    check,
    __doc__ or "",
)
