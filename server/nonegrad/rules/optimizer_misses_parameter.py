"""A parameter that gets gradients, and that no optimizer was given.

## What it does
Finds parameters that the loss reaches while no optimizer holds them, where the program shows that
they were meant to train: they came to their model after the optimizer was made, they were frozen
then and are not any more, the program makes them itself with `nn.Parameter`, or two optimizers, or
one of them twice, were given the same parameters. And layers in the middle of a model all of whose
others train: a warning where the program clips their gradients, else an information.

## Why it matters
`step()` changes what the optimizer was given when it was made, and nothing else. The gradient of
every other parameter is computed, and nobody uses it: it stays as it was made, without an error.
The usual case is a loss with weights of its own, next to `Adam(model.parameters())`.

## Example
```python
import torch
from torch import nn

model = nn.Linear(2, 1)
scale = nn.Parameter(torch.ones(1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
loss = (model(torch.ones(4, 2)) * scale).sum()
loss.backward()
optimizer.step()
print(optimizer.state.get(scale))
```

## Use instead
```python
import torch
from torch import nn

model = nn.Linear(2, 1)
scale = nn.Parameter(torch.ones(1))
optimizer = torch.optim.SGD([*model.parameters(), scale], lr=0.1, momentum=0.9)
loss = (model(torch.ones(4, 2)) * scale).sum()
loss.backward()
optimizer.step()
print(optimizer.state.get(scale))
```

## Limits
Layers that are left out of every optimizer are everyday code, and silent on their own: a head is
trained on a body, an image through a network. In the middle of a model they are told where at least
two thirds of its parameters train, and none was left out one by one. Silent is what the program
sets, loads, or reads the gradient of itself, and all where an optimizer may hold other parameters.
"""

from __future__ import annotations

from collections.abc import Iterator

from nonegrad.analysis.record.missed import Missed
from nonegrad.rules import untrained, wording
from nonegrad.rules.base import Finding, Rule
from nonegrad.text import Related, Rewrite

TALES = {
    "added": (
        "the optimizer was made before",
        "It was given the parameters that the model had then.",
        "added after the optimizer was made",
    ),
    "unfrozen": (
        "they were frozen when the optimizer was made",
        "It was given the parameters that required grad then.",
        "unfrozen here, after the optimizer was made",
    ),
    "apart": (
        "no optimizer was given them",
        "They get gradients, and no step uses those.",
        "made here",
    ),
    "grouped": (
        "the program puts them into a group, and no optimizer is given that",
        "They get gradients, and no step uses those.",
        "made here",
    ),
    "doubled": (
        "this optimizer was given the same parameters twice, and not them",
        "They get gradients, and no step uses those.",
        "made here",
    ),
    "between": (
        "no optimizer was given them",
        "They stand between layers that train, and get gradients that no step uses.",
        "made here",
    ),
    "clipped": (
        "no optimizer was given them",
        "They stand between layers that train, and get gradients: clipped, and never used.",
        "made here",
    ),
    "twice": (
        "this optimizer was given the parameters of another one",
        "They get gradients, and no step uses those.",
        "made here",
    ),
}


def check(fact: Missed) -> Iterator[Finding]:
    """One finding for the parameters that are missed for one cause."""
    if fact.reason not in TALES:
        return
    cause, result, shown = TALES[fact.reason]
    made = (Related(fact.made, shown),) if fact.made is not None else ()
    one = len(set(fact.names)) == 1
    if one:
        cause = cause.replace("they were", "it was").replace("them", "it")
        result = result.replace("They get", "It gets").replace("those", "it")
        result = result.replace("They stand", "It stands").replace("get gr", "gets gr")
    yield Finding(
        RULE.name,
        "information" if fact.reason == "between" else "warning",
        "possible" if fact.reason == "between" else "definite",
        fact.optimizer,
        f"{untrained.named(fact.names)} never {'trains' if one else 'train'}: {cause}. {result}",
        (*made, Related(fact.step, f"this step does not change {'it' if one else 'them'}")),
        cures(fact),
    )


def cures(fact: Missed) -> tuple[Rewrite, ...]:
    """The optimizer made later, or given more."""
    if fact.reason in ("added", "unfrozen") and fact.made is not None:
        return wording.moved(fact.optimizer, fact.made, "after", "Make the optimizer after this")
    if fact.later is not None and fact.call:
        title = f"Insert `{fact.call}`"
        return (Rewrite("insert-after", fact.later, title, arguments=(("text", fact.call),)),)
    if not fact.given:
        return ()
    title = f"Give the optimizer `{fact.given.lstrip('*')}` as well"
    if fact.reason == "twice":
        arguments = (("given", fact.given.lstrip("*")), ("instead", "yes"))
        title = f"Give this optimizer `{fact.given.lstrip('*')}`"
    else:
        arguments = (("given", fact.given),)
    return (Rewrite("give-optimizer", fact.optimizer, title, arguments=arguments),)


RULE = Rule(
    "optimizer-misses-parameter",
    "a parameter with gradients that no optimizer was given",
    "warning",
    Missed,
    check,
    __doc__ or "",
)
