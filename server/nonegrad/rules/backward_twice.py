"""A second `backward()` through a graph that the first one has freed.

## What it does
Finds a `backward()` that certainly goes through a step whose saved tensors an earlier `backward()`
gave back.

## Why it matters
`backward()` frees what the graph saved as it goes. PyTorch raises: "Trying to backward through the
graph a second time". There are three ways to get there: two losses that share a part of their
graph, a loss computed before the loop that calls `backward()`, and a state (a hidden state, a
running mean) that carries the graph of one step into the next.

## Example
```python
import torch

w = torch.ones(3, requires_grad=True)
shared = w.exp()
shared.sum().backward()
shared.mean().backward()
```

## Use instead
```python
import torch

w = torch.ones(3, requires_grad=True)
shared = w.exp()
shared.sum().backward(retain_graph=True)
shared.mean().backward()
```

A loss that is to be computed anew in each step belongs into the loop, and a state that only hands
its numbers on is detached: there `retain_graph=True` would make every step slower than the last.

## Limits
Silent where the graph was freed on some runs only, or where nothing on the way saved anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from nonegrad.analysis.record.facts import SecondBackward
from nonegrad.rules.base import Finding, Rule
from nonegrad.text import Related, Rewrite, Site


def check(call: SecondBackward) -> Iterator[Finding]:
    """One finding for each backward that raises."""
    again = call.first == call.site
    related: list[Related] = []
    rewrites: tuple[Rewrite, ...] = ()
    if again and call.crossing is not None:
        tale = (
            f"the step on line {call.crossing.row} carries the graph of the turn before into this"
            " one, and that turn's backward() has freed it. Detach the state that is carried on."
        )
        where = "the graph of the turn before"
        if call.older and not call.whole:
            where = "a graph of which an earlier turn's backward() has freed a part"
            tale = (
                f"the step on line {call.crossing.row} leads into a graph that was there before"
                " the turn, and an earlier turn's backward() has freed it. Detach"
                f" `{call.older[0][0]}`, or compute it anew in each turn."
            )
        related.append(Related(call.crossing, f"this leads into {where}"))
        rewrites = (*_detached(call), *_cut(call))
        if call.whole and call.older:
            tale = (
                f"all of it rests on `{call.older[0][0]}`, which was computed before the turn, and"
                " an earlier turn's backward() has freed its graph. Add the losses up for one"
                " backward(), or keep the graph."
            )
            rewrites = (_keeping(call.site),)
    elif again:
        tale = (
            "its graph was made before the loop, and the first turn's backward() has freed it."
            " Compute the loss inside the loop."
        )
        if call.loss:
            arguments = (("loss", call.loss), ("computed", ",".join(call.computed)))
            title = f"Compute `{call.loss}` inside the loop"
            rewrites = (Rewrite("move-into-loop", call.site, title, arguments=arguments),)
    else:
        line = f" on line {call.first.row}" if call.first else ""
        tale = f"a part of its graph was freed by the backward(){line}."
        if call.first is not None:
            related.append(Related(call.first, "this backward() frees the graph"))
            title = "Keep the graph: `retain_graph=True` in the first backward()"
            rewrites = (replace(_keeping(call.first, title), safe=not call.stepped),)
            if call.stepped and call.older and not call.whole:
                tale += (
                    f" `{call.older[0][0]}` leads there: detach it for this loss, if only its"
                    " numbers are wanted."
                )
                rewrites = (*_shared(call, call.first), *rewrites)
    if call.kept_by is not None and call.kept_by != call.crossing:
        what = f"`{call.operator}`" if call.operator else "this step"
        related.append(Related(call.kept_by, f"what {what} saved here is gone"))
    yield Finding(
        RULE.name,
        "error",
        "definite",
        call.site,
        f"`{call.call}` raises: {tale}",
        tuple(related),
        rewrites,
    )


def _detached(call: SecondBackward) -> tuple[Rewrite, ...]:
    if not call.carried:
        return ()
    names = " and ".join(f"`{state.name}`" for state in call.carried)
    states = ",".join(f"{state.name}:{state.kind}" for state in call.carried)
    title = f"Carry on the values only: detach {names} after backward()"
    return (Rewrite("detach-carried", call.site, title, arguments=(("states", states),)),)


def _shared(call: SecondBackward, first: Site) -> Iterator[Rewrite]:
    """What both losses were computed from, as plain numbers for the second: a graph that is kept
    does not help where a step has changed the parameters in it."""
    for name, _ in call.older:
        title = f"Use the numbers of `{name}` only from here on: `{name}.detach()`"
        text = (("text", f"{name} = {name}.detach()"),)
        yield Rewrite("insert-after", first, title, arguments=text)


def _keeping(backward: Site, title: str = "Keep the graph: `retain_graph=True`") -> Rewrite:
    """A backward that leaves the graph for the next one."""
    arguments = (("keyword", "retain_graph"), ("value", "True"))
    return Rewrite("add-keyword", backward, title, arguments=arguments)


def _cut(call: SecondBackward) -> Iterator[Rewrite]:
    """What was computed before the turn, and is used in each, as plain numbers."""
    for name, made in call.older:
        title = f"Use the numbers of `{name}` only: `{name}.detach()`"
        text = (("text", f"{name} = {name}.detach()"),)
        yield Rewrite("insert-after", made, title, arguments=text)


RULE = Rule(
    "backward-twice",
    "a second backward() through a freed graph",
    "error",
    SecondBackward,
    check,
    __doc__ or "",
)
