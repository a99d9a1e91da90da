"""An optimizer over the parameters of a model that is no longer the one that trains.

## What it does
Finds an optimizer none of whose parameters is used in any loss, while parameters that no optimizer
holds get gradients; and an optimizer over a model in which parameters were replaced since: a new
head, a resized embedding, a pruned layer, an `nn.Parameter` assigned anew; and an optimizer over
parameters that came out of a file, where those of the model train, or that are copied before an
inner loop changes the copies. And a step that finds no gradient, since a copy of the model, or
another one of its class, is trained meanwhile; and a layer that takes, perhaps under a condition,
the place of one that the optimizer holds.

## Why it matters
An optimizer keeps the parameter objects it was given. A model made or loaded anew brings new ones:
the losses fill their gradients, and the step goes on looking at the old.

## Example
```python
import torch
from torch import nn

model = nn.Linear(2, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
model = nn.Linear(2, 1)
loss = model(torch.ones(4, 2)).sum()
loss.backward()
optimizer.step()
print(len(list(model.parameters())), optimizer.state.get(model.weight))
```

## Use instead
```python
import torch
from torch import nn

model = nn.Linear(2, 1)
model = nn.Linear(2, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
loss = model(torch.ones(4, 2)).sum()
loss.backward()
optimizer.step()
print(len(list(model.parameters())), optimizer.state.get(model.weight))
```

## Limits
Silent where the optimizer may hold others. `load_state_dict`, `.to(device)` and `.data` keep the
parameters, and with them the optimizer.
"""

from __future__ import annotations

from collections.abc import Iterator

from nonegrad.analysis.record.facts import Untrained
from nonegrad.rules import untrained
from nonegrad.rules.base import Finding, Rule
from nonegrad.text import Related, Rewrite, Site


def check(fact: Untrained) -> Iterator[Finding]:
    """One finding for each optimizer that holds what is not used any more."""
    if fact.reason == "loaded" and fact.made is not None:
        yield from loaded(fact, fact.made)
    if fact.reason == "adapted" and fact.made is not None:
        yield adapted(fact, fact.made)
    if fact.reason in INSTEAD and fact.made is not None:
        yield instead(fact, fact.made)
    if fact.reason not in ("stale", "replaced") or fact.optimizer is None:
        return
    related: list[Related] = []
    rewrites: tuple[Rewrite, ...] = ()
    if fact.instead is not None:
        related.append(Related(fact.instead, "the parameters that get gradients are made here"))
        title = "Make the optimizer after the model that trains"
        here = fact.instead.filename == fact.optimizer.filename
        at = f"{fact.instead.row}:{fact.instead.column}" if here else ""
        arguments = (("instead", at),)
        rewrites = (Rewrite("make-optimizer-last", fact.optimizer, title, arguments=arguments),)
    if fact.reason == "replaced":
        yield Finding(
            RULE.name,
            "warning",
            "definite",
            fact.optimizer,
            f"{untrained.named(fact.names)} never"
            f" {'trains' if len(set(fact.names)) == 1 else 'train'}: replaced after this optimizer"
            " was made. It goes on with the old parameters, which no loss uses any more.",
            (*related, *untrained.related(fact)),
            rewrites,
        )
        return
    yield Finding(
        RULE.name,
        "warning",
        "definite",
        fact.optimizer,
        "This optimizer holds parameters that no loss uses any more. It was given"
        f" {untrained.named(fact.names)}, and other parameters get the gradients: make it, or load"
        " its parameters, after the model.",
        (*related, *untrained.related(fact)),
        rewrites,
    )


INSTEAD = {
    "copied": ("they are copies", "it is a copy", "those of the original"),
    "again": ("they are made anew", "it is made anew", "those of the module before"),
    "swapped": ("they take the place of others", "it takes the place of another one", "the old"),
}


def instead(fact: Untrained, made: Site) -> Finding:
    """What gets the gradients is a copy, or comes later, and the optimizer was not made for it."""
    one = len(set(fact.names)) == 1
    several, single, others = INSTEAD[fact.reason]
    given = (Related(fact.optimizer, "given the others here"),) if fact.optimizer else ()
    shown = "this step finds no gradient on what its optimizer holds"
    if fact.reason == "swapped":
        shown = "this step changes nothing of them"
    step = Related(fact.step, shown)
    return Finding(
        RULE.name,
        "warning",
        "definite",
        made,
        f"{untrained.named(fact.names)} never {'trains' if one else 'train'}:"
        f" {single if one else several}, and the optimizer holds {others}. Make the optimizer after"
        f" {'it' if one else 'them'}, or another one.",
        (step, *given),
    )


def adapted(fact: Untrained, made: Site) -> Finding:
    """The losses are computed from copies that an inner loop changes."""
    text = "the optimizer is given the originals here"
    given = (Related(fact.optimizer, text),) if fact.optimizer is not None else ()
    one = len(set(fact.names)) == 1
    return Finding(
        RULE.name,
        "warning",
        "definite",
        made,
        f"{untrained.named(fact.names)} {'has' if one else 'have'} no gradient at any step: the"
        f" losses are computed from {'a copy of it' if one else 'copies of them'}, and no gradient"
        " leads from a copy back to its original. Compute new values from the originals, and call"
        " the model with those: `torch.func.functional_call`.",
        (*given, *untrained.related(fact)),
    )


def loaded(fact: Untrained, made: Site) -> Iterator[Finding]:
    """The optimizer gets what a file held, which is the model of no loss."""
    text = fact.cause.text if fact.cause is not None else "torch.load"
    opened = (Related(fact.cause.site, "loaded here"),) if fact.cause is not None else ()
    given = (Related(fact.optimizer, "given to the optimizer here"),) if fact.optimizer else ()
    for place in untrained.seen_from(made, fact):
        yield Finding(
            RULE.name,
            "warning",
            "definite",
            place,
            "The optimizer holds parameters that no loss uses: they are copies from a file."
            f" `{text}` makes new objects, other than those of the model that trains: give the"
            " optimizer the parameters of the model.",
            (*opened, *given, *untrained.related(fact)),
        )


RULE = Rule(
    "optimizer-stale-parameter",
    "an optimizer over parameters that are no longer used",
    "warning",
    Untrained,
    check,
    __doc__ or "",
)
